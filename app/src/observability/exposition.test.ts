import { expect, test } from 'vitest'
import { parsePrometheusText } from '../testing/prometheus-text.ts'
import { readMetrics } from '../testing/read-metrics.ts'
import { startTestApp } from '../testing/test-app.ts'

test('everything that is exposed follows the format', async () => {
  const samples = parsePrometheusText(await readMetrics())
  const valueOf = (name: string): number | undefined => samples.find((sample) => sample.name === name)?.value
  expect(valueOf('todo_app_requests_total')).toBe(8)
  expect(valueOf('todo_add_request_latency_seconds_count')).toBe(8)
  expect(valueOf('rate_limit_refusals_total')).toBe(4)
  expect(valueOf('http_server_open_connections')).toBe(3)
  expect(valueOf('todo_database_pool_connections_max')).toBeGreaterThan(0)
  expect(valueOf('process_resident_memory_bytes')).toBeGreaterThan(20_000_000)
  expect(valueOf('nodejs_heap_size_used_bytes')).toBeGreaterThan(1_000_000)
  expect(valueOf('process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(Math.abs((valueOf('process_start_time_seconds') ?? 0) - Date.now() / 1_000)).toBeLessThan(3_600)
  expect(valueOf('nodejs_eventloop_utilization')).toBeLessThanOrEqual(1)
  const lag = samples.filter(({ name }) => name === 'nodejs_eventloop_lag_seconds')
  expect(lag.map(({ labels }) => labels.statistic)).toEqual(['mean', 'p50', 'p99', 'max'])
  expect(lag.every(({ value }) => value >= 0 && value < 5)).toBe(true)
  expect(samples.find(({ name }) => name === 'todo_build_info')).toMatchObject({
    labels: { version: '1.2.3', node: process.versions.node, revision: 'todo-00007' },
    value: 1,
  })
  expect(new Set(samples.filter(({ name }) => name === 'nodejs_gc_runs_total').map(({ labels }) => labels.kind)).size).toBe(4)
})

test('no label holds anything that a client chose, and a million paths are one series', async () => {
  const { app, metrics } = await startTestApp()
  for (let count = 0; count < 100; count++) await app.inject(`/made/up/${count}?${count}`)
  for (let count = 0; count < 100; count++) await app.inject({ method: 'POST', url: `/tasks/${count}/complete` })
  const counts = parsePrometheusText(metrics.render()).filter(({ name }) => name === 'http_server_request_duration_seconds_count')
  expect(counts).toEqual([
    { name: 'http_server_request_duration_seconds_count', labels: { method: 'GET', route: 'none', status: '404' }, value: 100 },
    { name: 'http_server_request_duration_seconds_count', labels: { method: 'POST', route: '/tasks/:id/complete', status: '403' }, value: 100 },
  ])
})

test('the parser of these tests refuses what breaks the format', () => {
  const good = '# HELP a_total A.\n# TYPE a_total counter\na_total{b="c"} 1\n'
  expect(parsePrometheusText(good)).toEqual([{ name: 'a_total', labels: { b: 'c' }, value: 1 }])
  const histogram = '# HELP h A.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2\n'
  expect(parsePrometheusText(histogram)).toHaveLength(4)
  const bad = [
    good.slice(0, -1),
    `${good}a_total{b="c"} 2\n`,
    `${good}${good}`,
    good.replaceAll('a_total', 'a'),
    good.replace('# TYPE a_total counter\n', ''),
    good.replace('"c"', '"c'),
    good.replace('"c"', '"\\x"'),
    good.replace('b="c"', 'b="c",b="d"'),
    good.replace(' 1\n', ' one\n'),
    good.replace(' 1\n', ' -1\n'),
    `${good}other 1\n`,
    histogram.replace('le="1"} 2', 'le="1"} 3'),
    histogram.replace('h_bucket{le="+Inf"} 2\n', ''),
    histogram.replace('h_count 2', 'h_count 3'),
    histogram.replace('le="1"', 'le="+Inf"'),
  ]
  for (const text of bad) expect(() => parsePrometheusText(text), text).toThrow()
})
