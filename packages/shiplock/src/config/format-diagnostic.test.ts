import { expect, test } from 'vitest'
import { formatDiagnostic, formatProblem } from './format-diagnostic.ts'

const at = (startLine: number, startColumn: number, endLine: number, endColumn: number) => ({ startLine, startColumn, endLine, endColumn })

test('shows the place, the line with a caret line, and the hint', () => {
  const source = 'export default {\n  service: { prot: 8080 },\n}\n'
  const diagnostic = { path: 'shiplock.config.ts', message: 'unknown key `prot` in `service`', hint: 'did you mean `port`?', range: at(2, 14, 2, 18) }
  expect(formatDiagnostic(diagnostic, source)).toBe(
    [
      'shiplock.config.ts:2:14 unknown key `prot` in `service`',
      '  2 |   service: { prot: 8080 },',
      '    |              ^^^^',
      '  hint: did you mean `port`?',
    ].join('\n'),
  )
})

test('escapes what could deceive a terminal, in every part, and keeps the caret under the mistake', () => {
  const source = `{ '\u001b[2J\u202e': x }`
  const text = formatDiagnostic({ path: 'a\u0007.ts', message: 'key `\u001b[2J`', hint: 'not \u0000', range: at(1, 12, 1, 13) }, source)
  expect(text).toBe(['a\\u{7}.ts:1:12 key `\\u{1b}[2J`', "  1 | { '\\u{1b}[2J\\u{202e}': x }", '    |                        ^', '  hint: not \\u{0}'].join('\n'))
})

test('shows of a minified line the part around the mistake', () => {
  const source = `${'a'.repeat(50_000)}!${'b'.repeat(50_000)}`
  const lines = formatDiagnostic({ path: 'a.ts', message: 'no', range: at(1, 50_001, 1, 50_002) }, source).split('\n')
  expect(lines[1]).toMatch(/^ {2}1 \| …a+!b+…$/)
  expect(lines[1]?.length).toBeLessThan(140)
  expect(lines[1]?.[lines[2]?.indexOf('^') ?? -1]).toBe('!')
})

test('a range over several lines is marked to the end of its first line, one at the end of the file with one caret', () => {
  expect(formatDiagnostic({ path: 'a.ts', message: 'no', range: at(1, 3, 2, 2) }, 'x({\n})')).toContain('  1 | x({\n    |   ^')
  expect(formatDiagnostic({ path: 'a.ts', message: 'no', range: at(2, 1, 2, 1) }, 'x\n')).toContain('  2 |\n    | ^')
})

test('a diagnostic without a place is one line, one without its source has no frame', () => {
  expect(formatDiagnostic({ path: 'a.ts', message: 'there is no such file' }, undefined)).toBe('a.ts there is no such file')
  expect(formatDiagnostic({ path: 'a.ts', message: 'no', range: at(3, 2, 3, 4) }, undefined)).toBe('a.ts:3:2 no')
})

test('a problem shows every diagnostic against the source of its own file', () => {
  const diagnostics = [
    { path: 'a.ts', message: 'one', range: at(1, 1, 1, 2) },
    { path: 'b.ts', message: 'two' },
  ]
  expect(formatProblem({ diagnostics, sources: new Map([['a.ts', 'x']]) })).toBe('a.ts:1:1 one\n  1 | x\n    | ^\n\nb.ts two')
})
