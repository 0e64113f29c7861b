import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquireRunLock, type LockHolder } from './run-lock.ts'

let directory: string
let path: string
const never = new AbortController().signal

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'))
  path = join(directory, 'run.lock')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** A process that has the lock until it is killed. */
async function holder(): Promise<ReturnType<typeof spawn>> {
  const script = `const { acquireRunLock } = await import(${JSON.stringify(join(import.meta.dirname, 'run-lock.ts'))}); await acquireRunLock(${JSON.stringify(path)}, 'other', new AbortController().signal, () => {}); console.log('has it'); setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

test('the second waits, is told for whom, and goes on when the first is done', async () => {
  const first = await acquireRunLock(path, 'first', never, () => {})
  const waitedFor: (LockHolder | undefined)[] = []
  const second = await acquireRunLock(path, 'second', never, (it) => {
    waitedFor.push(it)
    first.release()
  })
  second.release()
  expect(waitedFor).toEqual([{ pid: process.pid, command: 'first' }])
})

test('waiting can be interrupted, and the reason is what is told', async () => {
  const first = await acquireRunLock(path, 'first', never, () => {})
  const controller = new AbortController()
  const second = acquireRunLock(path, 'second', controller.signal, () => controller.abort(new Error('Ctrl-C')))
  await expect(second).rejects.toThrow('Ctrl-C')
  first.release()
})

test('another process that has the lock is waited for, and kill -9 gives it back', async () => {
  const child = await holder()
  const waitedFor: (LockHolder | undefined)[] = []
  const lock = await acquireRunLock(path, 'second', never, (it) => {
    waitedFor.push(it)
    child.kill('SIGKILL')
  })
  lock.release()
  expect(waitedFor).toEqual([{ pid: child.pid, command: 'other' }])
})

test('what a killed holder left beside the lock holds nobody up', async () => {
  writeFileSync(`${path}.json`, JSON.stringify({ pid: process.pid, command: 'killed' }))
  const lock = await acquireRunLock(path, 'me', never, () => expect.unreachable())
  lock.release()
})

test('of many at once exactly one has the lock at any time', async () => {
  let holders = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      const lock = await acquireRunLock(path, 'one of many', never, () => {})
      most = Math.max(most, ++holders)
      await new Promise((resolve) => setImmediate(resolve))
      holders--
      lock.release()
    }),
  )
  expect(most).toBe(1)
})
