import { createHash } from 'node:crypto'
import type { Digest } from '@shiplock/image'

export type { Digest }

export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** The 64 hex digits: how an in-toto digest set spells it. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length)
}
