import { createGunzip, createZstdDecompress } from 'node:zlib'
import { PassThrough, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { join } from 'node:path'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { ImageError, quote } from '../error.ts'
import { look, makeDirectory, publishDirectory, readSmallFile, remove, temporaryPath, writeNew } from '../node.ts'
import { readBlobPieces } from './blob.ts'
import type { Descriptor } from './descriptor.ts'
import { hexOf, meter, type Digest } from './digest.ts'
import { canonicalJson, parseJson } from './json.ts'
import type { Layout } from './layout.ts'
import { nameOf, parentOf, safePath } from './safe-path.ts'

/** What an archive may hold at most, against archives made to fill the disk. */
export interface UnpackLimits {
  /** Bytes of one layer, unpacked. */
  readonly layerBytes: number
  /** Paths in one layer. */
  readonly layerEntries: number
}

export const defaultLimits: UnpackLimits = { layerBytes: 4 * 1024 ** 3, layerEntries: 200_000 }

/** One path of a layer as it was read, its name already found safe. `file` is where the layer's directory holds the bytes. */
export type StoredEntry =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly file: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'whiteout'; readonly path: string }
  | { readonly kind: 'opaque'; readonly path: string }

/** A layer taken out of its archive: its paths, and a directory with one numbered file for each content. */
export interface StoredLayer {
  readonly directory: string
  readonly entries: readonly StoredEntry[]
}

const entriesFile = 'entries.json'
const maxEntriesBytes = 256 * 1024 * 1024

/**
 * Takes a layer out of its archive into `storeDir`, once for each diffId. No name from the archive becomes a path on this
 * machine here: contents are numbered, names are data. Digest, size and diffId are checked before the layer gets its place.
 */
export async function storeLayer(
  layout: Layout,
  { descriptor, diffId, storeDir, limits, signal }: {
    readonly descriptor: Descriptor
    readonly diffId: Digest
    readonly storeDir: string
    readonly limits: UnpackLimits
    readonly signal?: AbortSignal | undefined
  },
): Promise<StoredLayer> {
  const directory = join(storeDir, 'layers', hexOf(diffId))
  if ((await look(directory)) === undefined) {
    const temporary = temporaryPath(join(storeDir, 'layers'))
    await makeDirectory(temporary)
    try {
      const entries = await takeOut(layout, { descriptor, diffId, directory: temporary, limits, signal })
      await writeNew(join(temporary, entriesFile), [canonicalJson(entries)])
      await publishDirectory(temporary, directory)
    } finally {
      await remove(temporary)
    }
  }
  const bytes = await readSmallFile(join(directory, entriesFile), maxEntriesBytes)
  if (bytes === undefined) {
    throw new ImageError('layer-invalid', `${quote(directory)} is not an unpacked layer`, { hint: 'Delete it and run again.' })
  }
  // Not from outside: it was written by the lines above, out of entries that were checked one by one.
  const entries = parseJson(bytes, 'layer-invalid', quote(join(directory, entriesFile))) as readonly StoredEntry[]
  return { directory, entries }
}

interface TakeOut {
  readonly descriptor: Descriptor
  readonly diffId: Digest
  readonly directory: string
  readonly limits: UnpackLimits
  readonly signal: AbortSignal | undefined
}

async function takeOut(layout: Layout, { descriptor, diffId, directory, limits, signal }: TakeOut): Promise<readonly StoredEntry[]> {
  const archive = meter()
  const entries: StoredEntry[] = []
  const { readable, writable } = createTarDecoder({ strict: true })
  const reading = readEntries(readable, { entries, directory, limits })
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
  return entries
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
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

interface Reading {
  readonly entries: StoredEntry[]
  readonly directory: string
  readonly limits: UnpackLimits
}

async function readEntries(archive: ReadableStream<ParsedTarEntry>, { entries, directory, limits }: Reading): Promise<void> {
  const seen = new Set<string>()
  for await (const { header, body } of archive) {
    const path = safePath(header.name)
    if (seen.has(path)) throw new ImageError('layer-invalid', `The path ${quote(path)} is in the layer twice`)
    seen.add(path)
    if (seen.size > limits.layerEntries) throw new ImageError('too-large', `The layer has more than ${limits.layerEntries} entries`)
    const entry = entryOf(path, header, String(entries.length))
    if (entry?.kind === 'file') await writeNew(join(directory, entry.file), body, { mode: entry.mode })
    else await body.cancel()
    if (entry !== undefined) entries.push(entry)
  }
}

/** What a header means, `undefined` for the root itself; kinds of file that no service needs are refused by name. */
function entryOf(path: string, { type, mode = 0o644, linkname = '' }: ParsedTarEntry['header'], file: string): StoredEntry | undefined {
  if (path === '') {
    if (type === 'directory') return undefined
    throw new ImageError('unsafe-path', `The root of the image is a ${type}`)
  }
  // layer.md, "Whiteouts": a name that deletes what lower layers have.
  if (nameOf(path) === '.wh..wh..opq') return { kind: 'opaque', path: parentOf(path) }
  if (nameOf(path).startsWith('.wh.')) return { kind: 'whiteout', path: whitedOut(path) }
  switch (type) {
    case 'file':
    case undefined:
      // Read-only, because every image with this layer shares these bytes; never setuid, because this machine is not the container.
      return { kind: 'file', path, mode: mode & 0o555, file }
    case 'directory':
      return { kind: 'directory', path, mode: (mode & 0o1777) | 0o700 }
    case 'symlink':
      if (linkname === '' || linkname.includes('\0')) throw new ImageError('unsafe-path', `The link ${quote(path)} has no usable target`)
      return { kind: 'symlink', path, target: linkname }
    case 'link':
      return { kind: 'link', path, target: safePath(linkname) }
    default:
      throw new ImageError('unsafe-path', `The path ${quote(path)} is a ${type}, which is refused`)
  }
}

function whitedOut(path: string): string {
  const name = nameOf(path).slice('.wh.'.length)
  if (name === '' || name === '.' || name === '..') {
    throw new ImageError('unsafe-path', `The path ${quote(path)} deletes nothing that has a name`)
  }
  const parent = parentOf(path)
  return parent === '' ? name : `${parent}/${name}`
}
