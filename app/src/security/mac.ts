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

/**
 * Remembers the newest `most` answers of a function that answers the same each time, the oldest going first; `undefined` is no
 * answer. An HMAC and what leads to it cost more than the rest of a request, and the same browsers come again and again.
 */
export function remember<Question, Answer>(most: number, answer: (question: Question) => Answer | undefined): (question: Question) => Answer | undefined {
  const known = new Map<Question, Answer>()
  return (question) => {
    const old = known.get(question)
    if (old !== undefined) return old
    const found = answer(question)
    if (found === undefined) return undefined
    const [oldest] = known.size >= most ? known.keys() : []
    if (oldest !== undefined) known.delete(oldest)
    known.set(question, found)
    return found
  }
}

const pool = Buffer.alloc(16 * 256)
let used = pool.length

/** 128 random bits, valid until the next call. From the system's generator as always, 256 at a time: each call of it costs more than all else here. */
export function randomBits(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return pool.subarray(used - 16, used)
}

/** 128 random bits in base64url. */
export const randomId = (): string => randomBits().toString('base64url')
