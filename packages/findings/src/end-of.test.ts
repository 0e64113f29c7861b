import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { endOf } from './failure.ts'

const body = Array.from({ length: 50 }, (_, line) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${String(line).padStart(2, '0')}`)
const key = ['-----BEGIN PRIVATE KEY-----', ...body, '-----END PRIVATE KEY-----']

test('of a private key that is cut nothing is left, wherever the cut goes through it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.boolean(), (after, isClosed) => {
      const text = ['started', ...(isClosed ? key : key.slice(0, -1)), ...Array.from({ length: isClosed ? after : 0 }, (_, line) => `line ${line}`)].join('\n')
      const end = endOf(text)
      if (!end.includes('-----BEGIN')) expect(end).not.toContain('MIIEvQIBADANBgkqhkiG9w0BAQEFAASC')
    }),
  )
})

test('other text is cut by lines, then by characters', () => {
  expect(endOf('a\nb\nc\n', { lines: 2 })).toBe('b\nc')
  expect(endOf('abcdef', { characters: 3 })).toBe('def')
  expect(endOf(`${key.join('\n')}\nit failed\n`, { lines: 1 })).toBe('it failed')
})
