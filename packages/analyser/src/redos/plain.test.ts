import fc from 'fast-check'
import { expect, test } from 'vitest'
import { analyseRegex } from './analyse.ts'
import { patterns } from './patterns.testing.ts'
import { isPlainlyLinear } from './plain.ts'

test.each(['abc', '^a+$', '^\\s*(', '[^"\\]]+', 'x?y[+*]z*?', '^\\[.*\\]$'].map((pattern) => [pattern]))('/%s/ is seen to be linear', (pattern) => {
  expect(isPlainlyLinear(pattern, '')).toBe(pattern !== '^\\s*(')
})

test.each([['a+$', ''], ['^a+$', 'm'], ['a+b', ''], ['^a+b+', ''], ['(a+)', ''], ['a{2}', ''], ['a+|b', ''], ['^\\s+|a', '']])('of /%s/%s nothing is said', (pattern, flags) => {
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

test('an expression with one repeated character is seen to be linear only where the analysis calls it safe', () => {
  const parts = fc.array(fc.constantFrom('a', '[ab]', '\\s', '.', 'b?', '^', '$', '\\b', '[^a]'), { maxLength: 3 }).map((list) => list.join(''))
  fc.assert(
    fc.property(parts, fc.constantFrom('a', '[ab]', '\\s', '.', '[^a]'), fc.constantFrom('*', '+', '*?', '+?'), parts, fc.constantFrom('', 'm', 'g', 'i', 's', 'y', 'u'), (before, repeated, quantifier, after, flags) => {
      const pattern = before + repeated + quantifier + after
      if (isPlainlyLinear(pattern, flags)) expect([pattern, flags, analyseRegex(pattern, flags).kind]).toEqual([pattern, flags, 'safe'])
    }),
    { numRuns: 3000 },
  )
})
