import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdits, type Edit } from './edit.ts'

const edit = (line: number, from: number, to: number, text: string): Edit => ({ path: 'a', startLine: line, startColumn: from, endLine: line, endColumn: to, text })
const after = (text: string, ...edits: readonly Edit[]) => applyEdits(text, edits).text

test('text takes the place of a region, or is put before a place', () => {
  expect(after('one\ntwo\n', edit(2, 1, 4, 'three'))).toBe('one\nthree\n')
  expect(after('one\ntwo', edit(1, 2, 2, '-'), edit(2, 4, 4, '!\n'))).toBe('o-ne\ntwo!\n')
  expect(after('one\ntwo\nthree', { ...edit(1, 3, 0, 'X'), endLine: 3, endColumn: 2 })).toBe('onXhree')
  expect(after('', edit(1, 1, 1, 'a\n'))).toBe('a\n')
})

test('what is inserted at one place stands in order, and the same edit counts once', () => {
  expect(after('x\n', edit(2, 1, 1, 'a\n'), edit(2, 1, 1, 'b\n'), edit(2, 1, 1, 'a\n'))).toBe('x\na\nb\n')
})

test('of two that overlap the first is applied, and the other is told', () => {
  const [first, second, inside] = [edit(1, 1, 4, 'A'), edit(1, 3, 6, 'B'), edit(1, 2, 2, 'C')]
  expect(applyEdits('abcdefg', [first, second, inside])).toEqual({ text: 'Adefg', applied: [first], left: [second, inside] })
  expect(applyEdits('abcdefg', [inside, first])).toMatchObject({ applied: [inside], left: [first] })
})

test.each([[edit(3, 1, 1, 'x')], [edit(1, 9, 9, 'x')], [edit(1, 5, 5, 'x')], [edit(1, 0, 1, 'x')], [edit(1, 3, 2, 'x')], [edit(0, 1, 1, 'x')]])('%j lies outside of the text', (outside) => {
  expect(applyEdits('abc\nd', [outside])).toEqual({ text: 'abc\nd', applied: [], left: [outside] })
})

test('a file keeps its line ends', () => {
  expect(after('a\r\nb\r\n', edit(2, 1, 1, 'x\ny\n'))).toBe('a\r\nx\r\ny\r\nb\r\n')
})

test('whatever the edits are, what none of them covers stays as it is, in its order', () => {
  const any = fc.record({ path: fc.constant('a'), startLine: fc.integer({ min: 0, max: 4 }), startColumn: fc.integer({ min: 0, max: 5 }), endLine: fc.integer({ min: 0, max: 4 }), endColumn: fc.integer({ min: 0, max: 5 }), text: fc.constantFrom('', 'X', 'X\nX') })
  fc.assert(
    fc.property(fc.array(any), (edits) => {
      const text = 'abc\ndef\n\nghi'
      const { text: result, applied, left } = applyEdits(text, edits)
      const kept = result.replaceAll('X', '').replaceAll('\n', '')
      let at = 0
      for (const char of kept) {
        at = text.indexOf(char, at) + 1
        expect(at).toBeGreaterThan(0)
      }
      if (applied.length === 0) expect(result).toBe(text)
      expect(applied.length + left.length).toBeLessThanOrEqual(edits.length)
    }),
  )
})
