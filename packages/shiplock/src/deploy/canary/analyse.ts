import type { CanaryDecision, CanaryTest } from '@shiplock/findings'
import { countOf, measureOf, quantileBounds, requestsOf, type RevisionCounts } from './measure.ts'
import { binomialAtLeast, differenceAtMost, fisherGreater, shareInterval } from './statistics.ts'

/** What the candidate is held to. */
export interface CanaryLimits {
  /** Requests that the candidate must have answered before it can be called good. */
  readonly minimumRequests: number
  /** How much larger its share of 5xx may be than the stable revision's, to be called good: 0.01 is one of a hundred. */
  readonly errorMargin: number
  /** How many times slower its quantiles may be. */
  readonly latencyRatio: number
  /** Differences below it are not looked at: nobody feels them, and a new instance is not warm yet. Milliseconds. */
  readonly latencyFloorMs: number
  /** Absolute guards, whatever the stable revision does: the service's objectives. */
  readonly maxErrorRatio: number
  readonly maxP99Ms: number
  /** Probability that a candidate which is as good as the stable revision is given up, in the whole canary. */
  readonly falseAlarm: number
}

/** How often a decision may be taken: the false alarms that are allowed are shared among all of them. */
export interface Chances {
  readonly steps: number
  readonly looksPerStep: number
}

const quantiles = [0.5, 0.95, 0.99] as const
/** Errors, two shapes of refusals in two directions, log entries, and the quantiles. */
const comparisons = 6 + quantiles.length

/**
 * Whether the candidate is good, worse, or not enough is known. `worse` needs proof, and so does `good`: that it is not worse
 * by more than the margin. What is neither is `insufficient`.
 */
export function analyse(stable: RevisionCounts, candidate: RevisionCounts, limits: CanaryLimits, chances: Chances): CanaryDecision {
  const alpha = limits.falseAlarm / (chances.steps * chances.looksPerStep * comparisons)
  const tests = [
    compareErrors(stable, candidate, limits, alpha),
    ...quantiles.map((q) => compareQuantile(stable, candidate, q, limits, alpha)),
    ...guards(candidate, limits),
    compareShape('refused requests (4xx)', '4', stable, candidate, alpha),
    compareShape('forbidden requests (403: tokens, origins, rights)', '403', stable, candidate, alpha),
    compareLogErrors(stable, candidate, alpha),
  ]
  return decide(tests, limits.minimumRequests, requestsOf(candidate))
}

function decide(tests: readonly CanaryTest[], minimum: number, requests: number): CanaryDecision {
  const worse = tests.find(({ answer }) => answer === 'worse')
  if (worse) return { answer: 'worse', isPassed: false, why: `${worse.name}: ${worse.text}`, tests }
  const unsure = tests.find(({ answer }) => answer === 'insufficient')
  if (requests < minimum) return { answer: 'insufficient', isPassed: false, why: `${requests} of ${minimum} requests`, tests }
  if (unsure) return { answer: 'insufficient', isPassed: false, why: `${unsure.name}: ${unsure.text}`, tests }
  return { answer: 'good', isPassed: true, why: `no worse than the stable revision in ${requests} requests`, tests }
}

/** Of what the release itself asked for: guards only, as nobody asked the stable revision the same. */
export function analyseSynthetic(users: CanaryDecision, synthetic: RevisionCounts, limits: CanaryLimits): CanaryDecision {
  const tests = [...users.tests, ...guards(synthetic, limits).map((test) => ({ ...test, name: `${test.name}, of synthetic requests` }))]
  const counted = requestsOf(synthetic)
  const failed = tests.find(({ answer }) => answer === 'worse')
  const measure = measureOf(synthetic)
  if (failed) return { answer: 'worse', isPassed: false, why: `${failed.name}: ${failed.text}`, tests, synthetic: measure }
  if (counted === 0) return { answer: 'insufficient', isPassed: false, why: `${users.why}, and no synthetic request was answered`, tests, synthetic: measure }
  return { answer: 'insufficient', isPassed: true, why: `${users.why}; ${counted} synthetic requests kept to the absolute guards`, tests, synthetic: measure }
}

function compareErrors(stable: RevisionCounts, candidate: RevisionCounts, { errorMargin }: CanaryLimits, alpha: number): CanaryTest {
  const [errors, n] = [countOf(candidate, '5'), requestsOf(candidate)]
  const [others, otherN] = [countOf(stable, '5'), requestsOf(stable)]
  const p = fisherGreater(errors, n, others, otherN)
  // A difference that many requests make certain and that is far below the margin is none that anybody meant.
  const isLarge = errors / Math.max(1, n) - others / Math.max(1, otherN) > errorMargin / 5
  const answer = p < alpha && isLarge ? 'worse' : differenceAtMost(errors, n, others, otherN) <= errorMargin ? 'good' : 'insufficient'
  return { name: 'errors (5xx)', kind: 'comparison', answer, text: `${shareText(errors, n)} against ${shareText(others, otherN)}`, p, alpha }
}

function compareQuantile(stable: RevisionCounts, candidate: RevisionCounts, q: number, { latencyRatio, latencyFloorMs }: CanaryLimits, alpha: number): CanaryTest {
  const name = `latency p${q * 100}`
  const [mine, theirs] = [quantileBounds(candidate, q), quantileBounds(stable, q)]
  if (!mine || !theirs) return { name, kind: 'comparison', answer: 'insufficient', text: 'nothing to compare' }
  const threshold = Math.max(theirs.high * latencyRatio, theirs.high + latencyFloorMs)
  // As many of the candidate's requests are slower as could be if its quantile were the threshold: probability of that.
  const total = candidate.latencies.reduce((sum, { count }) => sum + count, 0)
  const slower = candidate.latencies.reduce((sum, bucket, index) => sum + ((candidate.latencies[index - 1]?.upTo ?? 0) >= threshold ? bucket.count : 0), 0)
  const p = Number.isFinite(threshold) ? binomialAtLeast(slower, total, 1 - q) : 1
  const text = `${ms(mine.estimate)} against ${ms(theirs.estimate)}`
  return { name, kind: 'comparison', answer: p < alpha ? 'worse' : 'good', text, p, alpha }
}

function guards(candidate: RevisionCounts, { maxErrorRatio, maxP99Ms }: CanaryLimits): CanaryTest[] {
  const [errors, n] = [countOf(candidate, '5'), requestsOf(candidate)]
  const tail = quantileBounds(candidate, 0.99)
  return [
    {
      name: 'objective of errors',
      kind: 'guard',
      // One error of three requests proves nothing yet; three of five do.
      answer: errors > 1 && shareInterval(errors, n).low > maxErrorRatio ? 'worse' : 'good',
      text: `${shareText(errors, n)}, at most ${percent(maxErrorRatio)} are allowed`,
    },
    {
      name: 'objective of latency',
      kind: 'guard',
      answer: tail && tail.low > maxP99Ms ? 'worse' : 'good',
      text: `p99 ${tail ? ms(tail.estimate) : 'unknown'}, at most ${ms(maxP99Ms)} is allowed`,
    },
  ]
}

/** How far two shares may differ before the shape of the answers is another one. */
const shapeMargin = 0.02

/** In both directions: a service that stops to refuse is as suspect as one that refuses too much. */
function compareShape(name: string, prefix: string, stable: RevisionCounts, candidate: RevisionCounts, alpha: number): CanaryTest {
  const [mine, n] = [countOf(candidate, prefix), requestsOf(candidate)]
  const [theirs, otherN] = [countOf(stable, prefix), requestsOf(stable)]
  const p = Math.min(fisherGreater(mine, n, theirs, otherN), fisherGreater(theirs, otherN, mine, n))
  const isFar = Math.abs(mine / Math.max(1, n) - theirs / Math.max(1, otherN)) > shapeMargin
  return { name, kind: 'signal', answer: p < alpha && isFar ? 'worse' : 'good', text: `${shareText(mine, n)} against ${shareText(theirs, otherN)}`, p, alpha }
}

/** Two rates of entries per request: given all entries, the candidate's are binomial by its share of the requests. */
function compareLogErrors(stable: RevisionCounts, candidate: RevisionCounts, alpha: number): CanaryTest {
  const [n, otherN] = [requestsOf(candidate), requestsOf(stable)]
  const [mine, theirs] = [candidate.logErrors, stable.logErrors]
  const p = n + otherN === 0 ? 1 : binomialAtLeast(mine, mine + theirs, n / (n + otherN))
  return { name: 'errors in the log', kind: 'signal', answer: p < alpha ? 'worse' : 'good', text: `${mine} in ${n} requests against ${theirs} in ${otherN}`, p, alpha }
}

const shareText = (events: number, n: number): string => (n === 0 ? 'no requests' : `${events} of ${n} (${percent(events / n)})`)
const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)}%`
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
