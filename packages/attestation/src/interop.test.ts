import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleFromJSON, bundleToJSON } from '@sigstore/bundle'
import { PublicKeyDetails, type PublicKey } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { expect, test } from 'vitest'
import { preAuthenticationEncoding, statementPayloadType } from './dsse.ts'
import { hintOf } from './key-id.ts'
import type { LocalSigner } from './signing/local-signer.ts'
import { newSigner, payloadOf, provenance, tamper, temporaryDirectory, verdict, type TamperedBundle } from './testing/rig.ts'

/** Sigstore's own verifier, told of one key and of no log: a local key is in none. */
function sigstoreVerifier({ keyId, publicKey }: LocalSigner): Verifier {
  const rawBytes = createPublicKey(publicKey).export({ type: 'spki', format: 'der' })
  const key: PublicKey = { rawBytes, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor: undefined }
  const nothing = { mediaType: '', tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] }
  return new Verifier(toTrustMaterial(nothing, { [hintOf(keyId)]: key }), { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
}

const read = (bundle: Uint8Array) => bundleFromJSON(JSON.parse(new TextDecoder().decode(bundle)))

test('Sigstore’s own library reads and verifies what a local key signed, and refuses it changed', async () => {
  const signer = await newSigner()
  const verifier = sigstoreVerifier(signer)
  for (const bundle of [await provenance(signer), await verdict(signer)]) {
    expect(() => verifier.verify(toSignedEntity(read(bundle)))).not.toThrow()
    const changed = tamper(bundle, ({ dsseEnvelope }) => { dsseEnvelope.payload = Buffer.from('{}').toString('base64') })
    expect(() => verifier.verify(toSignedEntity(read(changed)))).toThrow(expect.objectContaining({ code: 'SIGNATURE_ERROR' }))
    expect(() => sigstoreVerifier(signer).verify(toSignedEntity(read(tamper(bundle, (it) => { it.verificationMaterial.publicKey = { hint: 'other' } }))))).toThrow(expect.objectContaining({ code: 'PUBLIC_KEY_ERROR' }))
  }
})

test('what is written is what Sigstore’s own library would write', async () => {
  const bundle = await provenance(await newSigner())
  expect(bundleToJSON(read(bundle))).toEqual(JSON.parse(new TextDecoder().decode(bundle)))
})

test('openssl verifies the signature over the encoding', async () => {
  const signer = await newSigner()
  const bundle = await provenance(signer)
  const document: TamperedBundle = JSON.parse(new TextDecoder().decode(bundle))
  const directory = await temporaryDirectory()
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(directory, name), content)
    return join(directory, name)
  }
  const key = write('key.pem', signer.publicKey)
  const signature = write('signature', Buffer.from(document.dsseEnvelope.signatures[0]!.sig, 'base64'))
  const encoding = write('encoding', preAuthenticationEncoding(statementPayloadType, payloadOf(bundle)))
  const verify = (file: string) => execFileSync('openssl', ['dgst', '-sha256', '-verify', key, '-signature', signature, file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  expect(verify(encoding)).toContain('Verified OK')
  expect(() => verify(write('payload', payloadOf(bundle)))).toThrow()
})

test('the same statement is the same payload, to the byte', async () => {
  const signer = await newSigner()
  expect(payloadOf(await provenance(signer))).toEqual(payloadOf(await provenance(signer)))
})
