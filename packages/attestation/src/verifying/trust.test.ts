import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { keyIdOf } from '../key-id.ts'
import { digestOf, jsonBytes, verifier } from '../testing/rig.ts'
import { parseTrust } from './trust.ts'

const pemOf = (type: 'spki' | 'pkcs8', namedCurve = 'P-256'): string => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })
  return (type === 'spki' ? publicKey.export({ type, format: 'pem' }) : privateKey.export({ type, format: 'pem' })).toString()
}

let pem: string
beforeAll(() => {
  pem = pemOf('spki')
})

const verdict = { verifier, resourceUri: 'todo', checks: ['sast'], maxAge: 3600 }
const workload = { kind: 'keyless', name: 'ship', issuer: 'https://token.actions.githubusercontent.com', subject: 'https://github.com/a/b/.github/workflows/c.yml@refs/heads/main', repositoryId: '1' }
const document = (changes: object = {}): object => ({ version: 1, target: 'loopback', identities: [{ kind: 'local-key', name: 'laptop', publicKey: pem }], requires: [], verdict, ...changes })
const parse = (changes: object = {}) => parseTrust(jsonBytes(document(changes)))

describe('a trust policy', () => {
  test('is read with what it leaves out set to the strict side', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const trust = parse({ identities: [{ kind: 'local-key', name: 'laptop', publicKey: publicKey.export({ type: 'spki', format: 'pem' }) }] })
    expect(trust).toEqual({
      target: 'loopback', requires: [], verdict, acceptsRecompressed: false, revoked: { images: [], keys: [], statements: [] },
      identities: [{ kind: 'local-key', name: 'laptop', keyId: keyIdOf(publicKey), publicKey: expect.anything() }],
    })
  })

  test('is read with everything that it may say', () => {
    const trust = parse({
      target: 'cloud',
      identities: [{ kind: 'kms-key', name: 'release', publicKey: pem, validFrom: '2026-01-01T00:00:00Z', validUntil: '2027-01-01T00:00:00Z', states: ['a'] }, { ...workload, ownerId: '2', runner: 'self-hosted', states: ['b'] }],
      trustedRoot: {}, requires: [{ predicateType: 'a', maxAge: 1 }], provenance: { builders: ['https://b.example/'], sources: ['git+https://s.example/'] },
      acceptsRecompressed: true, revoked: { images: [digestOf('a')], keys: [digestOf('b')], statements: [digestOf('c')] },
    })
    expect(trust).toMatchObject({ target: 'cloud', identities: [{ validFrom: new Date('2026-01-01'), validUntil: new Date('2027-01-01'), states: ['a'] }, { runner: 'self-hosted' }], revoked: { statements: [digestOf('c')] } })
  })

  test.each<[string, () => object]>([
    ['does not say its version', () => ({ version: undefined })],
    ['is of another version', () => ({ version: 2 })],
    ['does not say for which kind of target', () => ({ target: undefined })],
    ['trusts nobody', () => ({ identities: [] })],
    ['requires nothing', () => ({ verdict: undefined })],
    ['does not say whether kinds are required', () => ({ requires: undefined })],
    ['is for the cloud and requires no verdict', () => ({ target: 'cloud', verdict: undefined, requires: [{ predicateType: 'a' }], identities: [{ kind: 'kms-key', name: 'k', publicKey: pem }] })],
    ['is for the cloud and trusts a local key', () => ({ target: 'cloud' })],
    ['is for the cloud and does not name the repository by number', () => ({ target: 'cloud', trustedRoot: {}, identities: [{ ...workload, repositoryId: undefined }] })],
    ['trusts a workload without a root', () => ({ identities: [workload] })],
    ['has a field that nobody knows', () => ({ revokedKeys: [] })],
    ['has a verdict field that nobody knows', () => ({ verdict: { ...verdict, minAge: 1 } })],
    ['has a verdict of no age', () => ({ verdict: { ...verdict, maxAge: undefined } })],
    ['has a verdict of age zero', () => ({ verdict: { ...verdict, maxAge: 0 } })],
    ['has an identity field that nobody knows', () => ({ identities: [{ kind: 'local-key', name: 'a', publicKey: pem, validTo: '2026-01-01T00:00:00Z' }] })],
    ['has a kind of identity that nobody knows', () => ({ identities: [{ kind: 'anybody', name: 'a', publicKey: pem }] })],
    ['has a time without zone', () => ({ identities: [{ kind: 'local-key', name: 'a', publicKey: pem, validUntil: '2026-01-01T00:00:00' }] })],
    ['has a key that may state nothing', () => ({ identities: [{ kind: 'local-key', name: 'a', publicKey: pem, states: [] }] })],
    ['names a key twice', () => ({ identities: [{ kind: 'local-key', name: 'a', publicKey: pem }, { kind: 'kms-key', name: 'b', publicKey: pem }] })],
    ['has a workload with a pattern for a number', () => ({ trustedRoot: {}, identities: [{ ...workload, repositoryId: '.*' }] })],
    ['has no builder to trust', () => ({ provenance: { builders: [] } })],
    ['revokes something without a digest', () => ({ revoked: { images: ['todo:1'] } })],
    ['revokes by another algorithm', () => ({ revoked: { keys: [`sha512:${'0'.repeat(128)}`] } })],
  ])('that %s is refused', (_, changes) => {
    expect(() => parse(changes())).toThrow(expect.objectContaining({ code: 'trust-invalid' }))
  })

  test.each<[string, () => string]>([
    ['private', () => pemOf('pkcs8')],
    ['on another curve', () => pemOf('spki', 'P-384')],
    ['for Ed25519', () => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['for RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['none', () => 'none'],
    ['cut', () => pem.replace(/.{10}\n-----END/, '\n-----END')],
    ['two', () => `${pem}${pem}`],
  ])('whose key is %s is refused, and the key not repeated', (_, key) => {
    expect(() => parse({ identities: [{ kind: 'local-key', name: 'laptop', publicKey: key() }] })).toThrow(expect.objectContaining({ code: 'trust-invalid', message: expect.not.stringContaining('BEGIN') }))
  })

  test('that the README shows is one', () => {
    const page = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    const text = /```json\n([^`]+)```/.exec(page)?.[1]?.replace(/-----BEGIN PUBLIC KEY-----[^"]*/, JSON.stringify(pem).slice(1, -1))
    expect(parseTrust(new TextEncoder().encode(text))).toMatchObject({ target: 'cloud', identities: [{ kind: 'keyless' }, { kind: 'kms-key' }] })
  })

  test('that is no JSON, or says something twice, is refused', () => {
    const text = JSON.stringify(document())
    for (const bad of ['', '{', `\ufeff${text}`, text.replace('"target"', '"target":"cloud","target"')]) {
      expect(() => parseTrust(new TextEncoder().encode(bad))).toThrow(expect.objectContaining({ code: 'trust-invalid' }))
    }
  })
})
