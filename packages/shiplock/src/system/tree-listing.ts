import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { findUserProgram } from './user-program.ts'

export interface TreeListing {
  /** Relative to the root, `/`-separated, sorted by code unit. */
  readonly paths: readonly string[]
  /** What git tracks although it is never part of the subject, sorted. */
  readonly trackedBeside: readonly string[]
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
  const listed = git(root, ['ls-files', '-z', '-t', '--cached', '--others', '--exclude-standard'])
  if (listed === undefined) {
    const repository = findRepository(root)
    // Without git's word, ignored files (credentials, builds) would count as source.
    if (repository !== undefined) return fail({ reason: 'tool-failed', message: `git cannot list the files of ${repository}`, hint: 'install git, and see what `git status` says there' })
    return ok({ paths: walk(root).toSorted(), trackedBeside: [] })
  }
  // Each has a letter and a blank before it: `?` where git does not track it.
  const entries = listed.split('\0').filter((entry) => entry !== '')
  const paths = new Set<string>()
  const beside = new Set<string>()
  for (const entry of entries) {
    const path = entry.slice(2)
    if (!excluded.test(path)) paths.add(path)
    else if (!entry.startsWith('?')) beside.add(path)
  }
  const head = headCommit(root)
  return ok({ paths: [...paths].toSorted(), trackedBeside: [...beside].toSorted(), ...(head && { ...head, dirty: entries.some((entry) => entry.startsWith('?')) || isDirty(root) }) })
}

/** The nearest folder upwards that git takes for a repository. */
export function findRepository(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory
  return dirname(directory) === directory ? undefined : findRepository(dirname(directory))
}

/** Read as an object: `git log` may run a program of the repository's configuration to verify a signature. */
function headCommit(root: string): { commit: string; commitTime: number } | undefined {
  const answer = /^([0-9a-f]{40,64}) commit \d+\n((?:.+\n)*)/.exec(git(root, ['cat-file', '--batch'], { input: 'HEAD\n' }) ?? '')
  const time = /^committer .* (\d+) [+-]\d{4}$/m.exec(answer?.[2] ?? '')
  return answer?.[1] !== undefined && time?.[1] !== undefined ? { commit: answer[1], commitTime: Number(time[1]) } : undefined
}

/** Whether anything that git tracks differs from the commit. */
function isDirty(root: string): boolean {
  // `diff-files` would take a file that was only touched, or copied with the checkout, for an edited one. What the repository
  // configures must not hide anything. A submodule's own files are none of ours; comparing them, git would run the filters
  // that the submodule's configuration names.
  const questions = [['diff', '--name-only', '-z', '--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty', '--', '.'], ['diff-index', '--ignore-submodules=dirty', '--cached', '--name-only', '-z', 'HEAD', '--', '.']]
  const config: [string, string][] = [...withoutFilters(root), ['diff.autoRefreshIndex', 'true']]
  return questions.some((question) => git(root, question, { config }) !== '')
}

/** Comparing a file's content, git runs the filters that the repository configures; each is overridden by none. */
function withoutFilters(root: string): [string, string][] {
  const names = (git(root, ['config', '--list', '--name-only', '-z']) ?? '').split('\0')
  return names.filter((name) => /^filter\..*\.(?:clean|smudge|process)$/s.test(name)).map((name) => [name, ''])
}

/** What a repository's own configuration may name programs for; ours comes later and wins. */
const harmless: readonly [string, string][] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.quotePath', 'false'],
  ['safe.bareRepository', 'explicit'],
  ['log.showSignature', 'false'],
  ['gpg.program', 'false'],
]

/** Where git runs on a repository that nobody has vetted; `git` says why. For those who must read what it says as it comes. */
export function gitEnvironment(config: readonly [string, string][] = []): NodeJS.ProcessEnv {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  const settings = [...harmless, ...config]
  const numbered = settings.flatMap(([name, value], i) => [[`GIT_CONFIG_KEY_${i}`, name], [`GIT_CONFIG_VALUE_${i}`, value]])
  return {
    ...inherited,
    ...Object.fromEntries(numbered),
    GIT_CONFIG_COUNT: String(settings.length),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/dev/null',
    // A partial clone fetches what it lacks from where, and by the program that, its configuration says. Git before 2.44
    // does not know the first; no transport is allowed to any.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  }
}

/**
 * Runs git on a repository that nobody has vetted: its configuration must not name programs for us to run, and our
 * environment must not point it elsewhere.
 */
export function git(root: string, args: readonly string[], { input = '', config = [], encoding = 'utf8' }: { input?: string; config?: readonly [string, string][]; encoding?: 'utf8' | 'latin1' } = {}): string | undefined {
  const program = gitProgram(root)
  if (program === undefined) return undefined
  const { status, stdout } = spawnSync(program, [...args], {
    cwd: root,
    encoding,
    maxBuffer: 1 << 28,
    env: gitEnvironment(config),
    // As text it would be encoded as the output is.
    input: Buffer.from(input),
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return status === 0 ? stdout : undefined
}

const programs = new Map<string, string | undefined>()

/** The git of whoever started Shiplock; undefined where there is none outside of the tree. */
export function gitProgram(root: string): string | undefined {
  const { PATH = '/usr/local/bin:/usr/bin:/bin' } = process.env
  const key = `${root}\0${PATH}`
  if (!programs.has(key)) programs.set(key, findUserProgram(root, 'git', PATH))
  return programs.get(key)
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
