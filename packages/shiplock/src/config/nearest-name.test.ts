import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance, nearestName } from './nearest-name.ts'

const known = ['name', 'directory', 'port', 'env', 'startupProbe', 'probe']

test.each([
  ['prot', 'port'],
  ['Port', 'port'],
  ['dirctory', 'directory'],
  ['startup-probe', 'startupProbe'],
  ['startup_prob', 'startupProbe'],
  ['nmae', 'name'],
  ['envs', 'env'],
])('%s is taken for %s', (wrong, right) => expect(nearestName(wrong, known)).toBe(right))

test.each(['region', 'x'.repeat(5_000), 'zzzz', ''])('nothing is near %s', (wrong) => expect(nearestName(wrong, known)).toBeUndefined())

test.each([
  ['', '', 0],
  ['abc', '', 3],
  ['abc', 'acb', 1],
  ['kitten', 'sitting', 3],
  ['ca', 'abc', 3],
])('%j and %j are %i apart', (a, b, distance) => expect(editDistance(a, b)).toBe(distance))

test('the distance is symmetric, zero only for equals, and at most the longer length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b)
      expect(distance).toBe(editDistance(b, a))
      expect(distance === 0).toBe(a === b)
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
      expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length))
    }),
  )
})
