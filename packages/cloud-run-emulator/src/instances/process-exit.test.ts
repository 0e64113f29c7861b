import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { sendSignal } from './process-exit.ts'

test('a signal to what has ended meanwhile is no error, and says so', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  expect(sendSignal(child.pid!, 'SIGTERM')).toBe(true)
  await once(child, 'exit')
  expect(sendSignal(child.pid!, 'SIGTERM')).toBe(false)
})
