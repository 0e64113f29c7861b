import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { git } from './tree-listing.ts'

export interface StagedFiles {
  /** What the next commit would add or change, relative to `root`. */
  readonly paths: readonly string[]
  /** Those of them that were edited after they had been staged: what is in the tree is not what would be committed. */
  readonly edited: readonly string[]
}

/** What `git commit` would take. */
export function listStaged(root: string): Result<StagedFiles, StageFailure> {
  const paths = namesOf(git(root, ['diff', '--cached', '--name-only', '-z', '--diff-filter=d', '--no-renames', '--no-ext-diff', '--relative']))
  if (!paths) return fail({ reason: 'tool-failed', message: 'git cannot say what is staged', hint: '--staged needs a git repository; see what `git status` says there' })
  // Compares sizes and times, not contents: no filter of the repository's configuration is asked.
  const edited = new Set(paths.length === 0 ? [] : namesOf(git(root, ['ls-files', '-z', '--modified'])))
  return ok({ paths, edited: paths.filter((path) => edited.has(path)) })
}

const namesOf = (output: string | undefined) => output?.split('\0').filter((path) => path !== '')
