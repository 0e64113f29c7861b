import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  awkwardFindings,
  refusedRecord,
  sampleFindings,
  sampleRecord,
  sampleRecords,
  sampleStage,
  withEveryString,
} from '../sample-records.test-data.ts'
import { renderFindings } from './findings.ts'

const plain = { columns: 80, colour: false }
/** All but the line end. */
const controls = /[[\p{Cf}\p{Cc}]--[\n]]/v
const recordOf = (findings: typeof awkwardFindings) =>
  sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings } })] })

/** Without the line that ends every finding. */
const withoutWaiving = (text: string) => text.replace(/\n {2}why, and how to waive it:(?:\n {2})? ?.*/g, '')

describe('renderFindings', () => {
  test('is one list, what refuses first and then the worst, each with place, code, fix and how to waive it', () => {
    expect(renderFindings(refusedRecord, plain)).toBe(
      `
critical app/src/todo/add-todo.test.ts:18:29  tests/failed  keeps the gate shut
  adding a to-do › refuses a form without a CSRF token
  18 │     expect(response.status).toBe(403)
     │                             ^
  fix: Make the test pass, or remove it in a commit that says why.
  AssertionError: expected 200 to be 403

  - Expected
  + Received

  - 403
  … 2 more lines in the report
  why, and how to waive it: shiplock explain tests/failed

high app/src/todo/add-todo.ts:42:5  lint/no-floating-promises
  keeps the gate shut
  Promise returned by 'save' is not awaited
  42 │     save(todo)
     │     ^^^^^^^^^^
  fix: Await the promise, or handle its rejection.
  why, and how to waive it: shiplock explain lint/no-floating-promises

low app/src/server.ts:7:9  lint/no-unused-vars
  'request' is declared but never used
  7 │   const request = context.request
    │         ^^^^^^^
  why, and how to waive it: shiplock explain lint/no-unused-vars
`.trim(),
    )
  })

  test('points at the right column behind tabs and wide characters, cuts a minified line, and does without a file', () => {
    expect(withoutWaiving(renderFindings(recordOf(awkwardFindings), { ...plain, columns: 60 }))).toBe(
      `
high app/public/bundle.js:1:3001  lint/no-eval
  eval can run anything
  1 │ …;a=1;a=1;a=1;eval(b);c=2;c=2;c=2;c=2;c=2;c=2;c=2;c=2…
    │               ^^^^

high app/src/server.ts:9:3  lint/complexity
  The function has 14 branches
   9 │   switch (kind) {
     │   ^^^^^^^^^^^^^^^
  10 │     case 1:
     │     ^

high app/src/日本.ts:100:11  lint/eqeqeq
  Expected === and saw ==
  100 │   if ('日本' == name) return
      │              ^^

medium the tree  probe/hsts  medium confidence
  The header strict-transport-security is missing
  fix: Send it from every response over HTTPS.

low app  tests/coverage
  71 % of lines are covered, 80 % are asked for
`.trim(),
    )
  })

  test('wraps on a narrow terminal, with the mark in sight', () => {
    const findings = sampleFindings({
      rule: 'lint/no-eval',
      message: 'a rather long message that needs two lines',
      fix: 'Do something else, and do it soon.',
      location: { path: 'a.ts', startLine: 3, startColumn: 42, endColumn: 46 },
      snippet: `const ${'long'.repeat(8)} = eval(text)`,
    })
    expect(withoutWaiving(renderFindings(recordOf(findings), { ...plain, columns: 40 }))).toBe(
      `
high a.ts:3:42  lint/no-eval
  a rather long message that needs two
  lines
  3 │ …glong = eval(text)
    │          ^^^^
  fix: Do something else, and do it
       soon.
`.trim(),
    )
  })

  test('breaks no path, rule or command, however narrow the terminal', () => {
    const findings = sampleFindings({ rule: 'repository/security-policy-missing', message: 'there is no SECURITY.md', location: { path: 'packages/shop/src/checkout/basket.ts', startLine: 12 } })
    expect(renderFindings(recordOf(findings), { ...plain, columns: 44, command: 'npm run shiplock --' })).toMatch(
      /^high packages\/shop\/src\/checkout\/basket\.ts:12\n {2}repository\/security-policy-missing\n {2}there is no SECURITY\.md\n {2}why, and how to waive it:\n {2}npm run shiplock -- explain repository\/security-policy-missing$/,
    )
  })

  test('names the advisory by its id and as CVE', () => {
    const [finding] = sampleFindings({ rule: 'dependencies/vulnerable', message: 'a@1.0.0: flaw', location: { path: 'package-lock.json' } })
    if (!finding) throw new Error('one draft makes one finding')
    const headOf = (aliases: string[]) => renderFindings(recordOf([{ ...finding, advisory: { id: 'GHSA-2222-2222-2222', aliases } }]), plain).split('\n', 1)[0]
    expect(renderFindings(recordOf([{ ...finding, advisory: { id: 'GHSA-2222-2222-2222', aliases: ['SNYK-1', 'CVE-2099-0001'] } }]), { ...plain, columns: Infinity })).toContain('dependencies/vulnerable  GHSA-2222-2222-2222, CVE-2099-0001')
    expect(headOf([])).toContain('GHSA-2222-2222-2222')
  })

  test('names the rules of other programs that found the same', () => {
    const [finding] = sampleFindings({ rule: 'terraform/bucket-public', message: 'a bucket is public', location: { path: 'main.tf' } })
    if (!finding) throw new Error('one draft makes one finding')
    const record = recordOf([{ ...finding, alsoFoundBy: ['trivy/AVD-GCP-0001', 'checkov/CKV_GCP_28\u001b[2J'] }])
    expect(renderFindings(record, plain)).toContain('  also found by trivy/AVD-GCP-0001, checkov/CKV_GCP_28\\u{1b}[2J\n')
  })

  test('counts what it does not show', () => {
    expect(renderFindings(refusedRecord, { ...plain, limit: 1 })).toMatch(/^critical app\/src[^]*\n\n2 more findings not shown here; --verbose shows all\.$/)
  })

  test('counts what is waived or in the baseline, and shows it when asked, with who answers for it', () => {
    const [old, waived] = sampleFindings({ rule: 'lint/old', message: 'was there before' }, { rule: 'lint/waived', message: 'is meant' })
    const record = recordOf([Object.assign({}, old, { isBaselined: true }), Object.assign({}, waived, { waiver: { kind: 'file', reason: 'a test fixture', owner: 'ada', expires: '2027-01-31', location: { path: 'shiplock.waivers.yaml', startLine: 3 } } })])
    expect(renderFindings(record, plain)).toBe('2 findings waived or in the baseline; --verbose shows them.')
    expect(withoutWaiving(renderFindings(record, { ...plain, withAccepted: true }))).toBe(
      `
high the tree  lint/old  in the baseline
  was there before

high the tree  lint/waived  waived
  is meant
  waived until 2027-01-31 by ada: a test fixture (shiplock.waivers.yaml:3)
`.trim(),
    )
  })

  test('is empty where nothing was found', () => {
    expect(renderFindings(sampleRecord(), plain)).toBe('')
  })

  test('colour adds colour and changes no character', () => {
    for (const record of sampleRecords)
      expect(stripVTControlCharacters(renderFindings(record, { ...plain, colour: true }))).toBe(renderFindings(record, plain))
  })

  test('no text of the record reaches the terminal with a control character in it', () => {
    for (const record of sampleRecords)
      expect(renderFindings(withEveryString(record, 'a\u001b[31m\u202e\u009b1A\rb\nc\td'), plain)).not.toMatch(controls)
  })
})
