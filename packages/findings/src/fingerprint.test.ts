import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Finding, Location } from './finding.ts'
import { flawOf, textInRegion, withFingerprints } from './fingerprint.ts'

const draft = (message: string, snippet: string, location: Location = { path: 'a.ts', startLine: 1 }) => ({ rule: 'lint/error', message, snippet, severity: 'high', confidence: 'high', location }) as const
const of = (...args: Parameters<typeof draft>) => withFingerprints([draft(...args)]).map(({ fingerprint }) => fingerprint)

const words = fc.array(fc.stringMatching(/^\w+$/), { minLength: 1 })
const blank = fc.stringMatching(/^[ \t\n]+$/)

test('a finding keeps its fingerprint when lines move, code is reformatted over other lines or the file is renamed', () => {
  fc.assert(
    fc.property(fc.string(), words, fc.array(blank), fc.nat(), fc.stringMatching(/^\w+\.ts$/), (message, code, blanks, line, renamed) => {
      const before = code.join(' ')
      const after = code.map((word, index) => word + (blanks[index] ?? ' ')).join('')
      const at = (path: string, startLine: number, source: string) => of(`${message} in ${path}`, source, { path, startLine, endLine: startLine + source.split('\n').length - 1 })
      expect(at(renamed, line + 1, after)).toEqual(at('a.ts', 1, before))
    }),
  )
})

test('what stands around the marked code does not count: a comment behind it, a brace that moved to its line', () => {
  const marked = of('m', 'eval(x)', { path: 'a.ts', startLine: 1, startColumn: 1, endColumn: 8 })
  expect(of('m', '  if (y) { eval(x) } // why', { path: 'a.ts', startLine: 7, startColumn: 12, endColumn: 19 })).toEqual(marked)
  expect(of('m', 'eval(\n  x\n)', { path: 'a.ts', startLine: 7, startColumn: 1, endLine: 9, endColumn: 2 })).toEqual(marked)
})

test('a region without columns, or with none between them, is its whole lines', () => {
  const lines = ['one', 'two', 'three']
  expect(textInRegion(lines, { startLine: 2, endLine: 3 })).toBe('two\nthree')
  expect(textInRegion(lines, { startLine: 2, startColumn: 2, endColumn: 2 })).toBe('two')
  expect(textInRegion(lines, { startLine: 1, startColumn: 2, endLine: 3, endColumn: 3 })).toBe('ne\ntwo\nth')
})

test('a copy of a flaw has a fingerprint of its own, and so has another rule’s finding at the same place', () => {
  const [first, copy] = withFingerprints([draft('m', 'x'), draft('m', 'x', { path: 'a.ts', startLine: 9 })])
  expect(first?.fingerprint).not.toBe(copy?.fingerprint)
  expect(flawOf(first?.fingerprint ?? '')).toBe(flawOf(copy?.fingerprint ?? ' '))
  expect(withFingerprints([{ ...draft('m', 'x'), rule: 'lint/warning' }])[0]?.fingerprint).not.toBe(first?.fingerprint)
})

test('which commit had it, and when, does not tell flaws apart', () => {
  expect(of('held a key in commit 0123456789ab of 2026-01-02; gone', 'x')).toEqual(of('held a key in commit ba9876543210 of 2025-12-31; gone', 'x'))
  expect(of('held a key since version 1.0.0', 'x')).not.toEqual(of('held a key since version 2.0.0', 'x'))
})

test('a count or a line in the message does not tell flaws apart, an advisory, a version or a component does', () => {
  expect(of('seen in line 12', 'x')).toEqual(of('seen in line 3', 'x'))
  expect(of('affected by CVE-2021-23337', 'x')).not.toEqual(of('affected by CVE-2020-8203', 'x'))
  expect(of('lodash 4.17.20 is affected', 'x')).not.toEqual(of('lodash 4.17.21 is affected', 'x'))
  expect(of('v1 is unused', 'x')).not.toEqual(of('v2 is unused', 'x'))
  const [a] = withFingerprints([{ ...draft('m', 'x'), purl: 'pkg:npm/a@1' }])
  const [b] = withFingerprints([{ ...draft('m', 'x'), purl: 'pkg:npm/b@1' }])
  expect(a?.fingerprint).not.toBe(b?.fingerprint)
})

test('in whatever order the files come, the same flaws have the same fingerprints between them', () => {
  const several = fc.array(fc.record({ message: fc.constantFrom('m', 'n'), code: fc.constantFrom('x', 'y'), path: fc.constantFrom('a.ts', 'b.ts', 'c.ts') }))
  const all = (drafts: readonly { message: string; code: string; path: string }[]) => withFingerprints(drafts.map(({ message, code, path }) => draft(message, code, { path, startLine: 1 })))
  const names = (findings: readonly Finding[]) => findings.map(({ fingerprint }) => fingerprint).toSorted()
  fc.assert(
    fc.property(several, (drafts) => {
      expect(names(all(drafts.toReversed()))).toEqual(names(all(drafts)))
      expect(new Set(names(all(drafts))).size).toBe(drafts.length)
    }),
  )
})
