import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMac, deriveKey, randomId } from './mac.ts'

const text = fc.string({ unit: 'grapheme-ascii', maxLength: 256 }).filter((value) => /^[\x20-\x7e]*$/.test(value))
const key = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes))

test('a signature is the HMAC-SHA-256 that Node makes', () => {
  fc.assert(
    fc.property(key, text, (secret, value) => createMac(secret).sign(value) === createHmac('sha256', secret).update(value).digest('base64url')),
    { numRuns: 200 },
  )
})

test('a signature is one of this text by this key and nothing else', () => {
  const mac = createMac(deriveKey(Buffer.from('a key'), 'one use'))
  fc.assert(
    fc.property(text, text, (one, other) => {
      const signature = mac.sign(one)
      expect(mac.isSignedBy(one, signature)).toBe(true)
      expect(mac.isSignedBy(other, signature)).toBe(one === other)
      expect(createMac(deriveKey(Buffer.from('a key'), 'another use')).isSignedBy(one, signature)).toBe(false)
    }),
    { numRuns: 100 },
  )
})

test('a signature that is shorter, longer or has other characters is none, and nothing throws', () => {
  const mac = createMac(randomBytes(32))
  const signature = mac.sign('a')
  const [first = ''] = signature
  // The same low byte: in latin1 the two would be one.
  const twin = String.fromCharCode(first.charCodeAt(0) + 0x100) + signature.slice(1)
  for (const wrong of ['', signature.slice(1), `${signature}=`, `${signature}A`, twin, '\0'.repeat(43), '😀'.repeat(21) + 'a']) {
    expect(mac.isSignedBy('a', wrong)).toBe(false)
  }
  for (const odd of ['\u0161', '\n', 'x'.repeat(257)]) expect(mac.isSignedBy(odd, signature)).toBe(false)
})

test('random ids are 128 bits, and no two of many are the same', () => {
  const ids = Array.from({ length: 2_000 }, () => randomId())
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/)
  // Every bit is set in about half of them.
  const ones = Array.from({ length: 128 }, () => 0)
  for (const id of ids) for (const [index, byte] of Buffer.from(id, 'base64url').entries()) for (let bit = 0; bit < 8; bit++) ones[index * 8 + bit]! += (byte >> bit) & 1
  for (const count of ones) expect(Math.abs(count - 1_000)).toBeLessThan(200)
})
