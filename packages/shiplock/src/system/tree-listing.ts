import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'

export interface TreeListing {
  /** Relative to the root, `/`-separated, sorted by code unit. */
  readonly paths: readonly string[]
  readonly commit?: string
  readonly dirty?: boolean
  readonly commitTime?: number
}

/** Never part of the subject, whatever git says: our own state, and what is installed rather than written. */
const excluded = /(?:^|\/)(?:\.git|\.shiplock|node_modules)(?:\/|$)/

/**
 * Lists the tree: with git, what it tracks and what is new and not ignored (below `root`, also where that is a folder
 * of a larger repository); without, everything but `.git`, `.shiplock` and `node_modules`.
 */
export function listTree(root: string): Result<TreeListing, StageFailure> {
  const listed = git(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'])
  if (listed === undefined) {
    const repository = findRepository(root)
    // Without git's word, ignored files (credentials, builds) would count as source.
    if (repository !== undefined) return fail({ reason: 'tool-failed', message: `git cannot list the files of ${repository}`, hint: 'install git, and see what `git status` says there' })
    return ok({ paths: walk(root).toSorted() })
  }
  const paths = [...new Set(listed.split('\0').filter((path) => path !== '' && !excluded.test(path)))].toSorted()
  const head = git(root, ['log', '-1', '--format=%H %ct'])?.trim().split(' ')
  const status = head && git(root, ['status', '--porcelain', '-z', '--', '.'])
  return ok({ paths, ...(head && { commit: head[0], commitTime: Number(head[1]), dirty: status !== '' }) })
}

function findRepository(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory
  return dirname(directory) === directory ? undefined : findRepository(dirname(directory))
}

/**
 * Runs git on a repository that nobody has vetted: its configuration must not name programs for us to run
 * (`core.fsmonitor`, hooks), and our environment must not point it elsewhere.
 */
function git(root: string, args: readonly string[]): string | undefined {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  const { status, stdout } = spawnSync('git', ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'core.quotePath=false', ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return status === 0 ? stdout : undefined
}

function* entriesBelow(root: string, directory: string): Generator<string> {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`
    if (excluded.test(path)) continue
    if (entry.isDirectory()) yield* entriesBelow(root, path)
    else yield path
  }
}

const walk = (root: string) => [...entriesBelow(root, '')]
