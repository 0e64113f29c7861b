import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bubblewrapRuntime } from '../instances/bubblewrap.ts'
import { startRig, type Rig } from '../testing/rig.ts'
import { crc32c } from './crc32c.ts'
import { tmpdir } from 'node:os'

const hasBubblewrap = (await bubblewrapRuntime(tmpdir())) !== undefined

/** `path` below /v1/projects/local/. */
async function ask(rig: Rig, method: string, path: string, body?: object) {
  const answer = await fetch(`${rig.emulator.admin.url}/v1/projects/local/${path}`, {
    method,
    headers: { authorization: `Bearer ${rig.token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.json() }
}

async function addSecret(rig: Rig, id: string, ...values: string[]): Promise<void> {
  if ((await ask(rig, 'GET', `secrets/${id}`)).status === 404) await ask(rig, 'POST', `secrets?secretId=${id}`, { replication: { automatic: {} } })
  for (const value of values) await ask(rig, 'POST', `secrets/${id}:addVersion`, { payload: { data: Buffer.from(value).toString('base64') } })
}

test('CRC-32C is that of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
})

test('a secret is made, gets versions, and the newest is the latest', async () => {
  await using rig = await startRig()
  expect((await ask(rig, 'POST', 'secrets?secretId=db', { replication: { automatic: {} }, labels: { a: 'b' } })).body).toMatchObject({
    name: 'projects/local/secrets/db',
    labels: { a: 'b' },
  })
  const wrong = { payload: { data: Buffer.from('x').toString('base64'), dataCrc32c: '1' } }
  expect((await ask(rig, 'POST', 'secrets/db:addVersion', wrong)).status).toBe(400)
  await addSecret(rig, 'db', 'one', 'two')
  expect((await ask(rig, 'GET', 'secrets/db/versions/latest:access')).body).toEqual({
    name: 'projects/local/secrets/db/versions/2',
    payload: { data: Buffer.from('two').toString('base64'), dataCrc32c: String(crc32c(Buffer.from('two'))) },
  })
  expect((await ask(rig, 'POST', 'secrets/db/versions/2:disable')).body).toMatchObject({ state: 'DISABLED' })
  expect((await ask(rig, 'GET', 'secrets/db/versions/latest:access')).body.error.status).toBe('FAILED_PRECONDITION')
  await ask(rig, 'POST', 'secrets/db/versions/1:destroy')
  expect((await ask(rig, 'POST', 'secrets/db/versions/1:enable')).body.error.status).toBe('FAILED_PRECONDITION')
  expect((await ask(rig, 'GET', 'secrets/db/versions')).body.versions.map(({ state }: { state: string }) => state)).toEqual(['DISABLED', 'DESTROYED'])
  const files = readdirSync(join(rig.stateDir, 'secrets')).map((name) => join(rig.stateDir, 'secrets', name))
  expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600])
  expect(readFileSync(files[0]!, 'utf8')).not.toContain(Buffer.from('one').toString('base64'))
})

test('a secret is in the environment of an instance, at the version that the template names', async () => {
  await using rig = await startRig()
  await addSecret(rig, 'db', 'one', 'two')
  const reference = (version: string) => ({ valueSource: { secretKeyRef: { secret: 'db', version } } })
  const env = [
    { name: 'PINNED', ...reference('1') },
    { name: 'NEWEST', ...reference('latest') },
    { name: 'FULL', valueSource: { secretKeyRef: { secret: 'projects/local/secrets/db', version: '2' } } },
  ]
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: { containers: [{ image: rig.image.reference, env }] } })
  expect(JSON.parse((await rig.front('todo.localhost', '/environment')).body)).toMatchObject({ PINNED: 'one', NEWEST: 'two', FULL: 'two' })
  expect(JSON.stringify((await rig.api('GET', 'services/todo')).body)).not.toContain('two"')
})

test('a revision whose secret cannot be read is not ready, and says which', async () => {
  await using rig = await startRig()
  const env = [{ name: 'KEY', valueSource: { secretKeyRef: { secret: 'absent', version: '1' } } }]
  const { error } = await rig.settled('POST', 'services?serviceId=todo', { template: { containers: [{ image: rig.image.reference, env }] } })
  expect(error.message).toContain('The secret absent cannot be read by the instance: Secret [absent] not found.')
  const { body } = await rig.api('GET', 'services/todo')
  expect(body.terminalCondition).toMatchObject({ state: 'CONDITION_FAILED', reason: 'SECRETS_ACCESS_CHECK_FAILED' })
})

test.runIf(hasBubblewrap)('secrets and directories in memory are mounted where the template says, though the image has nothing there', async () => {
  await using rig = await startRig({ runtime: 'bubblewrap' })
  await addSecret(rig, 'db', 'one', 'two')
  const template = {
    volumes: [
      { name: 'keys', secret: { secret: 'db', items: [{ path: 'old.txt', version: '1', mode: 0o400 }, { path: 'new.txt', version: 'latest' }] } },
      { name: 'scratch', emptyDir: { medium: 'MEMORY', sizeLimit: '1Mi' } },
    ],
    containers: [
      {
        image: rig.image.reference,
        volumeMounts: [
          { name: 'keys', mountPath: '/app/deep/keys' },
          { name: 'scratch', mountPath: '/scratch' },
        ],
      },
    ],
  }
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template })
  const look = async (path: string) => JSON.parse((await rig.front('todo.localhost', `/look?path=${path}`)).body)
  expect(await look('/app/deep/keys')).toMatchObject({ names: ['new.txt', 'old.txt'], write: 'EROFS' })
  expect(await look('/app/deep/keys/old.txt')).toMatchObject({ content: 'one', mode: '400' })
  expect(await look('/app/deep/keys/new.txt')).toMatchObject({ content: 'two', mode: '444' })
  expect(await look('/scratch')).toMatchObject({ names: [], write: 'written' })
  expect(await look('/app')).toMatchObject({ names: ['deep', 'service.mjs'], write: 'EROFS' })
  expect(await look('/')).toMatchObject({ write: 'EROFS' })
})

test('the runtime that cannot mount says so', async () => {
  await using rig = await startRig({ runtime: 'loader' })
  const template = {
    volumes: [{ name: 'scratch', emptyDir: {} }],
    containers: [{ image: rig.image.reference, volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }],
  }
  const { error } = await rig.settled('POST', 'services?serviceId=todo', { template })
  expect(error.message).toContain('which the runtime "loader" cannot do')
})

test.for(['../up', '/etc/passwd', 'a/b', '..'])('a secret file named %s is refused', async (path) => {
  await using rig = await startRig()
  const template = { volumes: [{ name: 'keys', secret: { secret: 'db', items: [{ path }] } }], containers: [{ image: rig.image.reference }] }
  const { status, body } = await rig.api('POST', 'services?serviceId=todo', { template })
  expect([status, body.error.details[0].fieldViolations[0].field]).toEqual([400, 'service.template.volumes[0].secret.items[0].path'])
})
