import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { removeTree } from './files.ts'
import { readFromSnapshot, type Snapshot } from './snapshot.ts'

/** A copy of the snapshot for programs that run repository code: what they change is thrown away with it. */
export interface Scratch {
  readonly directory: string
  /** Directories of installed packages in the tree, relative to its root. */
  readonly nodeModules: readonly string[]
  readonly remove: () => void
}

/**
 * Writes files of the snapshot below a new directory in `parent`, each verified as it is read. Its `node_modules` are
 * directories of their own, since tools keep files in them, with a link for each package: workspaces lead to their copy,
 * all others to where the tree's own `node_modules` are seen below `packagesAt`. One that is a link could show any
 * directory of this machine: it counts only where it leads to `sharedPackages`. Without `packages` there are none.
 */
export function makeScratch(snapshot: Snapshot, paths: readonly string[], parent: string, packages: { readonly packagesAt: string; readonly sharedPackages?: string } | undefined): Result<Scratch, StageFailure> {
  mkdirSync(parent, { recursive: true })
  const directory = mkdtempSync(join(parent, 'tree-'))
  const remove = () => removeTree(directory)
  const made = new Set<string>()
  const links = new Set<string>()
  for (const path of paths) {
    const file = snapshot.files.get(path)
    if (!file) continue
    // Git keeps nothing below a link; a tree that does (without git) would have us write through it.
    if (parentsOf(path).some((parent) => links.has(parent))) {
      remove()
      return fail({ reason: 'unreadable-file', message: `${path} is below a symbolic link` })
    }
    if (file.mode === 'symlink') links.add(path)
    const content = readFromSnapshot(snapshot, path)
    if (!content.ok) {
      remove()
      return content
    }
    const target = join(directory, path)
    if (!made.has(dirname(target))) {
      mkdirSync(dirname(target), { recursive: true })
      made.add(dirname(target))
    }
    if (file.mode === 'symlink') symlinkSync(content.value.toString(), target)
    else writeFileSync(target, content.value, { mode: file.mode === 'executable' ? 0o755 : 0o644, flag: 'wx' })
  }
  if (!packages) return ok({ directory, nodeModules: [], remove })
  const nodeModules = [...packageDirectories(snapshot)].map((path) => join(path, 'node_modules')).filter((path) => isOwnDirectory(snapshot.root, path, packages.sharedPackages))
  for (const path of nodeModules) linkPackages(join(snapshot.root, path), join(directory, path), join(packages.packagesAt, path))
  return ok({ directory, nodeModules, remove })
}

function isOwnDirectory(root: string, path: string, shared: string | undefined): boolean {
  if (!existsSync(join(root, path))) return false
  const real = realpathSync(join(root, path))
  return real === join(realpathSync(root), path) || real === shared
}

const parentsOf = (path: string): string[] => path.split('/').slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join('/'))

function* packageDirectories(snapshot: Snapshot): Generator<string> {
  yield ''
  for (const path of snapshot.files.keys()) if (path.endsWith('/package.json')) yield dirname(path)
}

/** What tools left there: a cache that repository code could have written is not for the next run. */
const caches = /^\.(?:cache|vite|vite-temp|vitest|package-lock\.json|shiplock-install|yarn-integrity|modules\.yaml)$/

function linkPackages(from: string, to: string, seenAt: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (caches.test(name)) continue
    const source = join(from, name)
    const target = join(to, name)
    // A relative link is a workspace, or a package in pnpm's store: kept as it is, it leads to the copy, or on.
    if (lstatSync(source).isSymbolicLink()) symlinkSync(readlinkSync(source), target)
    else if (name.startsWith('@')) linkPackages(source, target, join(seenAt, name))
    else if (name === '.bin') cpSync(source, target, { recursive: true, verbatimSymlinks: true })
    else symlinkSync(join(seenAt, name), target)
  }
}
