import { expect, test } from 'vitest'
import { begin, startRig, until, type Rig } from '../testing/rig.ts'

/** Process ids of the instances that answer, as each sees its own start: `/instance` of the test service. */
const instanceOf = async (rig: Rig) => (await rig.front('todo.localhost', '/instance')).body
const gauge = async (rig: Rig, state: string) => {
  const answer = await fetch(`${rig.emulator.admin.url}/metrics`, { headers: { authorization: `Bearer ${rig.token}` } })
  return Number(new RegExp(`container_instance_count\\{.*state="${state}"\\} (\\d+)`).exec(await answer.text())?.[1])
}
const create = async (rig: Rig, template: object, more: object = {}) =>
  rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template, ...more })

test('an idle revision is scaled to zero, and the next request starts an instance and waits for it', async () => {
  await using rig = await startRig({ idleSeconds: 1 })
  await create(rig, rig.template())
  const first = await instanceOf(rig)
  await until(async () => gauge(rig, 'idle'), (count) => count === 0)
  expect(rig.notices).toEqual([])
  const second = await rig.front('todo.localhost', '/instance')
  expect(second.status).toBe(200)
  expect(second.body).not.toBe(first)
})

test('as many instances as there must be at least are started and stay', async () => {
  await using rig = await startRig({ idleSeconds: 0 })
  await create(rig, rig.template('sound', { scaling: { minInstanceCount: 2 } }))
  await until(async () => gauge(rig, 'idle'), (count) => count === 2)
  await rig.settled('PATCH', 'services/todo?updateMask=scaling', { scaling: { minInstanceCount: 3 } })
  await until(async () => gauge(rig, 'idle'), (count) => count === 3)
  await rig.settled('PATCH', 'services/todo?updateMask=scaling', { scaling: { scalingMode: 'MANUAL', manualInstanceCount: 1 } })
  await instanceOf(rig)
  await until(async () => gauge(rig, 'idle'), (count) => count < 3)
})

test('an instance gets no more requests at once than it takes, and others are started for the rest', async () => {
  await using rig = await startRig()
  await create(rig, rig.template('sound', { maxInstanceRequestConcurrency: 1 }))
  const held = await Promise.all(Array.from({ length: 3 }, async () => begin(rig.emulator.front.url, 'todo.localhost', '/held')))
  expect(await gauge(rig, 'active')).toBe(3)
  for (const answer of held) answer.destroy()
})

test('where no more instances may be started a request waits for its turn', async () => {
  await using rig = await startRig()
  await create(rig, rig.template('sound', { maxInstanceRequestConcurrency: 1, scaling: { maxInstanceCount: 1 } }))
  const held = await begin(rig.emulator.front.url, 'todo.localhost', '/held')
  const waiting = rig.front('todo.localhost', '/')
  expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))])).toBe('waits')
  held.destroy()
  expect((await waiting).status).toBe(200)
})

test('a request that does not get its turn in ten seconds is told 429', async () => {
  await using rig = await startRig()
  await create(rig, rig.template('sound', { maxInstanceRequestConcurrency: 1, scaling: { maxInstanceCount: 1 } }))
  const held = await begin(rig.emulator.front.url, 'todo.localhost', '/held')
  expect((await rig.front('todo.localhost', '/')).status).toBe(429)
  held.destroy()
})

test('the request time-out counts the wait for an instance too', async () => {
  await using rig = await startRig({ idleSeconds: 0 })
  await create(rig, { timeout: '1s', containers: [{ image: rig.image.reference, env: [{ name: 'LISTEN_AFTER_MS', value: '1500' }] }] })
  await until(async () => gauge(rig, 'idle'), (count) => count === 0)
  expect((await rig.front('todo.localhost', '/')).status).toBe(504)
})

test('an instance whose liveness probe fails is killed and another takes its place', async () => {
  await using rig = await startRig()
  const livenessProbe = { httpGet: { path: '/alive' }, periodSeconds: 1, failureThreshold: 2 }
  await create(rig, { containers: [{ image: rig.image.reference, livenessProbe }] })
  const first = await instanceOf(rig)
  await rig.front('todo.localhost', '/die-slowly')
  await until(async () => instanceOf(rig), (instance) => /^\d+-/.test(instance) && instance !== first)
  expect(rig.notices).toContainEqual(expect.stringContaining('Container terminated on signal SIGKILL. It is started again.'))
  expect(rig.entries('todo')).toContainEqual(
    expect.objectContaining({ severity: 'ERROR', textPayload: expect.stringContaining('LIVENESS HTTP probe failed 2 times consecutively') }),
  )
})

test('an instance whose readiness probe fails gets no requests until it succeeds again', async () => {
  await using rig = await startRig({ maxInstances: 1 })
  const readinessProbe = { httpGet: { path: '/alive' }, periodSeconds: 1, failureThreshold: 1 }
  await create(rig, { timeout: '1s', containers: [{ image: rig.image.reference, readinessProbe }] })
  expect((await rig.front('todo.localhost', '/die-slowly')).status).toBe(200)
  await until(async () => (await rig.front('todo.localhost', '/')).status, (status) => status === 504)
})

test('an instance that takes more memory than it may is killed, and the log says why', async () => {
  await using rig = await startRig()
  await create(rig, { containers: [{ image: rig.image.reference, resources: { limits: { memory: '128Mi' } } }] })
  expect((await rig.front('todo.localhost', '/fill-memory')).status).toBe(503)
  expect(rig.entries('todo')).toContainEqual(
    expect.objectContaining({
      severity: 'ERROR',
      logName: 'projects/local/logs/run.googleapis.com%2Fvarlog%2Fsystem',
      textPayload: expect.stringMatching(/^Memory limit of 128 MiB exceeded with \d+ MiB used\./),
    }),
  )
})
