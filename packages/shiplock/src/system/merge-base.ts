import { readFileSync } from 'node:fs'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { git } from './tree-listing.ts'

/** What was in a commit. */
export interface PastTree {
  readonly commit: string
  /** Content of a file by its path relative to the tree's root; undefined where there was none. */
  readonly read: (path: string) => Uint8Array | undefined
  readonly codeOwners: () => CodeOwnersFile | undefined
  /** The text files in which one of the words occurs, by path. */
  readonly filesWith: (words: readonly string[]) => ReadonlyMap<string, Uint8Array>
}

/** The commit at which a change left the branch that it is to enter. */
export interface MergeBase extends PastTree {
  /** What the branch has now, where that is another commit: whoever writes a change chooses how old its merge base is. */
  readonly tip?: PastTree
}

/** What GitHub reads to know who owns which files. It is of the whole repository, where the tree is a folder of it. */
export interface CodeOwnersFile {
  readonly path: string
  readonly text: string
  /** The tree's folder in the repository, with a slash; empty where it is the root. */
  readonly prefix: string
}

/** The merge base of HEAD and the first of `refs` that is there. */
export function findMergeBase(root: string, refs: readonly string[], environment: NodeJS.ProcessEnv = process.env): Result<MergeBase, StageFailure> {
  const names = refs.join(' nor ')
  if (git(root, ['rev-parse', '--git-dir']) === undefined) return fail({ reason: 'tool-failed', message: `there is no git repository here, so no change since ${names}`, hint: '--since needs the history: run it in a clone, or leave it out' })
  const tip = refs.map((ref) => resolveCommit(root, ref)).find((commit) => commit !== undefined)
  if (tip === undefined) return fail({ reason: 'tool-failed', message: `git knows no commit ${names}`, hint: fetchHint('fetch it first', environment) })
  const commit = git(root, ['merge-base', tip, 'HEAD'])?.trim()
  if (!commit) return fail({ reason: 'tool-failed', message: `git finds no merge base of ${names} and HEAD`, hint: fetchHint('fetch the history that they share', environment) })
  for (const needed of new Set([commit, tip])) {
    // What the clone lacks must not be taken for what was never there: a policy that cannot be read would be none.
    const lacking = git(root, ['rev-list', '--objects', '--missing=print', '--quiet', '--no-walk', needed])?.split('\n').filter((line) => line.startsWith('?')).length
    if (lacking !== 0) return fail({ reason: 'tool-failed', message: `the clone does not have all of ${needed.slice(0, 12)}, which is to judge the change${lacking === undefined ? '' : `: ${lacking} files or folders are missing`}`, hint: 'clone without --filter (actions/checkout: without `filter` and `sparse-checkout`), or run `git fetch --refetch --no-filter`' })
  }
  return ok({ ...pastTree(root, commit), ...(tip !== commit && { tip: pastTree(root, tip) }) })
}

function pastTree(root: string, commit: string): PastTree {
  return {
    commit,
    codeOwners: () => readCodeOwners(root, commit),
    read: (path) => readBlobs(root, commit, [path]).get(path),
    filesWith: (words) => {
      const listed = git(root, ['grep', '-l', '-z', '-I', '-F', '--no-textconv', ...words.flatMap((word) => ['-e', word]), commit, '--', '.']) ?? ''
      return readBlobs(root, commit, listed.split('\0').filter((name) => name !== '').map((name) => name.slice(commit.length + 1)))
    },
  }
}

/** Where GitHub looks for it, the first that is there. */
const codeOwnersPaths = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']

function readCodeOwners(root: string, commit: string): CodeOwnersFile | undefined {
  for (const path of codeOwnersPaths) {
    const text = git(root, ['cat-file', 'blob', `${commit}:${path}`])
    if (text !== undefined) return { path, text, prefix: git(root, ['rev-parse', '--show-prefix'])?.trimEnd() ?? '' }
  }
  return undefined
}

const fetchHint = (what: string, environment: NodeJS.ProcessEnv) =>
  isContinuousIntegration(environment) ? `${what}: in GitHub Actions actions/checkout with \`fetch-depth: 0\`` : `${what} (\`git fetch\`; of a shallow clone \`git fetch --unshallow\`), or name another branch or commit: \`git branch --all\` lists them`

/** A name with a control character would be two lines to git; the snapshot refuses such files too. */
const isPlain = (path: string) => !/\p{Cc}/u.test(path)

function resolveCommit(root: string, ref: string): string | undefined {
  return git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])?.trim() || undefined
}

/** By one process, however many they are. */
function readBlobs(root: string, commit: string, paths: readonly string[]): Map<string, Uint8Array> {
  const asked = paths.filter(isPlain)
  const answer = git(root, ['cat-file', '--batch'], { input: asked.map((path) => `${commit}:./${path}\n`).join(''), encoding: 'latin1' })
  // All of it is there, so that this is no trouble to expect; and it must not be taken for "no such file".
  if (answer === undefined) throw new Error(`git cannot read ${commit}: see what \`git fsck\` says`)
  const found = new Map<string, Uint8Array>()
  let at = 0
  for (const path of asked) {
    const lineEnd = answer.indexOf('\n', at)
    const header = /^[0-9a-f]+ (\w+) (\d+)$/.exec(answer.slice(at, lineEnd))
    at = lineEnd + 1
    if (!header) continue
    const end = at + Number(header[2])
    if (header[1] === 'blob') found.set(path, Buffer.from(answer.slice(at, end), 'latin1'))
    at = end + 1
  }
  return found
}

/** Whether a continuous integration runs us. */
export const isContinuousIntegration = (environment: NodeJS.ProcessEnv): boolean => !['', '0', 'false', undefined].includes(environment['CI'])

/** What GitHub says that the change is to enter, most exact first; undefined where the run is for no change. */
export function refsOfPullRequest(environment: NodeJS.ProcessEnv): readonly string[] | undefined {
  const branch = environment['GITHUB_BASE_REF']
  const sha = baseOfEvent(environment['GITHUB_EVENT_PATH'])
  const refs = [...(branch ? [`refs/remotes/origin/${branch}`] : []), ...(sha === undefined ? [] : [sha]), ...(branch ? [`refs/heads/${branch}`] : [])]
  return refs.length > 0 ? refs : undefined
}

function baseOfEvent(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined
  let event: unknown
  try {
    event = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // Not every runner that sets the variable writes the file; the branch's name is told beside it.
    return undefined
  }
  const told = event as { pull_request?: { base?: { sha?: unknown } }; merge_group?: { base_sha?: unknown } } | null
  const sha = told?.pull_request?.base?.sha ?? told?.merge_group?.base_sha
  return typeof sha === 'string' && /^[0-9a-f]{40,64}$/.test(sha) ? sha : undefined
}
