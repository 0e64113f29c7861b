import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseParagraph, requiredField } from './control.ts'

const parse = (text: string) => parseParagraph(text, 'package-invalid', 'the text')

describe('a paragraph of a control file', () => {
  test('has fields by name, whatever their case, and values over lines', () => {
    expect([...parse('Package: hello\nDescription: greets\n more\n .\n\t end\n# comment\nEmpty:\nHomepage:https://a.example/b: c \n')]).toEqual([
      ['package', 'hello'],
      ['description', 'greets\nmore\n.\n end'],
      ['empty', ''],
      ['homepage', 'https://a.example/b: c'],
    ])
  })

  test.each([
    [' begins in the middle', 'middle of a field'],
    ['Package', 'no field'],
    ['A: 1\na: 2', 'twice'],
    ['-A: 1', 'no field'],
    ['A b: 1', 'no field'],
    [': 1', 'no field'],
  ])('that is %j is refused', (text, reason) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'package-invalid', message: expect.stringContaining(reason) }))
  })

  test('keeps what was written into it', () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/)
    const line = fc.stringMatching(/^[!-9;-~][ -~]{0,20}$/).map((text) => text.trimEnd())
    const fields = fc.uniqueArray(fc.tuple(name, fc.array(line, { minLength: 1, maxLength: 3 })), { selector: ([key]) => key.toLowerCase() })
    fc.assert(fc.property(fields, (list) => {
      const text = list.map(([key, lines]) => `${key}: ${lines.join('\n ')}\n`).join('')
      expect([...parse(text)]).toEqual(list.map(([key, lines]) => [key.toLowerCase(), lines.join('\n')]))
    }))
  })

  test('lacks a field, or has one over lines, where one line is needed', () => {
    const paragraph = parse('A: 1\nB: 1\n 2\nC:\n')
    expect(requiredField(paragraph, 'A', 'package-invalid', 'it')).toBe('1')
    for (const field of ['B', 'C', 'D']) expect(() => requiredField(paragraph, field, 'package-invalid', 'it')).toThrow(`it has no ${field}`)
  })
})
