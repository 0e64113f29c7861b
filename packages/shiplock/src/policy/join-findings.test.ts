import { expect, test } from 'vitest'
import fc from 'fast-check'
import { confidences, severities, withFingerprints, type Finding, type FindingDraft, type Gate, type Outcome } from '@shiplock/findings'
import { joinFindings, type Equalities } from './join-findings.ts'

const equalities: Equalities = new Map([
  ['gitleaks', { '*': ['secrets/*'] }],
  ['trivy', { 'secret/*': ['secrets/*'], 'AVD-GCP-0001': ['terraform/bucket-public', 'terraform/public-iam'] }],
  ['osv-scanner', {}],
])

const finding = (rule: FindingDraft['rule'], draft: Partial<Finding> = {}): Finding => {
  const [made] = withFingerprints([{ rule, message: 'm', severity: 'medium' as const, confidence: 'medium' as const, location: { path: 'main.tf', startLine: 5 }, ...draft }])
  if (!made) throw new Error('one finding makes one')
  return { ...made, ...draft }
}
const completed = (...findings: Finding[]): Outcome => ({ kind: 'completed', findings })
const join = (outcomes: Record<string, Outcome>) => Object.fromEntries(joinFindings(new Map(Object.entries(outcomes)), equalities))
const rulesOf = (outcome: Outcome | undefined) => (outcome?.kind === 'completed' ? outcome.findings.map(({ rule, alsoFoundBy = [] }) => [rule, ...alsoFoundBy]) : outcome?.kind)

test('what both found in the same place is the finding of ours, and names both', () => {
  const { terraform, trivy } = join({ trivy: completed(finding('trivy/AVD-GCP-0001', { location: { path: 'main.tf', startLine: 1, endLine: 9 } })), terraform: completed(finding('terraform/bucket-public')) })
  expect(rulesOf(terraform)).toEqual([['terraform/bucket-public', 'trivy/AVD-GCP-0001']])
  expect(rulesOf(trivy)).toEqual([])
})

test('another file, other lines or another rule is another finding', () => {
  for (const theirs of [
    finding('trivy/AVD-GCP-0001', { location: { path: 'other.tf', startLine: 5 } }),
    finding('trivy/AVD-GCP-0001', { location: { path: 'main.tf', startLine: 6 } }),
    finding('trivy/AVD-GCP-0001', { location: { path: 'main.tf', startLine: 1, endLine: 4 } }),
    finding('trivy/AVD-GCP-0002'),
  ]) {
    const { terraform, trivy } = join({ terraform: completed(finding('terraform/bucket-public')), trivy: completed(theirs) })
    expect([rulesOf(terraform), rulesOf(trivy)]).toEqual([[['terraform/bucket-public']], [[theirs.rule]]])
  }
})

test('a finding about a whole file is in the same place as any in it', () => {
  const { terraform } = join({ terraform: completed(finding('terraform/public-iam')), trivy: completed(finding('trivy/AVD-GCP-0001', { location: { path: 'main.tf' } })) })
  expect(rulesOf(terraform)).toEqual([['terraform/public-iam', 'trivy/AVD-GCP-0001']])
})

test('a rule that the table does not name may equal every rule of a check of ours', () => {
  const { secrets, trivy } = join({ secrets: completed(finding('secrets/github-token')), trivy: completed(finding('trivy/secret/github-pat'), finding('trivy/AVD-GCP-0001')) })
  expect(rulesOf(secrets)).toEqual([['secrets/github-token', 'trivy/secret/github-pat']])
  expect(rulesOf(trivy)).toEqual([['trivy/AVD-GCP-0001']])
})

test('what is no secret is never taken for one that is in the same line', () => {
  const others = [finding('trivy/AVD-GCP-0099', { location: { path: 'main.tf', startLine: 1, endLine: 9 } }), finding('trivy/CVE-2026-1'), finding('trivy/secretive')]
  const { secrets, trivy } = join({ secrets: completed(finding('secrets/github-token')), trivy: completed(...others) })
  expect([rulesOf(secrets), rulesOf(trivy)]).toEqual([[['secrets/github-token']], others.map(({ rule }) => [rule])])
})

test('a secret is the same as one of ours only where both say in which line', () => {
  const large = finding('secrets/too-large', { location: { path: 'main.tf' } })
  const { secrets, gitleaks } = join({ secrets: completed(large, finding('secrets/jwt')), gitleaks: completed(finding('gitleaks/aws', { location: { path: 'main.tf', startLine: 9 } }), finding('gitleaks/gcp', { location: { path: 'main.tf' } })) })
  expect([rulesOf(secrets), rulesOf(gitleaks)]).toEqual([[['secrets/too-large'], ['secrets/jwt']], [['gitleaks/aws'], ['gitleaks/gcp']]])
})

test('an advisory of the same package is one by any of its names, and another lock file, version or package is another', () => {
  const at = { location: { path: 'package-lock.json', startLine: 9 }, advisory: { id: 'GHSA-1', aliases: ['CVE-1'] } }
  const ours = finding('dependencies/vulnerable', { ...at, purl: 'pkg:npm/%40scope/a@1.0.0' })
  const theirs = (more: Partial<Finding>) => finding('osv-scanner/CVE-1', { location: { path: 'package-lock.json' }, advisory: { id: 'CVE-1', aliases: [] }, purl: 'pkg:npm/@scope/a@1.0.0?arch=x', ...more })
  const others = [{ advisory: { id: 'CVE-2', aliases: [] } }, { purl: 'pkg:npm/%40scope/a@1.0.1' }, { purl: 'pkg:npm/a@1.0.0' }, { location: { path: 'app/package-lock.json' } }]
  const { dependencies, 'osv-scanner': left } = join({ dependencies: completed(ours), 'osv-scanner': completed(theirs({}), ...others.map(theirs)) })
  expect(rulesOf(dependencies)).toEqual([['dependencies/vulnerable', 'osv-scanner/CVE-1']])
  expect(rulesOf(left)).toHaveLength(others.length)
})

test('an advisory that only two other programs know is one as well', () => {
  const at = { location: { path: 'go.sum' }, purl: 'pkg:golang/a@1.0.0' }
  const result = join({ trivy: completed(finding('trivy/CVE-1', { ...at, advisory: { id: 'CVE-1', aliases: [] } })), 'osv-scanner': completed(finding('osv-scanner/GO-1', { ...at, advisory: { id: 'GO-1', aliases: ['CVE-1'] } })) })
  expect([rulesOf(result['osv-scanner']), rulesOf(result['trivy'])]).toEqual([[['osv-scanner/GO-1', 'trivy/CVE-1']], []])
})

test('the worse severity counts, whoever said it', () => {
  const { terraform } = join({ terraform: completed(finding('terraform/bucket-public', { severity: 'low', confidence: 'high' })), trivy: completed(finding('trivy/AVD-GCP-0001', { severity: 'critical', confidence: 'low' })) })
  expect(terraform).toMatchObject({ findings: [{ severity: 'critical', confidence: 'high' }] })
  const other = join({ terraform: completed(finding('terraform/bucket-public', { severity: 'critical', confidence: 'low' })), trivy: completed(finding('trivy/AVD-GCP-0001', { severity: 'low', confidence: 'high' })) })
  expect(other['terraform']).toMatchObject({ findings: [{ severity: 'critical', confidence: 'high' }] })
})

test('a waiver of ours covers the problem, one of the other rule does not', () => {
  const waiver = { kind: 'file' as const, reason: 'why', location: { path: 'shiplock.waivers.yaml' } }
  const ours = join({ terraform: completed(finding('terraform/bucket-public', { waiver })), trivy: completed(finding('trivy/AVD-GCP-0001')) })
  expect(ours).toMatchObject({ terraform: { findings: [{ waiver }] }, trivy: { findings: [] } })
  const theirs = join({ terraform: completed(finding('terraform/bucket-public')), trivy: completed(finding('trivy/AVD-GCP-0001', { waiver, isBaselined: true })) })
  expect(theirs['terraform']).not.toMatchObject({ findings: [{ waiver }] })
  expect(theirs['terraform']).not.toMatchObject({ findings: [{ isBaselined: true }] })
})

test('a check that failed or was skipped stays so, and the other findings with it', () => {
  const failed: Outcome = { kind: 'failed', failure: { reason: 'tool-missing', message: 'trivy' } }
  const skipped: Outcome = { kind: 'skipped', reason: 'no files' }
  expect(join({ terraform: completed(finding('terraform/bucket-public')), trivy: failed })).toMatchObject({ terraform: { findings: [{ rule: 'terraform/bucket-public' }] }, trivy: failed })
  expect(join({ terraform: skipped, trivy: completed(finding('trivy/AVD-GCP-0001')) })).toMatchObject({ terraform: skipped, trivy: { findings: [{ rule: 'trivy/AVD-GCP-0001' }] } })
})

const location = fc.record({ path: fc.constantFrom('a.tf', 'b.tf'), startLine: fc.integer({ min: 1, max: 3 }) }, { requiredKeys: ['path'] })
const anyOf = (...rules: Finding['rule'][]) =>
  fc.array(fc.record({ rule: fc.constantFrom(...rules), location, severity: fc.constantFrom(...severities), confidence: fc.constantFrom(...confidences), advisories: fc.subarray(['CVE-1', 'CVE-2']), purl: fc.constantFrom('pkg:npm/a@1', 'pkg:npm/b@1') }).map(({ rule, ...more }) => finding(rule, more)), { maxLength: 6 })

test('nothing is lost: each finding stays or is named by one that is at least as severe', () => {
  fc.assert(
    fc.property(anyOf('terraform/bucket-public', 'secrets/jwt'), anyOf('trivy/AVD-GCP-0001', 'trivy/x'), anyOf('osv-scanner/CVE-1'), (terraform, trivy, osv) => {
      const result = join({ terraform: completed(...terraform), trivy: completed(...trivy), 'osv-scanner': completed(...osv) })
      const left = Object.values(result).flatMap((outcome) => (outcome.kind === 'completed' ? outcome.findings : []))
      expect(left.filter(({ rule }) => !rule.startsWith('trivy/') && !rule.startsWith('osv-scanner/'))).toHaveLength(terraform.length)
      for (const { rule, severity, fingerprint } of [...trivy, ...osv]) {
        const stays = left.some((one) => one.rule === rule && one.fingerprint === fingerprint)
        const isNamed = left.some((one) => one.alsoFoundBy?.includes(rule) && severities.indexOf(one.severity) >= severities.indexOf(severity))
        expect(stays || isNamed).toBe(true)
      }
    }),
  )
})

test('nothing escapes a stricter gate by being joined', () => {
  const outcomes = new Map<string, Outcome>([['dockerfile', completed(finding('dockerfile/root-user'))], ['hadolint', completed(finding('hadolint/DL3002'))]])
  const gate = (check: string, failOn: Gate['failOn']): Gate => ({ check, failOn, minConfidence: 'low', newOnly: false, optional: false })
  const equalities = new Map([['hadolint', { DL3002: ['dockerfile/root-user'] }]])
  const left = (ours: Gate['failOn'], theirs: Gate['failOn']) => findingsIn(joinFindings(outcomes, equalities, [gate('dockerfile', ours), gate('hadolint', theirs)]).get('hadolint'))
  expect([left('never', 'low'), left('high', 'medium'), left('low', 'medium'), left('medium', 'medium')]).toEqual([1, 1, 0, 0])
})

test('on one line two secrets are two', () => {
  const at = (startColumn: number) => ({ location: { path: 'a.env', startLine: 1, startColumn, endLine: 1, endColumn: startColumn + 10 } })
  const outcomes = new Map<string, Outcome>([['secrets', completed(finding('secrets/github-token', at(1)))], ['gitleaks', completed(finding('gitleaks/github-pat', at(40)))]])
  expect(findingsIn(joinFindings(outcomes, new Map([['gitleaks', { '*': ['secrets/*'] }]])).get('gitleaks'))).toBe(1)
})

const findingsIn = (outcome: Outcome | undefined) => (outcome?.kind === 'completed' ? outcome.findings.length : -1)
