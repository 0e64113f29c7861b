import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { startRig } from '../testing/rig.ts'
import { bubblewrapRuntime } from './bubblewrap.ts'

const hasBubblewrap = (await bubblewrapRuntime(tmpdir())) !== undefined

test('bubblewrap works where the tests have to prove something', () => {
  if (process.env['CI'] !== undefined) expect(hasBubblewrap, 'apt-get install bubblewrap').toBe(true)
})

test.runIf(hasBubblewrap)('in bubblewrap a service sees its image and nothing else, cannot change it, and is nobody', async () => {
  await using rig = await startRig({ runtime: 'bubblewrap' })
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template() })
  expect(JSON.parse((await rig.front('todo.localhost', '/self')).body)).toMatchObject({
    uid: 65532,
    pid: 1,
    argv: ['/usr/local/bin/node', '/app/service.mjs'],
    root: ['app', 'dev', 'etc', 'lib', ...(process.arch === 'x64' ? ['lib64'] : []), 'proc', 'sys', 'tmp', 'usr'],
    hosts: '127.0.0.1 localhost\n::1 localhost\n',
    writeToApp: 'EROFS',
    writeToTmp: 'written',
  })
})

test("the image's own loader runs a service too, and what it cannot enforce is said", async () => {
  await using rig = await startRig({ runtime: 'loader' })
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template() })
  const self = JSON.parse((await rig.front('todo.localhost', '/self')).body)
  expect(self).toMatchObject({ uid: process.getuid?.() === 0 ? 65532 : process.getuid?.(), writeToTmp: 'written' })
  expect(self.argv[1]).toMatch(/\/roots\/[0-9a-f]{64}\/app\/service\.mjs$/)
  expect(rig.emulator.limitations).toContainEqual(expect.stringContaining('Without bubblewrap an instance is an ordinary process'))
})

test('a runtime that was asked for and does not work here is refused', async () => {
  const path = process.env['PATH']
  const stateDir = mkdtempSync(`${tmpdir()}/no-bubblewrap-`)
  process.env['PATH'] = '/nonexistent'
  const docker = process.env['DOCKER_HOST']
  process.env['DOCKER_HOST'] = 'unix:///nonexistent'
  try {
    await expect(startRig({ runtime: 'bubblewrap', stateDir })).rejects.toMatchObject({ code: 'runtime-missing' })
    await using rig = await startRig({ runtime: 'auto', stateDir })
    expect(rig.emulator.runtime).toBe('loader')
  } finally {
    process.env['PATH'] = path
    if (docker === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = docker
    rmSync(stateDir, { recursive: true, force: true })
  }
})

test.for(['loader', 'auto'] as const)(
  'a service that ignores SIGTERM (%s) is ended all the same, after its ten seconds',
  async (runtime) => {
    await using rig = await startRig({ runtime })
    await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template('stubborn') })
    const { PORT: port } = JSON.parse((await rig.front('todo.localhost', '/environment')).body)
    await rig.emulator.stop()
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
  },
)
