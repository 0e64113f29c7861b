import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository

const config = (body: string) => `import { defineConfig } from 'shiplock'\nexport default defineConfig(${body})\n`

beforeEach(async () => {
  repository = await ScratchRepository.create()
})
afterEach(() => repository.dispose())

/** The service of the rig, answering another text. */
const version = (n: number) => repository.edit('src/server.mjs', (source) => source.replace(/version \d+/, `version ${n}`))

describe('mistakes in the config', () => {
  test.each([
    ['a syntax error', `export default { service: { name: 'x' }\n`, /shiplock\.config\.ts:2:\d+.*[Ee]xpected/],
    ['a call', config(`{ service: { name: process.cwd() } }`), /shiplock\.config\.ts:2:\d+.*never run/],
    ['an unknown key', config(`{ servise: {} }`), /did you mean .?service\b/],
  ])('%s ends with exit code 2, the place and what to write', async (_, source, expected) => {
    repository.write('shiplock.config.ts', source)
    const { exitCode, stderr } = await repository.run()
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(expected)
    expect(await repository.page()).toBeUndefined()
  })

  test('a config that would do something if it were run does nothing', async () => {
    repository.write('shiplock.config.ts', `import { writeFileSync } from 'node:fs'\nwriteFileSync('pwned', '')\nexport default {}\n`)
    expect((await repository.run()).exitCode).toBe(2)
    expect(() => repository.read('pwned')).toThrow()
  })
})

test('a missing tool is named with what to do, and is no pass', async () => {
  await repository.dispose()
  repository = await ScratchRepository.create({}, { withTools: false })
  const { exitCode, stderr } = await repository.run()
  expect(exitCode).toBe(3)
  expect(stderr).toMatch(/typescript/i)
  expect(repository.record.stages.find(({ id }) => id === 'types')?.failure).toMatchObject({ reason: 'tool-missing' })
  expect(await repository.page()).toBe('status 404')
})

test('a taken port is said with who has it and what to do, before anything is deployed', async () => {
  const other = createServer((_, response) => response.end('somebody else'))
  await new Promise<void>((resolve) => other.listen(repository.port, '127.0.0.1', resolve))
  const { exitCode, stderr } = await repository.run()
  other.closeAllConnections()
  await new Promise((resolve) => other.close(resolve))
  expect(exitCode).toBe(3)
  expect(stderr).toContain(String(repository.port))
  expect(stderr).toContain(String(process.pid))
  expect(stderr).toContain('--port')
  expect((await repository.run()).exitCode).toBe(0)
})

test('a finding keeps the gate shut, and what serves goes on serving', async () => {
  expect((await repository.run()).exitCode).toBe(0)
  version(2)
  repository.write('src/wrong.ts', `export const n: number = 'text'\n`)
  const { exitCode, stdout } = await repository.run()
  expect(exitCode).toBe(1)
  expect(stdout).toContain('src/wrong.ts:1')
  expect(await repository.page()).toBe('version 1')
})

test('a service whose form takes a post without a token gets no traffic: the old revision serves', async () => {
  expect((await repository.run()).exitCode).toBe(0)
  repository.edit('src/server.mjs', (source) =>
    source
      .replace('version 1', '<form method="post" action="/"><input name="title"><button>Add</button></form>')
      .replace(/response\.setHeader.*end\(page\)/, `request.method === 'POST' ? response.writeHead(303, { location: '/' }).end() : response.setHeader('content-type', 'text/html').setHeader('set-cookie', 'session=1').end(page)`),
  )
  const { exitCode, stdout } = await repository.run()
  expect(exitCode).toBe(1)
  expect(stdout).toContain('csrf')
  expect(repository.record.release).toMatchObject({ result: 'kept-stable' })
  expect(repository.read('.shiplock/release.json')).toBe('null\n')
  expect(await repository.page()).toBe('version 1')
})

test('a service that exits at its start is not deployed: its last lines are shown and the old revision serves', async () => {
  expect((await repository.run()).exitCode).toBe(0)
  repository.edit('src/server.mjs', () => `console.error('no database at db.internal')\nprocess.exit(7)\n`)
  const { exitCode, stderr } = await repository.run()
  expect(exitCode).toBe(1)
  expect(stderr).toContain('no database at db.internal')
  expect(repository.record.release).toMatchObject({ result: 'kept-stable' })
  expect(await repository.page()).toBe('version 1')
  version(1)
})

test('a service that never listens is given up, and the old revision serves', async () => {
  repository.write('shiplock.config.ts', config(`{ service: { startupProbe: { periodSeconds: 1, failureThreshold: 2 } }, image: { files: ['dist/**'] } }`))
  expect((await repository.run()).exitCode).toBe(0)
  repository.edit('src/server.mjs', () => `console.log('waiting for Godot')\nsetInterval(() => {}, 1000)\n`)
  const { exitCode, stderr } = await repository.run()
  expect(exitCode).toBe(1)
  expect(stderr).toContain('waiting for Godot')
  expect(await repository.page()).toBe('version 1')
})

test('the first release of a service that does not start leaves nothing behind', async () => {
  repository.edit('src/server.mjs', () => `process.exit(7)\n`)
  const { exitCode } = await repository.run()
  expect(exitCode).toBe(1)
  expect(repository.record.release).toMatchObject({ result: 'removed' })
  version(1)
})

test('a test that hangs is named by the time-out', async () => {
  repository.write('shiplock.config.ts', config(`{ checks: { tests: { timeoutSeconds: 5 } }, image: { files: ['dist/**'] } }`))
  repository.write('test/hang.test.mjs', `import { test } from 'node:test'\ntest('waits for a lock that nobody gives back', () => new Promise(() => setInterval(() => {}, 1000)))\n`)
  const { exitCode, stderr } = await repository.run()
  expect(exitCode).toBe(3)
  expect(stderr).toContain('waits for a lock that nobody gives back')
  expect(repository.record.stages.find(({ id }) => id === 'tests')?.failure).toMatchObject({ reason: 'timed-out' })
})

test('a tree that is edited while it runs is not judged, and the next run is right', async () => {
  repository.write('test/slow.test.mjs', `import { test } from 'node:test'\nimport { setTimeout } from 'node:timers/promises'\ntest('slow', () => setTimeout(3000))\n`)
  const running = repository.start(['run', '--port', String(repository.port)])
  await new Promise<void>((resolve) => running.child.stderr!.on('data', (chunk: Buffer) => /Build of the service/.test(chunk.toString()) && resolve()))
  repository.write('src/add.ts', 'export const add = (a: number, b: number): number => b + a\n')
  const { exitCode, stderr } = await running.ended
  expect(exitCode).toBe(3)
  expect(stderr).toContain('src/add.ts was edited while the run was reading it')
  expect(await repository.page()).toBe('status 404')
  expect((await repository.run()).exitCode).toBe(0)
})

test('two runs at once in one checkout: the second waits for the first and says so', async () => {
  const [first, second] = await Promise.all([repository.run(), repository.run()])
  expect([first.exitCode, second.exitCode]).toEqual([0, 0])
  expect(`${first.stderr}${second.stderr}`).toContain('Another run is under way in this checkout')
  expect(await repository.page()).toBe('version 1')
})
