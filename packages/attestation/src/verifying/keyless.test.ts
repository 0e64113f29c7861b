import { generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { attest } from '../signing/signer.ts'
import { keylessSigner } from '../signing/keyless-signer.ts'
import { provenanceStatement } from '../statement/provenance.ts'
import { verificationSummaryStatement } from '../statement/verification-summary.ts'
import { buildFacts, codesOf, image, jsonBytes, tamper, verdictFacts, verifier, verify, type TamperedBundle } from '../testing/rig.ts'
import { githubIssuer, localSigstore, startSigstore, workflow, type LocalSigstore, type LocalSigstoreOptions } from '../testing/sigstore.ts'
import { parseTrust, type Trust } from './trust.ts'

const identity = { kind: 'keyless', name: 'ship', issuer: githubIssuer, subject: workflow, repositoryId: '1001', ownerId: '77', runner: 'github-hosted' }

const trustOf = (trustedRoot: unknown, changes: object = {}, policy: object = {}): Trust =>
  parseTrust(jsonBytes({ version: 1, target: 'cloud', identities: [{ ...identity, ...changes }], trustedRoot, requires: [{ predicateType: 'https://slsa.dev/provenance/v1' }], verdict: { verifier, resourceUri: 'todo', checks: ['sast'], maxAge: 3600 }, ...policy }))

const clock = new Date()
const at = (minutes: number): Date => new Date(clock.getTime() + minutes * 60_000)

async function signedBy(sigstore: LocalSigstore, claims: object = {}, timeVerified = at(-1)): Promise<readonly Uint8Array[]> {
  const signer = keylessSigner(sigstore.options(claims))
  return Promise.all([
    attest(signer, provenanceStatement(image, { ...buildFacts, startedOn: at(-3), finishedOn: at(-2) })),
    attest(signer, verificationSummaryStatement(image, { ...verdictFacts, timeVerified })),
  ])
}

const verifyNow = async (trust: Trust, bundles: readonly Uint8Array[]) => verify(trust, bundles, { now: new Date() })

describe('a workload', () => {
  test.each([1, 2] as const)('that Fulcio certified and Rekor %i logged is proven, without a word to either', async (rekorVersion) => {
    const sigstore = await localSigstore({ rekorVersion })
    const bundles = await signedBy(sigstore)
    const asked = sigstore.requests.length
    const verification = await verifyNow(trustOf(sigstore.trustedRoot), bundles)
    expect(verification).toMatchObject({ admitted: true, refused: [], ignored: [] })
    expect(verification.proven.map(({ by }) => by)).toEqual(['workload "ship"', 'workload "ship"'])
    expect(Math.abs(verification.attestations[0]!.loggedAt!.getTime() - clock.getTime())).toBeLessThan(600_000)
    expect(sigstore.requests.length).toBe(asked)
  })

  test.each([
    ['another workflow of the repository', { workflow_uri: 'https://github.com/acme/todo/.github/workflows/test.yml@refs/heads/main' }],
    ['the same workflow on another branch', { workflow_uri: 'https://github.com/acme/todo/.github/workflows/ship.yml@refs/heads/main2' }],
    ['a workflow whose address contains the right one', { workflow_uri: `https://evil.example/?${workflow}` }],
    ['a workflow whose address only looks alike to a pattern', { workflow_uri: workflow.replace('ship.yml', 'shipXyml') }],
    ['a repository of the same name that was made anew', { repository_id: '2002' }],
    ['a repository that another owner took over', { repository_owner_id: '78' }],
    ['a runner of the owner’s own', { runner_environment: 'self-hosted' }],
    ['another issuer', { iss: 'https://token.actions.githubusercontent.com.evil.example' }],
  ])('of %s is a stranger', async (_, claims) => {
    const sigstore = await localSigstore()
    const verification = await verifyNow(trustOf(sigstore.trustedRoot), await signedBy(sigstore, claims))
    expect(codesOf(verification)).toEqual(['stranger', 'stranger', 'predicate-missing', 'predicate-missing'])
  })

  test.each([
    ['of a pull request', 'refs/pull/42/merge', true],
    ['of the main branch', 'refs/heads/main', false],
    ['of a branch that is named like one', 'refs/heads/refs/pull/42/merge', false],
    ['of the head that its author pushed', 'refs/pull/42/head', false],
    ['of no number', 'refs/pull/0x/merge', false],
    ['of more than one', 'refs/pull/1/merge/refs/pull/2/merge', false],
  ])('%s is as good as the policy of previews says', async (_, ref, isGood) => {
    const sigstore = await localSigstore()
    const trust = trustOf(sigstore.trustedRoot, { subject: workflow.replace('@refs/heads/main', '@refs/pull/*/merge') })
    const bundles = await signedBy(sigstore, { workflow_uri: workflow.replace('refs/heads/main', ref) })
    expect((await verifyNow(trust, bundles)).admitted).toBe(isGood)
    // And for production nothing of a pull request is.
    expect((await verifyNow(trustOf(sigstore.trustedRoot), bundles)).admitted).toBe(ref === 'refs/heads/main')
  })

  test.each(['https://github.com/acme/*/.github/workflows/ship.yml@refs/heads/main', 'https://github.com/acme/todo/.github/workflows/ship.yml@refs/heads/*', '*'])('is named in full, which %j is not', (subject) => {
    expect(() => trustOf({}, { subject })).toThrow(/in full/)
  })

  test('without a number of its repository is a stranger where one is demanded', async () => {
    const sigstore = await localSigstore()
    const verification = await verifyNow(trustOf(sigstore.trustedRoot), await signedBy(sigstore, { repository_id: undefined }))
    expect(codesOf(verification)).toContain('stranger')
  })

  test.each([
    ['authority', 'certificateAuthorities'],
    ['certificate log', 'ctlogs'],
    ['transparency log', 'tlogs'],
  ])('certified by another Sigstore is refused: its %s is not trusted', async (_, part) => {
    const [ours, theirs] = [await localSigstore(), await localSigstore()]
    const bundles = await signedBy(theirs)
    const mixed = { ...Object(theirs.trustedRoot), [part]: Object(ours.trustedRoot)[part] }
    expect(codesOf(await verifyNow(trustOf(mixed), bundles))).toEqual(['signature-invalid', 'signature-invalid', 'predicate-missing', 'predicate-missing'])
    expect(codesOf(await verifyNow(trustOf({ ...Object(theirs.trustedRoot), [part]: [] }), bundles))).toContain('signature-invalid')
  })

  test('whose timestamp is of an authority that is not trusted is refused', async () => {
    const sigstore = await localSigstore({ rekorVersion: 2 })
    const other = await localSigstore()
    const mixed = { ...Object(sigstore.trustedRoot), timestampAuthorities: Object(other.trustedRoot).timestampAuthorities }
    expect(codesOf(await verifyNow(trustOf(mixed), await signedBy(sigstore)))).toContain('signature-invalid')
  })

  test.each<[string, LocalSigstoreOptions]>([
    ['after its certificate had expired', { certifiedAt: at(-60) }],
    ['before its certificate was valid', { certifiedAt: at(60) }],
    ['with a certificate that is in no log', { withoutCertificateLog: true }],
    ['after its certificate had expired, by Rekor 2', { certifiedAt: at(-60), rekorVersion: 2 }],
  ])('that signed %s is refused', async (_, options) => {
    const sigstore = await localSigstore(options)
    expect(codesOf(await verifyNow(trustOf(sigstore.trustedRoot), await signedBy(sigstore)))).toContain('signature-invalid')
  })

  test('is taken at the log’s word for when it signed: a later time in the statement is of the future', async () => {
    const sigstore = await localSigstore()
    const verification = await verify(trustOf(sigstore.trustedRoot), await signedBy(sigstore, {}, at(20)), { now: at(30) })
    expect(codesOf(verification)).toEqual(['from-the-future', 'predicate-missing'])
  })

  test('whose log entry is of tomorrow is refused', async () => {
    const sigstore = await localSigstore({ certifiedAt: at(59), loggedAt: at(60) })
    expect(codesOf(await verifyNow(trustOf(sigstore.trustedRoot), await signedBy(sigstore)))).toContain('from-the-future')
  })
})

describe('a keyless bundle is refused', () => {
  let sigstore: LocalSigstore
  let good: readonly Uint8Array[]

  beforeAll(async () => {
    sigstore = await startSigstore()
    good = await signedBy(sigstore)
    return sigstore.close
  })

  const entryOf = ({ verificationMaterial }: TamperedBundle): Record<string, unknown> => {
    const entries = verificationMaterial['tlogEntries']
    if (!Array.isArray(entries)) throw new Error('no entries')
    return Object(entries[0])
  }

  test.each<[string, string, (bundle: TamperedBundle, other: TamperedBundle) => void]>([
    ['whose payload was swapped', 'signature-invalid', ({ dsseEnvelope }, other) => { dsseEnvelope.payload = other.dsseEnvelope.payload }],
    ['whose envelope was swapped', 'signature-invalid', (it, other) => { it.dsseEnvelope = other.dsseEnvelope }],
    ['whose certificate was swapped', 'signature-invalid', (it, other) => { it.verificationMaterial.certificate = other.verificationMaterial.certificate! }],
    ['whose log entry was swapped', 'signature-invalid', (it, other) => { it.verificationMaterial['tlogEntries'] = other.verificationMaterial['tlogEntries'] }],
    ['whose log entry was taken out', 'signature-invalid', (it) => { it.verificationMaterial['tlogEntries'] = [] }],
    ['whose log entries are no list', 'signature-invalid', (it) => { delete it.verificationMaterial['tlogEntries'] }],
    ['whose log entry lost its inclusion proof', 'malformed', (it) => { delete entryOf(it)['inclusionProof'] }],
    ['whose log entry lost its promise, and with it the time', 'signature-invalid', (it) => { delete entryOf(it)['inclusionPromise'] }],
    ['whose log entry bears another time', 'signature-invalid', (it) => { entryOf(it)['integratedTime'] = '1' }],
    ['whose log entry is of another log', 'signature-invalid', (it) => { entryOf(it)['logId'] = { keyId: 'AAAA' } }],
    ['whose log entry is there twice', 'signature-invalid', (it) => { it.verificationMaterial['tlogEntries'] = [entryOf(it), entryOf(it)] }],
    ['whose log entry is nonsense', 'malformed', (it) => { it.verificationMaterial['tlogEntries'] = [1] }],
    ['whose certificate is nonsense', 'malformed', (it) => { it.verificationMaterial.certificate = { rawBytes: 'MAAwADAA' } }],
    ['whose certificate was cut', 'malformed', (it) => { it.verificationMaterial.certificate = { rawBytes: it.verificationMaterial.certificate!.rawBytes.slice(0, 400) } }],
    ['that carries a chain', 'malformed', (it) => { it.verificationMaterial['x509CertificateChain'] = { certificates: [it.verificationMaterial.certificate] } }],
    ['whose timestamp is nonsense', 'malformed', (it) => { it.verificationMaterial['timestampVerificationData'] = { rfc3161Timestamps: [{ signedTimestamp: 'AAAA' }] } }],
  ])('%s: %s', async (_, code, attack) => {
    const [statement, verdict] = good
    const other: TamperedBundle = JSON.parse(new TextDecoder().decode(verdict))
    const attacked = tamper(statement!, (it) => attack(it, other))
    const verification = await verifyNow(trustOf(sigstore.trustedRoot), [statement!, verdict!, attacked])
    expect(verification).toMatchObject({ admitted: false, refused: [{ code, bundle: 2 }] })
  })

  test('that a timestamp authority stamped and no log has', async () => {
    const stamping = await localSigstore({ rekorVersion: 2 })
    const [statement, verdict] = await signedBy(stamping)
    const unlogged = tamper(statement!, (it) => { it.verificationMaterial['tlogEntries'] = [] })
    expect(await verifyNow(trustOf(stamping.trustedRoot), [statement!, verdict!, unlogged])).toMatchObject({ admitted: false, refused: [{ code: 'signature-invalid', bundle: 2 }] })
  })

  test('where a certificate that anybody can read is put beside a signature of one’s own', async () => {
    const [statement, verdict] = good
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const forged = tamper(statement!, ({ dsseEnvelope }) => { dsseEnvelope.signatures = [{ sig: sign('sha256', Buffer.from('anything'), privateKey).toString('base64') }] })
    expect(codesOf(await verifyNow(trustOf(sigstore.trustedRoot), [forged, verdict!]))).toEqual(['signature-invalid', 'predicate-missing'])
  })
})

test('a trusted root that cannot be read is no root, and trusts nobody', async () => {
  const sigstore = await localSigstore()
  const bundles = await signedBy(sigstore)
  await expect(verifyNow(trustOf({ tlogs: [{}] }), bundles)).rejects.toMatchObject({ code: 'trust-invalid' })
  expect(codesOf(await verifyNow(trustOf({}), bundles))).toContain('signature-invalid')
})

test('a certificate proves nothing where only keys are trusted', async () => {
  const sigstore = await localSigstore()
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keyOnly = parseTrust(jsonBytes({ version: 1, target: 'loopback', identities: [{ kind: 'local-key', name: 'laptop', publicKey: publicKey.export({ type: 'spki', format: 'pem' }) }], requires: [{ predicateType: 'https://slsa.dev/provenance/v1' }] }))
  expect(codesOf(await verifyNow(keyOnly, await signedBy(sigstore)))).toEqual(['stranger', 'stranger', 'predicate-missing'])
})

describe('an attestation that GitHub Actions made with Sigstore’s public services', () => {
  // Published by sigstore-conformance; in Rekor at index 155690850. The root is the one that @sigstore/tuf carries.
  const bundle = readFileSync(join(import.meta.dirname, 'fixtures/github-actions.sigstore.json'))
  const seeds: Record<string, { targets: Record<string, string> }> = createRequire(import.meta.url)('@sigstore/tuf/seeds.json')
  const root: unknown = JSON.parse(Buffer.from(seeds['https://tuf-repo-cdn.sigstore.dev']!.targets['trusted_root.json']!, 'base64').toString())
  const subject = 'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main'
  const trust = (changes: object = {}): Trust => parseTrust(jsonBytes({ version: 1, target: 'loopback', identities: [{ ...identity, subject, repositoryId: '632596897', ownerId: '131804563', ...changes }], trustedRoot: root, requires: [{ predicateType: 'https://slsa.dev/provenance/v1' }] }))
  const digest = 'sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf'

  test('is proven', async () => {
    const verification = await verify(trust(), [bundle], { digest })
    expect(verification).toMatchObject({ admitted: true })
    expect(verification.attestations[0]?.loggedAt?.toISOString()).toBe('2024-12-16T18:42:56.000Z')
    expect(verification.proven[0]?.what).toContain('built by "https://github.com/')
  })

  test('is of a stranger where another repository is trusted', async () => {
    expect(codesOf(await verify(trust({ repositoryId: '1' }), [bundle], { digest }))).toContain('stranger')
  })

  test('is refused with one letter changed', async () => {
    const changed = tamper(bundle, ({ dsseEnvelope }) => { dsseEnvelope.payload = Buffer.from(Buffer.from(dsseEnvelope.payload, 'base64').toString().replace('a.txt', 'b.txt')).toString('base64') })
    expect(codesOf(await verify(trust(), [changed], { digest }))).toContain('signature-invalid')
  })
  test('proves what was signed or nothing, whatever byte of it is changed', async () => {
    const [expected] = (await verify(trust(), [bundle], { digest })).attestations
    await fc.assert(fc.asyncProperty(fc.nat({ max: bundle.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = Uint8Array.from(bundle, (byte, position) => (position === at ? byte ^ change : byte))
      for (const attestation of (await verify(trust(), [changed], { digest })).attestations) expect(attestation).toEqual(expected)
    }), { numRuns: 100 })
  })
})
