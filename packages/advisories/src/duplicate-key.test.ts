import fc from 'fast-check'
import { expect, test } from 'vitest'
import { duplicateKeyOfJson, duplicateKeyOfYaml } from './duplicate-key.ts'

test.for([
  ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":1}]}', undefined],
  ['{"a":1,"a":2}', 'a'],
  ['{"x":{"a":1, "b":"a" , "\\u0061" : 2}}', 'a'],
  ['{"a":{"b":1},"c":{"b":1},"a":3}', 'a'],
  ['["a","a"]', undefined],
  ['{"a":"\\"a\\":1,","b":1}', undefined],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ['{"a":1, // "a": 2\n /* "a": 3 */ "b":1}', undefined],
  ['{"a"/', undefined],
] as const)('in %s the key %s is there twice', ([text, key]) => {
  expect(duplicateKeyOfJson(text)).toBe(key)
})

test.for([
  ['a:\n  b: 1\nc:\n  b: 1\n', undefined],
  ['a:\n  b: 1\n  c:\n    b: 1\n  b: 2\n', 'b'],
  ["packages:\n  'x@1':\n    a: 1\n  x@1:\n    a: 2\n", 'x@1'],
  ['"a@^1":\n  version "1"\n\na@^1:\n  version "2"\n', 'a@^1'],
  ['a: 1\n---\na: 1\n', undefined],
  ['"a@1", "a@2":\n  version "1"\n\n"b@1", b@2:\n  version "2"\n', undefined],
  ['"a@1", "a@2":\n  version "1"\n\n"b@1", a@2:\n  version "2"\n', 'a@2'],
  ['a: 1\n# a: 2\n', undefined],
] as const)('in the YAML %j the key %s is there twice', ([text, key]) => {
  expect(duplicateKeyOfYaml(text)).toBe(key)
})

test('what a program writes has no key twice, however it is named and nested', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      expect(duplicateKeyOfJson(JSON.stringify(value, null, indent))).toBeUndefined()
    }),
  )
})

test('whatever a text is, it is answered', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', '"', '\\', ':', '/', '*', 'a', ' ', '\n') }), (text) => void [duplicateKeyOfJson(text), duplicateKeyOfYaml(text)]))
})
