/** The life of one line of Node.js, as its release working group publishes it (nodejs/Release, schedule.json). */
export interface NodeLine {
  readonly major: number
  /** The last day with security fixes, `YYYY-MM-DD`. */
  readonly endOfLife: string
}

/** Lines with an even number have long-term support; the others end half a year after they began. */
export const nodeSchedule: readonly NodeLine[] = [
  { major: 4, endOfLife: '2018-04-30' },
  { major: 5, endOfLife: '2016-06-30' },
  { major: 6, endOfLife: '2019-04-30' },
  { major: 7, endOfLife: '2017-06-30' },
  { major: 8, endOfLife: '2019-12-31' },
  { major: 9, endOfLife: '2018-06-30' },
  { major: 10, endOfLife: '2021-04-30' },
  { major: 11, endOfLife: '2019-06-01' },
  { major: 12, endOfLife: '2022-04-30' },
  { major: 13, endOfLife: '2020-06-01' },
  { major: 14, endOfLife: '2023-04-30' },
  { major: 15, endOfLife: '2021-06-01' },
  { major: 16, endOfLife: '2023-09-11' },
  { major: 17, endOfLife: '2022-06-01' },
  { major: 18, endOfLife: '2025-04-30' },
  { major: 19, endOfLife: '2023-06-01' },
  { major: 20, endOfLife: '2026-04-30' },
  { major: 21, endOfLife: '2024-06-01' },
  { major: 22, endOfLife: '2027-04-30' },
  { major: 23, endOfLife: '2025-06-01' },
  { major: 24, endOfLife: '2028-04-30' },
  { major: 25, endOfLife: '2026-06-01' },
  { major: 26, endOfLife: '2029-04-30' },
]

export type NodeSupport =
  | { readonly kind: 'supported' | 'end-of-life'; readonly major: number; readonly endOfLife: string }
  /** No version, or a line that this schedule does not know yet. */
  | { readonly kind: 'unknown' }

/** Whether a version of Node.js (`26.10.0` or `v26.10.0`) still gets security fixes on a day. */
export function nodeSupport(version: string, now: Date): NodeSupport {
  const [, digits] = /^v?(\d{1,4})\.\d+\.\d+(?:[-+][\w.+-]+)?$/.exec(version) ?? []
  if (digits === undefined) return { kind: 'unknown' }
  const major = Number(digits)
  // Before 4 there was no such schedule; the last of those lines ended in 2016.
  const endOfLife = major < 4 ? '2016-12-31' : nodeSchedule.find((line) => line.major === major)?.endOfLife
  if (endOfLife === undefined) return { kind: 'unknown' }
  return { kind: now.toISOString().slice(0, 10) <= endOfLife ? 'supported' : 'end-of-life', major, endOfLife }
}
