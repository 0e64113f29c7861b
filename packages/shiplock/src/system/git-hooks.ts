import { relative, resolve, sep } from 'node:path'
import { git } from './tree-listing.ts'
import { realDirectory } from './root.ts'

/** Where git looks for the hooks of a repository. */
export interface HookPlace {
  /** Relative to the root, `/`-separated; undefined where it is outside of it, as in a linked work tree. */
  readonly directory: string | undefined
  /** Whether the repository's own configuration names the folder (`core.hooksPath`), as husky does. */
  readonly isManaged: boolean
}

/** Undefined where there is no repository. */
export function findHooks(root: string): HookPlace | undefined {
  const common = git(root, ['rev-parse', '--git-common-dir'])?.trim()
  if (common === undefined) return undefined
  const directory = relative(realDirectory(root), resolve(realDirectory(root), common, 'hooks'))
  return { directory: directory.startsWith('..') ? undefined : directory.split(sep).join('/'), isManaged: git(root, ['config', '--local', '--get', 'core.hooksPath']) !== undefined }
}
