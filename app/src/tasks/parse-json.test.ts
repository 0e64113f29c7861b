import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from './parse-json.ts'

const parse = (text: string): { error: Error | null; body?: unknown } => {
  let result: { error: Error | null; body?: unknown } = { error: new Error('not called') }
  parseJson(undefined as never, text, (error, body) => {
    result = { error, body }
  })
  return result
}

test('what JSON.stringify writes is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parse(text)).toEqual({ error: null, body: JSON.parse(text) })
    }),
  )
})

test('a repeated member is refused, however deep and however it is written', () => {
  for (const text of ['{"a":1,"a":1}', '{"a":1, "b":{"a":1,"a" :2}}', '[{"a":1},{"b":1,"\\u0062"\n:2}]', '{"":1,"":2}']) {
    expect(parse(text).error).toMatchObject({ statusCode: 400, message: 'A member is there twice' })
  }
})

test('what only looks like one is taken', () => {
  for (const text of ['{"a":"\\"a\\":1","b":"a\\\\"}', '[{"a":1},{"a":1}]', '{"a":{"a":1}}', '{"a":"\\\\\\":","b":[":","\\":"]}']) expect(parse(text).error).toBeNull()
})

test('what is nested more than 32 deep is refused', () => {
  const nested = (depth: number): string[] => [`${'['.repeat(depth)}${']'.repeat(depth)}`, `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`]
  for (const text of nested(32)) expect(parse(text).error).toBeNull()
  for (const text of [...nested(33), ...nested(5_000)]) expect(parse(text).error).toMatchObject({ statusCode: 400, message: 'The body is nested more than 32 deep' })
})

test('an empty body is none, and anything else is malformed', () => {
  expect(parse('')).toEqual({ error: null, body: undefined })
  for (const text of ['{', ' ', 'undefined', '{a:1}', '['.repeat(100_000)]) expect(parse(text).error).toMatchObject({ statusCode: 400 })
})
