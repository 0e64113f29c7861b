import { expect, test } from 'vitest'
import { createLog, errorFields, quote } from './log.ts'

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

test.each([
  ['plain', 'GET /?a=b&c=[1]'],
  ['quotes and backslashes', '"\\"'],
  ['line breaks', 'a\r\n{"severity":"CRITICAL"}'],
  ['an escape sequence', '\u001b[2J\u009b31m'],
  ['separators and marks', '\u2028\u2029\u202e\u200f\u061c\u2066'],
  ['half a surrogate pair', '\ud800 and \udc00'],
  ['NUL and DEL', '\0\u007f'],
])('%s in a text stays text', (_, text) => {
  const quoted = quote(text)
  expect(quoted).toMatch(/^[ -~]*$/)
  expect(JSON.parse(quoted)).toBe(text)
})

test('letters of the world stay letters', () => {
  expect(quote('naïve 日本 👍')).toBe('"naïve 日本 👍"')
})

test('an error is reported with what it is grouped by, and with its causes', () => {
  let line = ''
  const log = createLog((text) => (line = text), { service: 'todo', version: 'todo-00007' })
  log('ERROR', 'failed', errorFields(new Error('outer', { cause: new TypeError('inner') })))
  expect(JSON.parse(line)).toMatchObject({
    serviceContext: { service: 'todo', version: 'todo-00007' },
    stack_trace: expect.stringMatching(/^Error: outer\n    at [\s\S]*\nCaused by: TypeError: inner\n    at /),
  })
  log('INFO', 'fine')
  expect(JSON.parse(line)).not.toHaveProperty('serviceContext')
})

test('what is no error is told too', () => {
  expect(errorFields('just text')).toEqual({ stack_trace: 'just text' })
  expect(errorFields(undefined)).toEqual({ stack_trace: 'undefined' })
})
