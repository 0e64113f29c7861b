import { ImageError, quote } from '../error.ts'
import { hasBlob, writeBlobStream } from '../oci/blob.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { isDigest } from '../oci/digest.ts'
import { parseJson } from '../oci/json.ts'
import type { Layout } from '../oci/layout.ts'
import { parentOf, safePath } from '../oci/safe-path.ts'
import { openArchive, readDocument } from './archive.ts'
import { importDockerArchive } from './docker-archive.ts'
import { pickManifest } from './pick.ts'

const documents: ReadonlySet<string> = new Set(['oci-layout', 'index.json', 'manifest.json'])
const blobPattern = /^blobs\/sha256\/([0-9a-f]{64})$/

export interface ImportOptions {
  /** Which of several images. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Brings the image in an archive into a layout: an OCI layout in a tar, or what `docker save` writes, old and new; also
 * compressed. The manifest or index it leads to. No name in the archive ever becomes a path of this machine.
 */
export async function importArchive(layout: Layout, file: string, { name, signal }: ImportOptions = {}): Promise<Descriptor> {
  const archive = openArchive(file, signal)
  const found = new Map<string, Uint8Array>()
  const links = new Map<string, string>()
  const seen = new Set<string>()
  await archive.visit(async (path, { header, body }) => {
    if (header.type === 'directory' || path === '') return
    if (seen.has(path)) throw new ImageError('image-archive-invalid', `${quote(file)} has ${quote(path)} twice`)
    seen.add(path)
    if (header.type === 'symlink' || header.type === 'link') links.set(path, linkTarget(path, header.type, header.linkname ?? ''))
    else if (documents.has(path)) found.set(path, await readDocument(body, header.size, path))
    else await importBlob(layout, path, { size: header.size, body })
  })
  const index = found.get('index.json')
  if (found.has('oci-layout') && index !== undefined) {
    return pickManifest(parseJson(index, 'image-archive-invalid', `index.json in ${quote(file)}`), { file, name })
  }
  const manifest = found.get('manifest.json')
  if (manifest === undefined) {
    throw new ImageError('image-archive-invalid', `${quote(file)} is no archive of an image: it has neither oci-layout and index.json nor manifest.json`)
  }
  return importDockerArchive(layout, archive, { manifest: parseJson(manifest, 'image-archive-invalid', `manifest.json in ${quote(file)}`), links, name })
}

async function importBlob(layout: Layout, path: string, { size, body }: { readonly size: number; readonly body: AsyncIterable<Uint8Array> }): Promise<void> {
  const digest = `sha256:${blobPattern.exec(path)?.[1] ?? ''}`
  if (!isDigest(digest) || (await hasBlob(layout, { mediaType: '', digest, size }))) return
  await writeBlobStream(layout, async (write) => write(body), { digest, size })
}

/** Where a link leads inside the archive. Old versions of Docker link layers that several images share. */
function linkTarget(path: string, type: 'symlink' | 'link', target: string): string {
  if (type === 'link') return safePath(target)
  if (target.startsWith('/')) throw new ImageError('unsafe-path', `The link ${quote(path)} leads to ${quote(target)}, out of the archive`)
  const names = parentOf(path) === '' ? [] : parentOf(path).split('/')
  for (const name of target.split('/')) {
    if (name === '..') {
      if (names.pop() === undefined) throw new ImageError('unsafe-path', `The link ${quote(path)} leads to ${quote(target)}, out of the archive`)
    } else if (name !== '' && name !== '.') names.push(name)
  }
  return safePath(names.join('/'))
}
