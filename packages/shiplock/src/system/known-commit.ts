import { git } from './tree-listing.ts'

export interface KnownCommit {
  readonly subject: string
  readonly author: string
  /** ISO 8601. */
  readonly date: string
}

/** What git has of a commit; undefined where it is not in this repository. */
export function commitIn(root: string, commit: string): KnownCommit | undefined {
  // Named by others: nothing that git could take for an option or another way to name a commit.
  if (!/^[\da-f]{40}(?:[\da-f]{24})?$/.test(commit)) return undefined
  const [author, date, subject] = git(root, ['show', '--no-patch', '--no-show-signature', '--format=%an%x00%cI%x00%s', commit])?.trimEnd().split('\0') ?? []
  return author !== undefined && date !== undefined && subject !== undefined ? { author, date, subject } : undefined
}
