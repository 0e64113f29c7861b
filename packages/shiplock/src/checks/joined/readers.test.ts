import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readReport as actionlint } from '../actionlint/read-report.ts'
import { readReport as checkov } from '../checkov/read-report.ts'
import { readReport as gitleaks } from '../gitleaks/read-report.ts'
import { readReport as hadolint } from '../hadolint/read-report.ts'
import { readReport as osvScanner } from '../osv-scanner/read-report.ts'
import { readReport as trivy } from '../trivy/read-report.ts'
import { readReport as zizmor } from '../zizmor/read-report.ts'
import { packageUrl } from './package-url.ts'

/** With the sample of each that its check's fixture has. */
const readers = [
  ['actionlint', actionlint, '../actionlint/fixtures/bad.title/bin/results.json'],
  ['checkov', checkov, '../checkov/fixtures/bad.several-frameworks/bin/results.json'],
  ['gitleaks', gitleaks, '../gitleaks/fixtures/bad.key/bin/results.json'],
  ['hadolint', hadolint, '../hadolint/fixtures/bad.debian/bin/results.json'],
  ['osv-scanner', osvScanner, '../osv-scanner/fixtures/bad.lodash/bin/results.json'],
  ['trivy', trivy, '../trivy/fixtures/bad.everything/bin/results.json'],
  ['zizmor', zizmor, '../zizmor/fixtures/bad.title/bin/results.json'],
] as const

describe.for(readers)('the reader of %s', ([, read, path]) => {
  const sample: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))

  test('reads its sample', () => {
    const results = read(JSON.stringify(sample))
    expect(results).toMatchObject({ ok: true })
    expect(results.ok && results.value.length).toBeGreaterThan(0)
  })

  test('answers any text with results or with why there are none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.jsonValue().map((value) => JSON.stringify([value]))), (text) => {
        expectAnswer(read(text))
      }),
    )
  })

  test('answers a report with any value in any place', () => {
    const places = [...placesOf(sample)]
    fc.assert(
      fc.property(fc.nat({ max: places.length - 1 }), fc.oneof(fc.jsonValue(), fc.constantFrom(null, -1, 1e300, '', '__proto__')), (at, value) => {
        expectAnswer(read(JSON.stringify(withValue(sample, places[at] ?? [], value))))
      }),
      { numRuns: 300 },
    )
  })

  test('takes nothing that is of no known shape for "no results"', () => {
    for (const text of ['', '{}', 'true', '"x"', '{"error":"no"}', '[{"a":1}]', '[1]', `[… the beginning was cut]\n${JSON.stringify(sample)}`, JSON.stringify(sample).slice(0, -3)]) expect([text.slice(0, 60), read(text).ok]).toEqual([text.slice(0, 60), false])
  })

  test('says nothing of the text that it cannot read', () => {
    const result = read(`{"a": s3cr3t-${JSON.stringify(sample)}`)
    expect(result.ok ? '' : result.failure).not.toContain('s3cr3t')
  })
})

function expectAnswer(result: ReturnType<typeof trivy>): void {
  if (!result.ok) return expect(result.failure).not.toBe('')
  for (const { rule, message, severity } of result.value) {
    expect([typeof rule, typeof message]).toEqual(['string', 'string'])
    expect([undefined, 'low', 'medium', 'high', 'critical']).toContain(severity)
  }
}

function* placesOf(value: unknown, at: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  yield at
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* placesOf(item, [...at, index])
  else if (typeof value === 'object' && value !== null) for (const [key, item] of Object.entries(value)) yield* placesOf(item, [...at, key])
}

function withValue(value: unknown, [first, ...rest]: readonly (string | number)[], put: unknown): unknown {
  if (first === undefined) return put
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === first ? withValue(item, rest, put) : item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === first ? withValue(item, rest, put) : item]))
}

test('a SARIF log that says that its run did not succeed has no results', () => {
  const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'zizmor' } }, invocations: [{ executionSuccessful: false }], results: [] }] }
  expect(zizmor(JSON.stringify(log))).toEqual({ ok: false, failure: 'it says itself that its run did not succeed' })
})

test('a SARIF result that is no problem is none, and one that names its rule by index has its name', () => {
  const result = { message: { text: 'm' } }
  const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'zizmor', rules: [{ id: 'zizmor/a' }, { id: 'zizmor/b' }] } }, results: [{ ...result, ruleId: 'zizmor/a', kind: 'pass' }, { ...result, ruleIndex: 1 }, { ...result, rule: { index: 0 } }] }] }
  expect(zizmor(JSON.stringify(log))).toMatchObject({ ok: true, value: [{ rule: 'zizmor/b' }, { rule: 'zizmor/a' }] })
})

test('neither a secret nor its line is taken from a report', () => {
  const location = { physicalLocation: { artifactLocation: { uri: 'a.env' }, region: { startLine: 1, snippet: { text: 's3cr3t' } } } }
  const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks' } }, results: [{ ruleId: 'k', message: { text: 'found s3cr3t' }, locations: [location] }] }] }
  const report = { SchemaVersion: 2, Results: [{ Target: 'a.env', Secrets: [{ RuleID: 'k', Severity: 'HIGH', Title: 'A key', StartLine: 1, EndLine: 1, Match: 's3cr3t', Code: { Lines: [{ Content: 's3cr3t' }] } }] }] }
  for (const [rule, results] of [['k', gitleaks(JSON.stringify(log))], ['secret/k', trivy(JSON.stringify(report))]] as const) {
    expect(results).toMatchObject({ ok: true, value: [{ rule, isSecret: true }] })
    expect(JSON.stringify(results)).not.toContain('s3cr3t')
  }
})

test('a check of Trivy has one name, however its version spells it', () => {
  const of = (misconfiguration: object) => {
    const results = trivy(JSON.stringify({ SchemaVersion: 2, Results: [{ Target: 'Dockerfile', Misconfigurations: [misconfiguration] }] }))
    return results.ok ? results.value.map(({ rule }) => rule) : results.failure
  }
  for (const spelling of [{ ID: 'DS002', AVDID: 'AVD-DS-0002' }, { ID: 'DS-0002' }, { ID: 'AVD-DS-0002', AVDID: 'AVD-DS-0002' }]) expect(of(spelling)).toEqual(['AVD-DS-0002'])
  expect(of({ ID: 'USER-RULE', AVDID: '' })).toEqual(['USER-RULE'])
})

test('a severity that nobody knows is none, and is not guessed', () => {
  const severityOf = (Severity: string) => trivy(JSON.stringify({ SchemaVersion: 2, Results: [{ Target: 'a', Vulnerabilities: [{ VulnerabilityID: 'CVE-1', Severity }] }] }))
  expect(severityOf('UNKNOWN')).toEqual({ ok: true, value: [expect.not.objectContaining({ severity: expect.anything() })] })
  expect(severityOf('constructor')).toEqual({ ok: true, value: [expect.not.objectContaining({ severity: expect.anything() })] })
  expect(severityOf('CRITICAL')).toMatchObject({ value: [{ severity: 'critical' }] })
})

test('what a program may leave out is not missed', () => {
  expect(osvScanner(JSON.stringify({ results: [{ source: { path: 'p' }, packages: [{ package: { name: 'a', version: '1', ecosystem: 'npm' }, vulnerabilities: [{ id: 'OSV-1', database_specific: { source: 'x' } }] }] }] }))).toMatchObject({ ok: true, value: [{ rule: 'OSV-1', purl: 'pkg:npm/a@1' }] })
  expect(osvScanner(JSON.stringify({ results: null }))).toEqual({ ok: true, value: [] })
  expect(trivy(JSON.stringify({ SchemaVersion: 2, Results: [{ Target: 'p', Vulnerabilities: [{ VulnerabilityID: 'CVE-1' }], Misconfigurations: [{ ID: 'X' }], Secrets: [{ RuleID: 'k' }] }] }))).toMatchObject({ ok: true, value: [{ rule: 'CVE-1' }, { rule: 'X' }, { rule: 'secret/k' }] })
  expect(checkov(JSON.stringify({ check_type: 'terraform', results: { failed_checks: [{ check_id: 'CKV_1' }] } }))).toMatchObject({ ok: true, value: [{ rule: 'CKV_1' }] })
  expect(actionlint(JSON.stringify([{ message: 'm', kind: 'k', line: 1, column: 1, end_column: 1 }]))).toMatchObject({ ok: true, value: [{ rule: 'k' }] })
})

test('a package URL is made of the names that OSV gives', () => {
  expect(packageUrl('npm', '@scope/name', '1.0.0')).toBe('pkg:npm/%40scope/name@1.0.0')
  expect(packageUrl('Go', 'example.test/a/b', 'v1.2.3')).toBe('pkg:golang/example.test/a/b@v1.2.3')
  expect(packageUrl('Maven', 'org.example:lib', '1')).toBe('pkg:maven/org.example/lib@1')
  for (const unknown of ['Linux', '__proto__', '']) expect(packageUrl(unknown, 'a', '1')).toBeUndefined()
  expect(packageUrl('npm', 'a', '')).toBeUndefined()
})
