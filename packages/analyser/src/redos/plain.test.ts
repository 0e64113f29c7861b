import fc from 'fast-check'
import { expect, test } from 'vitest'
import { analyseRegex } from './analyse.ts'
import { patterns } from './patterns.testing.ts'
import { isPlainlyLinear } from './plain.ts'

test.each([
  ['abc', ''],
  ['^a+$', ''],
  ['[^"\\]]+', ''],
  ['x?y[+*]z*?', ''],
  ['^\\[.*\\]$', ''],
  ['^last\\s+(\\d+)\\s+major\\s+versions?$', 'i'],
  [' \\S+$', ''],
  ['^a+b+$|^c+$', ''],
  ['^[\\0-\\x1f]{8}-[^\\s]*$', ''],
  ['^\\d+(?=[ ,]) *x$', ''],
])('/%s/%s is seen to be linear', (pattern, flags) => {
  expect([isPlainlyLinear(pattern, flags), analyseRegex(pattern, flags).kind]).toEqual([true, 'safe'])
})

test.each([
  ['a+$', ''],
  ['^a+$', 'm'],
  ['a+b', ''],
  ['^a*a+$', ''],
  ['^a+b?a+$', ''],
  ['^a+(?:b|)a+$', ''],
  ['^a+[ab]a+$', ''],
  ['^k+\\w+$', 'i'],
  ['^(?:a+)+$', ''],
  ['^a+(?!b)a+$', ''],
  ['a+$|b', ''],
  ['^a+|b+$', ''],
  ['a+\\b', ''],
  ['x|a+(?=b)', ''],
  ['\\p{L}+', 'u'],
  ['[[a-z]--b]+', 'v'],
  ['\u{1f600}*a', 'u'],
])('of /%s/%s nothing is said', (pattern, flags) => {
  expect(isPlainlyLinear(pattern, flags)).toBe(false)
})

test('no expression that is seen to be linear is called slow by the analysis', () => {
  let seen = 0
  fc.assert(
    fc.property(patterns, ([pattern, flags]) => {
      if (!isPlainlyLinear(pattern, flags)) return
      seen += 1
      expect([pattern, flags, analyseRegex(pattern, flags).kind]).not.toContainEqual(expect.stringMatching(/^(?:polynomial|exponential)$/))
    }),
    { numRuns: 3000 },
  )
  expect(seen).toBeGreaterThan(100)
})

test('what is seen to be linear the analysis calls safe, whatever repetitions and separators follow one another', () => {
  const item = fc.tuple(fc.constantFrom('a', 'b', '[ab]', '[^a]', '\\s', '\\w', '.', '\\S', '\\x41', '[b-d]', 'é'), fc.constantFrom('', '', '*', '+', '?', '*?', '{2}', '{3,}', '{1,40}')).map(([character, times]) => character + times)
  const part = fc.oneof({ weight: 5, arbitrary: item }, { weight: 1, arbitrary: fc.constantFrom('^', '$', '\\b', '|') }, { weight: 2, arbitrary: fc.tuple(fc.constantFrom('(', '(?:', '(?=', '(?!'), fc.array(item, { maxLength: 3 }), fc.constantFrom('', '|', '|b'), fc.constantFrom('', '?')).map(([open, items, or, times]) => `${open}${items.join('')}${or})${open.length === 3 && open !== '(?:' ? '' : times}`) })
  let seen = 0
  fc.assert(
    fc.property(fc.array(part, { maxLength: 7 }), fc.constantFrom('', '^'), fc.constantFrom('', 'm', 'g', 'i', 's', 'y', 'u'), (parts, start, flags) => {
      const pattern = start + parts.join('')
      if (!/[*+]|\d[,}]/.test(pattern) || !isPlainlyLinear(pattern, flags)) return
      seen += 1
      expect([pattern, flags, analyseRegex(pattern, flags).kind]).toEqual([pattern, flags, 'safe'])
    }),
    { numRuns: 6000 },
  )
  expect(seen).toBeGreaterThan(500)
})
