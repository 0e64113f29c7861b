import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readStrictJson } from './strict-json.ts'

const read = (text: string) => readStrictJson(new TextEncoder().encode(text))

/** The same value with white space between the tokens and escapes in its strings, as some other writer may spell it. */
function spellOtherwise(value: unknown, space: string): string {
  if (Array.isArray(value)) return `[${space}${value.map((item) => spellOtherwise(item, space)).join(`${space},${space}`)}${space}]`
  if (typeof value === 'object' && value !== null) {
    return `{${space}${Object.entries(value).map(([key, item]) => `${escaped(key)}${space}:${space}${spellOtherwise(item, space)}`).join(`${space},`)}${space}}`
  }
  return typeof value === 'string' ? escaped(value) : JSON.stringify(value)
}

const escaped = (text: string): string => `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
const space = fc.constantFrom('', ' ', '\n', '\t \r\n')

test('every document without a key twice is read as it is, however it is spelled', () => {
  fc.assert(fc.property(fc.jsonValue(), space, (value, between) => {
    const text = JSON.stringify(value)
    expect(read(text)).toEqual({ value: JSON.parse(text) })
    expect(read(spellOtherwise(JSON.parse(text), between))).toEqual({ value: JSON.parse(text) })
  }))
})

test('a key that an object has twice is found at any depth, in any spelling', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', '{', '}', '[', ']', ':', ',', ' ', 'é', '__proto__') })
  fc.assert(fc.property(key, fc.jsonValue(), fc.jsonValue(), fc.array(fc.boolean()), space, (name, first, second, path, between) => {
    const spell = (value: unknown) => spellOtherwise(value, between)
    const object = `{${JSON.stringify(name)}${between}:${spell(first)},${between}${escaped(name)}:${spell(second)}}`
    const text = path.reduce((inner, isArray) => (isArray ? `[${inner},1]` : `{"x":0,"y":${inner}}`), object)
    expect(read(text)).toEqual({ problem: 'duplicate-key', key: name })
  }))
})

test('the same key in two objects is no key twice', () => {
  for (const text of ['[{"a":1},{"a":2}]', '{"a":{"a":{"a":1}}}', '{"a":["a","a","a:"],"b":"a"}', '{"a":"\\"a\\":1","b":1}']) expect(read(text)).toEqual({ value: JSON.parse(text) })
})

test.each([
  ['nothing', ''],
  ['half an object', '{"a":1'],
  ['a comment', '{"a":1/*b*/}'],
  ['a comma too much', '[1,]'],
  ['two documents', '{}{}'],
  ['a byte-order mark', '\ufeff{}'],
  ['NaN', 'NaN'],
])('%s is not JSON', (_, text) => {
  expect(read(text)).toEqual({ problem: 'not-json' })
})

test.each([
  ['a byte that is no UTF-8', [0x22, 0xff, 0x22]],
  ['a slash in two bytes', [0x22, 0xc0, 0xaf, 0x22]],
  ['half a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ['UTF-16', [0x7b, 0x00, 0x7d, 0x00]],
])('%s is not JSON', (_, bytes) => {
  expect(readStrictJson(new Uint8Array(bytes))).toEqual({ problem: 'not-json' })
})

test('any bytes are answered with a value or a problem', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    const reading = readStrictJson(bytes)
    expect('value' in reading || 'problem' in reading).toBe(true)
  }))
})

test('a string of megabytes and a depth of thousands are read', () => {
  expect(read(`{"a":"${'x'.repeat(8_000_000)}","a":1}`)).toEqual({ problem: 'duplicate-key', key: 'a' })
  expect(read(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toHaveProperty('value')
})
