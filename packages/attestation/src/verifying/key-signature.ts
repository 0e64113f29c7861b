import { verify } from 'node:crypto'
import { preAuthenticationEncoding } from '../dsse.ts'
import { hintOf } from '../key-id.ts'
import type { Envelope } from './envelope.ts'
import type { Trust, TrustedKey } from './trust.ts'

/** The trusted key that a hint leads to. A hint that leads elsewhere makes the signature fail, and no other harm. */
export function keyFor(hint: string, { identities }: Trust): TrustedKey | undefined {
  return identities.filter((identity) => identity.kind !== 'keyless').find(({ keyId }) => hint === hintOf(keyId))
}

/** Whether the key signed exactly this type and payload: ECDSA on P-256 with SHA-256, whatever the bundle says or does not say. */
export function isSignedBy({ publicKey }: TrustedKey, { payloadType, payload, signature }: Envelope): boolean {
  return verify('sha256', preAuthenticationEncoding(payloadType, payload), { key: publicKey, dsaEncoding: 'der' }, signature)
}

/** Where the key may not be used: a local key proves nothing to a target that others reach. */
export function isOutOfPlace({ kind }: TrustedKey, { target }: Trust): boolean {
  return kind === 'local-key' && target !== 'loopback'
}
