import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { AttestationError, quote } from '../error.ts'
import { hintOf, isP256, keyIdOf, type KeyId } from '../key-id.ts'
import { isRecord, readStrictJson } from '../json/strict-json.ts'
import { crc32c } from './crc32c.ts'
import type { Signer } from './signer.ts'

/** Asks Google Cloud with the caller's credentials, of which this library knows nothing. An answer of whatever status is an answer. */
export type KmsTransport = (request: KmsRequest) => Promise<{ readonly status: number; readonly body: Uint8Array }>

export interface KmsRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** JSON. */
  readonly body?: string
}

export interface KmsOptions {
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N`: purpose ASYMMETRIC_SIGN, algorithm EC_SIGN_P256_SHA256. */
  readonly key: string
  readonly transport: KmsTransport
  /** Without a slash at the end. */
  readonly endpoint?: string
}

export interface KmsSigner extends Signer {
  readonly keyId: KeyId
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string
}

const keyName = /^projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}\/cryptoKeyVersions\/[1-9]\d*$/
const algorithm = 'EC_SIGN_P256_SHA256'

/**
 * Signs with a key that never leaves Google Cloud KMS (REST v1, cryptoKeyVersions.getPublicKey and asymmetricSign). Sums guard
 * what is sent and what comes back, as Google's guide on data integrity wants it, and each signature is verified before it is used. Throws
 * `signing-refused` where the service says no, `signing-damaged` where its answer is not what was asked for.
 */
export async function kmsSigner({ key, transport, endpoint = 'https://cloudkms.googleapis.com' }: KmsOptions): Promise<KmsSigner> {
  if (!keyName.test(key)) throw new AttestationError('key-invalid', `${quote(key)} is not the name of a version of a key`)
  const ask = async (request: Omit<KmsRequest, 'url'>, path: string) => read(await transport({ ...request, url: `${endpoint}/v1/${key}${path}` }), key)
  const publicKey = publicKeyIn(await ask({ method: 'GET' }, '/publicKey'), key)
  const keyId = keyIdOf(publicKey)
  return {
    identity: `KMS key ${key}`,
    keyId,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: async (encoding) => {
      const digest = createHash('sha256').update(encoding).digest()
      const body = JSON.stringify({ digest: { sha256: digest.toString('base64') }, digestCrc32c: String(crc32c(digest)) })
      const signature = signatureIn(await ask({ method: 'POST', body }, ':asymmetricSign'), key)
      if (!verify('sha256', encoding, { key: publicKey, dsaEncoding: 'der' }, signature)) throw damaged(key, 'a signature that its own public key does not verify')
      return { signature, by: { hint: hintOf(keyId) } }
    },
  }
}

type Answer = Readonly<Record<string, unknown>>

const damaged = (key: string, what: string): AttestationError => new AttestationError('signing-damaged', `${key} answered with ${what}`)

function read({ status, body }: Awaited<ReturnType<KmsTransport>>, key: string): Answer {
  const json = readStrictJson(body)
  const answer = 'value' in json && isRecord(json.value) ? json.value : undefined
  if (status !== 200) {
    const error = answer?.['error']
    const why = isRecord(error) && typeof error['status'] === 'string' ? ` ${quote(error['status'])}` : ''
    throw new AttestationError('signing-refused', `${key} answered with HTTP ${status}${why}`, { hint: 'Signing needs the role roles/cloudkms.signer, reading the public key roles/cloudkms.publicKeyViewer.' })
  }
  if (!answer) throw damaged(key, 'something that is not JSON')
  if (answer['name'] !== key) throw damaged(key, 'the name of another key')
  return answer
}

function publicKeyIn(answer: Answer, key: string): KeyObject {
  const { pem, pemCrc32c } = answer
  if (answer['algorithm'] !== algorithm) throw new AttestationError('key-invalid', `${key} is for ${quote(String(answer['algorithm']))}, not for ${algorithm}`)
  if (typeof pem !== 'string' || pemCrc32c !== String(crc32c(new TextEncoder().encode(pem)))) throw damaged(key, 'a public key that changed on the way')
  const publicKey = parse(pem)
  if (publicKey === undefined || !isP256(publicKey)) throw new AttestationError('key-invalid', `${key} is not a key on P-256`)
  return publicKey
}

function parse(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem)
  } catch {
    return undefined
  }
}

function signatureIn({ signature, signatureCrc32c, verifiedDigestCrc32c }: Answer, key: string): Uint8Array {
  if (verifiedDigestCrc32c !== true) throw damaged(key, 'a signature of a digest that it did not compare')
  const bytes = typeof signature === 'string' ? Buffer.from(signature, 'base64') : undefined
  if (bytes === undefined || signatureCrc32c !== String(crc32c(bytes))) throw damaged(key, 'a signature that changed on the way')
  return bytes
}
