import { pipeline } from 'node:stream/promises'
import { createTarPacker, type TarHeader } from 'modern-tar'
import { descriptorOf, writeBlobStream } from './blob.ts'
import { compress, type LayerCompression } from './compress.ts'
import { mediaTypes, type Descriptor } from './descriptor.ts'
import { meter, type Digest } from './digest.ts'
import { contentPieces, type KnownEntry } from './layer-content.ts'
import type { Layout } from './layout.ts'

/** A layer as a manifest and a configuration name it: the compressed blob, and the digest of the archive inside it. */
export interface Layer {
  readonly descriptor: Descriptor
  readonly diffId: Digest
}

/**
 * Packs entries (sorted, parents included) into a layer blob. Nothing but the entries decides the archive: owner 0:0, no
 * user names, time 0. It streams: a 150 MB file costs a few MB of memory.
 */
export async function writeLayer(
  layout: Layout,
  entries: readonly KnownEntry[],
  { compression = 'gzip', signal }: { readonly compression?: LayerCompression; readonly signal?: AbortSignal | undefined } = {},
): Promise<Layer> {
  const archive = meter()
  const blob = await writeBlobStream(layout, async (write) => {
    await pipeline(
      archive.through(tar(entries)),
      (pieces: AsyncIterable<Uint8Array>) => compress(pieces, compression),
      write,
      signal === undefined ? {} : { signal },
    )
  })
  return { descriptor: descriptorOf(layerTypes[compression], blob), diffId: archive.digest() }
}

/** The media type of a layer that is compressed so. */
export const layerTypes = { gzip: mediaTypes.layer, zstd: mediaTypes.zstdLayer } as const

async function* tar(entries: readonly KnownEntry[]): AsyncGenerator<Uint8Array> {
  const { readable, controller } = createTarPacker()
  async function pack(): Promise<void> {
    try {
      for (const entry of entries) {
        const writer = controller.add(headerOf(entry)).getWriter()
        if (entry.kind === 'file') for await (const piece of contentPieces(entry)) await writer.write(piece)
        await writer.close()
      }
      controller.finalize()
    } catch (error) {
      // It reaches whoever reads `readable`; where the reader gave up first, this is only the echo of that.
      controller.error(error)
    }
  }
  const packing = pack()
  try {
    yield* readable
  } finally {
    await packing
  }
}

function headerOf(entry: KnownEntry): TarHeader {
  const name = entry.kind === 'directory' ? `${entry.path}/` : entry.path
  const linkname = entry.kind === 'symlink' ? entry.target : ''
  // POSIX pax: the ustar fields hold 100 bytes of portable characters; what is longer or not ASCII goes in a record.
  // Deciding here, not by the library's split at a slash, keeps long directory names from ending up empty.
  const pax = {
    ...(isPortable(name) ? {} : { path: name }),
    ...(isPortable(linkname) ? {} : { linkpath: linkname }),
  }
  return {
    name,
    type: entry.kind,
    size: entry.kind === 'file' ? entry.size : 0,
    mode: entry.kind === 'symlink' ? 0o777 : entry.mode,
    uid: 0,
    gid: 0,
    mtime: new Date(0),
    ...(linkname === '' ? {} : { linkname }),
    ...(Object.keys(pax).length === 0 ? {} : { pax }),
  }
}

function isPortable(text: string): boolean {
  return text.length <= 100 && /^[\x20-\x7e]*$/.test(text)
}
