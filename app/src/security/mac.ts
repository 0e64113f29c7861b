import { createHmac, hash, randomFillSync, timingSafeEqual } from 'node:crypto'

/** Signs short texts with one key: HMAC-SHA-256 (RFC 2104), in base64url. */
export interface Mac {
  sign(text: string): string
  isSignedBy(text: string, signature: string): boolean
}

/** The characters of a signature: 32 bytes in base64url, without padding. */
const signatureLength = 43
const blockBytes = 64
const digestBytes = 32
/** What is signed is made here or read from a cookie or a form; longer than any of ours it is not looked at. */
const longestText = 256

/** One secret, several uses: each signs with a key of its own, so that a signature made for one says nothing in another. */
export const deriveKey = (sessionKey: Buffer, use: string): Buffer => createHmac('sha256', sessionKey).update(`todo ${use}`).digest()

/**
 * Signing is on the way of every page, twice. `createHmac` makes and frees several objects each time; the two digests of
 * which an HMAC consists, taken by `hash` in memory that is kept, need a third of that. The test compares the two.
 */
export function createMac(key: Buffer): Mac {
  if (key.length > blockBytes) throw new Error(`A key has ${key.length} bytes; deriveKey makes one of at most ${blockBytes}`)
  const inner = Buffer.alloc(blockBytes + longestText, 0)
  const outer = Buffer.alloc(blockBytes + digestBytes, 0)
  for (let index = 0; index < blockBytes; index++) {
    const byte = key[index] ?? 0
    inner[index] = byte ^ 0x36
    outer[index] = byte ^ 0x5c
  }
  const expected = Buffer.alloc(signatureLength)
  const actual = Buffer.alloc(signatureLength)

  const sign = (text: string): string => {
    const end = blockBytes + inner.write(text, blockBytes, 'latin1')
    outer.write(hash('sha256', inner.subarray(0, end), 'latin1'), blockBytes, 'latin1')
    return hash('sha256', outer, 'base64url')
  }

  return {
    sign(text) {
      if (!isSignable(text)) throw new Error('Only short texts of ASCII characters are signed here')
      return sign(text)
    },
    isSignedBy(text, signature) {
      // Beyond ASCII, a character would lose its upper byte in `actual` and be taken for another.
      if (signature.length !== signatureLength || !isSignable(signature) || !isSignable(text)) return false
      expected.write(sign(text), 'latin1')
      actual.write(signature, 'latin1')
      return timingSafeEqual(expected, actual)
    },
  }
}

const ascii = /^[\x20-\x7e]*$/
const isSignable = (text: string): boolean => text.length <= longestText && ascii.test(text)

const pool = Buffer.alloc(16 * 256)
let used = pool.length

/** 128 random bits in base64url. From the system's generator as always, 256 at a time: each call of it costs more than all else here. */
export function randomId(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const start = used
  used += 16
  return pool.toString('base64url', start, used)
}
