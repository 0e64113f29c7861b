import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseControlFile } from './control-file.ts'

const read = (text: string) => parseControlFile(text).map((fields) => Object.fromEntries(fields))

test('paragraphs are parted by blank lines, and a field goes on where lines begin with a space', () => {
  expect(read('Package: a\nDescription: first\n second\n .\n\tthird\n\n \n# a comment\nPackage: b\r\nDepends:\n c,\n d\n')).toEqual([
    { package: 'a', description: 'first\nsecond\n.\nthird' },
    { package: 'b', depends: '\nc,\nd' },
  ])
})

test('what is no field is passed over, and of two of one name the first counts', () => {
  expect(read(' begins in the middle\nno field\nA: 1\nno field\n of it\na: 2\n: no name\n__proto__: x\n')).toEqual([Object.fromEntries([['a', '1'], ['__proto__', 'x']])])
})

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/)
const value = fc.stringMatching(/^[^\s#][ -~]{0,40}$/).map((text) => text.trim())

test('what is written as a control file is read as it was meant', () => {
  const paragraph = fc.uniqueArray(fc.tuple(name, fc.array(value, { minLength: 1, maxLength: 4 })), { minLength: 1, selector: ([key]) => key.toLowerCase() })
  fc.assert(
    fc.property(fc.array(paragraph), (paragraphs) => {
      const text = paragraphs.map((fields) => fields.map(([key, lines]) => `${key}: ${lines.join('\n ')}\n`).join('')).join('\n')
      expect(parseControlFile(text)).toEqual(paragraphs.map((fields) => new Map(fields.map(([key, lines]) => [key.toLowerCase(), lines.join('\n')]))))
    }),
  )
})

test('no text is too strange, and none makes a field longer than any is', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('A', ':', ' ', '\n', '\t', '\r', '#', '\0', '\u202e', 'b') }), (text) => {
    parseControlFile(text)
  }))
  const long = parseControlFile(`A: ${'x'.repeat(3_000_000)}\nB:\n${` ${'y'.repeat(1000)}\n`.repeat(3000)}C: 1\n`)[0]
  expect([...(long ?? [])].map(([key, text]) => [key, text.length < 300_000])).toEqual([['a', true], ['b', true], ['c', true]])
})
