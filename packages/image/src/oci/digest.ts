import { createHash } from 'node:crypto'

/** `sha256:` and 64 lower-case hex digits, as the OCI image specification spells it. */
export type Digest = `sha256:${string}`

const digestPattern = /^sha256:[0-9a-f]{64}$/

export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && digestPattern.test(value)
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** The 64 hex digits, which name a blob in a layout. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length)
}

/** Digest and size of a stream while it passes: `through` yields the same pieces, the rest holds once it has ended. */
export interface Meter {
  readonly through: (pieces: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>
  readonly digest: () => Digest
  /** Bytes so far. */
  readonly size: () => number
}

export function meter(): Meter {
  const hash = createHash('sha256')
  let size = 0
  return {
    async *through(pieces) {
      for await (const piece of pieces) {
        hash.update(piece)
        size += piece.length
        yield piece
      }
    },
    digest: () => `sha256:${hash.digest('hex')}`,
    size: () => size,
  }
}
