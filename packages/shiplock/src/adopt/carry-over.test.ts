import type { Finding } from '@shiplock/findings'
import { expect, test } from 'vitest'
import { checks } from '../checks/registry.ts'
import { carriedRules, carryOver } from './carry-over.ts'
import { treeOf } from './detect.test-data.ts'
import { readForeignAcceptances } from './foreign-acceptances.ts'

const finding = (rule: Finding['rule'], more: Partial<Finding>): Finding => ({ rule, message: 'm', severity: 'high', confidence: 'high', fingerprint: '0'.repeat(32), ...more })
const lodash = finding('dependencies/vulnerable', { purl: 'pkg:npm/lodash@4.17.20', advisory: { id: 'GHSA-35jh-r3h4-6jhm', aliases: ['CVE-2021-23337'] } })
const key = finding('secrets/private-key', { location: { path: 'test/key.pem', startLine: 3 } })
const run = finding('sast/command-injection', { location: { path: 'src/run.js', startLine: 8 } })
const day = { owner: 'ann@example.test', today: '2026-11-27' }

const carried = (files: Parameters<typeof treeOf>[0], findings: readonly Finding[] = [lodash, key, run], comments: Parameters<typeof readForeignAcceptances>[1] = []) => carryOver(readForeignAcceptances(treeOf(files), comments).acceptances, findings, day)

test('an advisory that Trivy was told to leave alone becomes a waiver of the component that has it, for that advisory alone and until a day', () => {
  const { waivers, covered, left } = carried({ '.trivyignore': '# not reachable\nCVE-2021-23337 exp:2027-01-01\n\nCVE-2020-0001\nAVD-DS-0002\n' })
  expect(waivers).toEqual([{ rule: 'dependencies/vulnerable', purl: 'pkg:npm/lodash@4.17.20', advisory: 'CVE-2021-23337', reason: 'not reachable (accepted before, in .trivyignore: CVE-2021-23337)', owner: 'ann@example.test', expires: '2027-01-01' }])
  expect([...covered]).toEqual([lodash])
  expect(left.map(({ id, line }) => [id, line])).toEqual([['CVE-2020-0001', 4], ['AVD-DS-0002', 5]])
})

test('nothing is carried over for longer than 90 days, and nothing that has lapsed', () => {
  expect(carried({ '.trivyignore': 'CVE-2021-23337 exp:2030-01-01' }).waivers[0]?.expires).toBe('2027-02-25')
  expect(carried({ '.trivyignore': 'CVE-2021-23337 exp:2026-01-01' })).toMatchObject({ waivers: [], left: [{ id: 'CVE-2021-23337' }] })
  expect(carried({ 'osv-scanner.toml': '[[IgnoredVulns]]\nid = "GHSA-35jh-r3h4-6jhm"\nignoreUntil = 2026-12-24\nreason = "no template"\n' }).waivers).toMatchObject([{ expires: '2026-12-24', reason: expect.stringContaining('no template') }])
})

test('Trivy’s YAML may narrow an advisory to a package, and another package keeps it', () => {
  const of = (purl: string) => carried({ '.trivyignore.yaml': `vulnerabilities:\n  - id: CVE-2021-23337\n    purls: [${purl}]\n    statement: why\n    expired_at: 2027-01-02\n` }).waivers
  expect(of('pkg:npm/lodash')).toMatchObject([{ reason: expect.stringMatching(/^why /), expires: '2027-01-02' }])
  expect(of('pkg:npm/lodash.template')).toEqual([])
})

test('a secret that gitleaks was told of is waived at its line, one elsewhere is not', () => {
  const { waivers, left } = carried({ '.gitleaksignore': `${'a'.repeat(40)}:test/key.pem:private-key:3\ntest/key.pem:private-key:4 # moved\nnonsense\n` })
  expect(waivers).toMatchObject([{ rule: 'secrets/private-key', path: 'test/key.pem', fingerprint: key.fingerprint }])
  expect(left.map(({ id }) => id)).toEqual(['private-key', 'nonsense'])
})

test('a comment for ESLint’s security rules waives what our rule for the same finds on the lines that it covered', () => {
  const told = (line: number, told: string) => carried({}, [run], [{ path: 'src/run.js', line, told }]).waivers.length
  expect(told(7, 'eslint-disable-next-line security/detect-child-process')).toBe(1)
  expect(told(8, 'eslint-disable-next-line security/detect-child-process')).toBe(0)
  expect(told(8, 'eslint-disable-line no-console, security/detect-child-process')).toBe(1)
  expect(told(1, 'eslint-disable security/detect-child-process')).toBe(1)
  expect(told(9, 'eslint-disable security/detect-child-process')).toBe(0)
  expect(told(7, 'eslint-disable-next-line security/detect-unsafe-regex')).toBe(0)
  expect(told(7, 'eslint-disable-next-line')).toBe(0)
})

test('a comment about a rule that nothing of ours stands for is ESLint’s business and not told', () => {
  expect(carried({}, [run], [{ path: 'src/run.js', line: 7, told: 'eslint-disable-next-line no-console' }]).left).toEqual([])
})

test('every rule that a rule of others is carried over to exists', () => {
  const known = new Set(checks.flatMap(({ id, rules }) => [...rules.map((rule) => rule.id as string), `${id}/`]))
  expect(carriedRules.filter((rule) => !known.has(rule))).toEqual([])
})

test('a file that cannot be read is told and carries nothing over', () => {
  const { acceptances, problems } = readForeignAcceptances(treeOf({ 'osv-scanner.toml': '[[IgnoredVulns', '.trivyignore.yaml': 'a: [', '.gitleaksignore': '' }), [])
  expect(acceptances).toEqual([])
  expect(problems).toEqual([expect.stringMatching(/^\.trivyignore\.yaml cannot be read: /), expect.stringMatching(/^osv-scanner\.toml cannot be read: /)])
})
