import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { digestOf as digestOfBytes, type Digest } from '../digest.ts'
import { preAuthenticationEncoding, statementPayloadType } from '../dsse.ts'
import { attest, type Signer } from '../signing/signer.ts'
import { localSigner, type LocalSigner } from '../signing/local-signer.ts'
import { builders, assembleBuildType, provenanceStatement, type BuildFacts } from '../statement/provenance.ts'
import type { ImageSubject } from '../statement/statement.ts'
import { verificationSummaryStatement, type CheckResult, type VerdictFacts } from '../statement/verification-summary.ts'
import { parseTrust, type Trust } from '../verifying/trust.ts'
import { verifyAttestations, type Verification, type VerifyInput } from '../verifying/verify-attestations.ts'

/** A directory of this test alone, gone when it has ended. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'shiplock-attestation-')))
  onTestFinished(async () => rm(directory, { recursive: true, force: true }))
  return directory
}

export const digestOf = (content: string | Uint8Array): Digest => digestOfBytes(Buffer.from(content))

export const image: ImageSubject = { name: 'todo', digest: digestOf('manifest'), content: { config: digestOf('config'), diffIds: [digestOf('layer 1'), digestOf('layer 2')] } }
export const now = new Date('2026-11-27T12:00:00Z')
export const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)

export const newSigner = async (): Promise<LocalSigner> => localSigner(join(await temporaryDirectory(), 'keys'))

export const buildFacts: BuildFacts = {
  buildType: assembleBuildType,
  externalParameters: { config: 'shiplock.config.ts' },
  source: { repository: 'git+https://github.com/acme/todo', commit: 'a'.repeat(40), ref: 'refs/heads/main' },
  packages: [
    { purl: 'pkg:npm/fastify@5.6.0', digest: { sha512: 'b'.repeat(128) } },
    { purl: 'pkg:deb/debian/libc6@2.41-12?arch=amd64', digest: { sha256: 'c'.repeat(64) } },
  ],
  builder: builders.local,
  invocationId: 'run-1',
  startedOn: minutesAgo(3),
  finishedOn: minutesAgo(2),
}

export const passed = (check: string): CheckResult => ({ check, decision: 'pass', outcome: 'completed', findings: 0, waived: 0, baselined: 0 })

export const verifier = 'https://shiplock.dev/gate/v1'

export const verdictFacts: VerdictFacts = {
  verifier,
  timeVerified: minutesAgo(1),
  resourceUri: 'todo',
  policy: { uri: 'shiplock.config.ts', digest: { sha256: 'd'.repeat(64) } },
  buildLevel: 1,
  decision: 'allowed',
  plan: 'plan-1',
  checks: [passed('secrets'), passed('sast')],
  reasons: [],
  waivers: [],
  data: [{ name: 'osv', asOf: '2026-11-27T00:00:00Z' }],
}

export const provenance = async (signer: Signer, facts: Partial<BuildFacts> = {}, subject = image): Promise<Uint8Array> =>
  attest(signer, provenanceStatement(subject, { ...buildFacts, ...facts }))
export const verdict = async (signer: Signer, facts: Partial<VerdictFacts> = {}, subject = image): Promise<Uint8Array> =>
  attest(signer, verificationSummaryStatement(subject, { ...verdictFacts, ...facts }))

/** A policy as it is written down. */
export function trustDocument(keys: readonly LocalSigner[], changes: object = {}): object {
  return {
    version: 1,
    target: 'loopback',
    identities: keys.map(({ publicKey }, position) => ({ kind: 'local-key', name: `key ${position}`, publicKey })),
    requires: [{ predicateType: 'https://slsa.dev/provenance/v1' }],
    verdict: { verifier, resourceUri: 'todo', checks: ['sast', 'secrets'], maxAge: 3600 },
    ...changes,
  }
}

export const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
export const trustIn = (keys: readonly LocalSigner[], changes: object = {}): Trust => parseTrust(jsonBytes(trustDocument(keys, changes)))

export const verify = async (trust: Trust, bundles: readonly Uint8Array[], changes: Partial<VerifyInput> = {}): Promise<Verification> =>
  verifyAttestations({ digest: image.digest, bundles, trust, now, ...changes })

export const codesOf = ({ refused }: Verification): readonly string[] => refused.map(({ code }) => code)

/** A bundle with something changed in it, as an attacker with write access to the registry may. */
export function tamper(bundle: Uint8Array, change: (document: TamperedBundle) => void): Uint8Array {
  const document: TamperedBundle = JSON.parse(new TextDecoder().decode(bundle))
  change(document)
  return jsonBytes(document)
}

/** A bundle around any payload of any type, as a careless or hostile holder of a trusted key may sign. */
export async function signRaw(signer: Signer, payload: string, payloadType = statementPayloadType): Promise<Uint8Array> {
  const bytes = Buffer.from(payload)
  const { signature } = await signer.sign(preAuthenticationEncoding(payloadType, bytes))
  return tamper(await provenance(signer), ({ dsseEnvelope }) => {
    dsseEnvelope.payload = bytes.toString('base64')
    dsseEnvelope.payloadType = payloadType
    dsseEnvelope.signatures = [{ sig: Buffer.from(signature).toString('base64') }]
  })
}

export interface TamperedBundle {
  mediaType?: string
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string; keyid?: string }[] }
  verificationMaterial: { publicKey?: { hint: string }; certificate?: { rawBytes: string }; [field: string]: unknown }
  [field: string]: unknown
}

export const payloadOf = (bundle: Uint8Array): Uint8Array => {
  const document: TamperedBundle = JSON.parse(new TextDecoder().decode(bundle))
  return Buffer.from(document.dsseEnvelope.payload, 'base64')
}
