import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { daysBetween, parseWaivers } from './waivers-file.ts'

const today = '2026-11-26'
const good = { rule: 'lint/error', path: 'src/**', reason: 'why', owner: 'ann', expires: '2027-01-31' }
const ofFlaw = { rule: 'dependencies/vulnerable', purl: 'pkg:npm/a@1', advisory: 'CVE-2099-0001', reason: 'why', owner: 'ann', expires: '2027-01-31' }
const yaml = (entry: Record<string, unknown>) => Object.entries(entry).map(([key, value], index) => `${index === 0 ? '- ' : '  '}${key}: ${String(value)}`).join('\n')
const without = (field: keyof typeof good) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== field))
const problems = (text: string) => parseWaivers(text, today).problems.map(({ rule, message, location }) => `${location?.startLine ?? '-'} ${rule} ${message}`)

test('reads what a waiver says and on which line', () => {
  expect(parseWaivers(`# why\n\n${yaml(good)}\n${yaml({ rule: 'dependencies/vulnerable', purl: 'pkg:npm/a@1', fingerprint: 'f:1', reason: 'r', owner: 'o', expires: today })}`, today)).toEqual({
    problems: [],
    entries: [
      { ...good, line: 3 },
      { rule: 'dependencies/vulnerable', purl: 'pkg:npm/a@1', fingerprint: 'f:1', reason: 'r', owner: 'o', expires: today, line: 8 },
    ],
  })
})

test('reads which advisory is meant, and what others are told of it', () => {
  expect(parseWaivers(yaml({ ...ofFlaw, vex: '{status: not_affected, justification: vulnerable_code_not_present}' }), today)).toEqual({ problems: [], entries: [{ ...ofFlaw, vex: { status: 'not_affected', justification: 'vulnerable_code_not_present' }, line: 1 }] })
  expect(parseWaivers(yaml({ ...ofFlaw, vex: '{status: under_investigation}' }), today).entries).toMatchObject([{ vex: { status: 'under_investigation' } }])
})

test.each(['', '\n', '# nothing\n', '[]', '~'])('%j is a file without waivers', (text) => {
  expect(parseWaivers(text, today)).toEqual({ entries: [], problems: [] })
})

describe('what waives nothing says why, and on which line', () => {
  test.each([
    [without('rule'), '1 policy/waiver-without-rule a waiver names no `rule` and waives nothing'],
    [without('reason'), '1 policy/waiver-without-reason the waiver of lint/error gives no `reason` and waives nothing'],
    [without('path'), '1 policy/invalid-waiver the waiver of lint/error names not exactly one of `path` and `purl` and waives nothing'],
    [{ ...good, purl: 'pkg:npm/a' }, '1 policy/invalid-waiver the waiver of lint/error names not exactly one of `path` and `purl` and waives nothing'],
    [without('owner'), '1 policy/invalid-waiver the waiver of lint/error has no `owner` and waives nothing'],
    [without('expires'), '1 policy/invalid-waiver the waiver of lint/error has no `expires` and waives nothing'],
    [{ ...good, expires: '2027-02-30' }, '1 policy/invalid-waiver the waiver of lint/error has an `expires` that is no date as YYYY-MM-DD (2027-02-30) and waives nothing'],
    [{ ...good, expires: '31.1.2027' }, '1 policy/invalid-waiver the waiver of lint/error has an `expires` that is no date as YYYY-MM-DD (31.1.2027) and waives nothing'],
    [{ ...good, expires: '2027-05-26' }, '1 policy/invalid-waiver the waiver of lint/error expires in 181 days, more than 180, the most that are allowed, and waives nothing'],
    [{ ...good, rule: 'policy/loosened' }, '1 policy/invalid-waiver the waiver of policy/loosened would waive a finding about the policy itself and waives nothing'],
    [{ ...good, advisory: 'CVE-2099-0001' }, '1 policy/invalid-waiver the waiver of lint/error names an `advisory` and no `purl` of the component and waives nothing'],
    [{ ...ofFlaw, advisory: 'all of them' }, '1 policy/invalid-waiver the waiver of dependencies/vulnerable has an `advisory` that is no id of one, such as CVE-2026-12345 or GHSA-xxxx-xxxx-xxxx (all of them) and waives nothing'],
    [{ ...good, vex: '{status: affected}' }, '1 policy/invalid-waiver the waiver of lint/error says by `vex` how a flaw affects, and names no `advisory` and waives nothing'],
    [{ ...ofFlaw, vex: 'not_affected' }, '7 policy/invalid-waiver `vex` of a waiver is a map with `status` and, where that is not_affected, `justification`; the waiver of dependencies/vulnerable waives nothing'],
    [{ ...ofFlaw, vex: '{status: fixed}' }, '7 policy/invalid-waiver `vex.status` of a waiver is one of affected, not_affected, under_investigation; the waiver of dependencies/vulnerable waives nothing'],
    [{ ...ofFlaw, vex: '{justification: component_not_present}' }, '7 policy/invalid-waiver `vex.status` of a waiver is one of affected, not_affected, under_investigation; the waiver of dependencies/vulnerable waives nothing'],
    [{ ...ofFlaw, vex: '{status: not_affected, justification: trust me}' }, expect.stringContaining('7 policy/invalid-waiver `vex.justification` of a waiver is one of component_not_present')],
    [{ ...ofFlaw, vex: '{status: affected, justification: component_not_present}' }, '7 policy/invalid-waiver `vex.justification` of a waiver says why something is not_affected, not why it is affected; the waiver of dependencies/vulnerable waives nothing'],
    [{ ...ofFlaw, vex: '{status: affected, impact: none}' }, '7 policy/invalid-waiver `vex` of a waiver has no field "impact"; it has status, justification; the waiver of dependencies/vulnerable waives nothing'],
    [{ ...good, why: 'x' }, '6 policy/invalid-waiver a waiver has no field "why"; it has rule, path, purl, advisory, fingerprint, reason, owner, expires, vex; the waiver of lint/error waives nothing'],
    [{ ...good, reason: '" "' }, '3 policy/invalid-waiver `reason` of a waiver is a text; the waiver of lint/error waives nothing'],
    [{ ...good, path: '[a, b]' }, '2 policy/invalid-waiver `path` of a waiver is a text; the waiver of lint/error waives nothing'],
  ])('%j', (entry, problem) => {
    expect(problems(yaml(entry))).toEqual([problem])
    expect(parseWaivers(yaml(entry), today).entries).toEqual([])
  })

  test.each([
    ['a map', 'rule: x', '1 policy/invalid-waiver the file is not a list of waivers; none counts'],
    ['a text in the list', '- x', '1 policy/invalid-waiver a waiver is a map with rule, path or purl, reason, owner and expires'],
    ['an open bracket', '- [', /^\d policy\/invalid-waiver the file is not YAML/],
    ['a key twice', `${yaml(good)}\n  rule: x`, /^\d policy\/invalid-waiver the file is not YAML/],
    ['an alias', `${yaml({ ...good, owner: '&a ann' })}\n${yaml({ ...good, reason: '*a' })}`, '8 policy/invalid-waiver `reason` of a waiver is a text; the waiver of lint/error waives nothing'],
    ['a nest of brackets', '['.repeat(100_000), /policy\/invalid-waiver the file is not YAML/],
  ])('%s', (_, text, problem) => {
    expect(problems(text)[0]).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem))
  })
})

test('a file that is nothing but errors takes a moment, not minutes', () => {
  for (const text of ['"', '*a ', '[', '- &a [*a]\n'].map((piece) => piece.repeat(200_000 / piece.length))) expect(problems(text).length).toBeLessThan(52)
})

test('one bad entry does not take the others with it', () => {
  expect(parseWaivers(`${yaml(without('owner'))}\n${yaml(good)}`, today)).toMatchObject({ entries: [{ rule: 'lint/error' }], problems: [{ location: { startLine: 1 } }] })
})

test('no text makes it throw, and what it gives always says everything', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.array(fc.constantFrom('- ', 'rule: a/b', '\n', '  ', 'reason: x', 'owner: o', 'path: "**"', 'expires: 2026-12-01', '&a', '*a', '[', '{', '"', '<<: ')).map((parts) => parts.join(''))), (text) => {
      for (const { rule, reason, owner, expires } of parseWaivers(text, today).entries) expect([rule, reason, owner, expires].every((value) => value.trim() !== '')).toBe(true)
    }),
  )
})

test('days are counted in the calendar', () => {
  expect(daysBetween('2026-02-28', '2026-03-01')).toBe(1)
  expect(daysBetween('2028-02-28', '2028-03-01')).toBe(2)
  expect(daysBetween('2026-11-26', '2026-11-26')).toBe(0)
})
