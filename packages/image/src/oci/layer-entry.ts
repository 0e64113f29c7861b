import { ImageError, quote } from '../error.ts'
import type { Digest } from './digest.ts'
import { parentOf, safePath } from './safe-path.ts'

/**
 * Bytes of a file in a layer: in memory, or a file of this machine by absolute path. A `digest` that the caller already
 * knows saves reading the file when the layer is cached; it is checked whenever the file is packed.
 */
export type LayerContent = Uint8Array | { readonly file: string; readonly size: number; readonly digest?: Digest }

/** One path of a layer. `path` is relative to the image's root, `mode` the permission bits (e.g. 0o644). */
export type LayerEntry =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: LayerContent }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }

/** Paths safe and sorted with every parent before what is in it, so that any order of the input gives one layer. */
export function orderEntries(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const byPath = new Map<string, LayerEntry>()
  for (const entry of entries) {
    const path = safePath(entry.path)
    if (path === '') throw new ImageError('unsafe-path', `The path ${quote(entry.path)} is the root of the image`)
    if (byPath.has(path)) throw new ImageError('layer-invalid', `The path ${quote(path)} is in the layer twice`)
    if (path.split('/').some((name) => name.startsWith('.wh.'))) {
      throw new ImageError('unsafe-path', `The path ${quote(path)} has a name that means a deletion in a layer (.wh.)`)
    }
    byPath.set(path, checked({ ...entry, path }))
  }
  for (const path of byPath.keys()) addParents(byPath, path)
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function checked(entry: LayerEntry): LayerEntry {
  if (entry.kind === 'symlink') {
    if (entry.target === '' || entry.target.includes('\0') || !entry.target.isWellFormed() || Buffer.byteLength(entry.target) > 4096) {
      throw new ImageError('unsafe-path', `The link ${quote(entry.path)} has the impossible target ${quote(entry.target)}`)
    }
  } else if (!Number.isInteger(entry.mode) || entry.mode < 0 || entry.mode > 0o7777) {
    throw new ImageError('layer-invalid', `The mode of ${quote(entry.path)} is ${entry.mode}, which is no set of permission bits`)
  }
  return entry
}

function addParents(byPath: Map<string, LayerEntry>, path: string): void {
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
    const entry = byPath.get(parent)
    if (entry === undefined) byPath.set(parent, { kind: 'directory', path: parent, mode: 0o755 })
    else if (entry.kind !== 'directory') {
      throw new ImageError(
        'unsafe-path',
        `The path ${quote(path)} leads through ${quote(parent)}, which is a ${entry.kind} in the same layer`,
      )
    }
  }
}
