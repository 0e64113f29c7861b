import { git } from './tree-listing.ts'

/** Who commits here, as git knows them; undefined where it does not. */
export function gitUser(root: string): string | undefined {
  return git(root, ['config', 'user.email'])?.trim() || undefined
}
