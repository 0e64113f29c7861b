import { existsSync, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, isAbsolute, join, sep } from 'node:path'
import { findProgram } from './processes.ts'

/**
 * A program on the PATH of whoever started Shiplock. Nothing of the repository at `root`: `npm run` puts the programs of its
 * packages first, and a dependency may bring a `git` or a `bwrap` of its own.
 */
export function findUserProgram(root: string, name: string, path: string): string | undefined {
  const program = findProgram(name, pathOutside(root, path))
  // A link on PATH may lead into the tree.
  return program === undefined || isWithin(realpathSync(program), realpathSync(root)) ? undefined : program
}

/** What of a PATH is not the repository's. */
export function pathOutside(root: string, path: string): string {
  const tree = realpathSync(root)
  return path.split(delimiter).filter((directory) => isOutside(directory, tree)).join(delimiter)
}

function isOutside(directory: string, tree: string): boolean {
  if (!isAbsolute(directory) || !existsSync(directory)) return false
  const real = realpathSync(directory)
  // Where the tree is a folder of a repository, npm adds those of the folders above too.
  const packages = dirname(directory)
  const isOfPackages = basename(directory) === '.bin' && basename(packages) === 'node_modules' && isWithin(tree, realpathSync(join(packages, '..')))
  return !isOfPackages && !isWithin(real, tree)
}

const isWithin = (path: string, directory: string) => path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
