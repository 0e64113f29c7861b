import * as fc from 'fast-check'
import type { Location } from '@shiplock/findings'
import { describe, expect, test } from 'vitest'
import { codeFrame } from './code-frame.ts'
import { sampleFindings } from './sample-records.test-data.ts'

function frameOf(snippet: string, location?: Omit<Location, 'path'>) {
  const [finding] = sampleFindings({ rule: 'lint/x', message: 'x', snippet, ...(location && { location: { path: 'a.ts', ...location } }) })
  return finding && codeFrame(finding)
}
/** The lines with `[` and `]` around what is marked. */
const drawn = (...args: Parameters<typeof frameOf>) =>
  frameOf(...args)?.lines.map(
    ({ number = '-', text, mark }) =>
      `${number} ${mark ? `${text.slice(0, mark.start)}[${text.slice(mark.start, mark.end)}]${text.slice(mark.end)}` : text}`,
  )

describe('codeFrame', () => {
  test.each<[string, string, Omit<Location, 'path'> | undefined, string[]]>([
    ['one line', 'const a = eval(b)', { startLine: 7, startColumn: 11, endColumn: 15 }, ['7 const a = [eval](b)']],
    ['no end column', 'const a', { startLine: 7, startColumn: 3 }, ['7 co[n]st a']],
    ['no column', 'const a', { startLine: 7 }, ['7 const a']],
    [
      'several lines',
      'if (a) {\r\n    b()\n}\n',
      { startLine: 7, startColumn: 5, endLine: 9, endColumn: 2 },
      ['7 if ([a) {]', '8     [b()]', '9 [}]'],
    ],
    [
      'the start of a long region',
      'if (a) {\n  b()',
      { startLine: 7, startColumn: 5, endLine: 40, endColumn: 2 },
      ['7 if ([a) {]', '8   [b()]'],
    ],
    ['tabs and controls before the mark', '\t\u001bx = 1', { startLine: 1, startColumn: 3, endColumn: 4 }, [String.raw`1   \u{1b}[x] = 1`]],
    ['a mark behind the end', 'f(', { startLine: 1, startColumn: 3, endColumn: 4 }, ['1 f([]']],
    ['columns that are not in the line', 'f()', { startLine: 1, startColumn: 90, endColumn: 80 }, ['1 f()[]']],
    ['more lines than the region: which ones is not known', 'a\nb\nc', { startLine: 2, startColumn: 1 }, ['- a', '- b', '- c']],
    ['a line that is cut on the left', '…b = ghp_***', { startLine: 7, startColumn: 90, endColumn: 130 }, ['7 …b = ghp_***']],
    ['no location', 'a', undefined, ['- a']],
  ])('%s', (_what, snippet, location, lines) => {
    expect(drawn(snippet, location)).toEqual(lines)
  })

  test('is nothing where there is no code', () => {
    expect(frameOf(' \n')).toBe(undefined)
  })

  test('counts the lines it does not show', () => {
    expect(frameOf('x\n'.repeat(40), { startLine: 1, endLine: 40 })).toMatchObject({ lines: { length: 12 }, hidden: 28 })
  })

  test('holds the mark inside what is shown and no line is long, whatever the columns', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3000, unit: 'binary' }), fc.nat(4000), fc.nat(4000), (snippet, startColumn, endColumn) => {
        for (const { text, mark } of frameOf(snippet, { startLine: 1, startColumn, endColumn })?.lines ?? []) {
          // 400 code units, each at most `\u{10ffff}` long, and two ellipses.
          expect(text.length).toBeLessThanOrEqual(400 * 10 + 2)
          if (mark) expect(mark.start < mark.end && mark.start <= text.length).toBe(true)
        }
      }),
    )
  })
})
