import { bundleMediaType, maxBundleBytes } from '../dsse.ts'
import { quote } from '../error.ts'
import { isRecord, readStrictJson } from '../json/strict-json.ts'
import { refuse, type Refusal } from './refusal.ts'

/** A bundle taken apart; nothing in it is proven yet. */
export interface Envelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly by: { readonly kind: 'key'; readonly hint: string } | { readonly kind: 'certificate'; readonly der: Uint8Array }
  /** The whole bundle as it was read. */
  readonly document: Readonly<Record<string, unknown>>
}

/**
 * Reads a Sigstore bundle v0.3 (sigstore_bundle.proto in its JSON mapping) more strictly than the mapping demands: one spelling
 * of each field, canonical base64, exactly one signature and exactly one of key and certificate. What can be read in one way
 * alone cannot be shown to two verifiers as two things.
 */
export function readEnvelope(bytes: Uint8Array): Envelope | { readonly refusal: Refusal } {
  if (bytes.length > maxBundleBytes) return refuse('too-large', `a bundle of ${bytes.length} bytes, where ${maxBundleBytes} are allowed`)
  const reading = readStrictJson(bytes)
  if ('problem' in reading) return reading.key === undefined ? refuse('malformed', 'the bundle is not JSON') : refuse('duplicate-keys', `the bundle has the key ${quote(reading.key)} twice`)
  const document = reading.value
  if (!isRecord(document)) return refuse('malformed', 'the bundle is not an object')
  if (document['mediaType'] !== bundleMediaType) return refuse('malformed', `the bundle is ${quote(String(document['mediaType']))}, not ${bundleMediaType}`)
  if (!hasOnly(document, ['mediaType', 'verificationMaterial', 'dsseEnvelope', 'messageSignature'])) return refuse('malformed', 'the bundle has fields that it should not')
  if (document['messageSignature'] !== undefined) return refuse('payload-type', 'the bundle signs bytes and states nothing')
  const envelope = document['dsseEnvelope']
  if (!isRecord(envelope) || !hasOnly(envelope, ['payload', 'payloadType', 'signatures'])) return refuse('malformed', 'the bundle has no DSSE envelope')
  const signature = readSignature(envelope['signatures'])
  if ('refusal' in signature) return signature
  const { payloadType } = envelope
  const payload = readBase64(envelope['payload'])
  if (typeof payloadType !== 'string' || payload === undefined) return refuse('malformed', 'the envelope has no payload')
  const by = readSigner(document['verificationMaterial'])
  if ('refusal' in by) return by
  return { payloadType, payload, signature: signature.bytes, by, document }
}

function readSignature(signatures: unknown): { readonly bytes: Uint8Array } | { readonly refusal: Refusal } {
  if (!Array.isArray(signatures) || signatures.length === 0) return refuse('unsigned', 'the envelope has no signature')
  if (signatures.length > 1) return refuse('several-signatures', `the envelope has ${signatures.length} signatures`)
  const [only]: unknown[] = signatures
  if (!isRecord(only) || !hasOnly(only, ['sig', 'keyid'])) return refuse('malformed', 'the envelope’s signature is not one')
  if (only['sig'] === '') return refuse('unsigned', 'the envelope has an empty signature')
  const bytes = readBase64(only['sig'])
  return bytes === undefined ? refuse('malformed', 'the envelope’s signature is not base64') : { bytes }
}

function readSigner(material: unknown): Envelope['by'] | { readonly refusal: Refusal } {
  if (!isRecord(material)) return refuse('malformed', 'the bundle does not say who signed')
  const { publicKey, certificate, x509CertificateChain } = material
  if (x509CertificateChain !== undefined) return refuse('malformed', 'a bundle v0.3 carries one certificate, not a chain')
  if ((publicKey === undefined) === (certificate === undefined)) return refuse('malformed', 'the bundle does not name exactly one of key and certificate')
  if (isRecord(publicKey)) return typeof publicKey['hint'] === 'string' ? { kind: 'key', hint: publicKey['hint'] } : refuse('malformed', 'the bundle names no key')
  const der = isRecord(certificate) ? readBase64(certificate['rawBytes']) : undefined
  return der === undefined ? refuse('malformed', 'the bundle has no certificate') : { kind: 'certificate', der }
}

const hasOnly = (record: Readonly<Record<string, unknown>>, names: readonly string[]): boolean => Object.keys(record).every((name) => names.includes(name))

/** RFC 4648 §4 with padding, and the one spelling of the bytes: unused bits are zero (§3.5). */
function readBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
