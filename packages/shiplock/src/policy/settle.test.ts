import { expect, test } from 'vitest'
import { isSameComponent, updateBaseline, withFingerprints, type Finding, type FindingDraft, type Outcome, type WaiverEntry } from '@shiplock/findings'
import { settle, type Acceptances } from './settle.ts'
import type { WaiverComment } from './waiver-comments.ts'

const today = '2026-11-26'
const rules = new Set(['lint/error', 'lint/warning', 'types/error', 'dependencies/vulnerable'])

const findings = (...drafts: readonly Partial<FindingDraft>[]): Finding[] =>
  withFingerprints(drafts.map((draft) => ({ rule: 'lint/error' as const, message: 'm', severity: 'high' as const, confidence: 'high' as const, location: { path: 'a.ts', startLine: 1 }, ...draft })))
const completed = (...found: readonly Finding[]): Outcome => ({ kind: 'completed', findings: found })
const comment = (more: Partial<WaiverComment> = {}): WaiverComment => ({ path: 'a.ts', line: 1, kind: 'shiplock-ignore', rules: ['lint/error'], reason: 'why', covers: [1, 2], code: '', ...more })
const entry = (more: Partial<WaiverEntry> = {}): WaiverEntry => ({ rule: 'lint/error', path: 'a.ts', reason: 'why', owner: 'ann', expires: '2026-12-31', line: 3, ...more })
const judge = (outcomes: Record<string, Outcome>, acceptances: Partial<Acceptances>) => settle(new Map(Object.entries(outcomes)), { today, comments: [], waivers: [], baseline: [], ...acceptances }, rules)
const settledFindings = (found: readonly Finding[], acceptances: Partial<Acceptances>) => {
  const { outcomes, findings: about } = judge({ lint: completed(...found) }, acceptances)
  const outcome = outcomes.get('lint')
  return { found: outcome?.kind === 'completed' ? outcome.findings : [], about: about.map(({ rule, message }) => `${rule} ${message}`) }
}
const waived = (found: readonly Finding[], acceptances: Partial<Acceptances>) => settledFindings(found, acceptances).found.map(({ waiver }) => waiver !== undefined)

test('a comment waives its rule on the lines that it covers, and nothing else', () => {
  const found = findings({}, { location: { path: 'a.ts', startLine: 3 } }, { location: { path: 'b.ts', startLine: 1 } }, { rule: 'lint/warning' })
  expect(waived(found, { comments: [comment()] })).toEqual([true, false, false, false])
})

test('a finding that is waived stays, with its waiver', () => {
  expect(settledFindings(findings({}), { comments: [comment()] })).toMatchObject({ found: [{ rule: 'lint/error', waiver: { kind: 'comment', reason: 'why', location: { path: 'a.ts', startLine: 1 } } }], about: [] })
  expect(settledFindings(findings({}), { waivers: [entry()] }).found).toMatchObject([{ waiver: { kind: 'file', reason: 'why', owner: 'ann', expires: '2026-12-31', location: { path: 'shiplock.waivers.yaml', startLine: 3 } } }])
})

test('an entry of the file waives by glob, component or fingerprint', () => {
  const [a, copy] = findings({}, {})
  const vulnerable = findings({ rule: 'dependencies/vulnerable', purl: 'pkg:npm/%40scope/a@1.0.0' })
  expect(waived(findings({ location: { path: 'src/deep/a.ts' } }), { waivers: [entry({ path: 'src/**' })] })).toEqual([true])
  expect(waived(findings({ rule: 'lint/warning' }), { waivers: [entry()] })).toEqual([false])
  expect(waived(findings({ location: { path: 'test/a.ts' } }), { waivers: [entry({ path: 'src/**' })] })).toEqual([false])
  expect(waived([a, copy].flatMap((one) => one ?? []), { waivers: [entry({ fingerprint: a?.fingerprint ?? '' })] })).toEqual([true, false])
  const { path: _path, ...byPurl } = entry({ rule: 'dependencies/vulnerable', purl: 'pkg:npm/%40scope/a@1.0.0' })
  expect(waived(vulnerable, { waivers: [byPurl] })).toEqual([true])
  expect(waived(vulnerable, { waivers: [{ ...byPurl, purl: 'pkg:npm/%40scope/a@2.0.0' }] })).toEqual([false])
  expect(waived(findings({}), { waivers: [{ ...byPurl, rule: 'lint/error' }] })).toEqual([false])
})

test('what is about no file is waived by the path `.`, which covers no file; a pattern covers only files', () => {
  const [about] = findings({ message: 'there is no such file' })
  const { location: _, ...nowhere } = about!
  expect(waived([nowhere], { waivers: [entry({ path: '.' })] })).toEqual([true])
  expect(waived([nowhere], { waivers: [entry({ path: '**' })] })).toEqual([false])
  expect(waived(findings({}), { waivers: [entry({ path: '.' })] })).toEqual([false])
})

test('of a check that did not look everywhere it is not said that a waiver of the file or the baseline is of no use', () => {
  const baseline = updateBaseline([], findings({ message: 'in the history' }), () => true).entries
  const acceptances = { waivers: [entry({ path: 'gone.ts' })], baseline, comments: [comment()] }
  expect(settledFindings([], acceptances).about).toHaveLength(3)
  expect(settledFindings([], { ...acceptances, partial: new Set(['lint']) }).about).toEqual([expect.stringContaining('`shiplock-ignore lint/error` covers nothing')])
})

test('a package URL without a version names all of them, and no other package', () => {
  expect(isSameComponent('pkg:npm/a', 'pkg:npm/a@1.0.0?x=y')).toBe(true)
  expect(isSameComponent('pkg:npm/@scope/a', 'pkg:npm/@scope/a@1.0.0')).toBe(true)
  expect(isSameComponent('pkg:npm/a', 'pkg:npm/ab@1.0.0')).toBe(false)
  expect(isSameComponent('pkg:npm/a', 'pkg:npm/@a/b')).toBe(false)
  expect(isSameComponent('pkg:npm/', 'pkg:npm/@a/b')).toBe(false)
})

test('on the day it expires a waiver holds, on the next one its finding is open again and it is reported', () => {
  expect(waived(findings({}), { waivers: [entry({ expires: today })] })).toEqual([true])
  expect(settledFindings(findings({}), { waivers: [entry({ expires: '2026-11-25' })] })).toEqual({
    found: findings({}),
    about: ['policy/expired-waiver the waiver of lint/error for a.ts by ann expired on 2026-11-25; what it covered counts again'],
  })
})

test('without a reason our comment waives nothing and nosec waives; both are reported', () => {
  const lacking = { problem: 'without-reason' as const }
  expect(waived(findings({}), { comments: [comment(lacking)] })).toEqual([false])
  expect(waived(findings({}), { comments: [comment({ ...lacking, kind: 'nosec' })] })).toEqual([true])
  expect(settledFindings(findings({}), { comments: [comment(lacking), comment({ ...lacking, kind: 'nosec' }), comment({ rules: [], problem: 'without-rule' })] }).about).toEqual([
    'policy/waiver-without-reason `shiplock-ignore lint/error` gives no reason behind `--` and waives nothing',
    'policy/waiver-without-reason `nosec lint/error` gives no reason behind `--`',
    'policy/waiver-without-rule `shiplock-ignore` names no rule and waives nothing',
  ])
})

test('a waiver that covers nothing is reported, but not where its check did not run to its end', () => {
  expect(settledFindings([], { comments: [comment({ rules: ['lint/error', 'types/error', 'lint/erorr'] })], waivers: [entry({ path: 'src/**' }), entry({ rule: 'types/error' })] }).about).toEqual([
    'policy/unused-waiver `shiplock-ignore lint/error` covers nothing: there is no such finding on the lines that it covers',
    'policy/unused-waiver `shiplock-ignore lint/erorr` covers nothing: no check has that rule',
    'policy/unused-waiver the waiver of lint/error for src/** covers nothing: there is no such finding',
  ])
  expect(judge({ lint: { kind: 'skipped', reason: 'x' } }, { comments: [comment()], waivers: [entry()] }).findings).toEqual([])
})

test('a comment and an entry for the same finding are both used', () => {
  expect(settledFindings(findings({}), { comments: [comment()], waivers: [entry()] }).about).toEqual([])
})

test('what is in the baseline is marked, a copy of it is not, and what is gone is to be pruned', () => {
  const { entries } = updateBaseline([], findings({}, { message: 'gone' }), () => true)
  const { found, about } = settledFindings(findings({}, { location: { path: 'b.ts', startLine: 1 } }), { baseline: entries })
  expect(found.map(({ isBaselined }) => isBaselined ?? false)).toEqual([true, false])
  expect(about).toEqual(['policy/prunable-baseline a finding of the baseline is gone: lint/error in a.ts'])
  expect(judge({ lint: { kind: 'skipped', reason: 'x' } }, { baseline: entries }).findings).toEqual([])
})

test('a waived copy does not take the baseline entry of one that counts', () => {
  const { entries } = updateBaseline([], findings({}), () => true)
  const copies = findings({}, { location: { path: 'a.ts', startLine: 9 } })
  const { found } = settledFindings(copies, { baseline: entries, comments: [comment()] })
  expect(found.map(({ waiver, isBaselined }) => [waiver !== undefined, isBaselined ?? false])).toEqual([[true, false], [false, true]])
})

const flaws = (...advisories: readonly { id: string; aliases?: string[] }[]) => findings(...advisories.map(({ id, aliases = [] }) => ({ rule: 'dependencies/vulnerable' as const, message: id, purl: 'pkg:npm/a@1.0.0', advisory: { id, aliases }, location: { path: 'pnpm-lock.yaml', startLine: 1 } })))
const ofComponent = (more: Partial<WaiverEntry> = {}): WaiverEntry => {
  const { path: _, ...rest } = entry({ rule: 'dependencies/vulnerable', purl: 'pkg:npm/a@1.0.0', ...more })
  return rest
}

test('a waiver of a vulnerability covers the advisory that it names, by any of its names, and no other of the component', () => {
  const found = flaws({ id: 'GHSA-0000-0000-0001', aliases: ['CVE-2099-0001'] }, { id: 'GHSA-0000-0000-0002' })
  for (const advisory of ['GHSA-0000-0000-0001', 'ghsa-0000-0000-0001', 'CVE-2099-0001']) expect(waived(found, { waivers: [ofComponent({ advisory })] })).toEqual([true, false])
  expect(waived(found, { waivers: [ofComponent({ fingerprint: found[1]?.fingerprint ?? '' })] })).toEqual([false, true])
  expect(waived(findings({ rule: 'dependencies/vulnerable', purl: 'pkg:npm/a@1.0.0' }), { waivers: [ofComponent({ advisory: 'CVE-2099-0001' })] })).toEqual([false])
})

test('without an advisory it waives none, and says which it would have: a component, a path and a comment alike', () => {
  const found = flaws({ id: 'GHSA-2' }, { id: 'GHSA-1' })
  const { purl: _, ...byPath } = ofComponent({ path: '*.yaml' })
  expect(settledFindings(found, { waivers: [ofComponent(), { ...byPath, path: '*.yaml' }], comments: [comment({ path: 'pnpm-lock.yaml', rules: ['dependencies/vulnerable'] })] })).toEqual({
    found,
    about: [
      'policy/waiver-without-advisory `shiplock-ignore dependencies/vulnerable` does not waive GHSA-1, GHSA-2: a comment cannot say which advisory it means',
      'policy/waiver-without-advisory the waiver of dependencies/vulnerable for pkg:npm/a@1.0.0 names no advisory and does not waive GHSA-1, GHSA-2',
      'policy/waiver-without-advisory the waiver of dependencies/vulnerable for *.yaml names no advisory and does not waive GHSA-1, GHSA-2',
    ],
  })
})
