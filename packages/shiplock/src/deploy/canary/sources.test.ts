import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fail, ok } from '@shiplock/findings'
import { expect, test } from 'vitest'
import { cloudMonitoringSource } from './cloud-monitoring.ts'
import { quantileBounds, requestsOf } from './measure.ts'
import { parseExposition, prometheusSource, scrapeSource } from './prometheus.ts'

const signal = new AbortController().signal
const token = async () => ok('secret')

/** A server on loopback that answers as `answer` says. */
async function serve(answer: (request: IncomingMessage, url: URL) => { readonly status?: number; readonly body: string }): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const { status = 200, body } = answer(request, new URL(request.url ?? '/', 'http://loopback'))
    response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

const labels = (revision: string, more: string) => `service_name="todo",revision_name="${revision}",${more}`
const exposition = (ok2: number, failed: number, slow: number) => `# TYPE run_googleapis_com:request_count counter
run_googleapis_com:request_count{${labels('two', 'response_code="200",response_code_class="2xx"')}} ${ok2}
run_googleapis_com:request_count{${labels('two', 'response_code="500",response_code_class="5xx"')}} ${failed} 1700000000000
run_googleapis_com:request_count{${labels('other', 'response_code="200"')}} 99
run_googleapis_com:request_latencies_bucket{${labels('two', 'response_code_class="2xx",le="10"')}} ${ok2 - slow}
run_googleapis_com:request_latencies_bucket{${labels('two', 'response_code_class="2xx",le="100"')}} ${ok2}
run_googleapis_com:request_latencies_bucket{${labels('two', 'response_code_class="2xx",le="+Inf"')}} ${ok2}
logging_googleapis_com:log_entry_count{${labels('two', 'log="run.googleapis.com/stderr",severity="ERROR"')}} ${failed}
logging_googleapis_com:log_entry_count{${labels('two', 'log="run.googleapis.com/requests",severity="ERROR"')}} ${failed}
`

test('a scraped source counts what grew since the window was opened, of the revisions that are asked for', async () => {
  let text = exposition(100, 5, 10)
  const bearers = new Set<string | undefined>()
  await using server = await serve((request) => (bearers.add(request.headers.authorization), { body: text }))
  const window = await scrapeSource('it', { url: `${server.url}/metrics`, token }).open(['one', 'two'], signal)
  if (!window.ok) throw new Error(window.failure.message)
  text = exposition(160, 7, 20)
  const read = await window.value.read(signal)
  expect(read.ok && [...read.value]).toEqual([['two', { statuses: { 200: 60, 500: 2 }, latencies: [{ upTo: 10, count: 50 }, { upTo: 100, count: 10 }, { upTo: Number.POSITIVE_INFINITY, count: 0 }], logErrors: 2 }]])
  expect([...bearers]).toEqual(['Bearer secret'])
  // It was restarted: what it counts now is all since then.
  text = exposition(30, 0, 0)
  const again = await window.value.read(signal)
  expect(again.ok && requestsOf(again.value.get('two')!)).toBe(30)
})

test('where all requests are slow the lower edge of their bucket is kept, or nobody could tell that they are', async () => {
  const text = (count: number) => [10, 100, 160].map((le) => `run_googleapis_com:request_latencies_bucket{revision_name="two",le="${le}"} ${le < 160 ? 0 : count}\n`).join('')
  let body = text(0)
  await using server = await serve(() => ({ body }))
  const window = await scrapeSource('it', { url: `${server.url}/metrics`, token }).open(['two'], signal)
  if (!window.ok) throw new Error(window.failure.message)
  body = text(50)
  const read = await window.value.read(signal)
  expect(read.ok && quantileBounds(read.value.get('two')!, 0.5)).toMatchObject({ low: 100, high: 160 })
})

test('escaped labels and lines that are no samples', () => {
  expect(parseExposition('# HELP a b\nnonsense\na{x="q\\"\\\\\\n,}"} 1\nb +Inf\n')).toEqual([
    { name: 'a', labels: { x: 'q"\\\n,}' }, value: 1 },
    { name: 'b', labels: {}, value: Number.POSITIVE_INFINITY },
  ])
})

test("Prometheus is asked by its HTTP API for the service's own series", async () => {
  const queries: (string | null)[] = []
  let value = 10
  await using server = await serve((_, url) => {
    queries.push(url.searchParams.get('query'))
    const metric = { __name__: 'run_googleapis_com:request_count', service_name: 'todo', revision_name: 'two', response_code: '200' }
    return { body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [{ metric, value: [1_700_000_000.1, String(value)] }] } }) }
  })
  const source = prometheusSource({ url: `${server.url}/`, token: async () => ok(undefined) }, 'todo', 15_000)
  const window = await source.open(['two'], signal)
  value = 25
  const read = window.ok ? await window.value.read(signal) : window
  expect(read.ok && read.value.get('two')?.statuses).toEqual({ 200: 15 })
  expect([queries[0], source.lagMs]).toEqual([expect.stringContaining('service_name="todo"'), 15_000])
})

test('Cloud Monitoring is asked for each metric, page by page, and only minutes within the window count', async () => {
  const now = new Date('2026-11-27T12:05:00Z')
  const asked: string[] = []
  const point = (start: string, value: object) => ({ interval: { startTime: `2026-11-27T12:0${start}:00Z`, endTime: `2026-11-27T12:0${Number(start) + 1}:00Z` }, value })
  const resource = { type: 'cloud_run_revision', labels: { service_name: 'todo', revision_name: 'two' } }
  await using server = await serve((request, url) => {
    asked.push(`${request.headers.authorization} ${url.pathname} ${url.searchParams.get('interval.startTime')}`)
    const filter = url.searchParams.get('filter') ?? ''
    if (filter.includes('request_count') && url.searchParams.get('pageToken') === null) {
      return { body: JSON.stringify({ nextPageToken: 'more', timeSeries: [{ metric: { type: 'run.googleapis.com/request_count', labels: { response_code: '200', response_code_class: '2xx' } }, resource, metricKind: 'DELTA', valueType: 'INT64', points: [point('5', { int64Value: '40' }), point('4', { int64Value: '999' })] }] }) }
    }
    if (filter.includes('request_count')) return { body: JSON.stringify({ timeSeries: [{ metric: { type: 'run.googleapis.com/request_count', labels: { response_code: '500', response_code_class: '5xx' } }, resource, points: [point('6', { int64Value: '2' })] }] }) }
    if (filter.includes('request_latencies')) {
      const distributionValue = { count: '42', mean: 12, bucketOptions: { exponentialBuckets: { numFiniteBuckets: 3, growthFactor: 2, scale: 10 } }, bucketCounts: ['30', '10', '0', '0', '2'] }
      return { body: JSON.stringify({ timeSeries: [{ metric: { type: 'run.googleapis.com/request_latencies', labels: {} }, resource, points: [point('5', { distributionValue })] }] }) }
    }
    return { body: JSON.stringify({ timeSeries: [{ metric: { type: 'logging.googleapis.com/log_entry_count', labels: { severity: 'ERROR', log: 'stderr' } }, resource, points: [point('5', { int64Value: '1' })] }] }) }
  })
  const window = await cloudMonitoringSource({ url: server.url, token }, 'proj', 'todo', () => now).open(['one', 'two'], signal)
  const read = window.ok ? await window.value.read(signal) : window
  expect(read.ok && [...read.value]).toEqual([['two', { statuses: { 200: 40, 500: 2 }, latencies: [{ upTo: 10, count: 30 }, { upTo: 20, count: 10 }, { upTo: 40, count: 0 }, { upTo: 80, count: 0 }, { upTo: Number.POSITIVE_INFINITY, count: 2 }], logErrors: 1 }]])
  expect(asked[0]).toBe('Bearer secret /v3/projects/proj/timeSeries 2026-11-27T12:05:00.000Z')
})

test.for([
  ['a refusal', { status: 403, body: '{"error":{"message":"Permission monitoring.timeSeries.list denied"}}' }],
  ['something else', { status: 200, body: '<html>' }],
] as const)('%s is no metrics, and said with where and why', async ([, answer]) => {
  await using server = await serve(() => answer)
  const sources = [cloudMonitoringSource({ url: server.url, token }, 'proj', 'todo'), prometheusSource({ url: server.url, token }, 'todo', 0)]
  for (const source of sources) expect(await source.open(['two'], signal)).toMatchObject({ ok: false, failure: { reason: 'metrics-unavailable', message: expect.stringContaining(server.url) } })
})

test('without credentials nothing is asked', async () => {
  const nobody = async () => fail({ reason: 'target-unreachable', message: 'nobody is signed in' } as const)
  expect(await cloudMonitoringSource({ url: 'http://127.0.0.1:9', token: nobody }, 'proj', 'todo').open(['two'], signal)).toMatchObject({ ok: false, failure: { message: 'nobody is signed in' } })
})
