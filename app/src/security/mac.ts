import { createHmac, randomFillSync, timingSafeEqual } from 'node:crypto'

/** Signs texts with one key: HMAC-SHA-256 (RFC 2104). */
export interface Mac {
  digest(text: string): Buffer
  /** The digest in base64url. */
  sign(text: string): string
  isSignedBy(text: string, signature: string): boolean
}

/** One secret, several uses: each signs with a key of its own, so that a signature made for one says nothing in another. */
export const deriveKey = (sessionKey: Buffer, use: string): Buffer => createHmac('sha256', sessionKey).update(`todo ${use}`).digest()

/** Makes what signs with `key`. */
export function createMac(key: Buffer): Mac {
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const sign = (text: string): string => digest(text).toString('base64url')
  return {
    digest,
    sign,
    isSignedBy(text, signature) {
      // As texts: decoded, several would be the same.
      const expected = Buffer.from(sign(text))
      const actual = Buffer.from(signature)
      return actual.length === expected.length && timingSafeEqual(actual, expected)
    },
  }
}

const pool = Buffer.alloc(16 * 256)
let used = pool.length

/** Fills the first `count` bytes of `target` with random ones. From the system's generator as always, many at a time: each call of it costs more than all else here. */
export function fillWithRandomBits(target: Buffer, count: number): void {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  pool.copy(target, 0, used, used + count)
  used += count
}

/** 128 random bits in base64url. */
export function randomId(): string {
  const bits = Buffer.allocUnsafe(16)
  fillWithRandomBits(bits, bits.length)
  return bits.toString('base64url')
}
