import type { Result } from '@shiplock/findings'
import { addCounts, mergeBuckets, nothingCounted, type LatencyBucket, type RevisionCounts } from './measure.ts'

/** Where the numbers of a canary come from. */
export interface MetricsSource {
  /** For people. */
  readonly name: string
  /** How long a request may take to be counted. Milliseconds. */
  readonly lagMs: number
  /** Begins to count, now. `metrics-unavailable` where the source does not answer. */
  readonly open: (revisions: readonly string[], signal: AbortSignal) => Promise<Result<MetricsWindow>>
}

export interface MetricsWindow {
  /** What has been counted since the window was opened, by revision. A revision of which nothing is counted is absent. */
  readonly read: (signal: AbortSignal) => Promise<Result<ReadonlyMap<string, RevisionCounts>>>
}

/** One number of a source, under the names that Cloud Monitoring has in PromQL. */
export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export const metricNames = {
  requests: 'run_googleapis_com:request_count',
  latencies: 'run_googleapis_com:request_latencies_bucket',
  logEntries: 'logging_googleapis_com:log_entry_count',
} as const

const severe = new Set(['ERROR', 'CRITICAL', 'ALERT', 'EMERGENCY'])
/** A request that failed is in it too, and is counted as a request already. */
const requestLog = 'run.googleapis.com/requests'

/** A source that tells counters which only grow: a window is the difference of two looks. */
export function counterSource(name: string, lagMs: number, look: (signal: AbortSignal) => Promise<Result<readonly Series[]>>): MetricsSource {
  return {
    name,
    lagMs,
    open: async (revisions, signal) => {
      const first = await look(signal)
      if (!first.ok) return first
      const before = new Map(first.value.map((series) => [keyOf(series), series.value]))
      const read = async (readSignal: AbortSignal): Promise<Result<ReadonlyMap<string, RevisionCounts>>> => {
        const now = await look(readSignal)
        if (!now.ok) return now
        const grown = now.value.map((series) => ({ ...series, value: growth(before.get(keyOf(series)) ?? 0, series.value) }))
        return { ok: true, value: countsByRevision(grown, revisions) }
      }
      return { ok: true, value: { read } }
    },
  }
}

/** A counter that is smaller than before began anew meanwhile. */
const growth = (before: number, now: number): number => (now < before ? now : now - before)
const keyOf = ({ name, labels }: Series): string => JSON.stringify([name, Object.entries(labels).toSorted()])

/** The numbers by revision; those of other revisions and names are left out. */
function countsByRevision(series: readonly Series[], revisions: readonly string[]): ReadonlyMap<string, RevisionCounts> {
  const counts = new Map<string, RevisionCounts>()
  for (const revision of revisions) {
    const own = series.filter(({ labels }) => labels['revision_name'] === revision)
    const statuses: Record<string, number> = {}
    let logErrors = 0
    for (const { name, labels, value } of own) {
      const status = labels['response_code'] ?? labels['response_code_class'] ?? ''
      if (value === 0) continue
      if (name === metricNames.requests) statuses[status] = (statuses[status] ?? 0) + value
      if (name === metricNames.logEntries && severe.has(labels['severity'] ?? '') && labels['log'] !== requestLog) logErrors += value
    }
    // Empty buckets too: each is the lower edge of the next.
    const latencies = mergeBuckets(byHistogram(own).flatMap(bucketsOf))
    if (own.some(({ value }) => value > 0)) counts.set(revision, addCounts(nothingCounted, { statuses, latencies, logErrors }))
  }
  return counts
}

/** Buckets of one histogram belong together: they are cumulative. */
function byHistogram(series: readonly Series[]): Series[][] {
  const groups = new Map<string, Series[]>()
  for (const one of series) {
    if (one.name !== metricNames.latencies) continue
    const { le: _, ...labels } = one.labels
    const key = JSON.stringify(Object.entries(labels).toSorted())
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
}

function bucketsOf(histogram: readonly Series[]): LatencyBucket[] {
  const cumulative = histogram.map(({ labels, value }) => ({ upTo: numberOf(labels['le'] ?? ''), value })).toSorted((a, b) => a.upTo - b.upTo)
  return cumulative.map(({ upTo, value }, index) => ({ upTo, count: Math.max(0, value - (cumulative[index - 1]?.value ?? 0)) }))
}

export const numberOf = (text: string): number => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text))
