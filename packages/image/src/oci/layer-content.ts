import { ImageError, quote } from '../error.ts'
import { readPieces } from '../node.ts'
import { digestOf, meter, type Digest } from './digest.ts'
import type { LayerContent, LayerEntry } from './layer-entry.ts'

const filesAtOnce = 8

/** A layer's entry whose content is known by digest and size before anything is packed. */
export type KnownEntry = Exclude<LayerEntry, { kind: 'file' }> | (Extract<LayerEntry, { kind: 'file' }> & KnownContent)

interface KnownContent {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}

/** Hashes what is not known yet, a few files at a time. */
export async function knowContents(entries: readonly LayerEntry[], signal?: AbortSignal): Promise<readonly KnownEntry[]> {
  const known: KnownEntry[] = []
  let next = 0
  async function work(): Promise<void> {
    for (let index = next++; index < entries.length; index = next++) {
      signal?.throwIfAborted()
      const entry = entries[index]!
      known[index] = entry.kind === 'file' ? { ...entry, ...(await know(entry.content)) } : entry
    }
  }
  await Promise.all(Array.from({ length: filesAtOnce }, work))
  return known
}

async function know(content: LayerContent): Promise<KnownContent> {
  if (content instanceof Uint8Array) return { digest: digestOf(content), size: content.length }
  if (content.digest !== undefined) return { digest: content.digest, size: content.size }
  const meant = meter()
  for await (const _ of meant.through(readPieces(content.file))) { /* only measured */ }
  if (meant.size() !== content.size) throw changed(content.file)
  return { digest: meant.digest(), size: content.size }
}

/** The bytes of a file entry in pieces; it throws `file-changed` at the end where they are not the bytes that were hashed. */
export async function* contentPieces(entry: Extract<KnownEntry, { kind: 'file' }>): AsyncGenerator<Uint8Array> {
  const { content } = entry
  if (content instanceof Uint8Array) {
    if (content.length > 0) yield content
    return
  }
  const meant = meter()
  for await (const piece of meant.through(readPieces(content.file))) {
    if (meant.size() > entry.size) throw changed(content.file)
    yield piece
  }
  if (meant.size() !== entry.size || meant.digest() !== entry.digest) throw changed(content.file)
}

function changed(file: string): ImageError {
  return new ImageError('file-changed', `${quote(file)} changed while it was being packed`, {
    hint: 'Run again when nothing edits the tree.',
  })
}
