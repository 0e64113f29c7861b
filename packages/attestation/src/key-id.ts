import type { KeyObject } from 'node:crypto'
import { digestOf, hexOf, type Digest } from './digest.ts'

/** What names a public key: the sha256 of its SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in DER. */
export type KeyId = Digest

export function keyIdOf(publicKey: KeyObject): KeyId {
  return digestOf(publicKey.export({ type: 'spki', format: 'der' }))
}

/** The same as a bundle's hint, as cosign and sigstore-go write it: base64. It says where to look and proves nothing. */
export function hintOf(keyId: KeyId): string {
  return Buffer.from(hexOf(keyId), 'hex').toString('base64')
}

/** The one kind of key that signs here. Which algorithm verifies is thereby fixed before a bundle is read. */
export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
}
