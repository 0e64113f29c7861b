import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CharacterSet } from './character-set.ts'
import { CharacterSets } from './character-set.ts'

const small = 40
const sets = fc.array(fc.tuple(fc.nat(small), fc.nat(5)), { maxLength: 6 }).map((ranges) => CharacterSets.of(ranges.map(([first, length]) => [first, first + length])))
const members = (set: CharacterSet) => Array.from({ length: small + 10 }, (_, character) => character).filter((character) => CharacterSets.includes(set, character))

test('sets do what lists of their members do', () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const inA = members(a)
      const inB = members(b)
      expect(members(CharacterSets.union([a, b]))).toEqual([...new Set([...inA, ...inB])].toSorted((x, y) => x - y))
      expect(members(CharacterSets.intersect(a, b))).toEqual(inA.filter((character) => inB.includes(character)))
      expect(members(CharacterSets.subtract(a, b))).toEqual(inA.filter((character) => !inB.includes(character)))
      expect(CharacterSets.complement(CharacterSets.complement(a))).toEqual(a)
    }),
  )
})

test('pairs are ascending and none touches the next', () => {
  expect(CharacterSets.of([[5, 9], [1, 2], [3, 3], [20, 20], [8, 12]])).toEqual([1, 3, 5, 12, 20, 20])
})
