import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTaskId, parseTitle } from './task.ts'

const titleOf = (typed: string): string | undefined => {
  const result = parseTitle(typed)
  return result.ok ? result.title : undefined
}
const problemOf = (typed: string): string | undefined => {
  const result = parseTitle(typed)
  return result.ok ? undefined : result.problem
}

test.each([
  ['  Buy milk\u00a0', 'Buy milk'],
  ['a\tb\r\nc', 'a b c'],
  ['<script>', '<script>'],
  ['👩‍👩‍👧‍👦 ужин', '👩‍👩‍👧‍👦 ужин'],
  ['שלום עולם', 'שלום עולם'],
  ['half \ud83d a pair', 'half \ufffd a pair'],
])('%j becomes %j', (typed, title) => {
  expect(titleOf(typed)).toBe(title)
})

test.each(['', '   ', '\t\n', '\u00a0\u2003', '\u200b\u2060', '\u3164', '\u2800'])('%j is blank', (typed) => {
  expect(problemOf(typed)).toBe('Write what is to be done.')
})

test('200 characters fit, whatever they are; 201 do not, and the problem says how many there are', () => {
  expect(titleOf('x'.repeat(200))).toHaveLength(200)
  expect(titleOf('😀'.repeat(200))).toBe('😀'.repeat(200))
  expect(problemOf('x'.repeat(201))).toBe('Make it shorter: it has 201 characters, and 200 fit.')
  expect(problemOf('😀'.repeat(201))).toBe('Make it shorter: it has 201 characters, and 200 fit.')
})

test.each(['a\0b', 'a\u001b[31mb', 'a\u007f', 'a\u009b'])('%j has control characters', (typed) => {
  expect(problemOf(typed)).toBe('Leave out the control characters: they cannot be shown.')
})

const odd = ['\t', '\n', '\u0085', '\u00a0', '\u200b', '\0', '\u009b', '<', '\u202e', 'é', '😀', '\ud83d', '\ude00']
const typedUnit = fc.constantFrom('a', ' ', ...odd)

test('what is kept is trimmed, short, well-formed and on one line, and is kept as it is a second time', () => {
  fc.assert(
    fc.property(fc.string({ unit: typedUnit, maxLength: 250, size: 'max' }), (typed) => {
      const title = titleOf(typed)
      if (title === undefined) return
      expect(title).toBe(title.trim())
      expect(title).not.toMatch(/\p{Cc}|\p{Cs}/u)
      expect(Array.from(title).length).toBeLessThanOrEqual(200)
      expect(titleOf(title)).toBe(title)
    }),
  )
})

test('only whole numbers from 1 that JavaScript holds exactly are ids', () => {
  expect(parseTaskId('1')).toBe(1)
  expect(parseTaskId('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
  const others = ['', '0', '-1', '01', '1.0', '1e3', '9007199254740992', '9'.repeat(40), 'NaN', '١']
  expect(others.map(parseTaskId)).toEqual(others.map(() => undefined))
})
