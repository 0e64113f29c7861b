import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findProgram, runProcess } from './processes.ts'

const node = process.execPath
const run = (script: string, more: Partial<Parameters<typeof runProcess>[0]> = {}) => runProcess({ argv: [node, '-e', script], cwd: tmpdir(), env: {}, ...more })

test('the exit code and both streams come back', async () => {
  expect(await run('console.log(1); console.error(2); process.exit(3)')).toMatchObject({ exitCode: 3, stdout: '1\n', stderr: '2\n', isTimedOut: false })
})

test('nothing of our environment is inherited', async () => {
  process.env['SHIPLOCK_TEST_SECRET'] = 'hunter2hunter2'
  const { stdout } = await run('console.log(JSON.stringify(process.env))', { env: { ONLY: 'this' } })
  delete process.env['SHIPLOCK_TEST_SECRET']
  expect(JSON.parse(stdout)).toEqual({ ONLY: 'this' })
})

test('a program that is not there is an error with its code, not an exception', async () => {
  const result = await runProcess({ argv: ['/nowhere/program'], cwd: '/', env: {} })
  expect(result.error?.code).toBe('ENOENT')
  expect(result.exitCode).toBeUndefined()
})

test('a time-out ends the program and what it has started, also where both ignore SIGTERM', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'processes-'))
  const pidFile = join(directory, 'pid')
  const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6)`
  const result = await run(
    `const { spawn } = require('child_process'); const c = spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}]); require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(c.pid)); ${stubborn}; console.log('up')`,
    { timeoutMs: 600 },
  )
  expect(result).toMatchObject({ isTimedOut: true, signal: 'SIGKILL' })
  const grandchild = Number(readFileSync(pidFile, 'utf8'))
  const state = () => {
    try {
      return readFileSync(`/proc/${grandchild}/stat`, 'utf8').split(') ')[1]![0]
    } catch {
      return 'gone'
    }
  }
  // Without an init that reaps (a container), what was killed may stay as a zombie.
  expect(['gone', 'Z']).toContain(state())
  rmSync(directory, { recursive: true })
})

test('an abort ends the program and is told apart from a time-out', async () => {
  const controller = new AbortController()
  const running = run('console.log("up"); setInterval(() => {}, 1e6)', { signal: controller.signal, onStdout: () => controller.abort() })
  expect(await running).toMatchObject({ isAborted: true, isTimedOut: false, signal: 'SIGTERM' })
})

test('of endless output the end is kept, and the cut is said', async () => {
  const { stdout } = await run('for (let i = 0; i < 5000; i++) console.log("line " + i)', { maxOutputBytes: 2000 })
  expect(stdout.length).toBeLessThan(70_000)
  expect(stdout).toMatch(/^\[… the beginning was cut\]/)
  expect(stdout).toMatch(/line 4999\n$/)
})

test('a program may exit without reading its input', async () => {
  expect(await run('process.exit(0)', { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0 })
})

test('a program is found on the PATH that it will run with, and a directory of that name is not', () => {
  expect(findProgram('sh', '/nowhere:/bin')).toBe('/bin/sh')
  expect(findProgram('bin', '/usr')).toBeUndefined()
  expect(findProgram('no-such-program', '/bin:/usr/bin')).toBeUndefined()
})
