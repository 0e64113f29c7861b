import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { visible, visibleLines } from './escape.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\u001b',
      '\u009b',
      '\r',
      '\n',
      '\t',
      '\u202e',
      '\u2066',
      '\u200b',
      '\ufeff',
      '\u{e0041}',
      '\ud800',
      'a',
      '[',
      '7',
    ),
  }),
)
const unsafe = /[\p{Control}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u

describe('visible', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', String.raw`\u{1b}[31mred\u{1b}[0m`],
    ['\u009b2J', String.raw`\u{9b}2J`],
    ['user\u202etxt.exe', String.raw`user\u{202e}txt.exe`],
    ['\u2066isolate\u2069', String.raw`\u{2066}isolate\u{2069}`],
    ['ze\u200bro', String.raw`ze\u{200b}ro`],
    ['one\rtwo\nthree', String.raw`one\u{d}two\u{a}three`],
    ['tag\u{e0041}', String.raw`tag\u{e0041}`],
    ['note\ufff9', String.raw`note\u{fff9}`],
    ['half \ud83d', String.raw`half \u{d83d}`],
  ])('shows %j as %s', (hostile, shown) => {
    expect(visible(hostile)).toBe(shown)
  })

  test.each(['déjà vu', '日本語', '❤️ 🚢', 'a\\b "c" <d>'])('leaves %s alone', (text) => {
    expect(visible(text)).toBe(text)
  })

  test('nothing that moves a cursor or hides itself is left, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(visible(text)).not.toMatch(unsafe)
        expect(visible(text).isWellFormed()).toBe(true)
      }),
    )
  })

  test('is idempotent, and text comes back when the escapes are read again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = visible(text)
        expect(visible(shown)).toBe(shown)
        fc.pre(!text.includes('\\'))
        expect(shown.replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))).toBe(text)
      }),
    )
  })
})

describe('visibleLines', () => {
  test('keeps the lines, and shows a carriage return that is not a line end', () => {
    expect(visibleLines('one\r\ntwo\n\tthree\rfour')).toEqual(['one', 'two', String.raw`  three\u{d}four`])
  })

  test('no line holds anything unsafe', () => {
    fc.assert(fc.property(anyText, (text) => visibleLines(text).every((line) => !unsafe.test(line))))
  })
})
