import { isDigest, type Digest } from '../digest.ts'
import type { ImageContent } from '../statement/statement.ts'
import type { Attestation } from './attestation.ts'
import { examine } from './examine.ts'
import { linesOf, type ProvenLine } from './proven-line.ts'
import type { Refusal } from './refusal.ts'
import { judge } from './requirements.ts'
import type { Trust } from './trust.ts'

export interface VerifyInput {
  /** Of the image's manifest, computed from its bytes or pinned by whoever asks: never a tag. */
  readonly digest: Digest
  /** Of the same image, from its verified manifest and configuration; needed where the policy accepts images packed anew. */
  readonly content?: ImageContent
  /** What refers to the image: each the bytes of a Sigstore bundle. All are hostile until proven. */
  readonly bundles: readonly Uint8Array[]
  readonly trust: Trust
  readonly now: Date
  /** The target ran this very digest before, by its own record: age does not count against it, and is told as a warning. */
  readonly admittedBefore?: boolean
}

export interface Verification {
  /** Whether the image may be deployed: nothing was refused, and everything that is required was proven. */
  readonly admitted: boolean
  readonly proven: readonly ProvenLine[]
  /** Each keeps the image out. */
  readonly refused: readonly Refusal[]
  /** Bundles of nobody who is trusted: they count for nothing. */
  readonly ignored: readonly Refusal[]
  /** What a person should read though the image is admitted. */
  readonly warnings: readonly string[]
  /** What was proven, for whoever asks further. */
  readonly attestations: readonly Attestation[]
}

/**
 * Decides whether an image may be deployed, from bytes alone: no network, no file, no clock. Fails closed: a bundle that was
 * tampered with refuses the image also where the others would do, and whatever the policy does not name counts for nothing.
 */
export async function verifyAttestations({ digest, content, bundles, trust, now, admittedBefore = false }: VerifyInput): Promise<Verification> {
  if (!isDigest(digest) || Number.isNaN(now.getTime())) throw new TypeError('an image is verified by its digest, at a time')
  if (bundles.length > maxBundles) return tooMany(bundles.length)
  const examined = await Promise.all(bundles.map(async (bytes, bundle) => examine(bytes, bundle, { digest, content, trust, now })))
  const attestations = examined.flatMap((it) => ('attestation' in it ? [it.attestation] : []))
  const tampered = examined.flatMap((it, bundle) => ('refusal' in it ? [{ ...it.refusal, bundle }] : []))
  const ignored = examined.flatMap((it, bundle) => ('ignored' in it ? [{ ...it.ignored, bundle }] : []))
  const revoked: Refusal[] = trust.revoked.images.includes(digest) ? [{ code: 'revoked', text: `the image ${digest} was revoked` }] : []
  // Where nobody who is trusted said anything, what strangers said is the reason to give.
  const strangers = attestations.length === 0 ? ignored : []
  const unsigned: Refusal[] = bundles.length === 0 ? [{ code: 'unsigned', text: `the image ${digest} has no attestation` }] : []
  const { refused, warnings } = judge(attestations, trust, { now, admittedBefore })
  const all = [...revoked, ...unsigned, ...tampered, ...strangers, ...refused]
  return {
    admitted: all.length === 0,
    proven: linesOf(attestations),
    refused: all,
    ignored: strangers.length > 0 ? [] : ignored,
    warnings: [...warnings, ...attestations.flatMap(packedAnew)],
    attestations,
  }
}

/** Ten statements, renewed for months; whoever attaches more wants the verifier to be busy. */
const maxBundles = 500

function tooMany(count: number): Verification {
  return { admitted: false, proven: [], refused: [{ code: 'too-large', text: `${count} bundles, where ${maxBundles} are allowed` }], ignored: [], warnings: [], attestations: [] }
}

function packedAnew({ names, statement }: Attestation): readonly string[] {
  return names === 'manifest' ? [] : [`${statement.predicateType} names this image by its configuration: somebody packed its layers anew`]
}
