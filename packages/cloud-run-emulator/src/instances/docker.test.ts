import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasDocker, startDockerEngine } from '../testing/docker-engine.ts'
import { makeStateDir, startRig, until } from '../testing/rig.ts'
import { DockerEngine, dockerSocket } from './docker-engine.ts'

test("Docker's engine is here where the tests have to prove something", () => {
  if (process.env['CI'] !== undefined) expect(hasDocker, 'apt-get install docker.io iptables, as root').toBe(true)
})

describe.runIf(hasDocker)('in Docker', { timeout: 120_000 }, () => {
  let engine: AsyncDisposable
  beforeAll(async () => {
    engine = await startDockerEngine()
  }, 120_000)
  afterAll(async () => engine[Symbol.asyncDispose](), 60_000)
  const containers = async () => {
    const list = await new DockerEngine(dockerSocket(process.env) ?? '').ask('GET', '/containers/json?all=true')
    return (list as { Id: string }[]).map(({ Id }) => Id)
  }

  test('a service keeps the container contract as written: the port of the template, and all interfaces', async () => {
    await using rig = await startRig({ runtime: 'docker' })
    const template = {
      revision: 'todo-one',
      volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }, { name: 'keys', secret: { secret: 'db' } }],
      containers: [
        {
          image: rig.image.reference,
          ports: [{ containerPort: 9000 }],
          volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }, { name: 'keys', mountPath: '/keys' }],
        },
      ],
    }
    for (const [path, body] of [['secrets?secretId=db', {}], ['secrets/db:addVersion', { payload: { data: Buffer.from('the key').toString('base64') } }]] as const)
      await fetch(`${rig.emulator.admin.url}/v1/projects/local/${path}`, { method: 'POST', headers: { authorization: `Bearer ${rig.token}` }, body: JSON.stringify(body) })
    const service = await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template })
    expect(service.terminalCondition).toMatchObject({ state: 'CONDITION_SUCCEEDED' })
    expect(JSON.parse((await rig.front('todo.localhost', '/environment')).body)).toMatchObject({ PORT: '9000', HOST: '0.0.0.0', K_REVISION: 'todo-one' })
    expect(JSON.parse((await rig.front('todo.localhost', '/self')).body)).toMatchObject({ uid: 65532, pid: 1, writeToApp: 'EROFS', writeToTmp: 'written' })
    const look = async (path: string) => JSON.parse((await rig.front('todo.localhost', `/look?path=${path}`)).body)
    expect(await look('/keys/db')).toMatchObject({ content: 'the key', mode: '444' })
    expect(await look('/scratch')).toMatchObject({ write: 'written' })
    expect(rig.emulator.limitations.join(' ')).not.toContain('CPU')
    expect(rig.entries('todo')[0]).toMatchObject({ textPayload: 'starting todo-one in mode sound' })
    await rig.settled('DELETE', 'services/todo')
    expect(await containers()).toEqual([])
  })

  test('an image that exits, or listens to itself alone, is not ready, and says why', async () => {
    await using rig = await startRig({ runtime: 'docker' })
    const { error } = await rig.settled('POST', 'services?serviceId=todo', { template: rig.template('exits') })
    expect(error.message).toContain('Container called exit(3).')
    const containersWith = (mode: string) => [{ image: rig.image.reference, env: [{ name: 'MODE', value: mode }], startupProbe: { tcpSocket: {}, timeoutSeconds: 1, periodSeconds: 1, failureThreshold: 2 } }]
    const loopback = await rig.settled('PATCH', 'services/todo?updateMask=template', { template: { revision: 'todo-loopback', containers: containersWith('loopback') } })
    expect(loopback.error.message).toContain('Nothing listens on port')
  })

  test('what takes more memory than it may is ended by the kernel, and the log says why', async () => {
    await using rig = await startRig({ runtime: 'docker' })
    const template = { containers: [{ image: rig.image.reference, resources: { limits: { memory: '128Mi' } } }] }
    await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template })
    expect((await rig.front('todo.localhost', '/fill-memory')).status).toBe(503)
    await until(async () => rig.entries('todo'), (entries) => entries.some(({ textPayload }) => String(textPayload).startsWith('Memory limit of 128 MiB exceeded.')))
    expect((await rig.front('todo.localhost', '/')).status).toBe(200)
  })

  test('a task runs to its end', async () => {
    await using rig = await startRig({ runtime: 'docker' })
    const template = { template: { containers: [{ image: rig.image.reference, env: [{ name: 'MODE', value: 'task' }] }] } }
    await rig.settled('POST', 'jobs?jobId=migrate', { template })
    expect(await rig.settled('POST', 'jobs/migrate:run', {})).toMatchObject({ succeededCount: 1 })
  })

  test('containers of an emulator that was killed are removed by the next on the same state', async () => {
    const stateDir = makeStateDir()
    const rig = await startRig({ runtime: 'docker', stateDir })
    await rig.settled('POST', 'services?serviceId=todo', { template: rig.template() })
    const [left] = await containers()
    expect(left).toBeDefined()
    // As a killed one does, it lets go of the state and leaves the container: what is asked is whether the next sees to it.
    const engineApi = new DockerEngine(dockerSocket(process.env) ?? '')
    const { Config } = (await engineApi.ask('GET', `/containers/${left}/json`)) as { Config: { Image: string; Labels: Record<string, string> } }
    await rig.emulator.stop()
    const { Id } = (await engineApi.ask('POST', '/containers/create', { Image: Config.Image, Labels: Config.Labels, Cmd: ['x'] })) as { Id: string }
    await using next = await startRig({ runtime: 'docker', stateDir })
    expect(await containers()).not.toContain(Id)
    await next.settled('DELETE', 'services/todo')
  })
})
