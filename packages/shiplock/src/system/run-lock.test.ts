import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
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

test('the second waits, is told for whom, and goes on when the first is done', async () => {
  const first = await acquireRunLock(path, 'first', never, () => {})
  const waitedFor: LockHolder[] = []
  const second = acquireRunLock(path, 'second', never, (holder) => {
    waitedFor.push(holder)
    first.release()
  })
  ;(await second).release()
  expect(waitedFor).toMatchObject([{ pid: process.pid, command: 'first' }])
  expect(existsSync(path)).toBe(false)
})

test('waiting can be interrupted', async () => {
  const first = await acquireRunLock(path, 'first', never, () => {})
  const controller = new AbortController()
  const second = acquireRunLock(path, 'second', controller.signal, () => controller.abort())
  await expect(second).rejects.toMatchObject({ name: 'AbortError' })
  first.release()
})

test('a lock whose holder was killed is taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
  await once(child, 'spawn')
  const startTime = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]
  writeFileSync(path, JSON.stringify({ pid: child.pid, startTime, command: 'killed' }))
  let waited = 0
  const taking = acquireRunLock(path, 'second', never, () => {
    waited++
    child.kill('SIGKILL')
  })
  ;(await taking).release()
  expect(waited).toBe(1)
})

test('a lock that names a recycled pid, or nobody, holds nobody up', async () => {
  for (const content of [JSON.stringify({ pid: process.pid, startTime: '1', command: 'x' }), 'garbage', '']) {
    writeFileSync(path, content)
    const lock = await acquireRunLock(path, 'me', never, () => expect.unreachable())
    lock.release()
  }
})

test('releasing leaves a lock alone that somebody else has taken over', async () => {
  const lock = await acquireRunLock(path, 'me', never, () => {})
  writeFileSync(path, JSON.stringify({ pid: 1, startTime: '1', command: 'other' }))
  lock.release()
  expect(existsSync(path)).toBe(true)
})

test('of many at once exactly one has the lock at any time', async () => {
  let holders = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const lock = await acquireRunLock(path, 'one of many', never, () => {})
      most = Math.max(most, ++holders)
      await new Promise((resolve) => setImmediate(resolve))
      holders--
      lock.release()
    }),
  )
  expect(most).toBe(1)
})
