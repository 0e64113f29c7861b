import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleMediaType, statementPayloadType } from '../dsse.ts'
import { hintOf, keyIdOf } from '../key-id.ts'
import { localSigner, type LocalSigner } from '../signing/local-signer.ts'
import type { Signer } from '../signing/signer.ts'
import { codesOf, payloadOf, provenance, signRaw, tamper, trustIn, verdict, verify } from '../testing/rig.ts'
import type { Trust } from './trust.ts'

let ours: LocalSigner
let theirs: LocalSigner
let trust: Trust
let good: readonly Uint8Array[]

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'shiplock-keys-'))
  ours = await localSigner(join(directory, 'ours'))
  theirs = await localSigner(join(directory, 'theirs'))
  trust = trustIn([ours])
  good = [await provenance(ours), await verdict(ours)]
  return () => rmSync(directory, { recursive: true })
})

const statementText = (): string => new TextDecoder().decode(payloadOf(good[0]!))

/** Base64 whose last letter has unused bits that are not zero: lax readers see the same bytes. */
function otherSpelling(base64: string): string {
  const at = base64.search(/=*$/) - 1
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  // Without padding no bits are unused: then a character that lax readers skip.
  if (!base64.endsWith('=')) return `${base64.slice(0, 4)}\n${base64.slice(4)}`
  return `${base64.slice(0, at)}${alphabet[alphabet.indexOf(base64[at]!) + 1]}${base64.slice(at + 1)}`
}

describe('a bundle is refused, and the image with it,', () => {
  const swapped = (): string => Buffer.from(statementText().replace('"run-1"', '"run-2"')).toString('base64')

  test.each([
    ['whose payload was swapped', 'signature-invalid', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.payload = swapped() })],
    ['whose payload type was swapped', 'signature-invalid', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.payloadType = 'application/json' })],
    ['whose signature is of another statement', 'signature-invalid', () => tamper(good[0]!, (it) => tamper(good[1]!, (other) => { it.dsseEnvelope.signatures = other.dsseEnvelope.signatures }))],
    ['whose signature was cut', 'signature-invalid', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.signatures[0]!.sig = Buffer.from(dsseEnvelope.signatures[0]!.sig, 'base64').subarray(0, 20).toString('base64') })],
    ['whose signature was taken off', 'unsigned', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.signatures = [] })],
    ['whose signature is empty', 'unsigned', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.signatures = [{ sig: '' }] })],
    ['to which an attacker added a signature', 'several-signatures', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.signatures.push({ sig: 'AAAA' }) })],
    ['with the same signature twice', 'several-signatures', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.signatures.push(dsseEnvelope.signatures[0]!) })],
    ['that carries a certificate beside the key', 'malformed', () => tamper(good[0]!, ({ verificationMaterial }) => { verificationMaterial.certificate = { rawBytes: 'AAAA' } })],
    ['that carries a chain beside the key', 'malformed', () => tamper(good[0]!, ({ verificationMaterial }) => { verificationMaterial['x509CertificateChain'] = { certificates: [{ rawBytes: 'AAAA' }] } })],
    ['whose signature is given in another spelling of the same bytes', 'malformed', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.signatures[0]!.sig = otherSpelling(dsseEnvelope.signatures[0]!.sig) })],
    ['that names neither key nor certificate', 'malformed', () => tamper(good[0]!, ({ verificationMaterial }) => { delete verificationMaterial.publicKey })],
    ['of another version', 'malformed', () => tamper(good[0]!, (it) => { it.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1' })],
    ['without a version', 'malformed', () => tamper(good[0]!, (it) => { delete it.mediaType })],
    ['with a field that nobody knows', 'malformed', () => tamper(good[0]!, (it) => { it['dsse_envelope'] = it.dsseEnvelope })],
    ['with a field in the envelope that nobody knows', 'malformed', () => tamper(good[0]!, (it) => { Object.assign(it.dsseEnvelope, { payload_type: 'text/plain' }) })],
    ['with a field in the signature that nobody knows', 'malformed', () => tamper(good[0]!, (it) => { Object.assign(it.dsseEnvelope.signatures[0]!, { signature: 'AAAA' }) })],
    ['that signs bytes instead of a statement', 'payload-type', () => tamper(good[0]!, (it) => { it['messageSignature'] = {} })],
    ['whose payload is base64 for URLs', 'malformed', async () => tamper(await provenance(ours, { invocationId: '>>>>????' }), ({ dsseEnvelope }) => { dsseEnvelope.payload = dsseEnvelope.payload.replaceAll('+', '-').replaceAll('/', '_') })],
    ['whose payload has white space', 'malformed', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.payload = `${dsseEnvelope.payload.slice(0, 8)}\n${dsseEnvelope.payload.slice(8)}` })],
    ['whose payload is empty', 'malformed', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.payload = '' })],
    ['whose signature is no base64', 'malformed', () => tamper(good[0]!, ({ dsseEnvelope }) => { dsseEnvelope.signatures[0]!.sig = '*' })],
    ['that is no JSON', 'malformed', () => new TextEncoder().encode('{"mediaType":')],
    ['that is not UTF-8', 'malformed', () => new Uint8Array([0x22, 0xff, 0x22])],
    ['that is a number', 'malformed', () => new TextEncoder().encode('1')],
    ['that has a key twice', 'duplicate-keys', () => new TextEncoder().encode(new TextDecoder().decode(good[0]).replace('{"dsseEnvelope"', '{"mediaType":"a","dsseEnvelope"'))],
    ['that is absurdly large', 'too-large', () => new Uint8Array(33 * 1024 * 1024)],
  ])('%s: %s', async (_, code, attack) => {
    const verification = await verify(trust, [...good, await attack()])
    expect(verification).toMatchObject({ admitted: false, refused: [{ code, bundle: 2 }] })
    expect(verification.proven).toHaveLength(2)
  })

  test.each([
    ['that is not a statement', 'payload-type', () => signRaw(ours, statementText(), 'application/json')],
    ['whose type differs in its last letter', 'payload-type', () => signRaw(ours, statementText(), `${statementPayloadType}x`)],
    ['that is no JSON', 'statement-invalid', () => signRaw(ours, '{')],
    ['with a byte-order mark', 'statement-invalid', () => signRaw(ours, `\ufeff${statementText()}`)],
    ['that has a key twice', 'duplicate-keys', () => signRaw(ours, statementText().replace('"predicateType"', '"subject":[],"predicateType"'))],
    ['that has a key twice in two spellings', 'duplicate-keys', () => signRaw(ours, statementText().replace('"predicateType"', '"subj\\u0065ct":[],"predicateType"'))],
    ['of another version', 'statement-invalid', () => signRaw(ours, statementText().replace('Statement/v1', 'Statement/v2'))],
    ['without a subject', 'statement-invalid', () => signRaw(ours, JSON.stringify({ ...JSON.parse(statementText()), subject: [] }))],
    ['whose provenance lacks the builder', 'statement-invalid', () => signRaw(ours, statementText().replace('"builder"', '"constructor"'))],
  ])('where a trusted key signed something %s: %s', async (_, code, attack) => {
    expect(await verify(trust, [...good, await attack()])).toMatchObject({ admitted: false, refused: [{ code, bundle: 2 }] })
  })

  test('where a trusted key is named for what another signed', async () => {
    const forged = tamper(await provenance(theirs), ({ verificationMaterial }) => { verificationMaterial.publicKey = { hint: hintOf(ours.keyId) } })
    expect(codesOf(await verify(trust, [forged, good[1]!]))).toEqual(['signature-invalid', 'predicate-missing'])
  })

  test.each([
    ['Ed25519', () => generateKeyPairSync('ed25519'), null],
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256'],
    ['ECDSA on P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'sha384'],
    ['ECDSA on secp256k1', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), 'sha256'],
  ] as const)('where %s signed under the name of a trusted key', async (_, pair, hash) => {
    const { privateKey } = pair()
    const signer: Signer = { identity: 'attacker', sign: async (encoding) => ({ signature: sign(hash, encoding, privateKey), by: { hint: hintOf(ours.keyId) } }) }
    expect(codesOf(await verify(trust, [...good, await signRaw(signer, statementText())]))).toEqual(['signature-invalid'])
  })

  test('that a trusted key signed with SHA-512', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const signer: LocalSigner = { identity: 'key', keyId: keyIdOf(pair.publicKey), publicKey, sign: async (encoding) => ({ signature: sign('sha512', encoding, pair.privateKey), by: { hint: hintOf(keyIdOf(pair.publicKey)) } }) }
    expect(codesOf(await verify(trustIn([ours, signer]), [...good, await provenance(signer)]))).toEqual(['signature-invalid'])
  })
})

test('whatever byte of a bundle is changed, it proves what was signed or nothing', async () => {
  const signed = payloadOf(good[0]!)
  await fc.assert(fc.asyncProperty(fc.nat({ max: good[0]!.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
    const changed = Uint8Array.from(good[0]!, (byte, position) => (position === at ? byte ^ change : byte))
    const { attestations } = await verify(trust, [changed])
    for (const { statement, by } of attestations) {
      expect(statement).toEqual(JSON.parse(new TextDecoder().decode(signed)))
      expect(by).toBe('local key "key 0"')
    }
  }), { numRuns: 500 })
})

test('whatever bytes are shown as bundles, none is proven and nothing breaks', async () => {
  const part = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', 'dsseEnvelope', 'payload', 'signatures', 'verificationMaterial', 'publicKey', 'certificate', bundleMediaType, 'mediaType', '1', 'null')
  const bytes = fc.oneof(fc.uint8Array(), fc.json().map((text) => new TextEncoder().encode(text)), fc.array(part).map((parts) => new TextEncoder().encode(parts.join(''))))
  const shaped = fc.record({ mediaType: fc.constant(bundleMediaType), dsseEnvelope: fc.jsonValue(), verificationMaterial: fc.jsonValue() }).map((value) => new TextEncoder().encode(JSON.stringify(value)))
  await fc.assert(fc.asyncProperty(fc.array(fc.oneof(bytes, shaped), { minLength: 1, maxLength: 3 }), async (bundles) => {
    expect(await verify(trust, bundles)).toMatchObject({ admitted: false, proven: [], attestations: [] })
  }))
})
