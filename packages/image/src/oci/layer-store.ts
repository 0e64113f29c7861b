import { join } from 'node:path'
import type { TarHeader } from 'modern-tar'
import { ImageError, quote } from '../error.ts'
import { look, makeDirectory, publishDirectory, readSmallFile, remove, temporaryPath, writeNew } from '../node.ts'
import type { Descriptor } from './descriptor.ts'
import { hexOf, type Digest } from './digest.ts'
import { canonicalJson, parseJson } from './json.ts'
import { readArchive, type LayerSource, type UnpackLimits } from './layer-archive.ts'
import type { Layout } from './layout.ts'
import { nameOf, parentOf, safePath } from './safe-path.ts'

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
      const entries = await takeOut(layout, { descriptor, diffId, signal }, { directory: temporary, limits })
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
  readonly directory: string
  readonly limits: UnpackLimits
}

async function takeOut(layout: Layout, layer: LayerSource, { directory, limits }: TakeOut): Promise<readonly StoredEntry[]> {
  const entries: StoredEntry[] = []
  const seen = new Set<string>()
  await readArchive(layout, layer, limits, async ({ header, body }) => {
    const path = safePath(header.name)
    if (seen.has(path)) throw new ImageError('layer-invalid', `The path ${quote(path)} is in the layer twice`)
    seen.add(path)
    const entry = entryOf(path, header, String(entries.length))
    if (entry?.kind === 'file') await writeNew(join(directory, entry.file), body, { mode: entry.mode })
    if (entry !== undefined) entries.push(entry)
  })
  return entries
}

/** What a header means, `undefined` for the root itself; kinds of file that no service needs are refused by name. */
function entryOf(path: string, { type, mode = 0o644, linkname = '' }: TarHeader, file: string): StoredEntry | undefined {
  if (path === '') {
    if (type === 'directory') return undefined
    throw new ImageError('unsafe-path', `The root of the image is a ${type}`)
  }
  const deletion = deletionOf(path)
  if (deletion !== undefined) return deletion
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

/** layer.md, "Whiteouts": what a name deletes of lower layers, where it is one that deletes. */
export function deletionOf(path: string): Extract<StoredEntry, { kind: 'opaque' | 'whiteout' }> | undefined {
  if (nameOf(path) === '.wh..wh..opq') return { kind: 'opaque', path: parentOf(path) }
  return nameOf(path).startsWith('.wh.') ? { kind: 'whiteout', path: whitedOut(path) } : undefined
}

function whitedOut(path: string): string {
  const name = nameOf(path).slice('.wh.'.length)
  if (name === '' || name === '.' || name === '..') {
    throw new ImageError('unsafe-path', `The path ${quote(path)} deletes nothing that has a name`)
  }
  const parent = parentOf(path)
  return parent === '' ? name : `${parent}/${name}`
}
