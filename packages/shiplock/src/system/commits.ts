import { git } from './tree-listing.ts'

const mostListed = 20

/** The commits after `from` up to `to`, the newest first, as `abc1234 Subject`; undefined where this clone does not have both. */
export function commitsBetween(root: string, from: string, to: string): readonly string[] | undefined {
  // What a target says of a revision comes from outside: nothing but a commit may reach git's command line.
  if (![from, to].every((commit) => /^[0-9a-f]{7,64}$/.test(commit))) return undefined
  const listed = git(root, ['log', '--no-show-signature', '--format=%h %s', `--max-count=${mostListed + 1}`, `${from}..${to}`, '--'])
  if (listed === undefined) return undefined
  const lines = listed.split('\n').filter(Boolean)
  return lines.length > mostListed ? [...lines.slice(0, mostListed), '…'] : lines
}
