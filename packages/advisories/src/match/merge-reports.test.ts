import { expect, test } from 'vitest'
import { isReportOf } from './foreign-report.ts'
import { mergeReports } from './merge-reports.ts'
import type { Vulnerability, VulnerabilityReport } from './vulnerability.ts'

const flaw = (changes: Partial<Vulnerability> = {}): Vulnerability => ({
  id: 'DEBIAN-CVE-2026-1', aliases: [], summary: 'ours', url: '', severity: 'medium', isMalicious: false, locations: [], path: [], from: 'OSV Debian',
  component: { name: 'libc6', version: '2.36-9', purl: 'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12' },
  ...changes,
})
const report = (...vulnerabilities: Vulnerability[]): VulnerabilityReport => ({ vulnerabilities, sources: [], notMatched: [{ ecosystem: 'golang', components: 1, why: 'no source' }] })
const trivy = (changes: Partial<Vulnerability> = {}) => flaw({ id: 'CVE-2026-1', from: 'Trivy', summary: 'theirs', severity: 'high', fixedIn: '2.36-9+deb12u1', component: { name: 'libc6', version: '2.36-9', purl: 'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.10' }, ...changes })

test('a flaw that two scanners found is one, with the worse severity and the fix that one of them knows', () => {
  expect(mergeReports(report(flaw()), [report(trivy())]).vulnerabilities).toEqual([flaw({ severity: 'high', aliases: ['CVE-2026-1'], fixedIn: '2.36-9+deb12u1', from: 'OSV Debian, Trivy' })])
  // A kinder word does not make it smaller.
  expect(mergeReports(report(flaw({ severity: 'critical' })), [report(trivy())]).vulnerabilities[0]?.severity).toBe('critical')
})

test('three scanners by three names for it find one flaw', () => {
  const ghsa = flaw({ id: 'GHSA-1', aliases: ['CVE-2026-3'], from: 'OSV npm', component: { name: 'a', version: '1.0.0', purl: 'pkg:npm/%40b/a@1.0.0' } })
  const others = [report({ ...ghsa, id: 'CVE-2026-3', aliases: ['VENDOR-7'], from: 'Trivy' }), report({ ...ghsa, id: 'VENDOR-7', aliases: [], from: 'Grype' })]
  expect(mergeReports(report(ghsa), others).vulnerabilities).toMatchObject([{ id: 'GHSA-1', aliases: ['CVE-2026-3', 'VENDOR-7'], from: 'OSV npm, Trivy, Grype' }])
})

test('the same flaw of another component, or of another version, is another finding', () => {
  const other = trivy({ component: { name: 'libc-bin', version: '2.36-9', purl: 'pkg:deb/debian/libc-bin@2.36-9' } })
  const older = trivy({ component: { name: 'libc6', version: '2.36-8', purl: 'pkg:deb/debian/libc6@2.36-8' } })
  expect(mergeReports(report(flaw()), [report(other, older)]).vulnerabilities).toHaveLength(3)
})

test('what was not matched stays told, whatever another scanner says', () => {
  expect(mergeReports(report(), [{ ...report(), notMatched: [] }]).notMatched).toHaveLength(1)
})

test('a report is of an image by its manifest or by all of its layers, and of none where it says neither', () => {
  const image = { digest: 'sha256:a', diffIds: ['sha256:1', 'sha256:2'] }
  const of = (facts: object) => isReportOf({ ...report(), ...facts }, image)
  expect([of({ imageDigest: 'sha256:a' }), of({ diffIds: ['sha256:1', 'sha256:2'] })]).toEqual([true, true])
  expect([of({}), of({ imageDigest: 'sha256:b' }), of({ diffIds: ['sha256:1'] }), of({ diffIds: ['sha256:2', 'sha256:1'] }), of({ diffIds: [] })]).toEqual([false, false, false, false, false])
})
