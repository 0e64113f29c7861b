import { digestOf, type Digest } from '../digest.ts'
import { statementPayloadType } from '../dsse.ts'
import { quote } from '../error.ts'
import { readStrictJson } from '../json/strict-json.ts'
import { readStatement, type ImageContent } from '../statement/statement.ts'
import type { Attestation } from './attestation.ts'
import { readEnvelope, type Envelope } from './envelope.ts'
import { isOutOfPlace, isSignedBy, keyFor } from './key-signature.ts'
import { verifyWorkload } from './keyless.ts'
import { readPredicate } from './predicates.ts'
import { refuse, type Refusal } from './refusal.ts'
import { subjectMatch } from './subject.ts'
import type { Trust, TrustedIdentity } from './trust.ts'

/** What became of one bundle. */
export type Examined =
  | { readonly attestation: Attestation }
  /** Somebody tampered with it, or it has no place here. */
  | { readonly refusal: Refusal }
  /** Nobody who is trusted made it: it counts for nothing, and need not keep the image out. */
  | { readonly ignored: Refusal }

export interface Circumstances {
  readonly digest: Digest
  readonly content?: ImageContent | undefined
  readonly trust: Trust
  readonly now: Date
}

/** Who signed, and when somebody else saw it. */
interface Signed {
  readonly identity: TrustedIdentity
  readonly by: string
  readonly loggedAt?: Date
}

/** Clocks differ; this much is no sign of anything. */
const clockSkewMs = 5 * 60_000

/**
 * One bundle, from its bytes to a statement on the image at hand: first who signed, then whether they signed this, and only
 * then what it says.
 */
export async function examine(bytes: Uint8Array, bundle: number, circumstances: Circumstances): Promise<Examined> {
  const envelope = readEnvelope(bytes)
  if ('refusal' in envelope) return envelope
  const signed = await findSigner(envelope, circumstances)
  if (!('identity' in signed)) return signed
  const payload = digestOf(envelope.payload)
  if (circumstances.trust.revoked.statements.includes(payload)) return { ignored: { code: 'revoked', text: `the statement ${payload} of ${signed.by} was revoked` } }
  if (envelope.payloadType !== statementPayloadType) return refuse('payload-type', `${signed.by} signed ${quote(envelope.payloadType)}, not a statement`)
  return readClaim(envelope, signed, { bundle, payload }, circumstances)
}

async function findSigner(envelope: Envelope, { trust, now }: Circumstances): Promise<Signed | { readonly refusal: Refusal } | { readonly ignored: Refusal }> {
  if (envelope.by.kind === 'certificate') {
    const workload = await verifyWorkload(envelope, trust)
    return 'identity' in workload ? { ...workload, by: `workload ${quote(workload.identity.name)}` } : workload
  }
  const key = keyFor(envelope.by.hint, trust)
  if (!key) return { ignored: { code: 'stranger', text: `a key ${quote(envelope.by.hint)} that is not trusted` } }
  const by = `${key.kind === 'local-key' ? 'local key' : 'KMS key'} ${quote(key.name)}`
  if (trust.revoked.keys.includes(key.keyId)) return { ignored: { code: 'revoked', text: `the ${by} was revoked` } }
  if (isOutOfPlace(key, trust)) return { ignored: { code: 'stranger', text: `the ${by} is good for loopback only` } }
  if ((key.validFrom && now < key.validFrom) || (key.validUntil && now > key.validUntil)) return { ignored: { code: 'stranger', text: `the ${by} is not trusted at this time` } }
  if (!isSignedBy(key, envelope)) return refuse('signature-invalid', `what is there is not what the ${by} signed`)
  return { identity: key, by }
}

function readClaim({ payload: bytes }: Envelope, { identity, by, loggedAt }: Signed, { bundle, payload }: Pick<Attestation, 'bundle' | 'payload'>, { digest, content, trust, now }: Circumstances): Examined {
  const json = readStrictJson(bytes)
  if ('problem' in json) return json.key === undefined ? refuse('statement-invalid', `what ${by} signed is not JSON`) : refuse('duplicate-keys', `the statement of ${by} has the key ${quote(json.key)} twice`)
  const statement = readStatement(json.value)
  if ('problem' in statement) return refuse('statement-invalid', `${by}: ${statement.problem}`)
  const { predicateType } = statement.value
  if (identity.states?.includes(predicateType) === false) return { ignored: { code: 'stranger', text: `${by} is not trusted to state ${quote(predicateType)}` } }
  const names = subjectMatch(statement.value, digest, trust.acceptsRecompressed ? content : undefined)
  if (names === undefined) return refuse('wrong-subject', `the statement ${quote(predicateType)} of ${by} is about another image`)
  const predicate = readPredicate(statement.value)
  if ('problem' in predicate) return refuse('statement-invalid', `${quote(predicateType)} of ${by}: ${predicate.problem}`)
  const { statedAt } = predicate
  const latest = Math.min(now.getTime(), loggedAt?.getTime() ?? Infinity) + clockSkewMs
  if ((statedAt && statedAt.getTime() > latest) || (loggedAt && loggedAt.getTime() > now.getTime() + clockSkewMs)) {
    return refuse('from-the-future', `the statement ${quote(predicateType)} of ${by} bears the time ${(statedAt ?? loggedAt)?.toISOString()}`)
  }
  return { attestation: { bundle, statement: statement.value, payload, by, names, ...(loggedAt && { loggedAt }), ...(statedAt && { statedAt }) } }
}
