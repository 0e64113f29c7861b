import { expect, test } from 'vitest'
import { startRig } from '../testing/rig.ts'
import { Distribution, latencyBounds } from './distribution.ts'
import { exposition } from './exposition.ts'

/** The samples of an exposition, by metric and the labels that a test names. */
function samples(text: string, metric: string): readonly { readonly labels: Record<string, string>; readonly value: number }[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`))
    .map((line) => {
      const labels = Object.fromEntries([...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]))
      return { labels, value: Number(line.slice(line.lastIndexOf(' '))) }
    })
}

test('requests are counted by revision and status, under the names that Cloud Monitoring has in PromQL', async () => {
  await using rig = await startRig()
  const template = rig.template('sound', { revision: 'todo-one', timeout: '1s' })
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template })
  for (const path of ['/', '/', '/absent', '/never']) await rig.front('todo.localhost', path)
  await rig.front('nobody.localhost', '/')
  const ask = async (headers: Record<string, string>) => fetch(`${rig.emulator.admin.url}/metrics`, { headers })
  expect((await ask({})).status).toBe(401)
  const answer = await ask({ authorization: `Bearer ${rig.token}` })
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const text = await answer.text()
  const resource = {
    project_id: 'local',
    location: 'local',
    service_name: 'todo',
    configuration_name: 'todo',
    revision_name: 'todo-one',
    monitored_resource: 'cloud_run_revision',
  }
  expect(samples(text, 'run_googleapis_com:request_count')).toEqual([
    { labels: { ...resource, response_code: '200', response_code_class: '2xx' }, value: 2 },
    { labels: { ...resource, response_code: '404', response_code_class: '4xx' }, value: 1 },
    { labels: { ...resource, response_code: '504', response_code_class: '5xx' }, value: 1 },
  ])
  const buckets = samples(text, 'run_googleapis_com:request_latencies_bucket').filter(({ labels }) => labels['response_code_class'] === '5xx')
  expect(buckets.findLast(({ labels }) => Number(labels['le']) < 1000)?.value).toBe(0)
  expect(buckets.at(-1)).toEqual({ labels: { ...resource, response_code_class: '5xx', le: '+Inf' }, value: 1 })
  expect(samples(text, 'run_googleapis_com:request_latencies_count').map(({ value }) => value)).toEqual([2, 1, 1])
  expect(samples(text, 'run_googleapis_com:container_instance_count')).toEqual([
    { labels: { ...resource, state: 'active' }, value: 0 },
    { labels: { ...resource, state: 'idle' }, value: 1 },
  ])
  expect(samples(text, 'cloud_run_emulator:requests_in_flight')).toEqual([{ labels: resource, value: 0 }])
  expect(samples(text, 'logging_googleapis_com:log_entry_count').filter(({ labels }) => labels['log'] === 'run.googleapis.com/requests')).toEqual([
    { labels: { ...resource, log: 'run.googleapis.com/requests', severity: 'INFO' }, value: 2 },
    { labels: { ...resource, log: 'run.googleapis.com/requests', severity: 'WARNING' }, value: 1 },
    { labels: { ...resource, log: 'run.googleapis.com/requests', severity: 'ERROR' }, value: 1 },
  ])
})

test('a latency is in the first bucket whose bound is not below it', () => {
  const distribution = new Distribution()
  for (const ms of [0.05, 0.1, 0.2, 5_000_000]) distribution.add(ms)
  const cumulative = distribution.cumulative()
  expect(cumulative.slice(0, 5)).toEqual([2, 2, 2, 2, 3])
  expect([cumulative.at(-2), cumulative.at(-1)]).toEqual([3, 4])
  expect(latencyBounds.at(-1)).toBeGreaterThan(3_600_000)
  expect(distribution.sum).toBeCloseTo(5_000_000.35)
})

test('label values cannot end their line or their quotes', () => {
  const text = exposition([{ name: 'm', type: 'gauge', help: 'h', samples: [{ labels: { a: 'x"} 1\nm{b="\\' }, value: 1 }] }])
  expect(text).toBe('# HELP m h\n# TYPE m gauge\nm{a="x\\"} 1\\nm{b=\\"\\\\"} 1\n')
})
