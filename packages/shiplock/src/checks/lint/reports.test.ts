import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CommandResult } from '../check.ts'
import { readBiomeReport } from './biome.ts'
import { readEslintReport } from './eslint.ts'
import { readReport, ruleName } from './oxlint-output.ts'
import { locate } from './source-position.ts'

const exited = (exitCode: number, stdout: string): CommandResult => ({
  kind: 'exited',
  exitCode,
  stdout,
  stderr: '',
  root: '/tree',
  collected: new Map(),
})

test('a place is counted in UTF-16 code units, whatever is before it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\n'))),
      fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\n')),
      (lines, before) => {
        const text = [...lines, `${before}debugger`].join('\n')
        const offset = Buffer.byteLength(text) - 'debugger'.length
        expect(locate('a.js', text, offset, 8)).toEqual({
          path: 'a.js',
          startLine: lines.length + 1,
          startColumn: before.length + 1,
          endLine: lines.length + 1,
          endColumn: before.length + 9,
        })
      },
    ),
  )
})

describe('oxlint', () => {
  const report = (diagnostics: unknown[], files = 1) => JSON.stringify({ diagnostics, number_of_files: files, number_of_rules: 90 })

  test('names its rules as configurations do', () => {
    expect(['eslint(no-debugger)', 'typescript(await-thenable)', 'eslint-plugin-unicorn(no-new-array)', 'odd'].map(ruleName)).toEqual([
      'no-debugger',
      'typescript/await-thenable',
      'eslint-plugin-unicorn/no-new-array',
      'odd',
    ])
  })

  test('that says nothing and exits with 1 has failed', () => {
    expect(readReport(exited(1, report([])))).toMatchObject({
      ok: false,
      failure: { reason: 'tool-failed', message: 'oxlint exited with 1 and reported nothing' },
    })
  })

  test('that dies on the way has failed, whatever it had said', () => {
    const whole = report([{ message: 'x', severity: 'error', filename: 'a.js', labels: [] }])
    expect(readReport(exited(1, whole)).ok).toBe(true)
    expect(readReport(exited(134, whole)).ok).toBe(false)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        expect(readReport(exited(0, whole.slice(0, length))).ok).toBe(false)
      }),
    )
  })
})

describe('ESLint', () => {
  // ESLint 10.15.0 with `--format=json`, as it printed it.
  const recorded = `[{"filePath":"/tree/a.js","messages":[{"ruleId":"no-unused-vars","severity":1,"message":"'x' is assigned a value but never used.","line":1,"column":7,"messageId":"unusedVar","endLine":1,"endColumn":8},{"ruleId":"no-debugger","severity":2,"message":"Unexpected 'debugger' statement.","line":1,"column":18,"messageId":"unexpected","endLine":1,"endColumn":26}],"suppressedMessages":[],"errorCount":1,"fatalErrorCount":0,"warningCount":1},{"filePath":"/tree/b.js","messages":[{"ruleId":null,"fatal":true,"severity":2,"message":"Parsing error: Unexpected token =","line":1,"column":7}],"suppressedMessages":[],"errorCount":1,"fatalErrorCount":1,"warningCount":0},{"filePath":"/tree/eslint.config.mjs","messages":[],"suppressedMessages":[],"errorCount":0,"fatalErrorCount":0,"warningCount":0}]`

  test('errors, warnings and files that it cannot parse are three rules', () => {
    expect(readEslintReport(exited(1, recorded))).toEqual({
      ok: true,
      value: {
        files: 3,
        paths: ['a.js', 'b.js', 'eslint.config.mjs'],
        findings: [
          {
            rule: 'lint/warning',
            message: "no-unused-vars: 'x' is assigned a value but never used.",
            location: { path: 'a.js', startLine: 1, startColumn: 7, endLine: 1, endColumn: 8 },
          },
          {
            rule: 'lint/error',
            message: "no-debugger: Unexpected 'debugger' statement.",
            location: { path: 'a.js', startLine: 1, startColumn: 18, endLine: 1, endColumn: 26 },
          },
          {
            rule: 'lint/unparsable',
            message: 'Parsing error: Unexpected token =',
            location: { path: 'b.js', startLine: 1, startColumn: 7 },
          },
        ],
      },
    })
  })

  test('that crashes has failed', () => {
    for (const [exitCode, stdout] of [
      [2, ''],
      [2, recorded],
      [1, '[]'],
      [0, ''],
      [0, 'null'],
    ] as const)
      expect(readEslintReport(exited(exitCode, stdout)).ok).toBe(false)
  })
})

describe('Biome', () => {
  // Biome 2.6.8 with `--reporter=json`, as it printed it for `const x = 'é𝕏'; debugger`.
  const recorded = `{"summary":{"changed":0,"unchanged":4,"matches":0,"duration":3203508,"errors":2,"warnings":1,"infos":0,"skipped":0,"suggestedFixesSkipped":0,"diagnosticsNotPrinted":0,"scannerDuration":1129567},"diagnostics":[{"severity":"warning","message":"This variable x is unused.","category":"lint/correctness/noUnusedVariables","location":{"path":"a.js","start":{"line":1,"column":7},"end":{"line":1,"column":8}},"advices":[]},{"severity":"error","message":"This is an unexpected use of the debugger statement.","category":"lint/suspicious/noDebugger","location":{"path":"a.js","start":{"line":1,"column":17},"end":{"line":1,"column":25}},"advices":[]},{"severity":"error","message":"Expected an identifier.","category":"parse","location":{"path":"b.js","start":{"line":1,"column":7},"end":{"line":1,"column":10}},"advices":[]}],"command":"lint"}`
  const read = async (path: string) => (path === 'a.js' ? "const x = 'é𝕏'; debugger\n" : 'const = 1\n')

  test('its columns are turned from code points into UTF-16 code units', async () => {
    expect(await readBiomeReport(exited(1, recorded), read)).toEqual({
      ok: true,
      value: {
        files: 4,
        findings: [
          {
            rule: 'lint/warning',
            message: 'correctness/noUnusedVariables: This variable x is unused.',
            location: { path: 'a.js', startLine: 1, startColumn: 7, endLine: 1, endColumn: 8 },
          },
          {
            rule: 'lint/error',
            message: 'suspicious/noDebugger: This is an unexpected use of the debugger statement.',
            location: { path: 'a.js', startLine: 1, startColumn: 18, endLine: 1, endColumn: 26 },
          },
          {
            rule: 'lint/unparsable',
            message: 'Expected an identifier.',
            location: { path: 'b.js', startLine: 1, startColumn: 7, endLine: 1, endColumn: 10 },
          },
        ],
      },
    })
  })

  test('that keeps something to itself, or exits with 1 and nothing to say, has failed', async () => {
    expect((await readBiomeReport(exited(1, recorded.replace('"diagnosticsNotPrinted":0', '"diagnosticsNotPrinted":3')), read)).ok).toBe(
      false,
    )
    expect((await readBiomeReport(exited(1, ''), read)).ok).toBe(false)
    expect((await readBiomeReport(exited(1, recorded.replace(/"diagnostics":\[.*\],/, '"diagnostics":[],')), read)).ok).toBe(false)
  })
})
