import { join } from 'node:path'
import { ImageError, quote } from '../error.ts'
import { freshen, list, look, publish, readPieces, readSmallFile, remove, temporaryPath, writeNew } from '../node.ts'
import type { Descriptor } from './descriptor.ts'
import { digestOf, hexOf, isDigest, meter, type Digest } from './digest.ts'
import type { Layout } from './layout.ts'

/** Manifests, configurations and indexes are small; one that is not is an attack or a mistake. */
export const maxDocumentBytes = 4 * 1024 * 1024

/** The file that a blob is, or would be, in. */
export function blobPath(layout: Layout, digest: Digest): string {
  if (!isDigest(digest)) throw new ImageError('digest-mismatch', `${quote(String(digest))} is not a sha256 digest`)
  return join(blobDirectory(layout), hexOf(digest))
}

export function blobDirectory(layout: Layout): string {
  return join(layout.directory, 'blobs', 'sha256')
}

export interface WrittenBlob {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}

export function descriptorOf(mediaType: string, { digest, size }: WrittenBlob): Descriptor {
  return { mediaType, digest, size }
}

/** Stores bytes and describes them. */
export async function writeBlob(layout: Layout, mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
  if (await hasBlob(layout, descriptor)) return descriptor
  await writeBlobStream(layout, async (write) => write([bytes]))
  return descriptor
}

/**
 * Stores what `produce` hands to `write`, under the digest that it turns out to have; nothing is stored where it throws, or
 * where it is not what `promised` says.
 */
export async function writeBlobStream(
  layout: Layout,
  produce: (write: (pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => Promise<void>) => Promise<void>,
  promised?: WrittenBlob,
): Promise<WrittenBlob> {
  const temporary = temporaryPath(layout.directory)
  const stored = meter()
  try {
    await produce(async (pieces) => {
      await writeNew(temporary, stored.through(eachOf(pieces)), { flush: true })
    })
    const blob = { digest: stored.digest(), size: stored.size() }
    if (promised !== undefined && (promised.digest !== blob.digest || promised.size !== blob.size)) {
      throw new ImageError('digest-mismatch', `${promised.digest} was promised with ${promised.size} bytes, but ${blob.digest} came with ${blob.size}`)
    }
    await publish(temporary, blobPath(layout, blob.digest))
    return blob
  } catch (error) {
    await remove(temporary)
    throw error
  }
}

async function* eachOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces
}

/** Whether the blob is there with the right size, and from now on safe from a collection of garbage for a while. */
export async function hasBlob(layout: Layout, descriptor: Descriptor): Promise<boolean> {
  const file = blobPath(layout, descriptor.digest)
  const facts = await look(file)
  return facts?.kind === 'file' && facts.size === descriptor.size && (await freshen(file))
}

/** A blob in pieces, its digest and size checked at the end: use nothing of it before the last piece has come. */
export async function* readBlobPieces(layout: Layout, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
  const file = blobPath(layout, descriptor.digest)
  const facts = await look(file)
  if (facts === undefined) throw new ImageError('blob-missing', `The layout ${quote(layout.directory)} has no blob ${descriptor.digest}`)
  const read = meter()
  // The last piece waits for the verdict: whoever is handed wrong bytes, a registry say, never has all of them.
  let last: Uint8Array | undefined
  if (facts.size === descriptor.size) {
    for await (const piece of read.through(readPieces(file))) {
      if (last !== undefined) yield last
      last = piece
    }
  }
  if (read.size() !== descriptor.size || read.digest() !== descriptor.digest) {
    throw new ImageError('digest-mismatch', `The blob ${quote(file)} is not the ${descriptor.size} bytes that its digest promises`, {
      hint: 'The layout is damaged. Delete it and build the image again.',
    })
  }
  if (last !== undefined) yield last
}

/** Reads a whole blob through its digest and size; it throws `digest-mismatch` where it is another's bytes. */
export async function verifyBlob(layout: Layout, descriptor: Descriptor): Promise<void> {
  for await (const _ of readBlobPieces(layout, descriptor)) { /* only measured */ }
}

/** A small blob (a manifest, a configuration, a document), verified by digest, and by size where it is known. One larger than `maxBytes` throws `too-large`. */
export async function readBlob(layout: Layout, blob: { readonly digest: Digest; readonly size?: number }, maxBytes = maxDocumentBytes): Promise<Uint8Array> {
  const bytes = await readSmallFile(blobPath(layout, blob.digest), maxBytes)
  if (bytes === undefined) throw new ImageError('blob-missing', `The layout ${quote(layout.directory)} has no blob ${blob.digest}`)
  if (digestOf(bytes) !== blob.digest || (blob.size !== undefined && bytes.length !== blob.size)) {
    throw new ImageError('digest-mismatch', `The blob ${blob.digest} in ${quote(layout.directory)} is not what its digest promises`, {
      hint: 'The layout is damaged. Delete it and build the image again.',
    })
  }
  return bytes
}

/** The digests of all blobs that are there. */
export async function listBlobs(layout: Layout): Promise<readonly Digest[]> {
  const names = await list(blobDirectory(layout))
  return names.map((name) => `sha256:${name}`).filter(isDigest)
}
