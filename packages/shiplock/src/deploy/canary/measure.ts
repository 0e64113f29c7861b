import type { RevisionMeasure } from '@shiplock/findings'
import { quantileRanks } from './statistics.ts'

/** What a source has counted of one revision in one window of time. */
export interface RevisionCounts {
  /** Answers by status, `200` or, where a source knows no more, `5xx`. */
  readonly statuses: Readonly<Record<string, number>>
  /** How many requests took at most so long; the last bound may be infinite. In the order of the bounds, not cumulative. */
  readonly latencies: readonly LatencyBucket[]
  /** Entries of the log with severity ERROR or worse. */
  readonly logErrors: number
}

export interface LatencyBucket {
  /** Milliseconds. */
  readonly upTo: number
  readonly count: number
}

export const nothingCounted: RevisionCounts = { statuses: {}, latencies: [], logErrors: 0 }

export function addCounts(a: RevisionCounts, b: RevisionCounts): RevisionCounts {
  const statuses: Record<string, number> = { ...a.statuses }
  for (const [status, count] of Object.entries(b.statuses)) statuses[status] = (statuses[status] ?? 0) + count
  return { statuses, latencies: mergeBuckets([...a.latencies, ...b.latencies]), logErrors: a.logErrors + b.logErrors }
}

export function mergeBuckets(buckets: readonly LatencyBucket[]): LatencyBucket[] {
  const counts = new Map<number, number>()
  for (const { upTo, count } of buckets) counts.set(upTo, (counts.get(upTo) ?? 0) + count)
  return [...counts].map(([upTo, count]) => ({ upTo, count })).toSorted((a, b) => a.upTo - b.upTo)
}

/** A caller that left first (499) says nothing of the service. */
export const requestsOf = ({ statuses }: RevisionCounts): number => Object.entries(statuses).reduce((sum, [status, count]) => sum + (status === '499' ? 0 : count), 0)

export const countOf = ({ statuses }: RevisionCounts, prefix: string): number =>
  Object.entries(statuses).reduce((sum, [status, count]) => sum + (status.startsWith(prefix) && status !== '499' ? count : 0), 0)

/**
 * Between which bounds the quantile lies, with 95% confidence on each side, as far as the buckets can tell. `low` is the lower
 * edge of a bucket and `high` the upper edge of one, so that the width of the buckets is part of the doubt.
 */
export function quantileBounds({ latencies }: RevisionCounts, q: number): { readonly low: number; readonly estimate: number; readonly high: number } | undefined {
  const total = latencies.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return undefined
  const ranks = quantileRanks(total, q)
  return {
    low: ranks.low === 0 ? 0 : bucketAt(latencies, ranks.low).from,
    estimate: interpolate(latencies, total * q),
    high: ranks.high > total ? Number.POSITIVE_INFINITY : bucketAt(latencies, ranks.high).upTo,
  }
}

function bucketAt(latencies: readonly LatencyBucket[], rank: number): { readonly from: number; readonly upTo: number } {
  let [seen, from] = [0, 0]
  for (const { upTo, count } of latencies) {
    seen += count
    if (seen >= rank) return { from, upTo }
    from = upTo
  }
  return { from, upTo: Number.POSITIVE_INFINITY }
}

/** As Prometheus does it: linear within the bucket; the lower edge of one without an end. */
function interpolate(latencies: readonly LatencyBucket[], rank: number): number {
  let [seen, from] = [0, 0]
  for (const { upTo, count } of latencies) {
    if (seen + count >= rank && count > 0) return Number.isFinite(upTo) ? from + ((upTo - from) * (rank - seen)) / count : from
    seen += count
    from = upTo
  }
  return from
}

/** The counts as they are kept and shown. */
export function measureOf(counts: RevisionCounts): RevisionMeasure {
  const quantile = (q: number) => {
    const bounds = quantileBounds(counts, q)
    return bounds && Math.round(bounds.estimate * 10) / 10
  }
  const [p50, p95, p99] = [quantile(0.5), quantile(0.95), quantile(0.99)]
  return {
    requests: requestsOf(counts),
    errors: countOf(counts, '5'),
    refused: countOf(counts, '4'),
    forbidden: countOf(counts, '403'),
    logErrors: counts.logErrors,
    ...(p50 !== undefined && { p50 }),
    ...(p95 !== undefined && { p95 }),
    ...(p99 !== undefined && { p99 }),
  }
}
