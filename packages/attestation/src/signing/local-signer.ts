import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { AttestationError, quote } from '../error.ts'
import { hintOf, isP256, keyIdOf, type KeyId } from '../key-id.ts'
import { createPrivateFile, makePrivateDirectory, readPrivateFile } from '../node.ts'
import type { Signer } from './signer.ts'

/** A signer whose key is in a file of this machine's owner: good for the local target, and for nothing else. */
export interface LocalSigner extends Signer {
  readonly keyId: KeyId
  /** SubjectPublicKeyInfo in PEM, to be handed to whoever is to trust it. */
  readonly publicKey: string
}

const keyFile = 'local-signing-key.pem'
const longestKeyBytes = 4096

/**
 * The key of this machine's owner, made at the first use: ECDSA on P-256, PKCS #8 in PEM (RFC 5958), mode 0600 in a directory
 * with mode 0700. A file or directory that others could read or replace throws `key-unsafe`; another kind of key `key-invalid`.
 */
export async function localSigner(directory: string): Promise<LocalSigner> {
  await makePrivateDirectory(directory)
  const file = join(directory, keyFile)
  const key = privateKeyIn((await readPrivateFile(file, longestKeyBytes)) ?? (await createKey(file)), file)
  const publicKey = createPublicKey(key)
  const keyId = keyIdOf(publicKey)
  const by = { hint: hintOf(keyId) }
  return {
    identity: `local key ${keyId}`,
    keyId,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: async (encoding) => ({ signature: sign('sha256', encoding, { key, dsaEncoding: 'der' }), by }),
  }
}

/** Of two processes that both find no key, one makes it and both use it. */
async function createKey(file: string): Promise<Uint8Array> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = new TextEncoder().encode(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  await createPrivateFile(file, pem)
  const kept = await readPrivateFile(file, longestKeyBytes)
  if (kept === undefined) throw new AttestationError('key-unsafe', `${quote(file)} went away as soon as it was made`)
  return kept
}

function privateKeyIn(pem: Uint8Array, file: string): KeyObject {
  const key = parsePrivateKey(pem)
  if (key === undefined || !isP256(key)) {
    // What the parser says may quote the file: it is a secret, whatever is wrong with it.
    throw new AttestationError('key-invalid', `${quote(file)} is not an ECDSA key on P-256 in PKCS #8`, {
      hint: 'Move it away: a new key is made at the next run, and what the old one signed must be signed again.',
    })
  }
  return key
}

function parsePrivateKey(pem: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(pem), format: 'pem' })
  } catch {
    return undefined
  }
}
