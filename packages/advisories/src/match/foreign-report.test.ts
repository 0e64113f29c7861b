import fc from 'fast-check'
import { expect, test } from 'vitest'
import { draftFinding } from './draft-finding.ts'
import { readForeignReport } from './foreign-report.ts'

const now = Date.parse('2026-11-27T00:00:00Z')
const digest = `sha256:${'1'.repeat(64)}`
const read = (value: unknown) => readForeignReport(new TextEncoder().encode(JSON.stringify(value)), now)

const trivy = {
  SchemaVersion: 2,
  CreatedAt: '2026-11-26T00:00:00Z',
  ArtifactName: 'app:1.0',
  Metadata: { RepoDigests: [`registry.example.test/app@${digest}`] },
  Results: [
    {
      Target: 'app (debian 12.10)',
      Class: 'os-pkgs',
      Packages: [{}, {}, {}],
      Vulnerabilities: [
        { VulnerabilityID: 'CVE-2026-1', VendorIDs: ['DSA-1'], PkgName: 'libc6', PkgIdentifier: { PURL: 'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.10' }, InstalledVersion: '2.36-9', FixedVersion: '2.36-9+deb12u1', Status: 'fixed', Layer: { Digest: digest, DiffID: digest }, Severity: 'CRITICAL', Title: 'glibc: flaw', PrimaryURL: 'https://avd.example.test/cve-2026-1' },
        { VulnerabilityID: 'CVE-2026-2', PkgName: 'libc6', InstalledVersion: '2.36-9', Status: 'will_not_fix', Severity: 'UNKNOWN' },
        { PkgName: 'without an id' },
      ],
    },
    { Target: 'Node.js', Vulnerabilities: null },
  ],
}

const grype = {
  matches: [
    {
      vulnerability: { id: 'GHSA-1', dataSource: 'https://github.example.test/GHSA-1', severity: 'High', description: 'A flaw\nin a', fix: { versions: ['1.2.0'], state: 'fixed' } },
      relatedVulnerabilities: [{ id: 'CVE-2026-3' }],
      artifact: { name: 'a', version: '1.0.0', purl: 'pkg:npm/a@1.0.0', locations: [{ path: '/app/node_modules/a/package.json', layerID: digest }] },
    },
    { vulnerability: { id: 'CVE-2026-4', severity: 'Negligible', fix: { versions: [], state: 'wont-fix' } }, relatedVulnerabilities: [], artifact: { name: 'tar', version: '1.34' } },
  ],
  source: { type: 'image', target: { manifestDigest: digest } },
  descriptor: { name: 'grype', version: '0.90.0', db: { status: { built: '2026-11-25T00:00:00Z' } } },
}

test('what Trivy found is read with its layer, its fix and how old it is', () => {
  const result = read(trivy)
  if (!result.ok) throw new Error(result.failure)
  expect(result.value).toMatchObject({ imageDigest: digest, notMatched: [], sources: [{ name: 'Trivy', checkedAt: '2026-11-26T00:00:00.000Z', ageMs: 86_400_000, components: 3 }] })
  expect(result.value.vulnerabilities).toEqual([
    { id: 'CVE-2026-1', aliases: ['DSA-1'], summary: 'glibc: flaw', url: 'https://avd.example.test/cve-2026-1', severity: 'critical', isMalicious: false, component: { name: 'libc6', version: '2.36-9', purl: 'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.10' }, fixedIn: '2.36-9+deb12u1', locations: [{ path: 'app (debian 12.10)', layer: { digest, diffId: digest } }], path: [], from: 'Trivy' },
    { id: 'CVE-2026-2', aliases: [], summary: '', url: '', severity: 'medium', isMalicious: false, component: { name: 'libc6', version: '2.36-9' }, urgency: 'will not fix', locations: [{ path: 'app (debian 12.10)' }], path: [], from: 'Trivy' },
  ])
})

test('what Grype found is read with other names, paths and the age of its database', () => {
  const result = read(grype)
  if (!result.ok) throw new Error(result.failure)
  expect(result.value).toMatchObject({ imageDigest: digest, sources: [{ name: 'Grype', checkedAt: '2026-11-25T00:00:00.000Z', components: 2 }] })
  expect(result.value.vulnerabilities).toMatchObject([
    { id: 'GHSA-1', aliases: ['CVE-2026-3'], summary: 'A flaw in a', severity: 'high', component: { name: 'a', version: '1.0.0', purl: 'pkg:npm/a@1.0.0' }, fixedIn: '1.2.0', locations: [{ path: 'app/node_modules/a/package.json', layer: { diffId: digest } }] },
    { id: 'CVE-2026-4', severity: 'low', urgency: 'wont fix' },
  ])
})

test('they become findings as our own do', () => {
  const result = read(trivy)
  const [first] = result.ok ? result.value.vulnerabilities : []
  expect(first && draftFinding(first, { vulnerable: 'vulnerabilities/vulnerable', malicious: 'vulnerabilities/malicious' })).toEqual({
    rule: 'vulnerabilities/vulnerable',
    message: 'libc6@2.36-9: glibc: flaw (CVE-2026-1)',
    severity: 'critical',
    location: { path: 'app (debian 12.10)' },
    purl: 'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.10',
    advisory: { id: 'CVE-2026-1', aliases: ['DSA-1'], url: 'https://avd.example.test/cve-2026-1' },
    fix: 'Upgrade libc6 to 2.36-9+deb12u1.',
    detail: `in layer ${digest}\nhttps://avd.example.test/cve-2026-1\naccording to Trivy`,
  })
})

test('a report that says no time is as old as can be, and one of nothing known here is refused', () => {
  const { CreatedAt: _, ...timeless } = trivy
  expect(read(timeless)).toMatchObject({ ok: true, value: { sources: [{ ageMs: now }] } })
  for (const value of [{}, [], { SchemaVersion: 1, ArtifactName: 'x' }, { matches: [] }, { matches: [], descriptor: { name: 'other' } }]) expect(read(value).ok).toBe(false)
  expect(readForeignReport(Uint8Array.from([0xff]), now).ok).toBe(false)
})

test('whatever a report holds is read or refused, never more', () => {
  const word = fc.constantFrom('Vulnerabilities', 'VulnerabilityID', 'PkgName', 'Layer', 'Target', 'vulnerability', 'artifact', 'id', 'name', 'fix', 'versions', 'locations', '__proto__', 'status', 'db', 'target')
  const value = fc.letrec((tie) => ({ any: fc.oneof({ depthSize: 'small' }, word, fc.constantFrom(null, 1), fc.array(tie('any'), { maxLength: 3 }), fc.dictionary(word, tie('any'), { maxKeys: 6 })) })).any
  fc.assert(fc.property(value, value, (it, other) => {
    read({ ...trivy, Results: [it, other], Metadata: it })
    read({ ...grype, matches: [it, other], source: it, descriptor: { name: 'grype', db: other } })
  }), { numRuns: 1000 })
})
