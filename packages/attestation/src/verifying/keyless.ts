import type { Bundle } from '@sigstore/bundle'
import type { SignedEntity } from '@sigstore/verify'
import { AttestationError, quote } from '../error.ts'
import { isRecord } from '../json/strict-json.ts'
import type { Envelope } from './envelope.ts'
import { refuse, type Refusal } from './refusal.ts'
import { anyPullRequest, type Trust, type TrustedWorkload } from './trust.ts'

/** A workload whose certificate, log entry and signature were proven, and the earliest time at which somebody else saw the signature. */
export interface VerifiedWorkload {
  readonly identity: TrustedWorkload
  readonly loggedAt: Date
}

/** What a Fulcio certificate claims of the workload (sigstore/fulcio, docs/oid-info.md). */
interface Claims {
  readonly subject: string | undefined
  readonly issuer: string | undefined
  readonly repositoryId: string | undefined
  readonly ownerId: string | undefined
  readonly runner: string | undefined
}

const fulcioOid = (last: number): string => `1.3.6.1.4.1.57264.1.${last}`

/**
 * Verifies a bundle with a certificate against the trusted root that the policy holds: the chain to one of its authorities at
 * the time that a log or a timestamp authority attests, the certificate's own log, the entry in the transparency log and that
 * it is about this very envelope, and the signature. No network: what the root does not hold is not trusted.
 */
export async function verifyWorkload({ by, document }: Envelope, trust: Trust): Promise<VerifiedWorkload | { readonly refusal: Refusal } | { readonly ignored: Refusal }> {
  if (by.kind !== 'certificate') throw new TypeError('a bundle with a key is verified by that key')
  // Loaded where they are needed: most images of a local target are signed by a key.
  const [{ bundleFromJSON }, { toSignedEntity, Verifier }, { X509Certificate }] = await Promise.all([import('@sigstore/bundle'), import('@sigstore/verify'), import('@sigstore/core')])
  const read = attempt(() => {
    const bundle = bundleFromJSON(document)
    return { claims: claimsOf(X509Certificate.parse(Buffer.from(by.der))), bundle, entity: toSignedEntity(bundle) }
  })
  if ('trouble' in read) return refuse('malformed', `the certificate or what is beside it cannot be read: ${quote(read.trouble)}`)
  const { claims, bundle, entity } = read.value
  const identity = trust.identities.filter(({ kind }) => kind === 'keyless').find((it): it is TrustedWorkload => it.kind === 'keyless' && isClaimed(it, claims))
  if (!identity) return { ignored: { code: 'stranger', text: `a certificate for ${quote(claims.subject ?? '')} by ${quote(claims.issuer ?? '')}${claims.repositoryId === undefined ? '' : `, repository ${quote(claims.repositoryId)}`}` } }
  // One entry in a transparency log, one in the certificate's, one time that somebody else attests.
  const verifier = new Verifier(await trustMaterialOf(trust), { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 })
  const verified = attempt(() => verifier.verify(entity))
  if ('trouble' in verified) return refuse('signature-invalid', `the certificate of the workload ${quote(identity.name)} does not prove it: ${quote(verified.trouble)}`)
  const loggedAt = earliest(entity, bundle)
  return loggedAt === undefined ? refuse('signature-invalid', `nobody attests when the workload ${quote(identity.name)} signed`) : { identity, loggedAt }
}

/** What the readers of hostile certificates and entries throw, in whatever way they do, is an answer: it is not proven. */
function attempt<T>(work: () => T): { readonly value: T } | { readonly trouble: string } {
  try {
    return { value: work() }
  } catch (error) {
    return { trouble: error instanceof Error ? error.message : String(error) }
  }
}

interface Certificate {
  readonly subjectAltName: string | undefined
  readonly extension: (oid: string) => { readonly value: Buffer; readonly valueObj: { readonly subs: readonly { readonly value: Buffer }[] } } | undefined
}

function claimsOf(certificate: Certificate): Claims {
  const text = (oid: string): string | undefined => certificate.extension(oid)?.valueObj.subs[0]?.value.toString('utf8')
  return {
    subject: certificate.subjectAltName,
    // Certificates of before 2023 have the first issuer extension alone, which is bare text.
    issuer: text(fulcioOid(8)) ?? certificate.extension(fulcioOid(1))?.value.toString('utf8'),
    repositoryId: text(fulcioOid(15)),
    ownerId: text(fulcioOid(17)),
    runner: text(fulcioOid(11)),
  }
}

/** Letter by letter but for the number of a pull request, where the policy leaves that open: each has a ref of its own. */
function isNamed(wanted: string, subject: string): boolean {
  if (!wanted.endsWith(anyPullRequest)) return subject === wanted
  const ref = wanted.slice(0, -anyPullRequest.length)
  return subject.startsWith(`${ref}@refs/pull/`) && /^[1-9]\d*\/merge$/.test(subject.slice(`${ref}@refs/pull/`.length))
}

/** In full and letter by letter: a pattern would admit a workflow whose name merely contains the right one. */
function isClaimed(identity: TrustedWorkload, claims: Claims): boolean {
  return (
    isNamed(identity.subject, claims.subject ?? '') &&
    claims.issuer === identity.issuer &&
    (identity.repositoryId === undefined || claims.repositoryId === identity.repositoryId) &&
    (identity.ownerId === undefined || claims.ownerId === identity.ownerId) &&
    (identity.runner === undefined || claims.runner === identity.runner)
  )
}

async function trustMaterialOf({ trustedRoot }: Trust) {
  const [{ TrustedRoot }, { toTrustMaterial }] = await Promise.all([import('@sigstore/protobuf-specs'), import('@sigstore/verify')])
  const material = attempt(() => toTrustMaterial(TrustedRoot.fromJSON(isRecord(trustedRoot) ? trustedRoot : {})))
  if ('trouble' in material) throw new AttestationError('trust-invalid', `the trusted root cannot be read: ${quote(material.trouble)}`)
  return material.value
}

/** Of the times that were verified: an entry bears one where its log promised to include it, a timestamp authority always does. */
function earliest({ timestamps }: SignedEntity, { verificationMaterial }: Bundle): Date | undefined {
  const logged = verificationMaterial.tlogEntries.flatMap(({ inclusionPromise, integratedTime }) => (inclusionPromise ? [Number(integratedTime) * 1000] : []))
  const stamped = timestamps.flatMap((timestamp) => (timestamp.$case === 'timestamp-authority' ? [timestamp.timestamp.signingTime.getTime()] : []))
  const times = [...logged, ...stamped].filter((time) => time > 0)
  return times.length === 0 ? undefined : new Date(Math.min(...times))
}
