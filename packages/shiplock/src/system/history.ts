import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { git, gitEnvironment, gitProgram } from './tree-listing.ts'

/** Which commits: all that any ref reaches, or those of HEAD since one. */
export interface HistoryRange {
  readonly root: string
  /** A commit; what it reaches is left out. */
  readonly since?: string
}

/** One content that files have had, named by git's object id. */
export interface PastContent {
  readonly blob: string
  /** Bytes. */
  readonly size: number
  /** Every path that it was committed under in this range, relative to the root. */
  readonly paths: readonly string[]
  /** The first commit that brought it, and the day on which it was written. */
  readonly commit: string
  readonly date: string
}

export interface PastContents {
  /** Oldest first. */
  readonly contents: readonly PastContent[]
  readonly commits: number
  /** Contents that the clone does not have. */
  readonly missing: number
}

/** Changes whenever other commits would be looked at; undefined where git knows no repository here. */
export function historyState({ root, since }: HistoryRange): { readonly digest: string; readonly isShallow: boolean } | undefined {
  const refs = git(root, ['for-each-ref', '--format=%(objectname)'])
  const shallow = git(root, ['rev-parse', '--git-path', 'shallow'])?.trim()
  if (refs === undefined || shallow === undefined) return undefined
  const head = git(root, ['rev-parse', '--verify', '--quiet', 'HEAD'])?.trim() ?? ''
  const path = resolve(root, shallow)
  const isShallow = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0
  const tips = since === undefined ? [...new Set(refs.split('\n'))].toSorted() : [since]
  const digest = createHash('sha256').update(JSON.stringify([head, tips, isShallow ? readFileSync(path, 'latin1') : '', git(root, ['rev-parse', '--show-prefix'])]))
  return { digest: digest.digest('hex'), isShallow }
}

/** Lists every content of the range by one walk, each once. */
export async function listPastContents({ root, since }: HistoryRange, signal: AbortSignal): Promise<Result<PastContents, StageFailure>> {
  const prefix = git(root, ['rev-parse', '--show-prefix'])?.trim() ?? ''
  const range = since === undefined ? ['--all'] : ['HEAD', '--not', since]
  // Without a commit there is nothing to walk, which git calls an error.
  if (git(root, ['rev-list', '--max-count=1', ...range]) === undefined && git(root, ['for-each-ref', '--count=1']) === '') return ok({ contents: [], commits: 0, missing: 0 })
  const found = new Map<string, { commit: Commit; paths: string[] }>()
  let commit: Commit = { id: '', date: '' }
  let commits = 0
  /** Of the change whose path comes next; empty where it leaves no content. */
  let changed: string | undefined
  // `-c`: of a merge what is as in none of its parents, which is where a commit can hide what no branch shows.
  const args = ['log', '-z', '--raw', '-c', '--root', '--topo-order', '--no-abbrev', '--no-renames', '--no-ext-diff', '--no-textconv', '--no-show-signature', '--no-notes', '--no-mailmap', '--no-color', '--encoding=UTF-8', '--format=%x02%H %at', ...range, ...(prefix === '' ? ['--'] : ['--relative', '--full-history', '--', '.'])]
  const walked = await runGit(root, args, async (output) => {
    for await (const field of fieldsOf(output)) {
      if (changed !== undefined) {
        const known = found.get(changed)
        // Newest come first, so that what stays is the first commit that had it.
        if (!known && changed !== '') found.set(changed, { commit, paths: [field] })
        else if (known) {
          known.commit = commit
          if (known.paths.length < mostPaths && !known.paths.includes(field)) known.paths.push(field)
        }
        changed = undefined
        continue
      }
      const line = field.replace(/^\n+/, '')
      const named = /^\u0002([0-9a-f]{40,64}) (-?\d+)$/.exec(line)
      if (named) {
        commit = { id: named[1] ?? '', date: dayOf(Number(named[2])) }
        commits++
      } else changed = contentOf(line)
    }
    return true
  }, signal)
  if (!walked.ok) return walked
  const sizes = new Map<string, number>()
  const measured = await runGit(root, ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)', '--buffer'], async (output) => {
    for await (const line of linesOf(output)) {
      const [id = '', type, size] = line.split(' ')
      if (type === 'blob') sizes.set(id, Number(size))
    }
    return true
  }, signal, found.keys())
  if (!measured.ok) return measured
  const contents = [...found].flatMap(([blob, { commit: { id, date }, paths }]): PastContent[] => (sizes.has(blob) ? [{ blob, size: sizes.get(blob) ?? 0, paths: paths.toSorted(), commit: id, date }] : []))
  return ok({ contents: contents.toReversed(), commits, missing: found.size - contents.length })
}

/** Reads contents by one process, one in memory at a time, in the order asked for. */
export async function readPastContents(root: string, contents: readonly PastContent[], signal: AbortSignal, visit: (content: PastContent, bytes: Buffer) => Promise<void>): Promise<Result<void, StageFailure>> {
  if (contents.length === 0) return ok(undefined)
  return runGit(root, ['cat-file', '--batch', '--buffer'], async (output) => {
    const reader = new ByteReader(output)
    for (const content of contents) {
      const size = /^[0-9a-f]+ blob (\d+)$/.exec((await reader.line()) ?? '')?.[1]
      const bytes = size === undefined ? undefined : await reader.bytes(Number(size))
      // Each was there when its size was asked.
      if (!bytes || !(await reader.bytes(1))) return false
      await visit(content, bytes)
    }
    return true
  }, signal, contents.map(({ blob }) => blob))
}

interface Commit {
  readonly id: string
  readonly date: string
}

/** The same content under more names says nothing more. */
const mostPaths = 8

/**
 * What a change left, of `:MODE MODE ID ID STATUS`, or with one of each more for every parent of a merge; empty where it left
 * nothing, or a link to another repository.
 */
function contentOf(line: string): string | undefined {
  const words = /^:+([0-9a-f ]+) [A-Z]+\d*$/.exec(line)?.[1]?.split(' ')
  if (!words) return undefined
  const mode = words[words.length / 2 - 1]
  const id = words.at(-1) ?? ''
  return mode === '160000' || /^0+$/.test(id) ? '' : id
}

const dayOf = (seconds: number): string => {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? 'an unknown day' : date.toISOString().slice(0, 10)
}

/** Runs git and hands over what it says as it comes. */
async function runGit(root: string, args: readonly string[], read: (output: Readable) => Promise<boolean>, signal: AbortSignal, input: Iterable<string> = []): Promise<Result<void, StageFailure>> {
  const program = gitProgram(root)
  if (program === undefined) return fail({ reason: 'tool-missing', message: 'git is not installed', hint: 'install git, outside of the repository' })
  const child = spawn(program, [...args], { cwd: root, env: gitEnvironment(), stdio: ['pipe', 'pipe', 'pipe'], signal })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-2000)))
  const ended = new Promise<number | null>((resolveEnd, reject) => child.on('error', reject).on('close', resolveEnd))
  // Whoever waits for it is told; until then it is no unhandled one.
  ended.catch(() => {})
  // It may end before it has read everything: what it says then tells why.
  child.stdin.on('error', () => {})
  void feed(child.stdin, input)
  try {
    const isWhole = await read(child.stdout)
    const exitCode = await ended
    return exitCode === 0 && isWhole ? ok(undefined) : fail({ reason: 'tool-failed', message: `git ${args[0] ?? ''} ended with exit code ${exitCode} before the history was read`, detail: said.trim(), hint: 'see what `git fsck` says of the repository' })
  } finally {
    child.kill()
  }
}

async function feed(stdin: NodeJS.WritableStream, input: Iterable<string>): Promise<void> {
  let batch = ''
  for (const id of input) {
    batch += `${id}\n`
    if (batch.length < 65_536) continue
    if (!stdin.write(batch)) await Promise.race([new Promise((resolveDrain) => stdin.once('drain', resolveDrain)), new Promise((resolveClose) => stdin.once('close', resolveClose))])
    batch = ''
  }
  stdin.end(batch)
}

async function* splitBy(separator: string, output: Readable): AsyncGenerator<string> {
  let rest = ''
  output.setEncoding('utf8')
  for await (const chunk of output as AsyncIterable<string>) {
    const parts = (rest + chunk).split(separator)
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}

const fieldsOf = (output: Readable) => splitBy('\0', output)
const linesOf = (output: Readable) => splitBy('\n', output)

/** A stream read in lines and lengths by turns. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(output: Readable) {
    this.#chunks = output[Symbol.asyncIterator]()
  }

  /** Undefined where the stream ends before it does. */
  async line(): Promise<string | undefined> {
    for (let from = 0; ; ) {
      const end = this.#rest.indexOf(10, from)
      if (end !== -1) return (await this.bytes(end + 1))?.toString('latin1').slice(0, -1)
      from = this.#rest.length
      const more = await this.#more()
      if (!more) return undefined
      this.#rest = Buffer.concat([this.#rest, more])
    }
  }

  async bytes(count: number): Promise<Buffer | undefined> {
    const parts = [this.#rest]
    let have = this.#rest.length
    while (have < count) {
      const more = await this.#more()
      if (!more) return undefined
      parts.push(more)
      have += more.length
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts)
    this.#rest = all.subarray(count)
    return all.subarray(0, count)
  }

  async #more(): Promise<Buffer | undefined> {
    const { value, done } = await this.#chunks.next()
    return done ? undefined : value
  }
}
