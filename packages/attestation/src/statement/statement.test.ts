import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../json/canonical-json.ts'
import { buildFacts, digestOf, image, minutesAgo, passed, verdictFacts } from '../testing/rig.ts'
import { buildLevelOf, builders, provenanceStatement, type BuildFacts } from './provenance.ts'
import { sbomStatement, type CycloneDx } from './sbom.ts'
import { testResultStatement, type TestResult } from './test-result.ts'
import { verdictField, verificationSummaryStatement, type VerdictFacts } from './verification-summary.ts'
import { vulnerabilityStatement, type VulnerabilityReport } from './vulnerability-report.ts'

const invalid = expect.objectContaining({ code: 'statement-invalid' })
const bare = { name: 'todo', digest: image.digest }

describe('a statement', () => {
  test('names the image by the digest of its manifest, and by what a registry that packs anew keeps', () => {
    const { subject, _type } = provenanceStatement(image, buildFacts)
    expect(_type).toBe('https://in-toto.io/Statement/v1')
    expect(subject).toEqual([
      { name: 'todo', digest: { sha256: image.digest.slice(7) } },
      { name: 'todo#config', mediaType: 'application/vnd.oci.image.config.v1+json', digest: { sha256: digestOf('config').slice(7) }, annotations: { 'https://shiplock.dev/diff_ids': [digestOf('layer 1'), digestOf('layer 2')] } },
    ])
    expect(provenanceStatement(bare, buildFacts).subject).toEqual(subject.slice(0, 1))
  })

  test.each(['sha256:', 'sha256:ABC', `sha512:${'0'.repeat(128)}`, `sha256:${'0'.repeat(63)}g`, 'todo:latest'])('about %s, which is no digest, is not made', (digest) => {
    expect(() => sbomStatement({ name: 'todo', digest: digest as typeof image.digest }, { bomFormat: 'CycloneDX', specVersion: '1.6' })).toThrow(invalid)
  })

  test('about an image without layers is not made', () => {
    expect(() => provenanceStatement({ ...bare, content: { config: image.digest, diffIds: [] } }, buildFacts)).toThrow(invalid)
  })
})

describe('provenance', () => {
  test('has the shape that SLSA gives it', () => {
    expect(provenanceStatement(bare, buildFacts)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'todo', digest: { sha256: image.digest.slice(7) } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'https://shiplock.dev/build/assemble/v1',
          externalParameters: { config: 'shiplock.config.ts' },
          resolvedDependencies: [
            { uri: 'git+https://github.com/acme/todo@refs/heads/main', digest: { gitCommit: 'a'.repeat(40) } },
            { uri: 'pkg:deb/debian/libc6@2.41-12?arch=amd64', digest: { sha256: 'c'.repeat(64) } },
            { uri: 'pkg:npm/fastify@5.6.0', digest: { sha512: 'b'.repeat(128) } },
          ],
        },
        runDetails: { builder: { id: 'https://shiplock.dev/builder/local/v1' }, metadata: { invocationId: 'run-1', startedOn: '2026-11-27T11:57:00Z', finishedOn: '2026-11-27T11:58:00Z' } },
      },
    })
  })

  test('is the same in whatever order the packages came', () => {
    const shuffled = provenanceStatement(bare, { ...buildFacts, packages: buildFacts.packages.toReversed() })
    expect(canonicalJson(shuffled)).toEqual(canonicalJson(provenanceStatement(bare, buildFacts)))
  })

  test('of a commit that was never pushed does not say where it is', () => {
    expect(provenanceStatement(bare, { ...buildFacts, source: { commit: 'a'.repeat(40) } }).predicate.buildDefinition.resolvedDependencies?.[0]).toEqual({ name: 'source', digest: { gitCommit: 'a'.repeat(40) } })
  })

  test.each<[string, Partial<BuildFacts>]>([
    ['a build type that is no URI', { buildType: 'assemble' }],
    ['a builder that is no URI', { builder: 'laptop' }],
    ['a builder with a line break', { builder: 'https://shiplock.dev/\nbuilder' }],
    ['a commit that is a branch', { source: { commit: 'main' } }],
    ['a short commit', { source: { commit: 'abcdef1' } }],
    ['a package that has no package URL', { packages: [{ purl: 'libc6', digest: { sha256: 'c'.repeat(64) } }] }],
    ['a package without digest', { packages: [{ purl: 'pkg:npm/a@1', digest: {} }] }],
    ['a package whose digest is cut', { packages: [{ purl: 'pkg:npm/a@1', digest: { sha256: 'c'.repeat(63) } }] }],
    ['a package whose digest is in base64', { packages: [{ purl: 'pkg:npm/a@1', digest: { sha512: 'A'.repeat(88) } }] }],
  ])('with %s is not made', (_, facts) => {
    expect(() => provenanceStatement(bare, { ...buildFacts, ...facts })).toThrow(invalid)
  })

  test('claims no more than its builder can promise', () => {
    expect([builders.local, builders.githubSelfHosted, builders.githubHosted, 'https://elsewhere.example/', `${builders.githubHosted}/`].map(buildLevelOf)).toEqual([1, 1, 2, 0, 0])
  })
})

describe('a verdict', () => {
  test('has the shape that SLSA gives it, and the rest in one field whose name is a URI', () => {
    expect(verificationSummaryStatement(bare, { ...verdictFacts, buildLevel: 2, inputAttestations: [{ digest: { sha256: 'e'.repeat(64) } }] }).predicate).toEqual({
      verifier: { id: 'https://shiplock.dev/gate/v1' },
      timeVerified: '2026-11-27T11:59:00Z',
      resourceUri: 'todo',
      policy: { uri: 'shiplock.config.ts', digest: { sha256: 'd'.repeat(64) } },
      inputAttestations: [{ digest: { sha256: 'e'.repeat(64) } }],
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_2'],
      slsaVersion: '1.1',
      [verdictField]: { decision: 'allowed', plan: 'plan-1', checks: [passed('sast'), passed('secrets')], reasons: [], waivers: [], data: [{ name: 'osv', asOf: '2026-11-27T00:00:00Z' }] },
    })
  })

  test.each(['provisional', 'refused', 'undecided'] as const)('that is %s is FAILED to whoever knows no more, and claims no level', (decision) => {
    expect(verificationSummaryStatement(bare, { ...verdictFacts, decision }).predicate).toMatchObject({ verificationResult: 'FAILED', verifiedLevels: ['FAILED'] })
  })

  test.each<[string, Partial<VerdictFacts>]>([
    ['a judge that is no URI', { verifier: 'gate' }],
    ['a check twice', { checks: [passed('sast'), { ...passed('sast'), decision: 'refuse' }] }],
    ['a check without a name', { checks: [passed('')] }],
    ['less than no findings', { checks: [{ ...passed('sast'), findings: -1 }] }],
    ['no resource', { resourceUri: '' }],
    ['data of no time', { data: [{ name: 'osv', asOf: 'yesterday' }] }],
    ['an input without digest', { inputAttestations: [{ digest: {} }] }],
  ])('with %s is not made', (_, facts) => {
    expect(() => verificationSummaryStatement(bare, { ...verdictFacts, ...facts })).toThrow(invalid)
  })
})

describe('an SBOM', () => {
  test('is the document itself', () => {
    const document = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ name: 'a' }], metadata: { timestamp: '2026-01-01T00:00:00Z' } } as const
    expect(sbomStatement(bare, document)).toMatchObject({ predicateType: 'https://cyclonedx.org/bom', predicate: document })
  })

  test.each([{ bomFormat: 'SPDX', specVersion: '1.6' }, { bomFormat: 'CycloneDX' }, { bomFormat: 'CycloneDX', specVersion: '2' }, { bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { timestamp: 'now' } }])('is not %j', (document) => {
    expect(() => sbomStatement(bare, document as CycloneDx)).toThrow(invalid)
  })
})

describe('a test result', () => {
  const result: TestResult = { result: 'PASSED', configuration: [{ uri: 'package.json', digest: { sha256: 'a'.repeat(64) } }], passedTests: ['a'] }

  test('is stated as it is', () => {
    expect(testResultStatement(bare, result)).toMatchObject({ predicateType: 'https://in-toto.io/attestation/test-result/v0.1', predicate: result })
    expect(testResultStatement(bare, { ...result, result: 'FAILED', failedTests: ['b'] }).predicate.result).toBe('FAILED')
  })

  test.each([{ result: 'OK' }, { configuration: undefined }, { configuration: [{}] }, { failedTests: ['b'] }])('is not %j', (changes) => {
    expect(() => testResultStatement(bare, { ...result, ...changes } as TestResult)).toThrow(invalid)
  })
})

describe('a vulnerability report', () => {
  const report: VulnerabilityReport = {
    scanner: { uri: 'https://shiplock.dev/advisories/v1', db: { lastUpdate: '2026-11-26T00:00:00Z' }, result: [{ id: 'CVE-2026-1', severity: [{ method: 'CVSS_V3', score: '9.8' }] }] },
    metadata: { scanStartedOn: '2026-11-27T11:00:00Z', scanFinishedOn: minutesAgo(1).toISOString() },
  }

  test('is stated as it is', () => {
    expect(vulnerabilityStatement(bare, report)).toMatchObject({ predicateType: 'https://in-toto.io/attestation/vulns/v0.2', predicate: report })
  })

  test.each([
    { scanner: { ...report.scanner, db: {} } },
    { scanner: { ...report.scanner, uri: '' } },
    { scanner: { ...report.scanner, result: [{ severity: [] }] } },
    { metadata: { scanStartedOn: '2026-11-27T11:00:00Z' } },
  ])('is not %j', (changes) => {
    expect(() => vulnerabilityStatement(bare, { ...report, ...changes } as VulnerabilityReport)).toThrow(invalid)
  })
})
