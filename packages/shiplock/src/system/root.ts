import { existsSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { findRepository } from './tree-listing.ts'

/**
 * The root that a command means when it is started somewhere below it: the nearest folder upwards with a config, else the
 * repository of git. Above a repository nothing is looked for: a file there is not the repository's. Where neither is found it is the folder itself.
 */
export function findRoot(directory: string, configNames: readonly string[]): string {
  const start = realDirectory(directory)
  const repository = findRepository(start)
  for (let at = start; ; at = dirname(at)) {
    if (configNames.some((name) => existsSync(join(at, name)))) return at
    if (at === repository) return at
    if (at === dirname(at)) return start
  }
}

/** Without links on the way: the same folder by two names would be two. */
export const realDirectory = (directory: string): string => realpathSync(resolve(directory))

/** A path that is named from `here` as it is from the root, with `/`; undefined where it is outside. What is not there is named too. */
export function fromRoot(root: string, here: string, path: string): string | undefined {
  const plain = inside(root, resolve(here, path))
  if (plain !== undefined) return plain
  // A shell may have come here by a link.
  return inside(realDirectory(root), withRealParent(resolve(here, path)))
}

function inside(root: string, path: string): string | undefined {
  const below = relative(root, path)
  return below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below) ? undefined : below.split(sep).join('/')
}

/** Links of the tree itself are left: what is meant by the name of a link is the link. */
function withRealParent(path: string): string {
  const parent = dirname(path)
  if (parent === path) return path
  return existsSync(parent) ? join(realpathSync(parent), path.slice(parent.length)) : join(withRealParent(parent), path.slice(parent.length))
}
