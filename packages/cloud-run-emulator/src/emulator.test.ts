import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { begin, startRig, until } from './testing/rig.ts'

const latest = { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 }
const to = (revision: string, percent: number, tag?: string) => ({
  type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION',
  revision,
  percent,
  ...(tag === undefined ? {} : { tag }),
})

test('a created service becomes ready, gets all traffic and answers from the image', async () => {
  await using rig = await startRig()
  const service = await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template() })
  expect(service).toMatchObject({
    name: 'projects/local/locations/local/services/todo',
    generation: '1',
    observedGeneration: '1',
    terminalCondition: { type: 'Ready', state: 'CONDITION_SUCCEEDED' },
    traffic: [latest],
    trafficStatuses: [latest],
    uri: rig.emulator.front.url.replace('127.0.0.1', 'todo.localhost'),
  })
  expect(service.latestReadyRevision).toMatch(/\/services\/todo\/revisions\/todo-00001-[a-z0-9]{3}$/)
  expect(service.latestCreatedRevision).toBe(service.latestReadyRevision)
  const revision = service.latestReadyRevision.split('/').at(-1)
  expect(await rig.front('127.0.0.1', '/')).toMatchObject({ status: 200, body: `${revision}\n` })
  const environment = JSON.parse((await rig.front('todo.localhost', '/environment')).body)
  expect(environment).toMatchObject({
    K_SERVICE: 'todo',
    K_REVISION: revision,
    K_CONFIGURATION: 'todo',
    HOST: '127.0.0.1',
    FROM_IMAGE: 'yes',
    MODE: 'sound',
  })
  expect(environment.PORT).not.toBe(environment.ADMIN_PORT)
  expect(Object.keys(environment).filter((name) => name.startsWith('VITEST') || name === 'USER' || name === 'LANG')).toEqual([])
})

test('a candidate at 0% with a tag is reached by its tag only, and then gets the traffic that it is given', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: rig.template('sound', { revision: 'todo-one' }),
  })
  const candidate = await rig.settled('PATCH', 'services/todo?updateMask=template,traffic', {
    template: rig.template('sound', { revision: 'todo-two' }),
    traffic: [to('todo-one', 100), to('todo-two', 0, 'canary')],
  })
  const tagUri = rig.emulator.front.url.replace('127.0.0.1', 'canary---todo.localhost')
  expect(candidate.trafficStatuses).toEqual([
    to('todo-one', 100),
    { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'todo-two', tag: 'canary', uri: tagUri },
  ])
  for (let count = 0; count < 20; count += 1) expect((await rig.front('todo.localhost', '/')).body).toBe('todo-one\n')
  expect((await rig.front('canary---todo.localhost', '/')).body).toBe('todo-two\n')

  const split = await rig.settled('PATCH', 'services/todo?updateMask=traffic', { traffic: [to('todo-one', 50), to('todo-two', 50)] })
  expect(split.generation).toBe('3')
  const answers = await Promise.all(Array.from({ length: 60 }, async () => (await rig.front('todo.localhost', '/')).body))
  // Each side has every answer with a probability of 2^-60.
  expect(new Set(answers)).toEqual(new Set(['todo-one\n', 'todo-two\n']))

  await rig.settled('PATCH', 'services/todo?updateMask=traffic', { traffic: [to('todo-two', 100)] })
  for (let count = 0; count < 20; count += 1) expect((await rig.front('todo.localhost', '/')).body).toBe('todo-two\n')
})

test.for([
  ['exits at start', 'exits', 'Container called exit(3).', {}],
  ['never listens', 'silent', 'Nothing listens on port', { timeoutSeconds: 1, periodSeconds: 1, failureThreshold: 1, tcpSocket: {} }],
] as const)(
  'a revision that %s is not ready, says why with its last log lines, and the traffic stays',
  async ([, mode, reason, startupProbe]) => {
    await using rig = await startRig()
    await rig.settled('POST', 'services?serviceId=todo', {
      invokerIamDisabled: true,
      template: rig.template('sound', { revision: 'todo-one' }),
    })
    const template = {
      revision: 'todo-two',
      containers: [{ image: rig.image.reference, env: [{ name: 'MODE', value: mode }], startupProbe }],
    }
    const { error } = await rig.settled('PATCH', 'services/todo?updateMask=template', { template })
    expect(error.code).toBe(9)
    expect(error.message).toContain("Revision 'todo-two' is not ready and cannot serve traffic.")
    expect(error.message).toContain(reason)
    expect(error.message).toContain(`starting todo-two in mode ${mode}`)
    expect(error.message).not.toContain('\u001b')

    const { body: service } = await rig.api('GET', 'services/todo')
    expect(service).toMatchObject({
      generation: '2',
      observedGeneration: '1',
      latestReadyRevision: expect.stringMatching(/todo-one$/),
      latestCreatedRevision: expect.stringMatching(/todo-two$/),
      trafficStatuses: [latest],
      terminalCondition: { state: 'CONDITION_FAILED', reason: 'REVISION_FAILED', message: error.message },
    })
    expect((await rig.front('todo.localhost', '/')).body).toBe('todo-one\n')
    const { body: revision } = await rig.api('GET', 'services/todo/revisions/todo-two')
    expect(revision.conditions[0]).toMatchObject({
      type: 'Ready',
      state: 'CONDITION_FAILED',
      revisionReason: 'HEALTH_CHECK_CONTAINER_ERROR',
    })
  },
)

test('an image that the layout does not have is named', async () => {
  await using rig = await startRig()
  const image = `registry.test/service@sha256:${'0'.repeat(64)}`
  const { error } = await rig.settled('POST', 'services?serviceId=todo', { template: { containers: [{ image }] } })
  expect(error).toMatchObject({ code: 5, message: expect.stringContaining(`Image '${image}' not found.`) })
})

test('traffic is given back at once while a candidate is still starting', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: rig.template('sound', { revision: 'todo-one' }),
  })
  const silent = await rig.api('PATCH', 'services/todo?updateMask=template', { template: rig.template('silent', { revision: 'todo-two' }) })
  const service = await rig.settled('PATCH', 'services/todo?updateMask=traffic', { traffic: [to('todo-one', 100)] })
  expect(service).toMatchObject({ trafficStatuses: [to('todo-one', 100)], reconciling: true })
  const { body: operation } = await rig.api('GET', silent.body.name.split('/').slice(-2).join('/'))
  expect(operation.done).toBeUndefined()
})

test('an instance that dies fails only the request that it had, and is started again for those that come', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template() })
  expect((await rig.front('todo.localhost', '/crash')).status).toBe(503)
  const answers = await Promise.all(Array.from({ length: 10 }, async () => rig.front('todo.localhost', '/')))
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
  expect(rig.notices).toContainEqual(expect.stringMatching(/^todo\/todo-00001-.*exit\(9\)\. It is started again\.$/))
})

test('a request that an instance dies of is not given to the next one', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template() })
  // Over a connection that was there before: one that may have been closed by an instance that is well.
  expect((await rig.front('todo.localhost', '/')).status).toBe(200)
  expect((await rig.front('todo.localhost', '/crash')).status).toBe(503)
  expect((await rig.front('todo.localhost', '/')).status).toBe(200)
  expect(rig.notices.filter((notice) => notice.endsWith('It is started again.'))).toHaveLength(1)
})

test('a revision that has lost its traffic is ended after the request in flight, not before', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: rig.template('sound', { revision: 'todo-one' }),
  })
  const held = await begin(rig.emulator.front.url, 'todo.localhost', '/held')
  const one = JSON.parse((await rig.front('todo.localhost', '/environment')).body)
  await rig.settled('PATCH', 'services/todo?updateMask=template', { template: rig.template('sound', { revision: 'todo-two' }) })
  expect((await rig.front('todo.localhost', '/')).body).toBe('todo-two\n')
  // The old instance is still there for the request that it holds, though no new one reaches it.
  await fetch(`http://127.0.0.1:${one.PORT}/release`)
  expect(await text(held)).toBe('begun\nended\n')
  const log = () => readFileSync(join(rig.stateDir, 'logs/todo/todo-one.log'), 'utf8')
  await until(
    async () => log(),
    (text) => text.includes('got SIGTERM'),
  )
})

test('an image that listens on all interfaces is named, in the revision and in the log', async () => {
  await using rig = await startRig()
  const service = await rig.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: rig.template('everywhere', { revision: 'todo-one' }),
  })
  expect(service.terminalCondition.state).toBe('CONDITION_SUCCEEDED')
  const { body: revision } = await rig.api('GET', 'services/todo/revisions/todo-one')
  expect(revision.conditions).toContainEqual(
    expect.objectContaining({
      type: 'EmulatorWarning',
      severity: 'WARNING',
      message: expect.stringContaining('of all interfaces although HOST=127.0.0.1'),
    }),
  )
  expect(rig.notices).toEqual([expect.stringContaining('todo/todo-one: It listens on port')])
})

test('an HTTP start-up probe waits for a healthy answer', async () => {
  await using rig = await startRig()
  const env = [{ name: 'HEALTHY_AFTER_MS', value: '700' }]
  const startupProbe = { httpGet: { path: '/healthz' }, periodSeconds: 1, failureThreshold: 20 }
  const service = await rig.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: { containers: [{ image: rig.image.reference, env, startupProbe }] },
  })
  expect(service.terminalCondition.state).toBe('CONDITION_SUCCEEDED')
  expect((await rig.front('todo.localhost', '/healthz')).status).toBe(200)
})

test('services come back as they were after a restart, with their traffic and their tags', async () => {
  await using first = await startRig()
  await first.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: first.template('sound', { revision: 'todo-one' }),
  })
  await first.settled('PATCH', 'services/todo?updateMask=template,traffic', {
    template: first.template('sound', { revision: 'todo-two' }),
    traffic: [to('todo-one', 100), to('todo-two', 0, 'canary')],
  })
  const { body: before } = await first.api('GET', 'services/todo')
  await first.emulator.stop()
  await using second = await startRig({ stateDir: first.stateDir })
  // Asked at once: the front waits for the instance, as at a cold start.
  expect((await second.front('todo.localhost', '/')).body).toBe('todo-one\n')
  expect((await second.front('canary---todo.localhost', '/')).body).toBe('todo-two\n')
  const { body: after } = await second.api('GET', 'services/todo')
  // The front's port is another, and conditions have changed anew.
  const lasting = (service: object) =>
    JSON.parse(JSON.stringify(service), (name, value: unknown) =>
      ['lastTransitionTime', 'etag', 'uri', 'urls'].includes(name) ? undefined : value,
    )
  expect(lasting(after)).toEqual(lasting(before))
  expect(second.token).toBe(first.token)
})

test('a service that is not public answers only with the admin token, which no instance sees', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', { template: rig.template() })
  expect(await rig.front('todo.localhost', '/')).toMatchObject({ status: 403 })
  expect(await rig.front('todo.localhost', '/', { headers: { host: 'todo.localhost', authorization: 'Bearer guess' } })).toMatchObject({
    status: 403,
  })
  const admitted = await rig.front('todo.localhost', '/headers', {
    headers: { host: 'todo.localhost', authorization: `Bearer ${rig.token}` },
  })
  expect(admitted.status).toBe(200)
  expect(admitted.body).not.toContain(rig.token)

  const { body: policy } = await rig.api('GET', 'services/todo:getIamPolicy')
  const bindings = [{ role: 'roles/run.invoker', members: ['allUsers'] }]
  expect((await rig.api('POST', 'services/todo:setIamPolicy', { policy: { bindings, etag: policy.etag } })).body).toMatchObject({
    version: 1,
    bindings,
  })
  expect((await rig.api('POST', 'services/todo:setIamPolicy', { policy: { etag: policy.etag } })).status).toBe(409)
  expect((await rig.front('todo.localhost', '/')).status).toBe(200)
})

test('a deleted service is gone, with its instances', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template() })
  const { PORT: port } = JSON.parse((await rig.front('todo.localhost', '/environment')).body)
  const deleted = await rig.settled('DELETE', 'services/todo')
  expect(deleted.deleteTime).toBeDefined()
  expect((await rig.api('GET', 'services/todo')).body.error).toMatchObject({ code: 404, status: 'NOT_FOUND' })
  expect((await rig.front('todo.localhost', '/')).status).toBe(404)
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
})

test('a revision can be deleted unless something leads to it', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', { template: rig.template('sound', { revision: 'todo-one' }) })
  await rig.settled('PATCH', 'services/todo?updateMask=template,traffic', {
    template: rig.template('sound', { revision: 'todo-two' }),
    traffic: [to('todo-one', 100)],
  })
  expect((await rig.api('DELETE', 'services/todo/revisions/todo-one')).body.error).toMatchObject({ status: 'FAILED_PRECONDITION' })
  expect((await rig.api('DELETE', 'services/todo/revisions/todo-two')).body.error).toMatchObject({ status: 'FAILED_PRECONDITION' })
  await rig.settled('PATCH', 'services/todo?updateMask=traffic', { traffic: [to('todo-two', 100)] })
  await rig.settled('DELETE', 'services/todo/revisions/todo-one')
  expect(
    (await rig.api('GET', 'services/todo/revisions')).body.revisions.map(({ name }: { name: string }) => name.split('/').at(-1)),
  ).toEqual(['todo-two'])
})

test('going back to a revision that has ended starts it before the traffic moves', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: rig.template('sound', { revision: 'todo-one' }),
  })
  await rig.settled('PATCH', 'services/todo?updateMask=template', { template: rig.template('sound', { revision: 'todo-two' }) })
  const back = rig.settled('PATCH', 'services/todo?updateMask=traffic', { traffic: [to('todo-one', 100)] })
  const seen = new Set<string>()
  await until(
    async () => (await rig.front('todo.localhost', '/')).body,
    (body) => seen.add(body).has('todo-one\n'),
  )
  await back
  expect([...seen].toSorted()).toEqual(expect.arrayContaining(['todo-one\n']))
  expect([...seen].every((body) => ['todo-one\n', 'todo-two\n'].includes(body))).toBe(true)
})

test('traffic to a revision that does not exist is refused by the operation and moves nothing', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', {
    invokerIamDisabled: true,
    template: rig.template('sound', { revision: 'todo-one' }),
  })
  const { error } = await rig.settled('PATCH', 'services/todo?updateMask=traffic', { traffic: [to('todo-nil', 100)] })
  expect(error).toMatchObject({ code: 9, message: expect.stringContaining("Revision 'todo-nil' does not exist or is deleted.") })
  expect((await rig.front('todo.localhost', '/')).body).toBe('todo-one\n')
  expect((await rig.api('GET', 'services/todo')).body.trafficStatuses).toEqual([latest])
})

test('stopping lets a request in flight finish first', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template() })
  const { PORT: port } = JSON.parse((await rig.front('todo.localhost', '/environment')).body)
  const held = await begin(rig.emulator.front.url, 'todo.localhost', '/held')
  const stopped = rig.emulator.stop()
  await fetch(`http://127.0.0.1:${port}/release`)
  expect(await text(held)).toBe('begun\nended\n')
  await stopped
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
})
