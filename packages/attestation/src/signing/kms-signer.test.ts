import { createHash, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { keyIdOf } from '../key-id.ts'
import { kmsKey, localKms, type Distort } from '../testing/kms.ts'
import { codesOf, provenance, trustDocument, jsonBytes, verdict, verify } from '../testing/rig.ts'
import { parseTrust } from '../verifying/trust.ts'
import { crc32c } from './crc32c.ts'
import { kmsSigner } from './kms-signer.ts'

const hello = new TextEncoder().encode('hello')

describe('a key in Google Cloud KMS', () => {
  test('signs what a cloud target then admits', async () => {
    const kms = await localKms()
    const signer = await kmsSigner({ key: kmsKey, ...kms })
    expect(signer.keyId).toBe(keyIdOf(kms.publicKey))
    const trust = parseTrust(jsonBytes(trustDocument([], { target: 'cloud', identities: [{ kind: 'kms-key', name: 'release', publicKey: signer.publicKey }] })))
    expect(await verify(trust, [await provenance(signer), await verdict(signer)])).toMatchObject({ admitted: true })
    const other = await kmsSigner({ key: kmsKey, ...(await localKms()) })
    expect(codesOf(await verify(trust, [await provenance(other), await verdict(other)]))).toContain('stranger')
  })

  test('is asked as the REST reference says: the digest with its sum, never what is signed', async () => {
    const kms = await localKms()
    await (await kmsSigner({ key: kmsKey, ...kms })).sign(hello)
    const digest = createHash('sha256').update(hello).digest()
    expect(kms.requests).toEqual([
      { method: 'GET', path: `/v1/${kmsKey}/publicKey`, body: undefined },
      { method: 'POST', path: `/v1/${kmsKey}:asymmetricSign`, body: { digest: { sha256: digest.toString('base64') }, digestCrc32c: String(crc32c(digest)) } },
    ])
  })

  test.each([
    'projects/acme/locations/global/keyRings/r/cryptoKeys/k',
    `${kmsKey}:destroy?`,
    `${kmsKey}/../../cryptoKeys/other/cryptoKeyVersions/1`,
    'projects/acme/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/0',
    'https://evil.example/',
    '',
  ])('has a name in full, which %j is not', async (key) => {
    await expect(kmsSigner({ key, transport: async () => { throw new Error('was asked') } })).rejects.toMatchObject({ code: 'key-invalid' })
  })

  test('of another algorithm is not used', async () => {
    await expect(kmsSigner({ key: kmsKey, ...(await localKms(undefined, 'EC_SIGN_P384_SHA384', 'P-384')) })).rejects.toMatchObject({ code: 'key-invalid', message: expect.stringContaining('EC_SIGN_P384_SHA384') })
    await expect(kmsSigner({ key: kmsKey, ...(await localKms(undefined, 'EC_SIGN_P256_SHA256', 'P-384')) })).rejects.toMatchObject({ code: 'key-invalid' })
  })

  test.each<[string, string, Distort]>([
    ['is refused', 'signing-refused', () => ({ error: { code: 403, status: 'PERMISSION_DENIED', message: 'secret' } })],
    ['bears the name of another key', 'signing-damaged', (answer) => ({ ...answer, name: kmsKey.replace('/3', '/4') })],
    ['has a sum that does not fit', 'signing-damaged', (answer) => ({ ...answer, pemCrc32c: '1' })],
    ['has no sum', 'signing-damaged', (answer) => ({ ...answer, pemCrc32c: undefined })],
    ['has no key', 'signing-damaged', (answer) => ({ ...answer, pem: undefined })],
    ['has a key that is none', 'key-invalid', (answer) => ({ ...answer, pem: 'x', pemCrc32c: String(crc32c(Buffer.from('x'))) })],
  ])('is not used where the answer with its public key %s: %s', async (_, code, distort) => {
    await expect(kmsSigner({ key: kmsKey, ...(await localKms(distort)) })).rejects.toMatchObject({ code })
  })

  const atSigning = (change: (answer: Record<string, unknown>) => Record<string, unknown>): Distort => (answer, path) => (path.endsWith(':asymmetricSign') ? change(answer) : answer)
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' })

  test.each<[string, string, Distort]>([
    ['is refused', 'signing-refused', atSigning(() => ({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'slow' } }))],
    ['bears the name of another key', 'signing-damaged', atSigning((answer) => ({ ...answer, name: kmsKey.replace('/3', '/4') }))],
    ['does not say that the digest arrived whole', 'signing-damaged', atSigning((answer) => ({ ...answer, verifiedDigestCrc32c: undefined }))],
    ['says that the digest did not arrive whole', 'signing-damaged', atSigning((answer) => ({ ...answer, verifiedDigestCrc32c: false }))],
    ['has a signature that changed on the way', 'signing-damaged', atSigning((answer) => ({ ...answer, signatureCrc32c: '7' }))],
    ['has no signature', 'signing-damaged', atSigning((answer) => ({ ...answer, signature: undefined }))],
    ['has a signature that its key does not verify', 'signing-damaged', atSigning((answer) => ({ ...answer, signature: foreign.toString('base64'), signatureCrc32c: String(crc32c(foreign)) }))],
  ])('signs nothing where the answer %s: %s', async (_, code, distort) => {
    const signer = await kmsSigner({ key: kmsKey, ...(await localKms(distort)) })
    await expect(signer.sign(hello)).rejects.toMatchObject({ code })
  })

  test('that answers with something else than JSON is not used', async () => {
    const transport = async () => ({ status: 200, body: new TextEncoder().encode('<html>') })
    await expect(kmsSigner({ key: kmsKey, transport })).rejects.toMatchObject({ code: 'signing-damaged' })
    await expect(kmsSigner({ key: kmsKey, transport: async () => ({ ...(await transport()), status: 502 }) })).rejects.toMatchObject({ code: 'signing-refused', message: expect.stringContaining('HTTP 502') })
  })
})
