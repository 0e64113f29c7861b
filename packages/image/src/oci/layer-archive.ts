import { createGunzip, createZstdDecompress } from 'node:zlib'
import { PassThrough, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { ImageError, quote } from '../error.ts'
import { readBlobPieces } from './blob.ts'
import type { Descriptor } from './descriptor.ts'
import { meter, type Digest } from './digest.ts'
import type { Layout } from './layout.ts'

/** What an archive may hold at most, against archives made to fill the disk. */
export interface UnpackLimits {
  /** Bytes of one layer, unpacked. */
  readonly layerBytes: number
  /** Paths in one layer. */
  readonly layerEntries: number
}

export const defaultLimits: UnpackLimits = { layerBytes: 4 * 1024 ** 3, layerEntries: 200_000 }

/** A layer in a layout, and the archive that its image's configuration says it holds. */
export interface LayerSource {
  readonly descriptor: Descriptor
  readonly diffId: Digest
  readonly signal?: AbortSignal | undefined
}

/**
 * Hands every entry of a layer's archive to `visit`, in its order; a body that `visit` does not read is skipped. Digest,
 * size and diffId hold only once this has returned: until then nothing of what was visited may be used.
 */
export async function readArchive(
  layout: Layout,
  { descriptor, diffId, signal }: LayerSource,
  limits: UnpackLimits,
  visit: (entry: ParsedTarEntry) => Promise<void>,
): Promise<void> {
  const archive = meter()
  const { readable, writable } = createTarDecoder({ strict: true })
  const reading = visitAll(readable, limits, visit)
  const feeding = pipeline(
    readBlobPieces(layout, descriptor),
    decompressor(descriptor),
    (pieces: AsyncIterable<Uint8Array>) => limited(archive.through(pieces), limits, descriptor),
    writable,
    signal === undefined ? {} : { signal },
  )
  const [read, fed] = await Promise.allSettled([reading, feeding])
  // A bad entry stops the feeding too, so the reader's reason is the first one, unless it only echoes the feeder's.
  const failure = [read, fed].map((result) => (result.status === 'rejected' ? (result.reason as unknown) : undefined))
  const own = failure.find((reason) => reason instanceof ImageError)
  signal?.throwIfAborted()
  if (own !== undefined) throw own
  const cause = failure.find((reason) => reason !== undefined)
  if (cause !== undefined) {
    if (isSystemError(cause)) throw cause
    throw new ImageError(
      'layer-invalid',
      `The layer ${descriptor.digest} cannot be unpacked: ${cause instanceof Error ? cause.message : 'unknown reason'}`,
      { cause },
    )
  }
  if (archive.digest() !== diffId) {
    throw new ImageError(
      'digest-mismatch',
      `The layer ${descriptor.digest} holds another archive than the configuration promises (${diffId})`,
    )
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

async function visitAll(archive: ReadableStream<ParsedTarEntry>, { layerEntries }: UnpackLimits, visit: (entry: ParsedTarEntry) => Promise<void>): Promise<void> {
  let count = 0
  for await (const entry of archive) {
    if (++count > layerEntries) throw new ImageError('too-large', `The layer has more than ${layerEntries} entries`)
    await visit(entry)
    await entry.body.cancel()
  }
}

/** layer.md: plain tar, gzip or zstd, by the end of the media type (Docker writes `.tar.gzip`). */
function decompressor({ mediaType, digest }: Descriptor): Transform {
  if (/[.+]gzip$/.test(mediaType)) return createGunzip({ chunkSize: 256 * 1024 })
  if (/[.+]zstd$/.test(mediaType)) return createZstdDecompress({ chunkSize: 256 * 1024 })
  if (mediaType.endsWith('.tar')) return new PassThrough()
  throw new ImageError('unsupported', `The layer ${digest} has the media type ${quote(mediaType)}`)
}

async function* limited(
  pieces: AsyncIterable<Uint8Array>,
  { layerBytes }: UnpackLimits,
  { digest }: Descriptor,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const piece of pieces) {
    size += piece.length
    if (size > layerBytes) throw new ImageError('too-large', `The layer ${digest} is larger than ${layerBytes} bytes when unpacked`)
    yield piece
  }
}
