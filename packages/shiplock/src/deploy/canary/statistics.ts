/**
 * The statistics of a canary: exact where counts are small, since a canary's are. One-sided unless it is said. References:
 * Fisher's exact test; Wilson's score interval (1927); Newcombe's hybrid score interval for a difference (1998, method 10);
 * order statistics as bounds of a quantile, which hold whatever the distribution is.
 */

/** Of 95% confidence on one side. */
export const z95 = 1.6448536269514722

/** Probability of at least `events` in `n` trials if the same share as in all of `pooled` is true of both (Fisher). */
export function fisherGreater(events: number, n: number, otherEvents: number, otherN: number): number {
  const total = n + otherN
  const totalEvents = events + otherEvents
  const most = Math.min(n, totalEvents)
  const denominator = logChoose(total, n)
  return sumOfLogs(events, most, (k) => logChoose(totalEvents, k) + logChoose(total - totalEvents, n - k) - denominator)
}

/** Probability of at least `events` in `n` trials of `share` each. */
export function binomialAtLeast(events: number, n: number, share: number): number {
  if (events <= 0) return 1
  if (share <= 0) return 0
  if (share >= 1) return events <= n ? 1 : 0
  return sumOfLogs(events, n, (k) => logChoose(n, k) + k * Math.log(share) + (n - k) * Math.log1p(-share))
}

/** Wilson's interval of a share. Without trials it may be anything. */
export function shareInterval(events: number, n: number, z = z95): { readonly low: number; readonly high: number } {
  if (n === 0) return { low: 0, high: 1 }
  const share = events / n
  const centre = share + (z * z) / (2 * n)
  const half = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  const scale = 1 + (z * z) / n
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) }
}

/** The most by which the first share exceeds the second, with 95% confidence. */
export function differenceAtMost(events: number, n: number, otherEvents: number, otherN: number): number {
  const [share, other] = [events / Math.max(1, n), otherEvents / Math.max(1, otherN)]
  return share - other + Math.hypot(shareInterval(events, n).high - share, other - shareInterval(otherEvents, otherN).low)
}

/** Which of `n` sorted values bound the quantile `q`, counted from 1: 0 and `n` + 1 where none does. Normal approximation of the binomial. */
export function quantileRanks(n: number, q: number, z = z95): { readonly low: number; readonly high: number } {
  const half = z * Math.sqrt(n * q * (1 - q))
  return { low: Math.max(0, Math.floor(n * q - half)), high: Math.min(n + 1, Math.ceil(n * q + half) + 1) }
}

/** The sum of exp(log(k)) from `from` to `to`; terms far below the largest are left out. */
function sumOfLogs(from: number, to: number, log: (k: number) => number): number {
  let sum = 0
  let largest = Number.NEGATIVE_INFINITY
  for (let k = Math.max(0, from); k <= to; k++) {
    const term = log(k)
    if (term < largest - 40) break
    largest = Math.max(largest, term)
    sum += Math.exp(term)
  }
  return Math.min(1, sum)
}

const logChoose = (n: number, k: number): number => (k < 0 || k > n ? Number.NEGATIVE_INFINITY : logFactorial(n) - logFactorial(k) - logFactorial(n - k))

const smallFactorials = [0]
for (let n = 1; n < 256; n++) smallFactorials.push((smallFactorials[n - 1] ?? 0) + Math.log(n))

/** Stirling's series beyond 255, right to 15 digits there. */
function logFactorial(n: number): number {
  const known = smallFactorials[n]
  if (known !== undefined) return known
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n ** 3)
}
