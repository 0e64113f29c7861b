import { describe, expect, test } from 'vitest'
import { casedBlocks, closeOverCase } from './case-folding.ts'
import { CharacterSets } from './character-set.ts'

/** What the engine takes for the same letter, among all that has one. */
function sameInEngine(character: number, flags: string, among: readonly number[]): number[] {
  const expression = new RegExp(`^\\u${flags.includes('u') ? `{${character.toString(16)}}` : character.toString(16).padStart(4, '0')}$`, flags)
  return among.filter((other) => expression.test(String.fromCodePoint(other)))
}

describe.each(['i', 'iu'])('with %s', (flags) => {
  const unicode = flags.includes('u')
  // Latin, Greek, Cyrillic, Armenian, Georgian, Cherokee and what is far from its other case; beyond 16 bits Deseret.
  const ranges = [[0x41, 0x24f], [0x370, 0x3ff], [0x400, 0x45f], [0x531, 0x540], [0x10a0, 0x10a5], [0x13a0, 0x13a5], [0x1c80, 0x1c88], [0x1c90, 0x1c95], [0x1e90, 0x1ea5], [0x1f80, 0x1fff], [0x2126, 0x212b], [0x2c60, 0x2c70], [0xa64a, 0xa64b], [0xab70, 0xab75], [0xfb05, 0xfb06], ...(unicode ? [[0x10400, 0x10404], [0x10428, 0x1042c]] : [])] as const
  const letters = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i))

  test('letters are the same to us where they are to the engine', () => {
    for (const letter of letters) {
      const closed = closeOverCase([letter, letter], unicode)
      expect([letter, letters.filter((other) => CharacterSets.includes(closed, other))]).toEqual([letter, sameInEngine(letter, flags, letters)])
    }
  })
})

test('no letter of 16 bits that has another case stands outside of the blocks that are known to hold such letters', () => {
  const cased = Array.from({ length: 0x10000 - 128 }, (_, index) => index + 128).filter((unit) => closeOverCase([unit, unit], true).length > 2 || String.fromCharCode(unit).toUpperCase() !== String.fromCharCode(unit).toLowerCase())
  expect(cased.length).toBeGreaterThan(2000)
  expect(cased.filter((unit) => !CharacterSets.includes(casedBlocks, unit)).map((unit) => unit.toString(16))).toEqual([])
})
