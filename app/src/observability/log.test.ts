import { expect, test } from 'vitest'
import { createLog } from './log.ts'

const written = (message: string, fields?: Record<string, unknown>): string => {
  let line = ''
  createLog((text) => (line = text))('INFO', message, fields)
  return line
}

test('a line is one JSON object with severity, message and time', () => {
  const line = written('Task added: 7', { taskId: 7 })
  expect(line.endsWith('}\n')).toBe(true)
  expect(JSON.parse(line)).toEqual({ severity: 'INFO', message: 'Task added: 7', time: expect.stringMatching(/^\d{4}-.*Z$/), taskId: 7 })
})

test('text from outside cannot start a line, move the cursor or turn the direction, and is not changed by that', () => {
  const evil = '\n{"severity":"CRITICAL"}\r\u001b[2J\u009b2J\u007f\u2028\u202e"'
  const line = written('seen', { evil })
  expect(line.slice(0, -1)).toMatch(/^[\x20-\x7e]+$/)
  expect((JSON.parse(line) as { evil: string }).evil).toBe(evil)
})
