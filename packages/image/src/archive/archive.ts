import type { ParsedTarEntry } from 'modern-tar'
import { ImageError, quote } from '../error.ts'
import { openFile, readPieces } from '../node.ts'
import { maxDocumentBytes } from '../oci/blob.ts'
import { compressionOf, decompressorFor, readTar } from '../oci/layer-archive.ts'
import { safePath } from '../oci/safe-path.ts'

/** What an archive of an image may hold at most. */
const limits = { layerBytes: 16 * 1024 ** 3, layerEntries: 100_000 }

/** An archive of an image on this machine, as often as it is read. */
export interface ImageArchive {
  readonly file: string
  /** Hands every entry to `visit` under its safe name. Hostile names, and kinds of file that no image needs, are refused. */
  readonly visit: (visit: (path: string, entry: ParsedTarEntry) => Promise<void>) => Promise<void>
}

export function openArchive(file: string, signal: AbortSignal | undefined): ImageArchive {
  return {
    file,
    async visit(visit) {
      await using opened = await openFile(file)
      const compression = compressionOf(await opened.read(0, 4))
      await readTar(readPieces(file), { what: `The archive ${quote(file)}`, code: 'image-archive-invalid', decompressor: decompressorFor(compression), limits, signal }, async (entry) => {
        const { name, type } = entry.header
        const path = safePath(name)
        if (type !== undefined && !['file', 'directory', 'symlink', 'link'].includes(type)) {
          throw new ImageError('unsafe-path', `The path ${quote(path)} in ${quote(file)} is a ${type}, which is refused`)
        }
        await visit(path, entry)
      })
    },
  }
}

/** A document of an archive as a whole. */
export async function readDocument(body: AsyncIterable<Uint8Array>, size: number, path: string): Promise<Uint8Array> {
  if (size > maxDocumentBytes) throw new ImageError('too-large', `${quote(path)} has ${size} bytes, the limit is ${maxDocumentBytes}`)
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}
