import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('the metrics of a fresh process, in the Prometheus text format', () => {
  expect(createMetrics().render()).toBe(`# HELP todo_app_requests_total Requests answered, by method, route and status.
# TYPE todo_app_requests_total counter
# HELP todo_add_request_latency_seconds Time to answer a request that adds a task, refused ones included.
# TYPE todo_add_request_latency_seconds histogram
todo_add_request_latency_seconds_bucket{le="0.0005"} 0
todo_add_request_latency_seconds_bucket{le="0.001"} 0
todo_add_request_latency_seconds_bucket{le="0.0025"} 0
todo_add_request_latency_seconds_bucket{le="0.005"} 0
todo_add_request_latency_seconds_bucket{le="0.01"} 0
todo_add_request_latency_seconds_bucket{le="0.025"} 0
todo_add_request_latency_seconds_bucket{le="0.05"} 0
todo_add_request_latency_seconds_bucket{le="0.1"} 0
todo_add_request_latency_seconds_bucket{le="0.25"} 0
todo_add_request_latency_seconds_bucket{le="0.5"} 0
todo_add_request_latency_seconds_bucket{le="1"} 0
todo_add_request_latency_seconds_bucket{le="2.5"} 0
todo_add_request_latency_seconds_bucket{le="+Inf"} 0
todo_add_request_latency_seconds_sum 0
todo_add_request_latency_seconds_count 0
# HELP csrf_failures_total Requests refused because they may not have come from our own page.
# TYPE csrf_failures_total counter
csrf_failures_total 0
`)
})

test('counters count by label, and label values are escaped', () => {
  const { requests, render } = createMetrics()
  requests.increment({ route: '/', status: '200' })
  requests.increment({ route: '/', status: '200' })
  requests.increment({ route: 'a"\\\nb', status: '404' })
  const lines = render().split('\n')
  expect(lines).toContain('todo_app_requests_total{route="/",status="200"} 2')
  expect(lines).toContain('todo_app_requests_total{route="a\\"\\\\\\nb",status="404"} 1')
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
      'bucket{le="2.5"} 2',
      'bucket{le="+Inf"} 3',
      'count 3',
    ]),
  )
})
