import { existsSync, lstatSync, readFileSync, readdirSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** What stands in a `node_modules`, by its path below it. */
export type InstalledEntry =
  | { readonly kind: 'file'; readonly path: string; readonly file: string }
  /** A package that is a link to a folder of the tree. */
  | { readonly kind: 'link'; readonly path: string; readonly folder: string }
  /** Where a package begins, with the text of its package.json. */
  | { readonly kind: 'package'; readonly path: string; readonly manifest: string }

/**
 * The files of the packages in a `node_modules` below `root`, sorted. What package managers write for themselves has a name
 * that begins with a dot, which no package has: programs to run, caches, records of the install with times and paths in them.
 * A package may be a link to a folder of the tree; a link inside of a package, or out of the tree, throws `StrangeLinkError`.
 */
export function* installedEntries(root: string, modules: string, at = ''): Generator<InstalledEntry> {
  const directory = join(root, modules)
  if (!lstatSync(directory, { throwIfNoEntry: false })?.isDirectory()) return
  for (const name of sorted(directory)) {
    if (name.startsWith('.')) continue
    if (!name.startsWith('@')) yield* packageEntries(root, `${modules}/${name}`, `${at}${name}`)
    else for (const scoped of sorted(join(directory, name))) if (!scoped.startsWith('.')) yield* packageEntries(root, `${modules}/${name}/${scoped}`, `${at}${name}/${scoped}`)
  }
}

function* packageEntries(root: string, place: string, at: string): Generator<InstalledEntry> {
  const path = join(root, place)
  const stats = lstatSync(path)
  if (stats.isSymbolicLink()) {
    const folder = existsSync(path) ? relative(realpathSync(root), realpathSync(path)) : ''
    if (folder === '' || folder === '..' || folder.startsWith(`..${sep}`)) throw new StrangeLinkError(place)
    yield { kind: 'link', path: at, folder: folder.split(sep).join('/') }
  } else if (stats.isDirectory()) {
    const manifest = join(path, 'package.json')
    if (lstatSync(manifest, { throwIfNoEntry: false })?.isFile()) yield { kind: 'package', path: at, manifest: readFileSync(manifest, 'utf8') }
    yield* fileEntries(root, place, at)
  }
}

function* fileEntries(root: string, place: string, at: string): Generator<InstalledEntry> {
  for (const name of sorted(join(root, place))) {
    const [from, to] = [`${place}/${name}`, `${at}/${name}`]
    const stats = lstatSync(join(root, from))
    if (stats.isSymbolicLink()) throw new StrangeLinkError(from)
    if (stats.isDirectory()) yield* name === 'node_modules' ? installedEntries(root, from, `${to}/`) : fileEntries(root, from, to)
    else if (stats.isFile()) yield { kind: 'file', path: to, file: join(root, from) }
  }
}

/** A package manager made, or let a package bring, a link that would show the image something else. */
export class StrangeLinkError extends Error {
  constructor(path: string) {
    super(`${path} is a link to somewhere else`)
  }
}

const sorted = (directory: string): string[] => readdirSync(directory).toSorted()
