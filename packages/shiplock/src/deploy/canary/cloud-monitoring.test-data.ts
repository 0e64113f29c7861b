import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fetchOnce, isResponse } from '../../system/http.ts'
import { parseExposition } from './prometheus.ts'
import { metricNames, numberOf, type Series } from './source.ts'

/** Cloud Monitoring's name for what the emulator gives under its name in PromQL. */
const types: Readonly<Record<string, string>> = {
  [metricNames.requests]: 'run.googleapis.com/request_count',
  [metricNames.latencies]: 'run.googleapis.com/request_latencies',
  [metricNames.logEntries]: 'logging.googleapis.com/log_entry_count',
}

/** Of `cloud_run_revision`; what else PromQL has beside is the metric's. */
const resourceLabels: readonly string[] = ['project_id', 'service_name', 'revision_name', 'location', 'configuration_name']

interface Sample {
  readonly startTime: string
  readonly endTime: string
  readonly grown: readonly Series[]
}

export interface LocalCloudMonitoring extends AsyncDisposable {
  readonly url: string
  /** Of each request that was answered: when, and by which token. Milliseconds. */
  readonly asked: readonly { readonly atMs: number; readonly authorization: string | undefined }[]
}

/**
 * `projects.timeSeries.list` of API v3 on loopback, about what an emulator counts: what grew between two looks is a point, as a minute
 * is there, and nobody is told of it before the lag is over. What is not in the documented form is refused.
 */
export async function localCloudMonitoring(emulator: { readonly adminUrl: string; readonly token: string }, project: string, lagMs: number): Promise<LocalCloudMonitoring> {
  const samples: Sample[] = []
  const asked: { atMs: number; authorization: string | undefined }[] = []
  let isOver = false
  const sampling = (async () => {
    let [before, startTime] = [new Map<string, number>(), new Date().toISOString()]
    while (!isOver) {
      const answer = await fetchOnce({ method: 'GET', url: new URL('/metrics', emulator.adminUrl).href, headers: { authorization: `Bearer ${emulator.token}` } })
      const series = isResponse(answer) ? parseExposition(answer.body).filter(({ name }) => name in types) : []
      const endTime = new Date().toISOString()
      const keyed = series.map((it) => [JSON.stringify([it.name, it.labels]), it] as const)
      samples.push({ startTime, endTime, grown: keyed.map(([key, it]) => ({ ...it, value: it.value - (before.get(key) ?? 0) })) })
      ;[before, startTime] = [new Map(keyed.map(([key, it]) => [key, it.value])), endTime]
      await sleep(100)
    }
  })()

  const list = (url: URL) => {
    const filter = /^metric\.type="([^"]+)" AND resource\.type="cloud_run_revision" AND resource\.labels\.service_name="([\w-]+)"$/.exec(url.searchParams.get('filter') ?? '')
    const [from, to] = ['interval.startTime', 'interval.endTime'].map((name) => Date.parse(url.searchParams.get(name) ?? ''))
    if (url.pathname !== `/v3/projects/${project}/timeSeries` || !filter || !(from! <= to!)) return undefined
    const [, type = '', service] = filter
    const told = samples.filter(({ startTime, endTime }) => Date.parse(endTime) <= Date.now() - lagMs && Date.parse(endTime) >= from! && Date.parse(startTime) <= to!)
    return told.flatMap(({ startTime, endTime, grown }) => {
      const own = grown.filter(({ name, labels }) => types[name] === type && labels['service_name'] === service)
      return grouped(own).map(({ labels, members }) => ({
        metric: { type, labels: Object.fromEntries(Object.entries(labels).filter(([label]) => !resourceLabels.includes(label) && label !== 'le')) },
        resource: { type: 'cloud_run_revision', labels: Object.fromEntries(Object.entries(labels).filter(([label]) => resourceLabels.includes(label))) },
        metricKind: 'DELTA',
        points: [{ interval: { startTime, endTime }, value: type.endsWith('latencies') ? { distributionValue: distribution(members) } : { int64Value: String(members[0]!.value) } }],
      }))
    })
  }

  const server = createServer((request, response) => {
    asked.push({ atMs: performance.now(), authorization: request.headers.authorization })
    const timeSeries = list(new URL(request.url ?? '/', 'http://loopback'))
    response.writeHead(timeSeries ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(timeSeries ? { timeSeries } : { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'no such list' } }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    [Symbol.asyncDispose]: async () => {
      isOver = true
      await sampling
      server.close()
    },
  }
}

/** Buckets of one histogram are one distribution. */
function grouped(series: readonly Series[]): { readonly labels: Readonly<Record<string, string>>; readonly members: readonly Series[] }[] {
  const groups = Map.groupBy(series, ({ labels }) => JSON.stringify(Object.entries(labels).filter(([label]) => label !== 'le')))
  return [...groups.values()].map((members) => ({ labels: members[0]!.labels, members }))
}

function distribution(buckets: readonly Series[]) {
  const cumulative = buckets.map(({ labels, value }) => ({ upTo: numberOf(labels['le'] ?? ''), value })).toSorted((a, b) => a.upTo - b.upTo)
  const counts = cumulative.map(({ value }, index) => String(value - (cumulative[index - 1]?.value ?? 0)))
  return { bucketOptions: { explicitBuckets: { bounds: cumulative.map(({ upTo }) => upTo).filter(Number.isFinite) } }, bucketCounts: counts }
}
