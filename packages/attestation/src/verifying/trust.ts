import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Digest } from '../digest.ts'
import { AttestationError } from '../error.ts'
import { readStrictJson } from '../json/strict-json.ts'
import { isP256, keyIdOf, type KeyId } from '../key-id.ts'
import { predicateTypes } from '../statement/statement.ts'
import { readShape, timestamp, uri } from '../statement/shape.ts'

/**
 * Whom a target trusts and what it requires before it admits an image. It belongs to the target and never comes with the
 * commit: otherwise an image could bring its own permission.
 */
export interface Trust {
  /** On `loopback` local keys and provisional verdicts count; nowhere else. */
  readonly target: 'loopback' | 'cloud'
  readonly identities: readonly TrustedIdentity[]
  /** Sigstore's TrustedRoot in its JSON mapping: certificate authorities and logs. Needed where an identity is keyless. */
  readonly trustedRoot?: unknown
  /** Kinds of statement that must be there, besides the verdict. */
  readonly requires: readonly RequiredPredicate[]
  /** The verdict that must be there. */
  readonly verdict?: RequiredVerdict
  /** Who may have built the image, from where; absent where that does not matter. */
  readonly provenance?: RequiredProvenance
  /** Whether an image counts as the one that was signed where its configuration, and so what each layer unpacks to, is the same and only the manifest is another. */
  readonly acceptsRecompressed: boolean
  readonly revoked: Revocations
}

export type TrustedIdentity = TrustedKey | TrustedWorkload

/** A key held by this machine's owner, or by a key management service. */
export interface TrustedKey {
  readonly kind: 'local-key' | 'kms-key'
  readonly name: string
  readonly keyId: KeyId
  readonly publicKey: KeyObject
  readonly validFrom?: Date
  readonly validUntil?: Date
  /** The predicate types that it may state; any where absent. */
  readonly states?: readonly string[]
}

/** A workload that a certificate vouches for: for GitHub Actions, one workflow file of one repository on one ref. */
export interface TrustedWorkload {
  readonly kind: 'keyless'
  readonly name: string
  /** The OIDC issuer. */
  readonly issuer: string
  /** The certificate's subject alternative name, in full: `https://github.com/acme/todo/.github/workflows/ship.yml@refs/heads/main`; for previews that of any pull request, by `anyPullRequest`. */
  readonly subject: string
  /** GitHub's number of the repository, which a repository of the same name made later does not have. */
  readonly repositoryId?: string
  /** GitHub's number of its owner. */
  readonly ownerId?: string
  readonly runner?: 'github-hosted' | 'self-hosted'
  readonly states?: readonly string[]
}

export interface RequiredPredicate {
  readonly predicateType: string
  /** Seconds. */
  readonly maxAge?: number
}

export interface RequiredVerdict {
  /** Whose verdict: `verifier.id` of the summary. */
  readonly verifier: string
  /** For what: `resourceUri` of the summary. */
  readonly resourceUri: string
  /** Checks that must have run to their end and passed. */
  readonly checks: readonly string[]
  /** Seconds. */
  readonly maxAge: number
}

export interface RequiredProvenance {
  readonly builders?: readonly string[]
  /** A repository, such as git+https://github.com/acme/todo. */
  readonly sources?: readonly string[]
}

export interface Revocations {
  readonly images: readonly Digest[]
  readonly keys: readonly KeyId[]
  /** sha256 of the payload of a statement. */
  readonly statements: readonly Digest[]
}

/** At the end of a workload's name: the workflow as any pull request of the repository has it. */
export const anyPullRequest = '@refs/pull/*/merge'

const digest = z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)])
const seconds = z.int().positive()
const states = z.array(z.string().min(1)).min(1).exactOptional()
const one = z.string().min(1)

const keyDocument = z.strictObject({
  kind: z.enum(['local-key', 'kms-key']), name: one, publicKey: one,
  validFrom: timestamp.exactOptional(), validUntil: timestamp.exactOptional(), states,
})

const workloadDocument = z.strictObject({
  kind: z.literal('keyless'), name: one, issuer: z.url({ protocol: /^https?$/ }), subject: one.refine((subject) => !subject.replace(anyPullRequest, '').includes('*'), 'is a name in full: only the number of a pull request may be left open, as @refs/pull/*/merge'),
  repositoryId: z.string().regex(/^\d+$/).exactOptional(), ownerId: z.string().regex(/^\d+$/).exactOptional(),
  runner: z.enum(['github-hosted', 'self-hosted']).exactOptional(), states,
})

/** How a trust policy is written down, as JSON. A field that is not known is refused: what somebody meant to forbid must not be overlooked. */
const trustDocument = z
  .strictObject({
    version: z.literal(1),
    target: z.enum(['loopback', 'cloud']),
    identities: z.array(z.discriminatedUnion('kind', [keyDocument, workloadDocument])).min(1),
    trustedRoot: z.record(z.string(), z.unknown()).exactOptional(),
    requires: z.array(z.strictObject({ predicateType: one, maxAge: seconds.exactOptional() })),
    verdict: z.strictObject({ verifier: uri, resourceUri: one, checks: z.array(one), maxAge: seconds }).exactOptional(),
    provenance: z.strictObject({ builders: z.array(uri).min(1).exactOptional(), sources: z.array(uri).min(1).exactOptional() }).exactOptional(),
    acceptsRecompressed: z.boolean().default(false),
    revoked: z.strictObject({ images: z.array(digest).default([]), keys: z.array(digest).default([]), statements: z.array(digest).default([]) }).prefault({}),
  })
  .refine(({ target, verdict }) => target === 'loopback' || verdict !== undefined, 'a cloud target admits nothing without a verdict')
  .refine(({ target, identities }) => target === 'loopback' || identities.every(({ kind }) => kind !== 'local-key'), 'a local key is good for loopback only')
  .refine(({ identities, trustedRoot }) => trustedRoot !== undefined || identities.every(({ kind }) => kind !== 'keyless'), 'a keyless identity needs a trusted root')
  .refine(({ target, identities }) => target === 'loopback' || identities.every((identity) => identity.kind !== 'keyless' || identity.repositoryId !== undefined), 'for a cloud target a keyless identity names the repository by its number')
  .refine(({ requires, verdict, provenance }) => requires.length > 0 || verdict !== undefined || provenance !== undefined, 'nothing is required')

/** Reads a trust policy. One that does not say plainly what it trusts throws `trust-invalid`: nothing is assumed in its place. */
export function parseTrust(bytes: Uint8Array): Trust {
  const reading = readStrictJson(bytes)
  if ('problem' in reading) throw new AttestationError('trust-invalid', reading.key === undefined ? 'the trust policy is not JSON' : 'the trust policy has a key twice')
  const shaped = readShape<z.infer<typeof trustDocument>>(trustDocument, reading.value, 'the trust policy')
  if ('problem' in shaped) throw new AttestationError('trust-invalid', shaped.problem)
  const { version: _, identities, ...rest } = shaped.value
  const trusted = identities.map((identity) => (identity.kind === 'keyless' ? identity : toKey(identity)))
  const keys = trusted.flatMap((identity) => (identity.kind === 'keyless' ? [] : [identity.keyId]))
  if (new Set(keys).size < keys.length) throw new AttestationError('trust-invalid', 'the trust policy names a key twice')
  return { ...rest, identities: trusted }
}

function toKey({ kind, name, publicKey, validFrom, validUntil, states }: z.infer<typeof keyDocument>): TrustedKey {
  const key = readPublicKey(publicKey)
  if (!key) throw new AttestationError('trust-invalid', `the trust policy, ${JSON.stringify(name)}: not an ECDSA public key on P-256 in PEM`)
  return {
    kind, name, publicKey: key, keyId: keyIdOf(key),
    ...(validFrom === undefined ? {} : { validFrom: new Date(validFrom) }),
    ...(validUntil === undefined ? {} : { validUntil: new Date(validUntil) }),
    ...(states === undefined ? {} : { states }),
  }
}

function readPublicKey(pem: string): KeyObject | undefined {
  // A private key would be accepted as well and give its public half; it has no place in a policy.
  if (!/^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$/.test(pem)) return undefined
  try {
    const key = createPublicKey({ key: pem, format: 'pem' })
    return isP256(key) ? key : undefined
  } catch {
    return undefined
  }
}

/** What a target that wants everything requires besides the verdict. */
export const allPredicates: readonly string[] = [predicateTypes.provenance, predicateTypes.sbom, predicateTypes.vulnerabilities]
