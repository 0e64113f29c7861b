import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

/** The library of the author of RFC 8785. */
const reference: (value: unknown) => string = createRequire(import.meta.url)('canonicalize')
const textOf = (value: object): string => new TextDecoder().decode(canonicalJson(value))
const wellFormed = fc.jsonValue().filter((value) => JSON.stringify(value).isWellFormed() && !/\\ud[89a-f]/i.test(JSON.stringify(value)))

test('a value is spelled as the reference spells it, in whatever order its keys came', () => {
  fc.assert(fc.property(wellFormed, (value) => {
    expect(textOf({ value })).toBe(reference({ value }))
    expect(textOf({ value: shuffled(value) })).toBe(textOf({ value }))
  }))
})

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).toReversed().map(([key, item]) => [key, shuffled(item)]))
}

test('what is spelled reads back as the same value', () => {
  fc.assert(fc.property(wellFormed, (value) => {
    expect(JSON.parse(textOf({ value }))).toEqual(JSON.parse(JSON.stringify({ value })))
  }))
})

test('keys are sorted by UTF-16 code units, numbers among them too (RFC 8785 §3.2.3)', () => {
  const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7, '10': 8, '9': 9 }
  expect(Object.values(JSON.parse(`[${textOf(value).slice(1, -1).replace(/"(?:[^"\\]|\\.)*":/g, '')}]`))).toEqual([2, 4, 8, 9, 6, 7, 1, 5, 3])
})

test('numbers and text are spelled as ECMAScript does (RFC 8785 §3.2.2)', () => {
  const value = { numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0], string: '\u20ac$\u000F\u000aA\'B"\\\\"/', literals: [null, true, false] }
  expect(textOf(value)).toBe('{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}')
})

test('a field that is undefined is not there', () => {
  expect(textOf({ a: undefined, b: 1 })).toBe('{"b":1}')
})

test.each([
  ['NaN', Number.NaN],
  ['infinity', Infinity],
  ['a big integer', 1n],
  ['a function', () => 1],
  ['undefined in an array', [undefined]],
  // oxlint-disable-next-line no-sparse-arrays
  ['a hole in an array', [, 1]],
  ['half a surrogate pair', '\ud800'],
  ['half a surrogate pair as a key', { '\udc00': 1 }],
])('%s is a bug of the caller', (_, value) => {
  expect(() => canonicalJson({ value })).toThrow(TypeError)
})
