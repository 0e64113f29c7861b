import { ImageError, quote } from '../error.ts'
import type { StoredEntry, StoredLayer } from './layer-store.ts'

/** A path in the merged tree of an image. `source` is a file of this machine; without one the file is empty. */
export type TreeNode =
  | { readonly kind: 'file'; readonly source?: string }
  | { readonly kind: 'symlink'; readonly target: string }
  | TreeDirectory

export interface TreeDirectory {
  readonly kind: 'directory'
  mode: number
  readonly children: Map<string, TreeNode>
}

const maxLinksFollowed = 40

/**
 * The tree that an image's layers make, lowest first, with deletions carried out (layer.md, "Applying"). Pure: paths and
 * links are resolved in this tree and never on this machine, so no archive can reach outside of it. Links that climb above
 * the root are refused, unless the tree is only looked at (`climbing: 'stay'`): the kernel lets them stay at the root.
 */
export function mergeLayers(layers: readonly StoredLayer[], { climbing = 'refuse' }: { readonly climbing?: 'refuse' | 'stay' } = {}): TreeDirectory {
  const root = emptyDirectory()
  for (const { directory, entries } of layers) {
    // Deletions concern lower layers only, wherever the archive names them, so they come first.
    for (const entry of entries) if (entry.kind === 'whiteout' || entry.kind === 'opaque') takeAway(root, entry)
    for (const entry of entries) if (entry.kind !== 'whiteout' && entry.kind !== 'opaque') put(root, entry, directory)
  }
  if (climbing === 'refuse') refuseClimbingLinks(root)
  return root
}

/** Adds an empty file or directory where the path leads to nothing, as container runtimes do for what they mount. */
export function ensure(root: TreeDirectory, path: string, kind: 'file' | 'directory'): void {
  const names = path.split('/')
  if (find(root, names) !== undefined) return
  const name = names.pop()!
  const parent = walk(root, names, { create: true })
  if (parent?.kind !== 'directory') return
  parent.children.set(name, kind === 'directory' ? emptyDirectory() : { kind: 'file' })
}

function emptyDirectory(mode = 0o755): TreeDirectory {
  return { kind: 'directory', mode, children: new Map() }
}

function takeAway(root: TreeDirectory, entry: StoredEntry): void {
  const names = entry.path === '' ? [] : entry.path.split('/')
  const last = entry.kind === 'whiteout' ? names.pop() : undefined
  const directory = find(root, names)
  if (directory?.kind !== 'directory') return
  if (last === undefined) directory.children.clear()
  else directory.children.delete(last)
}

function put(root: TreeDirectory, entry: Exclude<StoredEntry, { kind: 'whiteout' | 'opaque' }>, storedIn: string): void {
  const names = entry.path.split('/')
  const name = names.pop()!
  const parent = directoryAt(root, names, entry.path)
  switch (entry.kind) {
    case 'file':
      parent.children.set(name, { kind: 'file', source: `${storedIn}/${entry.file}` })
      return
    case 'symlink':
      parent.children.set(name, { kind: 'symlink', target: entry.target })
      return
    case 'directory': {
      const existing = parent.children.get(name)
      if (existing?.kind === 'directory') existing.mode = entry.mode
      else parent.children.set(name, emptyDirectory(entry.mode))
      return
    }
    case 'link': {
      const target = find(root, entry.target.split('/'), 'exact')
      if (target === undefined || target.kind === 'directory') {
        throw new ImageError(
          'unsafe-path',
          `The hard link ${quote(entry.path)} leads to ${quote(entry.target)}, which is no file of the image`,
        )
      }
      parent.children.set(name, target)
    }
  }
}

/** The directory to put something into: made where it is missing, a symlink to one followed as the kernel would. */
function directoryAt(root: TreeDirectory, names: readonly string[], path: string): TreeDirectory {
  const directory = walk(root, names, { create: true })
  if (directory?.kind === 'directory') return directory
  throw new ImageError('unsafe-path', `The path ${quote(path)} leads through something that is not a directory`)
}

/** What a path leads to; `exact` does not follow a symlink in the last place. */
export function find(root: TreeDirectory, names: readonly string[], last: 'follow' | 'exact' = 'follow'): TreeNode | undefined {
  return walk(root, names, { create: false, last })
}

interface Walk {
  readonly create: boolean
  readonly last?: 'follow' | 'exact'
  readonly onClimb?: () => never
}

/** Resolves names from the root within the tree, like the kernel in a container: ".." at the root stays there unless `onClimb` objects. */
function walk(root: TreeDirectory, names: readonly string[], { create, last = 'follow', onClimb }: Walk): TreeNode | undefined {
  const open: TreeDirectory[] = [root]
  const todo = names.toReversed()
  let followed = 0
  while (todo.length > 0) {
    const name = todo.pop()!
    const here = open.at(-1)!
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (open.length > 1) open.pop()
      else onClimb?.()
      continue
    }
    let node = here.children.get(name)
    if (node === undefined && create) here.children.set(name, (node = emptyDirectory()))
    if (node === undefined) return undefined
    if (node.kind === 'symlink' && !(todo.length === 0 && last === 'exact')) {
      if (++followed > maxLinksFollowed) return undefined
      if (node.target.startsWith('/')) open.length = 1
      todo.push(...node.target.split('/').toReversed())
    } else if (node.kind === 'directory') open.push(node)
    else return todo.length === 0 ? node : undefined
  }
  return open.at(-1)
}

/**
 * A link that climbs above the root is harmless in a container, but this tree is also read from outside of it. Resolved,
 * not only looked at: harmless links can climb together.
 */
function refuseClimbingLinks(root: TreeDirectory): void {
  const visit = (directory: TreeDirectory, names: readonly string[]): void => {
    for (const [name, node] of directory.children) {
      const here = [...names, name]
      if (node.kind === 'directory') visit(node, here)
      else if (node.kind === 'symlink') {
        walk(root, here, {
          create: false,
          onClimb: () => {
            throw new ImageError('unsafe-path', `The link ${quote(here.join('/'))} climbs out of the image with ${quote(node.target)}`)
          },
        })
      }
    }
  }
  visit(root, [])
}
