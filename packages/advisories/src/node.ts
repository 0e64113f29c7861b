/** The one file of this library that touches files, the network and the environment. */
import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Advisory, PackageAdvisory } from './advisory.ts'
import { record, text } from './lock-document.ts'
import { bulkBodies, readBulkAnswer } from './registry.ts'

export interface AdvisoryIndex {
  readonly file: string
  /** Of the export that it was made from. */
  readonly digest: string
  readonly etag?: string
  readonly lastModified?: string
  /** When it was last known to be what the source has. Milliseconds since 1970. */
  readonly checkedAt: number
  readonly advisories: number
}

type Environment = Readonly<Record<string, string | undefined>>

/** Changes with the layout of the index; one of another version is not read. */
const formatVersion = 1

/** Where the index is: a cache of the user's, since every repository needs the same, and none may bring its own. */
export function indexDirectory(environment: Environment = process.env): string {
  return environment['SHIPLOCK_ADVISORIES'] ?? join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'shiplock', 'advisories')
}

export function findIndex(directory = indexDirectory()): AdvisoryIndex | undefined {
  const facts = record(readJson(join(directory, 'npm.json')))
  const [name, digest, checkedAt] = [text(facts.get('file')), text(facts.get('digest')), facts.get('checkedAt')]
  if (facts.get('formatVersion') !== formatVersion || name === undefined || digest === undefined || typeof checkedAt !== 'number') return undefined
  const [etag, lastModified] = [text(facts.get('etag')), text(facts.get('lastModified'))]
  const file = join(directory, name)
  if (!existsSync(file)) return undefined
  return { file, digest, checkedAt, advisories: Number(facts.get('advisories')), ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) }
}

/** The advisories of these packages. */
export function lookUp(index: AdvisoryIndex, names: Iterable<string>): Result<Map<string, Advisory[]>, StageFailure> {
  try {
    using database = new DatabaseSync(index.file, { readOnly: true })
    const select = database.prepare('SELECT body FROM advisory WHERE package = ?')
    return ok(new Map([...new Set(names)].map((name) => [name, select.all(name).map(({ body }): Advisory => JSON.parse(String(body)))])))
  } catch (error) {
    return fail(unavailable(`the index of advisories is damaged: ${messageOf(error)}`))
  }
}

export interface UpdateRequest {
  readonly directory?: string
  /** Address of OSV's export of npm, or of a mirror of it. */
  readonly url?: string
  readonly signal?: AbortSignal
  readonly now?: number
}

export const osvExport = 'https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip'

/** Makes the index from OSV's export, unless the export is what it was. Readers see the old index or the new one, whole. */
export async function updateIndex(request: UpdateRequest = {}): Promise<Result<AdvisoryIndex & { readonly isNew: boolean }, StageFailure>> {
  const directory = request.directory ?? indexDirectory()
  const url = request.url ?? process.env['SHIPLOCK_OSV_EXPORT'] ?? osvExport
  const now = request.now ?? Date.now()
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return fail({ reason: 'advisories-unavailable', message: `${url.slice(0, 200)} is no address of http or https`, hint: 'name a mirror of the export as https://…/npm/all.zip; a folder with the index of another machine is named by SHIPLOCK_ADVISORIES' })
  const before = findIndex(directory)
  const temporary = join(directory, `.partial-${randomUUID()}`)
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const headers = before && { ...(before.etag !== undefined && { 'if-none-match': before.etag }), ...(before.lastModified !== undefined && { 'if-modified-since': before.lastModified }) }
    const response = await fetch(url, { ...(headers && { headers }), signal: request.signal ?? AbortSignal.timeout(600_000) })
    if (response.status === 304 && before) {
      const index = { ...before, checkedAt: now }
      writeFacts(directory, index)
      return ok({ ...index, isNew: false })
    }
    if (!response.ok || !response.body) return fail(notFetched(`${url} answers with ${response.status}`))
    const { digest, md5, advisories } = await fillIndex(temporary, response.body)
    const promised = /md5=([\w+/]+={0,2})/.exec(response.headers.get('x-goog-hash') ?? '')?.[1]
    if (promised !== undefined && promised !== md5) return fail(notFetched(`${url} did not arrive as it was sent: its hash is another`))
    if (advisories === 0) return fail(notFetched(`${url} holds no advisory for npm`))
    const [etag, lastModified] = [response.headers.get('etag'), response.headers.get('last-modified')]
    const index: AdvisoryIndex = { file: join(directory, `npm-${randomUUID()}.sqlite`), digest, checkedAt: now, advisories, ...(etag !== null && { etag }), ...(lastModified !== null && { lastModified }) }
    renameSync(temporary, index.file)
    writeFacts(directory, index)
    removeRemains(directory, [index.file], before?.file, now)
    return ok({ ...index, isNew: true })
  } catch (error) {
    if (isFull(error)) return fail({ reason: 'no-space', message: `the index of advisories does not fit into ${directory}: the disk is full`, hint: 'make room, or name another folder by SHIPLOCK_ADVISORIES' })
    return fail(notFetched(`the advisories of ${url} could not be fetched: ${messageOf(error)}`))
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Longer than an update takes: what is younger may be that of another update under way. */
const remainsMs = 60 * 60 * 1000

/** Removes the index that was replaced, and what updates that were killed have left. */
function removeRemains(directory: string, kept: readonly string[], replaced: string | undefined, now: number): void {
  for (const name of readdirSync(directory)) {
    const file = join(directory, name)
    if (!/^(?:npm-.*\.sqlite|\.partial-.*)$/.test(name) || kept.includes(file)) continue
    const age = now - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now)
    if (file === replaced || age > remainsMs) rmSync(file, { force: true })
  }
}

async function fillIndex(file: string, body: AsyncIterable<Uint8Array>): Promise<{ digest: string; md5: string; advisories: number }> {
  const hash = createHash('sha256')
  // Not for security: what Google Cloud Storage says an object's bytes are.
  const sent = createHash('md5')
  // Only an update needs these; what a run asks for first is whether there is an index.
  const [{ readOsv }, { unzip }] = await Promise.all([import('./advisory.ts'), import('./unzip.ts')])
  let advisories = 0
  using database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE advisory (package TEXT NOT NULL, body TEXT NOT NULL); BEGIN')
  const insert = database.prepare('INSERT INTO advisory VALUES (?, ?)')
  await unzip(hashed(body, hash, sent), (name, bytes) => {
    if (!name.endsWith('.json')) return
    for (const { name: of, advisory } of readOsv(JSON.parse(Buffer.from(bytes).toString('utf8')))) {
      insert.run(of, JSON.stringify(advisory))
      advisories += 1
    }
  })
  database.exec('CREATE INDEX by_package ON advisory (package); COMMIT')
  return { digest: hash.digest('hex'), md5: sent.digest('base64'), advisories }
}

async function* hashed(body: AsyncIterable<Uint8Array>, ...hashes: ReturnType<typeof createHash>[]): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    for (const hash of hashes) hash.update(chunk)
    yield chunk
  }
}

function writeFacts(directory: string, { file, ...facts }: AdvisoryIndex): void {
  const temporary = join(directory, `.partial-${randomUUID()}`)
  writeFileSync(temporary, JSON.stringify({ formatVersion, ...facts, file: file.slice(directory.length + 1) }), { mode: 0o600 })
  renameSync(temporary, join(directory, 'npm.json'))
}

export interface RegistryRequest {
  readonly registry?: string
  /** Where it is remembered that a registry has no advisories to give; default beside the index. */
  readonly directory?: string
  readonly now?: number
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Where npm is, to be asked for its own default; the caller knows what is the repository's. */
  readonly findProgram: (name: string) => string | undefined
}

/** Asks the registry about the components, all of them within the time. No credentials are sent. */
export async function askRegistry(components: readonly { readonly name: string; readonly version: string }[], request: RegistryRequest): Promise<Result<Map<string, Advisory[]>, StageFailure>> {
  const now = request.now ?? Date.now()
  const memory = silenceOf(request.registry ?? configuredRegistry(process.env), request.directory ?? indexDirectory())
  const agoMs = memory.agoMs(now)
  // Never a pass: what is remembered is only that there is no answer.
  if (agoMs !== undefined) return fail(unavailable(`the registry has no advisories to give (it said so ${agoMs < 60_000 ? 'just now' : `${Math.floor(agoMs / 60_000)} min ago`}; it is asked once an hour)`))
  const limit = AbortSignal.timeout(request.timeoutMs ?? 2000)
  const signal = request.signal ? AbortSignal.any([limit, request.signal]) : limit
  const found = new Map<string, Advisory[]>()
  try {
    const registry = request.registry ?? (await npmRegistry(signal, request.findProgram))
    const answers = await Promise.all(bulkBodies(components).map((body) => askOnce(new URL('-/npm/v1/security/advisories/bulk', registry.endsWith('/') ? registry : `${registry}/`), body, signal)))
    if (answers.some((answer) => answer === 'none')) memory.remember(now)
    for (const answer of answers) {
      if (typeof answer === 'string') return fail(unavailable('the registry has no advisories to give'))
      for (const { name, advisory } of answer) found.set(name, [...(found.get(name) ?? []), advisory])
    }
    return ok(found)
  } catch (error) {
    return fail(unavailable(`the registry does not answer: ${messageOf(error)}`))
  }
}

const silenceMs = 60 * 60 * 1000

/** That a registry has no advisories to give, for an hour: asking it again and again is most of what an unchanged check takes. */
function silenceOf(registry: string | undefined, directory: string): { readonly agoMs: (now: number) => number | undefined; readonly remember: (now: number) => void } {
  const name = createHash('sha256').update(registry ?? '').digest('hex').slice(0, 16)
  const file = join(directory, `registry-${name}.json`)
  return {
    agoMs: (now) => {
      const at = record(readJson(file)).get('noneAt')
      // One from the future is of a clock that was wrong.
      return typeof at === 'number' && at <= now && now - at < silenceMs ? now - at : undefined
    },
    remember: (now) => {
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        writeFileSync(file, JSON.stringify({ noneAt: now }), { mode: 0o600 })
      } catch {
        // A cache that cannot be written costs the next run its question.
      }
    },
  }
}

const longestAnswer = 32 * 1024 * 1024

async function askOnce(url: URL, body: string, signal: AbortSignal): Promise<PackageAdvisory[] | 'none' | 'refused'> {
  const response = await fetch(url, { method: 'POST', body, signal, headers: { 'content-type': 'application/json', accept: 'application/json' } })
  // That there is no such thing there stays true for a while; that it may not be had now does not.
  if (!response.ok || !response.body) return [404, 405, 410, 501].includes(response.status) ? 'none' : 'refused'
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    if (size > longestAnswer) throw new Error('its answer is too long')
    chunks.push(chunk)
  }
  return readBulkAnswer(JSON.parse(Buffer.concat(chunks).toString('utf8'))) ?? 'refused'
}

/**
 * The registry that npm would use, from its environment and the user's own file. A repository's `.npmrc` has no say: a
 * registry of its choice could answer that nothing is known.
 */
async function npmRegistry(signal: AbortSignal, findProgram: RegistryRequest['findProgram']): Promise<string> {
  const configured = configuredRegistry(process.env)
  if (configured !== undefined) return configured
  // npm's own default; asked where no repository is.
  const npm = findProgram('npm')
  if (npm === undefined) throw new Error('npm, which knows its address, is not installed outside of the repository')
  // npm is a script that looks for its Node on PATH.
  const path = [dirname(process.execPath), dirname(npm), '/usr/bin', '/bin'].join(delimiter)
  const { stdout } = await promisify(execFile)(npm, ['config', 'get', 'registry'], { cwd: homedir(), signal, env: { ...withoutRepository(process.env), PATH: path } })
  return stdout.trim()
}

function configuredRegistry(whole: Environment): string | undefined {
  const environment = withoutRepository(whole)
  const set = environment['NPM_CONFIG_REGISTRY'] ?? environment['npm_config_registry']
  if (set) return set
  const files = [environment['NPM_CONFIG_USERCONFIG'] ?? environment['npm_config_userconfig'] ?? join(environment['HOME'] ?? homedir(), '.npmrc'), environment['npm_config_globalconfig'] ?? '/etc/npmrc', '/usr/local/etc/npmrc', join(dirname(dirname(process.execPath)), 'etc/npmrc')]
  for (const file of files) {
    const line = existsSync(file) ? /^\s*registry\s*=\s*"?([^"\s]+)/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined
    if (line !== undefined) return line
  }
  return undefined
}

/**
 * What npm starts gets npm's config in variables in lower case, and what the repository's `.npmrc` says is among it. Those in
 * capitals are of whoever started npm.
 */
function withoutRepository(environment: Environment): Environment {
  if (!['npm_execpath', 'npm_command', 'npm_lifecycle_event'].some((name) => environment[name] !== undefined)) return environment
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('npm_')))
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Not there, or damaged: the same as none, and `db update` makes it anew.
    return undefined
  }
}

/** Node's own error, or SQLite's 13 (SQLITE_FULL). */
const isFull = (error: unknown) => error instanceof Error && (('code' in error && error.code === 'ENOSPC') || ('errcode' in error && error.errcode === 13))

/** Of the command itself: to run it again would be no help. */
const notFetched = (message: string): StageFailure => ({ reason: 'advisories-unavailable', message: message.slice(0, 500), hint: 'see that the address can be reached from here and through the proxy (HTTPS_PROXY with NODE_USE_ENV_PROXY=1), or name a mirror of it with --url or SHIPLOCK_OSV_EXPORT; an index that was there is kept' })

const unavailable = (message: string): StageFailure => ({ reason: 'advisories-unavailable', message: message.slice(0, 500), hint: 'run `shiplock db update` where OSV or a mirror of it can be reached' })

function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}
