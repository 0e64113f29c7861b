import { fail, ok, type Result } from '@shiplock/findings'
import { z } from 'zod'
import { fetchOnce, isResponse } from '../../system/http.ts'
import { mergeBuckets, type LatencyBucket, type RevisionCounts } from './measure.ts'
import { unavailable, type MetricsEndpoint } from './prometheus.ts'
import type { MetricsSource } from './source.ts'

/** Google: "visible within 3 minutes" of the minute in which it was sampled. */
const lagMs = 240_000
const mostPages = 20

const int64 = z.union([z.string(), z.number()]).transform(Number)
const distribution = z.object({
  bucketOptions: z
    .object({
      exponentialBuckets: z.object({ numFiniteBuckets: z.number(), growthFactor: z.number(), scale: z.number() }).optional(),
      explicitBuckets: z.object({ bounds: z.array(z.number()).default([]) }).optional(),
      linearBuckets: z.object({ numFiniteBuckets: z.number(), offset: z.number().default(0), width: z.number() }).optional(),
    })
    .default({}),
  bucketCounts: z.array(int64).default([]),
})
const page = z.object({
  timeSeries: z
    .array(
      z.object({
        metric: z.object({ type: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
        resource: z.object({ labels: z.record(z.string(), z.string()).default({}) }),
        points: z
          .array(
            z.object({
              interval: z.object({ startTime: z.string().default(''), endTime: z.string() }),
              value: z.object({ int64Value: int64.optional(), distributionValue: distribution.optional() }),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  nextPageToken: z.string().default(''),
})

type TimeSeries = z.output<typeof page>['timeSeries'][number]

const types = ['run.googleapis.com/request_count', 'run.googleapis.com/request_latencies', 'logging.googleapis.com/log_entry_count'] as const

/**
 * Cloud Monitoring, by `projects.timeSeries.list` of its API v3. Its points are what was counted in each minute; only minutes
 * that begin within the window are taken, so that nothing from before the step is counted.
 */
export function cloudMonitoringSource({ url, token }: MetricsEndpoint, project: string, service: string, clock: () => Date = () => new Date()): MetricsSource {
  const list = async (type: string, from: Date, signal: AbortSignal): Promise<Result<TimeSeries[]>> => {
    const series: TimeSeries[] = []
    let pageToken = ''
    for (let count = 0; count < mostPages; count++) {
      const bearer = await token()
      if (!bearer.ok) return bearer
      const filter = `metric.type="${type}" AND resource.type="cloud_run_revision" AND resource.labels.service_name=${JSON.stringify(service)}`
      const parameters = new URLSearchParams({ filter, 'interval.startTime': from.toISOString(), 'interval.endTime': clock().toISOString(), view: 'FULL', ...(pageToken !== '' && { pageToken }) })
      const answer = await fetchOnce({
        method: 'GET',
        url: `${new URL(`/v3/projects/${project}/timeSeries`, url).href}?${parameters}`,
        headers: bearer.value === undefined ? {} : { authorization: `Bearer ${bearer.value}` },
        signal,
        timeoutMs: 30_000,
        largestBody: 32 << 20,
      })
      if (!isResponse(answer)) return fail(unavailable(url, answer.message))
      if (answer.status !== 200) return fail(unavailable(url, `it answers ${answer.status} ${answer.body.slice(0, 300)}`))
      const parsed = page.safeParse(parseJson(answer.body))
      if (!parsed.success) return fail(unavailable(url, 'what it answers is no list of time series'))
      series.push(...parsed.data.timeSeries)
      pageToken = parsed.data.nextPageToken
      if (pageToken === '') return ok(series)
    }
    return fail(unavailable(url, `its list has more than ${mostPages} pages`))
  }

  return {
    name: 'Cloud Monitoring',
    lagMs,
    open: async (revisions, openSignal) => {
      const from = clock()
      const read = async (signal: AbortSignal) => {
        const [requests, latencies, logEntries] = await Promise.all(types.map((type) => list(type, from, signal)))
        if (!requests?.ok) return requests!
        if (!latencies?.ok) return latencies!
        if (!logEntries?.ok) return logEntries!
        const counts = revisions.map((revision) => [revision, countsOf(revision, from, [requests.value, latencies.value, logEntries.value])] as const)
        return ok(new Map(counts.filter(([, { statuses }]) => Object.keys(statuses).length > 0)))
      }
      // Whether it answers at all is known before any traffic is moved.
      const first = await read(openSignal)
      return first.ok ? ok({ read }) : first
    },
  }
}

function countsOf(revision: string, from: Date, [requests, latencies, logEntries]: readonly [TimeSeries[], TimeSeries[], TimeSeries[]]): RevisionCounts {
  const own = (series: readonly TimeSeries[]) =>
    series
      .filter(({ resource }) => resource.labels['revision_name'] === revision)
      .flatMap(({ metric, points }) => points.filter(({ interval }) => Date.parse(interval.startTime || interval.endTime) >= from.getTime()).map(({ value }) => ({ labels: metric.labels, value })))
  const statuses: Record<string, number> = {}
  for (const { labels, value } of own(requests)) {
    const status = labels['response_code'] ?? labels['response_code_class'] ?? ''
    statuses[status] = (statuses[status] ?? 0) + (value.int64Value ?? 0)
  }
  let logErrors = 0
  for (const { labels, value } of own(logEntries)) {
    const isSevere = ['ERROR', 'CRITICAL', 'ALERT', 'EMERGENCY'].includes(labels['severity'] ?? '')
    if (isSevere && labels['log'] !== 'run.googleapis.com/requests') logErrors += value.int64Value ?? 0
  }
  return { statuses, latencies: mergeBuckets(own(latencies).flatMap(({ value }) => (value.distributionValue ? bucketsOf(value.distributionValue) : []))), logErrors }
}

/** Bucket 0 is below the first bound, and the last above the last. Empty ones too: each is the lower edge of the next. */
function bucketsOf({ bucketOptions, bucketCounts }: z.output<typeof distribution>): LatencyBucket[] {
  const { exponentialBuckets, explicitBuckets, linearBuckets } = bucketOptions
  const boundOf = (index: number): number => {
    const finite = exponentialBuckets?.numFiniteBuckets ?? linearBuckets?.numFiniteBuckets
    if (finite !== undefined && index > finite) return Number.POSITIVE_INFINITY
    if (exponentialBuckets) return exponentialBuckets.scale * exponentialBuckets.growthFactor ** index
    if (linearBuckets) return linearBuckets.offset + linearBuckets.width * index
    return explicitBuckets?.bounds[index] ?? Number.POSITIVE_INFINITY
  }
  return bucketCounts.map((count, index) => ({ upTo: boundOf(index), count }))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Says that it is none.
    return undefined
  }
}
