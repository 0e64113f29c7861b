import { statSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { send, startRig, type Rig } from '../testing/rig.ts'

let rig: Rig
let port: number
beforeAll(async () => {
  rig = await startRig()
  port = Number(new URL(rig.emulator.admin.url).port)
  await rig.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: rig.template('sound', { revision: 'todo-one' }),
  })
})
afterAll(async () => rig[Symbol.asyncDispose]())

const path = '/v2/projects/local/locations/local/services'
const bearer = () => ({ host: '127.0.0.1', authorization: `Bearer ${rig.token}` })

test('the token opens the API, and its file is for the owner only', async () => {
  expect(await send(port, { path, headers: bearer() })).toMatchObject({ status: 200 })
  expect(statSync(rig.emulator.admin.tokenFile).mode & 0o777).toBe(0o600)
})

test.for([
  ['no token', { authorization: undefined }, 401, 'UNAUTHENTICATED'],
  ['a wrong token', { authorization: 'Bearer wrong' }, 401, 'UNAUTHENTICATED'],
  ['the name of another host', { host: 'evil.test' }, 403, 'PERMISSION_DENIED'],
  ['a host name that was rebound', { host: '127.0.0.1.evil.test' }, 403, 'PERMISSION_DENIED'],
  ['an Origin', { origin: 'http://localhost:8080' }, 403, 'PERMISSION_DENIED'],
] as const)('a request with %s is refused', async ([, change, status, name]) => {
  const headers = Object.fromEntries(Object.entries({ ...bearer(), ...change }).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >
  const answer = await send(port, { path, headers })
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.body).error).toMatchObject({ code: status, status: name, details: [] })
})

const one = { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'todo-one' }
const container = { image: 'registry.test/x' }
test.for([
  ['percents that do not sum to 100', { traffic: [{ ...one, percent: 90 }] }, 'service.traffic'],
  ['a percent that is not whole', { traffic: [{ ...one, percent: 33.3 }] }, 'service.traffic[0].percent'],
  [
    'a percent below zero',
    {
      traffic: [
        { ...one, percent: 150 },
        { ...one, percent: -50 },
      ],
    },
    'service.traffic[0].percent',
  ],
  ['a target without a type', { traffic: [{ revision: 'todo-one', percent: 100 }] }, 'service.traffic[0].type'],
  ['a target without a revision', { traffic: [{ type: one.type, percent: 100 }] }, 'service.traffic[0].revision'],
  ['a tag in capitals', { traffic: [{ ...one, percent: 100, tag: 'Canary' }] }, 'service.traffic[0].tag'],
  [
    'a tag twice',
    {
      traffic: [
        { ...one, percent: 100, tag: 'a' },
        { ...one, tag: 'a' },
      ],
    },
    'service.traffic[1].tag',
  ],
  [
    'a reserved variable',
    { template: { containers: [{ ...container, env: [{ name: 'PORT', value: '1' }] }] } },
    'service.template.containers[0].env',
  ],
  [
    'a variable twice',
    { template: { containers: [{ ...container, env: [{ name: 'A' }, { name: 'A' }] }] } },
    'service.template.containers[0].env[1].name',
  ],
  ['no container', { template: {} }, 'service.template.containers'],
  [
    'too much concurrency',
    { template: { containers: [container], maxInstanceRequestConcurrency: 1001 } },
    'service.template.max_instance_request_concurrency',
  ],
  ['too long a time-out', { template: { containers: [container], timeout: '3601s' } }, 'service.template.timeout'],
  [
    'a probe that is slower than its period',
    { template: { containers: [{ ...container, startupProbe: { timeoutSeconds: 5, periodSeconds: 4 } }] } },
    'service.template.containers[0].startup_probe.period_seconds',
  ],
  ['a revision named after another service', { template: { revision: 'shop-one', containers: [container] } }, 'service.template.revision'],
  ['a field that Cloud Run does not have', { templates: {} }, 'service.templates'],
  ['an enum that does not exist', { ingress: 'INGRESS_TRAFFIC_SOME' }, 'service.ingress'],
] as const)('%s is INVALID_ARGUMENT and names the field', async ([, change, field]) => {
  const before = await rig.api('GET', 'services/todo')
  const answer = await rig.api('PATCH', `services/todo?updateMask=${Object.keys(change)[0]}`, change)
  expect(answer.status).toBe(400)
  expect(answer.body.error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' })
  expect(answer.body.error.details).toEqual([
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, description: expect.any(String) }] },
  ])
  expect((await rig.api('GET', 'services/todo')).body).toEqual(before.body)
})

test('a field that Cloud Run has and the emulator cannot honour is UNIMPLEMENTED', async () => {
  const template = { containers: [{ image: rig.image.reference, startupProbe: { grpc: { port: 8080 } } }] }
  const answer = await rig.api('PATCH', 'services/todo?updateMask=template', { template })
  expect(answer.status).toBe(501)
  expect(answer.body.error.message).toContain('service.template.containers[0].startupProbe.grpc')
})

test('a stale etag is a conflict and changes nothing', async () => {
  const { body: before } = await rig.api('GET', 'services/todo')
  const labels = { labels: { team: 'a' } }
  const stale = await rig.api('PATCH', 'services/todo?updateMask=labels', { ...labels, etag: '"other"' })
  expect(stale.body.error).toMatchObject({ code: 409, status: 'ABORTED' })
  expect((await rig.api('GET', 'services/todo')).body).toEqual(before)
  const fresh = await rig.settled('PATCH', 'services/todo?updateMask=labels', { ...labels, etag: before.etag })
  expect(fresh).toMatchObject(labels)
  expect(fresh.etag).not.toBe(before.etag)
  expect(fresh.latestCreatedRevision).toBe(before.latestCreatedRevision)
})

test('an update mask leaves the rest alone, and clears what the request lacks', async () => {
  await rig.settled('PATCH', 'services/todo?updateMask=labels,description', { labels: { team: 'a' }, description: 'first' })
  const changed = await rig.settled('PATCH', 'services/todo?updateMask=description', { labels: { team: 'b' }, description: 'second' })
  expect(changed).toMatchObject({ labels: { team: 'a' }, description: 'second', invokerIamDisabled: true })
  expect((await rig.settled('PATCH', 'services/todo?updateMask=description', {})).description).toBeUndefined()
  expect((await rig.api('PATCH', 'services/todo?updateMask=nothing', {})).body.error.status).toBe('INVALID_ARGUMENT')
})

test('validateOnly answers as if, and does nothing', async () => {
  const { body: before } = await rig.api('GET', 'services/todo')
  const answer = await rig.api('PATCH', 'services/todo?updateMask=description&validateOnly=true', { description: 'as if' })
  expect(answer.body).toMatchObject({ done: true, response: { description: 'as if' } })
  expect((await rig.api('GET', 'services/todo')).body).toEqual(before)
})

test('a name that is taken, or is none, cannot be created', async () => {
  expect((await rig.api('POST', 'services?serviceId=todo', { template: rig.template() })).body.error).toMatchObject({
    code: 409,
    status: 'ALREADY_EXISTS',
  })
  for (const id of ['Todo', '9todo', 'todo-', 't'.repeat(50), '..', '']) {
    expect((await rig.api('POST', `services?serviceId=${id}`, { template: rig.template() })).body.error).toMatchObject({
      status: 'INVALID_ARGUMENT',
    })
  }
})

test('a template that reuses the name of a revision for other settings is refused', async () => {
  const answer = await rig.api('PATCH', 'services/todo?updateMask=template', {
    template: rig.template('everywhere', { revision: 'todo-one' }),
  })
  expect(answer.body.error).toMatchObject({
    code: 409,
    status: 'ALREADY_EXISTS',
    message: "Revision named 'todo-one' with different configuration already exists.",
  })
})

test('allowMissing creates', async () => {
  const made = await rig.settled('PATCH', 'services/other?allowMissing=true', { template: rig.template() })
  expect(made.name).toMatch(/services\/other$/)
  expect((await rig.api('PATCH', 'services/third', { template: rig.template() })).status).toBe(404)
  await rig.settled('DELETE', 'services/other')
})

test('lists come in pages', async () => {
  await rig.settled('PATCH', 'services/todo?updateMask=template', { template: rig.template('sound', { revision: 'todo-two' }) })
  const { body: first } = await rig.api('GET', 'services/todo/revisions?pageSize=1')
  const { body: second } = await rig.api('GET', `services/todo/revisions?pageSize=1&pageToken=${first.nextPageToken}`)
  expect([...first.revisions, ...second.revisions].map(({ name }) => name.split('/').at(-1))).toEqual(['todo-two', 'todo-one'])
  expect(second.nextPageToken).toBeUndefined()
})

test('a body that is no JSON, one that is too large and a path that is none are refused in the same shape', async () => {
  const post = async (body: string, at = `${path}?serviceId=x`) =>
    JSON.parse((await send(port, { path: at, method: 'POST', headers: bearer() }, body)).body).error
  expect(await post('{')).toMatchObject({ status: 'INVALID_ARGUMENT' })
  expect(await post('1')).toMatchObject({ status: 'INVALID_ARGUMENT' })
  expect(await post('{}', '/v2/projects/other/locations/local/services')).toMatchObject({ status: 'INVALID_ARGUMENT' })
  expect(await post('{}', '/v2/projects/local/locations/local/workerPools')).toMatchObject({ status: 'UNIMPLEMENTED' })
  expect(await post('{}', '/v2/%zz')).toMatchObject({ status: 'INVALID_ARGUMENT' })
  expect(await post('{}', '/v3')).toMatchObject({ status: 'NOT_FOUND' })
  expect(await post(JSON.stringify({ description: 'x'.repeat(5_000_000) }))).toMatchObject({ status: 'INVALID_ARGUMENT' })
})
