import { createGunzip, createZstdDecompress } from 'node:zlib'
import { PassThrough, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { ImageError, quote, type ImageErrorCode } from '../error.ts'
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
  await readTar(readBlobPieces(layout, descriptor), {
    what: `The layer ${descriptor.digest}`, code: 'layer-invalid', decompressor: decompressor(descriptor), limits, signal, through: archive.through,
  }, visit)
  if (archive.digest() !== diffId) {
    throw new ImageError(
      'digest-mismatch',
      `The layer ${descriptor.digest} holds another archive than the configuration promises (${diffId})`,
    )
  }
}

export interface TarSource {
  /** For messages; at the beginning of a sentence. */
  readonly what: string
  /** The code of the error where the archive is malformed. */
  readonly code: ImageErrorCode
  readonly decompressor: Transform
  readonly limits: UnpackLimits
  readonly signal?: AbortSignal | undefined
  /** Sees the archive's bytes as they are after decompression. */
  readonly through?: (pieces: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
}

/** Hands every entry of a tar archive to `visit`, in its order; a body that `visit` does not read is skipped. */
export async function readTar(
  pieces: AsyncIterable<Uint8Array>,
  { what, code, decompressor, limits, signal, through = (all) => all }: TarSource,
  visit: (entry: ParsedTarEntry) => Promise<void>,
): Promise<void> {
  const { readable, writable } = createTarDecoder({ strict: true })
  const reading = visitAll(readable, { what, limits }, visit)
  const feeding = pipeline(
    pieces,
    decompressor,
    (all: AsyncIterable<Uint8Array>) => limited(through(all), { what, limits }),
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
  if (cause === undefined) return
  if (isSystemError(cause)) throw cause
  throw new ImageError(code, `${what} cannot be unpacked: ${cause instanceof Error ? cause.message : 'unknown reason'}`, { cause })
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

interface Bounds {
  readonly what: string
  readonly limits: UnpackLimits
}

async function visitAll(archive: ReadableStream<ParsedTarEntry>, { what, limits }: Bounds, visit: (entry: ParsedTarEntry) => Promise<void>): Promise<void> {
  let count = 0
  for await (const entry of archive) {
    if (++count > limits.layerEntries) throw new ImageError('too-large', `${what} has more than ${limits.layerEntries} entries`)
    await visit(entry)
    // Read, not cancelled: the decoder may be at the next entry already, and would give up that one's body.
    for await (const _ of entry.body) { /* skipped */ }
  }
}

export type Compression = 'gzip' | 'zstd' | 'none'

/** What the first bytes of an archive say it is compressed with (RFC 1952, RFC 8878). */
export function compressionOf(start: Uint8Array): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip'
  return start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd ? 'zstd' : 'none'
}

export function decompressorFor(compression: Compression): Transform {
  switch (compression) {
    case 'gzip': return createGunzip({ chunkSize: 256 * 1024 })
    case 'zstd': return createZstdDecompress({ chunkSize: 256 * 1024 })
    case 'none': return new PassThrough()
  }
}

/** layer.md: plain tar, gzip or zstd, by the end of the media type (Docker writes `.tar.gzip`). */
function decompressor({ mediaType, digest }: Descriptor): Transform {
  if (/[.+]gzip$/.test(mediaType)) return decompressorFor('gzip')
  if (/[.+]zstd$/.test(mediaType)) return decompressorFor('zstd')
  if (mediaType.endsWith('.tar')) return decompressorFor('none')
  throw new ImageError('unsupported', `The layer ${digest} has the media type ${quote(mediaType)}`)
}

async function* limited(pieces: AsyncIterable<Uint8Array>, { what, limits }: Bounds): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const piece of pieces) {
    size += piece.length
    if (size > limits.layerBytes) throw new ImageError('too-large', `${what} is larger than ${limits.layerBytes} bytes when unpacked`)
    yield piece
  }
}
