import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('the metrics of a fresh process: what can only be counted is there at 0', () => {
  const lines = createMetrics().render().split('\n')
  const samples = lines.filter((line) => !line.startsWith('#') && !line.includes('_bucket'))
  expect(samples).toEqual([
    'todo_app_requests_total 0',
    'todo_add_request_latency_seconds_sum 0',
    'todo_add_request_latency_seconds_count 0',
    'csrf_failures_total 0',
    'rate_limit_refusals_total 0',
    '',
  ])
})

test('counters count by label, and label values are escaped', () => {
  const { httpRefusals, render } = createMetrics()
  httpRefusals.increment({ reason: 'host' })
  httpRefusals.increment({ reason: 'host' })
  httpRefusals.increment({ reason: 'a"\\\nb' })
  const lines = render().split('\n')
  expect(lines).toContain('http_server_refusals_total{reason="host"} 2')
  expect(lines).toContain('http_server_refusals_total{reason="a\\"\\\\\\nb"} 1')
})

test('the same labels are the same histogram', () => {
  const { requestDurationSeconds, render } = createMetrics()
  const labels = { method: 'GET', route: '/', status: '200' }
  requestDurationSeconds.with(labels).observe(0.002)
  requestDurationSeconds.with({ ...labels }).observe(0.004)
  expect(render()).toContain('http_server_request_duration_seconds_count{method="GET",route="/",status="200"} 2\n')
  expect(render()).toContain('http_server_request_duration_seconds_bucket{method="GET",route="/",status="200",le="0.0025"} 1\n')
})

test('a reading is taken when somebody reads', () => {
  const metrics = createMetrics()
  let value = 1
  metrics.addReading('gauge', 'one', 'One number.', () => value)
  metrics.addReading('gauge', 'two', 'Two numbers.', () => [[{ of: 'a' }, value], [{ of: 'b' }, 0]])
  value = 2
  expect(metrics.render()).toContain('# TYPE one gauge\none 2\n# HELP two Two numbers.\n# TYPE two gauge\ntwo{of="a"} 2\ntwo{of="b"} 0\n')
})

test('buckets are cumulative, a bound included', () => {
  const { addLatencySeconds, render } = createMetrics()
  for (const seconds of [0.005, 0.006, 9]) addLatencySeconds.observe(seconds)
  const lines = render().split('\n').map((line) => line.replace('todo_add_request_latency_seconds_', ''))
  expect(lines).toEqual(
    expect.arrayContaining([
      'bucket{le="0.0025"} 0',
      'bucket{le="0.005"} 1',
      'bucket{le="0.01"} 2',
      'bucket{le="10"} 3',
      'bucket{le="5"} 2',
      'bucket{le="+Inf"} 3',
      'count 3',
    ]),
  )
})
