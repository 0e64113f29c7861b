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
import { families, type Family } from './family.ts'
import { list, record, text } from './lock-document.ts'
import type { AdvisorySource, Inventory } from './match/match-components.ts'
import { bulkBodies, readBulkAnswer } from './registry.ts'

export interface AdvisoryIndex {
  readonly family: Family
  readonly file: string
  /** Of the export that it was made from. */
  readonly digest: string
  readonly etag?: string
  readonly lastModified?: string
  /** When it was last known to be what the source has. Milliseconds since 1970. */
  readonly checkedAt: number
  /** The job of a CI that fetched it. */
  readonly job?: string
  readonly advisories: number
  /** Those that it has anything of: `npm`, or each release of a distribution. */
  readonly ecosystems: readonly string[]
}

/** ` of 2026-11-25`: the day that the source says its export is of, for a person; empty where it does not say. */
export function dayOf({ lastModified = '' }: Pick<AdvisoryIndex, 'lastModified'>): string {
  const time = Date.parse(lastModified)
  return Number.isNaN(time) ? '' : ` of ${new Date(time).toISOString().slice(0, 10)}`
}

type Environment = Readonly<Record<string, string | undefined>>

/** Changes with the layout of the index; one of another version is not read. */
const formatVersion = 1

/** Where the index is: a cache of the user's, since every repository needs the same, and none may bring its own. */
export function indexDirectory(environment: Environment = process.env): string {
  return environment['SHIPLOCK_ADVISORIES'] ?? join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'shiplock', 'advisories')
}

/**
 * In CI the job that runs, by what only the system that runs it knows beforehand; undefined elsewhere, and `''` in a CI that does not tell. A cache that
 * other jobs can write is not believed there: an index counts that this job fetched, or that whoever runs it names by SHIPLOCK_ADVISORIES.
 */
function jobOf(environment: Environment): string | undefined {
  if (['', '0', 'false', undefined].includes(environment['CI'])) return undefined
  const { GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: attempt, GITHUB_JOB: job, CI_JOB_ID: gitlab, BUILD_ID: build } = environment
  return run !== undefined ? ['github', run, attempt, job].join('/') : gitlab !== undefined ? `gitlab/${gitlab}` : build !== undefined ? `build/${build}` : ''
}

/** Whether somebody who is not this job may have made it. */
function isForeign(directory: string, madeBy: string | undefined, environment: Environment): boolean {
  const job = jobOf(environment)
  return job !== undefined && directory === indexDirectory({ ...environment, SHIPLOCK_ADVISORIES: undefined }) && environment['SHIPLOCK_ADVISORIES'] !== directory && (job === '' || madeBy !== job)
}

const nameOf = (family: Family) => family.toLowerCase()

export function findIndex(directory = indexDirectory(), family: Family = 'npm', environment: Environment = process.env): AdvisoryIndex | undefined {
  const index = readIndex(directory, family)
  return index && isForeign(directory, index.job, environment) ? undefined : index
}

function readIndex(directory: string, family: Family): AdvisoryIndex | undefined {
  const facts = record(readJson(join(directory, `${nameOf(family)}.json`)))
  const [name, digest, checkedAt] = [text(facts.get('file')), text(facts.get('digest')), facts.get('checkedAt')]
  if (facts.get('formatVersion') !== formatVersion || name === undefined || digest === undefined || typeof checkedAt !== 'number') return undefined
  const [etag, lastModified, job] = [text(facts.get('etag')), text(facts.get('lastModified')), text(facts.get('job'))]
  const file = join(directory, name)
  if (!existsSync(file)) return undefined
  // An index of before there were others than npm's names no ecosystems.
  const ecosystems = list(facts.get('ecosystems')).flatMap((it) => text(it) ?? [])
  return { family, file, digest, checkedAt, advisories: Number(facts.get('advisories')), ecosystems: ecosystems.length === 0 && family === 'npm' ? ['npm'] : ecosystems, ...(job !== undefined && { job }), ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) }
}

/** What a package's advisories are kept under. */
const keyOf = (ecosystem: string, name: string) => (ecosystem === 'npm' ? name : `${ecosystem}/${name}`)

/** The advisories of these packages. */
export function lookUp(index: AdvisoryIndex, names: Iterable<string>, ecosystem: string = index.family): Result<Map<string, Advisory[]>, StageFailure> {
  try {
    using database = new DatabaseSync(index.file, { readOnly: true })
    const select = database.prepare('SELECT body FROM advisory WHERE package = ?')
    return ok(new Map([...new Set(names)].map((name) => [name, select.all(keyOf(ecosystem, name)).map(({ body }): Advisory => JSON.parse(String(body)))])))
  } catch (error) {
    return fail(unavailable(`the index of advisories is damaged: ${messageOf(error)}`))
  }
}

/**
 * Whatever is kept here of the components of these images. A family without an index is left out, so that what is matched says that it
 * was not; an index that is older than `maxAgeDays`, or from the future, is as good as none.
 */
export async function readSources(inventories: readonly Inventory[], { directory = indexDirectory(), now = Date.now(), maxAgeDays = Number.POSITIVE_INFINITY }: { readonly directory?: string; readonly now?: number; readonly maxAgeDays?: number } = {}): Promise<Result<AdvisorySource[], StageFailure>> {
  const { askedOf } = await import('./match/match-components.ts')
  const sources: AdvisorySource[] = []
  for (const [family, ecosystems] of askedOf(inventories)) {
    const index = findIndex(directory, family)
    if (index === undefined || now - index.checkedAt > maxAgeDays * dayMs || index.checkedAt - now > dayMs) continue
    const advisories = new Map<string, ReadonlyMap<string, readonly Advisory[]>>()
    for (const [ecosystem, names] of ecosystems) {
      const found = lookUp(index, names, ecosystem)
      if (!found.ok) return found
      advisories.set(ecosystem, found.value)
    }
    sources.push({ family, name: family === 'Node.js' ? 'Node.js core' : `OSV ${family}`, digest: `sha256:${index.digest}`, checkedAt: index.checkedAt, ecosystems: new Set(index.ecosystems), advisories })
  }
  return ok(sources)
}

const dayMs = 24 * 60 * 60 * 1000

export interface UpdateRequest {
  /** Default npm. */
  readonly family?: Family
  readonly directory?: string
  /** Address of OSV's export of it, or of a mirror of that; of Node's own advisories where they are meant. */
  readonly url?: string
  readonly signal?: AbortSignal
  readonly now?: number
}

export const osvExport = 'https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip'

/** Where Node's security working group publishes the advisories on Node itself; a mirror is named by SHIPLOCK_NODE_ADVISORIES. */
export const coreAdvisories = 'https://raw.githubusercontent.com/nodejs/security-wg/main/vuln/core/index.json'

/**
 * Where the advisories of a family are fetched from, beside npm's where a mirror of that is named: exports lie next to each other.
 * Undefined where the mirror's address does not say where the others are.
 */
export function exportOf(family: Family, npmExport: string = process.env['SHIPLOCK_OSV_EXPORT'] ?? osvExport): string | undefined {
  if (family === 'npm') return npmExport
  if (family === 'Node.js') return process.env['SHIPLOCK_NODE_ADVISORIES'] ?? coreAdvisories
  return npmExport.endsWith('/npm/all.zip') ? npmExport.replace(/npm\/all\.zip$/, `${family}/all.zip`) : undefined
}

/** Makes the index from OSV's export, unless the export is what it was. Readers see the old index or the new one, whole. */
export async function updateIndex(request: UpdateRequest = {}): Promise<Result<AdvisoryIndex & { readonly isNew: boolean }, StageFailure>> {
  const directory = request.directory ?? indexDirectory()
  const family = request.family ?? 'npm'
  const url = request.url ?? exportOf(family)
  if (url === undefined) return fail(notFetched(`where the advisories of ${family} are is not said by the address of npm's, which does not end with /npm/all.zip`))
  const now = request.now ?? Date.now()
  const job = jobOf(process.env)
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return fail({ reason: 'advisories-unavailable', message: `${url.slice(0, 200)} is no address of http or https`, hint: 'name a mirror of the export as https://…/npm/all.zip; a folder with the index of another machine is named by SHIPLOCK_ADVISORIES' })
  const before = findIndex(directory, family)
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
    const { digest, md5, advisories, ecosystems } = await fillIndex(temporary, response.body, family)
    const promised = /md5=([\w+/]+={0,2})/.exec(response.headers.get('x-goog-hash') ?? '')?.[1]
    if (promised !== undefined && promised !== md5) return fail(notFetched(`${url} did not arrive as it was sent: its hash is another`))
    if (advisories === 0) return fail(notFetched(`${url} holds no advisory for ${family}`))
    const [etag, lastModified] = [response.headers.get('etag'), response.headers.get('last-modified')]
    const index: AdvisoryIndex = { family, file: join(directory, `${nameOf(family)}-${randomUUID()}.sqlite`), digest, checkedAt: now, advisories, ecosystems, ...(job && { job }), ...(etag !== null && { etag }), ...(lastModified !== null && { lastModified }) }
    renameSync(temporary, index.file)
    writeFacts(directory, index)
    removeRemains(directory, index, before?.file, now)
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
function removeRemains(directory: string, kept: AdvisoryIndex, replaced: string | undefined, now: number): void {
  for (const name of readdirSync(directory)) {
    const file = join(directory, name)
    const isRemains = name.startsWith('.partial-') || (name.startsWith(`${nameOf(kept.family)}-`) && name.endsWith('.sqlite'))
    if (!isRemains || file === kept.file) continue
    const age = now - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now)
    if (file === replaced || age > remainsMs) rmSync(file, { force: true })
  }
}

interface Filled {
  readonly digest: string
  readonly md5: string
  readonly advisories: number
  readonly ecosystems: readonly string[]
}

async function fillIndex(file: string, body: AsyncIterable<Uint8Array>, family: Family): Promise<Filled> {
  const hash = createHash('sha256')
  // Not for security: what Google Cloud Storage says an object's bytes are.
  const sent = createHash('md5')
  let advisories = 0
  const ecosystems = new Set<string>()
  using database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE advisory (package TEXT NOT NULL, body TEXT NOT NULL); BEGIN')
  const insert = database.prepare('INSERT INTO advisory VALUES (?, ?)')
  const read = family === 'Node.js' ? readCore : readExport
  await read(hashed(body, hash, sent), family, ({ name, ecosystem, advisory }) => {
    insert.run(keyOf(ecosystem, name), JSON.stringify(advisory))
    ecosystems.add(ecosystem)
    advisories += 1
  })
  database.exec('CREATE INDEX by_package ON advisory (package); COMMIT')
  return { digest: hash.digest('hex'), md5: sent.digest('base64'), advisories, ecosystems: [...ecosystems].toSorted() }
}

type OnAdvisory = (it: PackageAdvisory) => void

async function readExport(body: AsyncIterable<Uint8Array>, family: Family, onAdvisory: OnAdvisory): Promise<void> {
  // Only an update needs these; what a run asks for first is whether there is an index.
  const [{ readOsv }, { unzip }] = await Promise.all([import('./advisory.ts'), import('./unzip.ts')])
  await unzip(body, (name, bytes) => {
    if (name.endsWith('.json')) for (const it of readOsv(JSON.parse(Buffer.from(bytes).toString('utf8')), family)) onAdvisory(it)
  })
}

async function readCore(body: AsyncIterable<Uint8Array>, _family: Family, onAdvisory: OnAdvisory): Promise<void> {
  const { readCoreAdvisories } = await import('./core-advisories.ts')
  const read = readCoreAdvisories(JSON.parse((await collect(body)).toString('utf8')))
  if (!read.ok) throw new Error(read.failure)
  for (const it of read.value) onAdvisory(it)
}

/** All of an answer, unless it is longer than one has reason to be. */
async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > longestAnswer) throw new Error('its answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* hashed(body: AsyncIterable<Uint8Array>, ...hashes: ReturnType<typeof createHash>[]): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    for (const hash of hashes) hash.update(chunk)
    yield chunk
  }
}

function writeFacts(directory: string, { family, file, ...facts }: AdvisoryIndex): void {
  const temporary = join(directory, `.partial-${randomUUID()}`)
  writeFileSync(temporary, JSON.stringify({ formatVersion, ...facts, file: file.slice(directory.length + 1) }), { mode: 0o600 })
  renameSync(temporary, join(directory, `${nameOf(family)}.json`))
}

export { families, type Family }

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
  return readBulkAnswer(JSON.parse((await collect(response.body)).toString('utf8'))) ?? 'refused'
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
