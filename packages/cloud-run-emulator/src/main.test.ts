import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { startTimeOf } from './instances/proc.ts'
import type { RunningEmulator } from './main.ts'
import { makeStateDir, send, until } from './testing/rig.ts'
import { testImage, tokenOf } from './testing/test-image.ts'

const started: ChildProcess[] = []
const directories: string[] = []
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  }
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function launch(options: object): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  started.push(child)
  return child
}

async function daemon(
  stateDir: string,
  runtime: string,
): Promise<RunningEmulator & { child: ChildProcess; deploy: () => Promise<void>; environment: () => Promise<Record<string, string>> }> {
  const image = await testImage()
  const { layoutDir, imagesDir } = image
  const child = launch({ stateDir, layoutDir, imagesDir, frontPort: 0, runtime })
  child.stderr?.resume()
  const file = join(stateDir, 'emulator.json')
  // A killed emulator leaves its file; the new one replaces it.
  const content = await until(
    async () => (existsSync(file) ? readFileSync(file, 'utf8') : '{}'),
    (found) => (JSON.parse(found) as RunningEmulator).pid === child.pid,
  )
  const running = JSON.parse(content) as RunningEmulator
  const frontPort = Number(new URL(running.frontUrl).port)
  return {
    ...running,
    child,
    async deploy() {
      const base = `${running.adminUrl}/v2/projects/local/locations/local`
      const headers = { authorization: `Bearer ${await tokenOf(running.tokenFile)}` }
      const body = JSON.stringify({
        invokerIamDisabled: true,
        template: { revision: 'todo-one', containers: [{ image: image.reference }] },
      })
      const operation = (await (await fetch(`${base}/services?serviceId=todo`, { method: 'POST', headers, body })).json()) as {
        name: string
      }
      await fetch(`${running.adminUrl}/v2/${operation.name}:wait`, { method: 'POST', headers })
    },
    environment: async () => JSON.parse((await send(frontPort, { path: '/environment' })).body) as Record<string, string>,
  }
}

function newStateDir(): string {
  const directory = makeStateDir()
  directories.push(directory)
  return directory
}

async function isListening(port: string | undefined): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  )
}

test('the daemon says where it is, serves, and leaves nothing behind on SIGTERM', async () => {
  const stateDir = newStateDir()
  const first = await daemon(stateDir, 'auto')
  expect(first).toMatchObject({
    startTime: startTimeOf(first.pid),
    version: expect.stringMatching(/^\d/),
    limitations: expect.arrayContaining([expect.any(String)]),
  })
  expect(statSync(join(stateDir, 'emulator.json')).mode & 0o777).toBe(0o600)
  await first.deploy()
  const { PORT: port } = await first.environment()
  first.child.kill('SIGTERM')
  expect(await once(first.child, 'exit')).toEqual([0, null])
  expect(existsSync(join(stateDir, 'emulator.json'))).toBe(false)
  expect(await isListening(port)).toBe(false)
  expect(readdirSync(join(stateDir, 'processes'))).toEqual([])
  expect(readdirSync(join(stateDir, 'run'))).toEqual([])
})

test.for(['auto', 'loader'])(
  'after kill -9 with the runtime %s no instance of the old emulator is left, and the services are back',
  async (runtime) => {
    const stateDir = newStateDir()
    const first = await daemon(stateDir, runtime)
    await first.deploy()
    const before = await first.environment()
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const second = await daemon(stateDir, runtime)
    const after = await second.environment()
    expect(after['K_REVISION']).toBe('todo-one')
    expect(after['PORT']).not.toBe(before['PORT'])
    expect(await isListening(before['PORT'])).toBe(false)
  },
)

test('a second emulator on the same state is refused and harms nothing', async () => {
  const stateDir = newStateDir()
  const first = await daemon(stateDir, 'auto')
  const second = launch({ stateDir, layoutDir: stateDir, frontPort: 0 })
  const [said, [code]] = await Promise.all([text(second.stderr!), once(second, 'exit')])
  expect(code).toBe(1)
  expect(JSON.parse(said).error).toMatchObject({ code: 'state-in-use' })
  expect((await send(Number(new URL(first.frontUrl).port), {})).status).toBe(404)
})

test('a front port that is taken is refused, saying by whom', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const frontPort = (server.address() as AddressInfo).port
  const child = launch({ stateDir: newStateDir(), layoutDir: '/nonexistent', frontPort })
  const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')])
  server.close()
  expect(code).toBe(1)
  expect(JSON.parse(said).error).toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining(`is taken by process ${process.pid} (`),
    hint: expect.any(String),
  })
})

test.for([
  ['no option', undefined],
  ['a port that is not one', { port: 1 }],
  ['a front port beyond the last', { frontPort: 65_536 }],
] as const)('options that are wrong are refused before anything is made: %s', async ([, wrong]) => {
  const stateDir = join(newStateDir(), 'absent')
  const child = launch(wrong ? { stateDir, layoutDir: 'x', ...wrong } : {})
  const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')])
  expect(code).toBe(1)
  expect(JSON.parse(said).error.code).toBe('options-invalid')
  expect(existsSync(stateDir)).toBe(false)
})
