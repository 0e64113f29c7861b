import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMac, deriveKey, fillWithRandomBits, randomId } from './mac.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 256 })

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
})

test('a signature is what RFC 4231 says of its second test case', () => {
  expect(createMac(Buffer.from('Jefe')).digest('what do ya want for nothing?').toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
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

test('random bits that were given stay as they are, and what lies behind them too', () => {
  const given = Buffer.alloc(20)
  fillWithRandomBits(given, 16)
  const before = Buffer.from(given)
  expect([...given.subarray(16)]).toEqual([0, 0, 0, 0])
  // More than are drawn at once.
  for (let count = 0; count < 600; count++) randomId()
  expect(given.equals(before)).toBe(true)
})
