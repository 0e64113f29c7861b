import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readForeignReport } from '@shiplock/advisories/match'
import { readSbom, type Sbom } from '@shiplock/advisories/sbom'
import type { Outcome, Subject } from '@shiplock/findings'
import type { Check, HttpClient, KnownElsewhere, ReleaseStates, RevisionState, Transport } from '../checks/check.ts'
import { findKnownSecrets } from '../checks/secrets/known-secrets.ts'
import type { Store } from '../engine/cache.ts'
import { filesOf, runCheck } from '../stages/check-stage.ts'
import { findConfinement, type Confinement } from '../system/confinement.ts'
import { createMask } from '../system/masking.ts'
import { takeSnapshot } from '../system/snapshot.ts'
import type { Workspace } from '../system/workspace.ts'
import { useAdvisories } from './advisory-index.ts'
import { startFixtureServer } from './fixture-server.ts'

/**
 * One folder below a check's `fixtures/`, named `ok.<case>` or `bad.<case>`. It holds `tree/` (a leading `_` in a
 * name stands for `.`, so that configurations in fixtures configure nothing here), `sbom.cdx.json` or `server.mjs`, and beside it
 * `expected.txt` (what the check says; an `ok` one without it says nothing), `options.json`, and `bin/` with programs
 * that are on PATH. Beside `server.mjs`, `release.json` is what was approved and what runs, and `transport.json` how the origin is
 * reached. A check of the history finds the folders of `commits/` committed one after the other; where a name ends
 * with `.shallow` the clone has nothing before it.
 *
 * `{{SPLIT}}` in a file stands for nothing: what looks like a secret is in two pieces in this repository, so that whoever
 * pushes it is not refused by a host that looks for secrets itself.
 */
export interface Fixture {
  readonly name: string
  readonly isBad: boolean
  readonly directory: string
}

export const checksDirectory = resolve(import.meta.dirname, '../checks')
const repository = resolve(import.meta.dirname, '../../../..')

export const listFixtures = (id: string): Fixture[] => fixturesIn(join(checksDirectory, id, 'fixtures'))

/** Those in the folder of a rule that has one of its own: what is in them is the tree, unless they hold `tree/`. */
export const listRuleFixtures = (ruleFolders: URL, rule: string): Fixture[] => fixturesIn(join(fileURLToPath(ruleFolders), rule, 'fixtures'))

function fixturesIn(parent: string): Fixture[] {
  if (!existsSync(parent)) return []
  return readdirSync(parent)
    .toSorted()
    .map((name) => ({ name, isBad: name.startsWith('bad.'), directory: join(parent, name) }))
}

/** What the check says of the fixture, and whether it left the tree as it was. */
export interface FixtureResult {
  readonly outcome: Outcome
  readonly summary?: string
  readonly text: string
  readonly wroteInTree: boolean
}

/** An abort ends what the check has started; give it the test's own signal. */
export async function runFixture(check: Check, fixture: Fixture, signal: AbortSignal): Promise<FixtureResult> {
  const optionsFile = join(fixture.directory, 'options.json')
  const options: unknown = existsSync(optionsFile) ? JSON.parse(readFileSync(optionsFile, 'utf8')) : {}
  const tree = join(fixture.directory, 'tree')
  const ownFolder = fixture.directory.startsWith(checksDirectory)
  await using rig = await createCheckRig(existsSync(tree) || ownFolder ? tree : fixture.directory, { commits: join(fixture.directory, 'commits'), programs: join(fixture.directory, 'bin') })
  await using advisories = await useAdvisories(join(checksDirectory, check.id, 'advisories'))
  void advisories
  if (check.subject === 'image') return await rig.run(check, { options, signal, image: sbomIn(fixture), ...knownIn(fixture), subject: { kind: 'image', digest: `sha256:${'0'.repeat(64)}` } })
  if (check.subject !== 'revision') return await rig.run(check, { options, signal })
  await using server = await startFixtureServer(join(fixture.directory, 'server.mjs'))
  const transport = jsonIn(fixture, 'transport.json') as Transport | undefined
  const release = jsonIn(fixture, 'release.json') as Record<keyof ReleaseStates, WrittenState> | undefined
  return await rig.run(check, {
    options,
    signal,
    http: { ...server.http, ...(transport && { transport: async () => transport }) },
    ...(release && { release: { approved: stateOf(release.approved), running: stateOf(release.running) } }),
    subject: {
      kind: 'revision',
      digest: `sha256:${'0'.repeat(64)}`,
      service: 'fixture',
      revision: 'fixture-00001',
      uri: server.http.origin,
    },
  })
}

type WrittenState = Omit<RevisionState, 'env'> & { readonly env: Readonly<Record<string, string>> }

const stateOf = (state: WrittenState): RevisionState => ({ ...state, env: new Map(Object.entries(state.env)) })

function jsonIn({ directory }: Fixture, name: string): unknown {
  const path = join(directory, name)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

function sbomIn({ directory }: Fixture): Sbom {
  const sbom = readSbom(readFileSync(join(directory, 'sbom.cdx.json')))
  if (!sbom.ok) throw new Error(sbom.failure)
  return sbom.value
}

/** What others say of the image: reports of scanners, and what the archive has. */
function knownIn(fixture: Fixture): { readonly known?: KnownElsewhere } {
  const path = join(fixture.directory, 'report.json')
  const updates = jsonIn(fixture, 'updates.json') as KnownElsewhere['updates']
  if (!existsSync(path) && updates === undefined) return {}
  const report = existsSync(path) ? readForeignReport(readFileSync(path), Date.parse('2026-11-27T00:00:00Z')) : undefined
  if (report?.ok === false) throw new Error(report.failure)
  return { known: { reports: report ? [report.value] : [], ...(updates && { updates }) } }
}

export interface RigRun {
  /** As in the config: what is not there gets its default. */
  readonly options?: unknown
  readonly http?: HttpClient
  readonly release?: ReleaseStates
  readonly image?: Sbom
  readonly known?: KnownElsewhere
  readonly subject?: Subject
  readonly store?: Store
  readonly signal?: AbortSignal
  readonly confinement?: Confinement
  /** What Shiplock itself was started with. */
  readonly environment?: NodeJS.ProcessEnv
}

/** A tree in a directory of its own, with this repository's packages installed in it, to run checks on as a stage does. */
export interface CheckRig extends AsyncDisposable {
  readonly root: string
  readonly run: (check: Check, run?: RigRun) => Promise<FixtureResult>
}

export interface RigOptions {
  /** `false` leaves it without node_modules. */
  readonly packages?: boolean
  /** A directory whose folders are committed one after the other, before the tree is what `source` says. */
  readonly commits?: string
  /** A directory of programs that are on PATH. */
  readonly programs?: string
}

/** Copies `source`, where there is one. */
export async function createCheckRig(source: string | undefined, { packages = true, commits, programs = '' }: RigOptions = {}): Promise<CheckRig> {
  const parent = mkdtempSync(join(tmpdir(), 'shiplock-fixture-'))
  const root = join(parent, 'tree')
  mkdirSync(root)
  if (commits !== undefined && existsSync(commits)) commitEach(commits, root)
  if (source !== undefined) copyFixture(source, root)
  if (packages) symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  const found = await findConfinement(import.meta.dirname, process.env)
  return {
    root,
    run: async (check, { confinement = found, environment = {}, ...run } = {}) => {
      const snapshot = takeSnapshot(root, join(parent, 'index.json'))
      if (!snapshot.ok) throw new Error(snapshot.failure.message)
      const workspace: Workspace = { snapshot: snapshot.value, confinement, scratchParent: join(parent, 'scratch'), programs: [repository], isUntrusted: false, sharedPackages: realpathSync(join(repository, 'node_modules')), environment: { PATH: programs, ...environment } }
      const options: unknown = check.options.parse(run.options ?? {})
      const before = digestOfDirectory(root)
      const { outcome, summary } = await runCheck({
        check,
        options,
        workspace,
        mask: createMask({}, findKnownSecrets),
        toolVersion: 'test',
        files: filesOf(check, options, snapshot.value),
        subject: run.subject ?? { kind: 'tree', digest: snapshot.value.digest },
        signal: run.signal ?? new AbortController().signal,
        ...(run.http && { http: run.http }),
        ...(run.release && { release: run.release }),
        ...(run.image && { image: run.image }),
        ...(run.known && { known: run.known }),
        ...(run.store && { store: run.store }),
      })
      if (!outcome) throw new Error(`check ${check.id} ended without an outcome`)
      if (!check.hasEdits && outcome.kind === 'completed' && outcome.findings.some(({ edits }) => edits)) throw new Error(`check ${check.id} has edits: say so by hasEdits, or its command offers no --fix`)
      return { outcome, ...(summary !== undefined && { summary }), text: renderOutcome(outcome, root), wroteInTree: digestOfDirectory(root) !== before }
    },
    [Symbol.asyncDispose]: async () => rmSync(parent, { recursive: true, force: true }),
  }
}

/** Puts the files of a fixture where a check finds them, under their own names and whole. */
function copyFixture(source: string, target: string): void {
  if (!existsSync(source)) return
  cpSync(source, target, { recursive: true, verbatimSymlinks: true })
  for (const path of walk(target)) {
    const stats = lstatSync(path)
    const content = stats.isFile() ? readFileSync(path) : undefined
    if (content?.includes(split)) writeFileSync(path, content.toString('latin1').replaceAll(split, ''), 'latin1')
    if (basename(path).startsWith('_')) renameSync(path, join(dirname(path), basename(path).replace('_', '.')))
  }
}

const split = '{{SPLIT}}'

/** By nobody and on the same days, so that commits have the same ids everywhere. */
function commitEach(commits: string, root: string): void {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' } }).trim()
  git('init', '--quiet', '--initial-branch=main')
  for (const [index, name] of readdirSync(commits).toSorted().entries()) {
    for (const entry of readdirSync(root)) if (entry !== '.git') rmSync(join(root, entry), { recursive: true })
    copyFixture(join(commits, name), root)
    git('add', '--all')
    const by = `Fixture <fixture@example.test> ${1_767_225_600 + index * 86_400} +0000`
    const tree = git('write-tree')
    writeFileSync(join(root, '.git/commit'), `tree ${tree}\n${index > 0 ? `parent ${git('rev-parse', 'HEAD')}\n` : ''}author ${by}\ncommitter ${by}\n\n${name}\n`)
    git('update-ref', 'HEAD', git('hash-object', '-t', 'commit', '-w', '.git/commit'))
    if (name.endsWith('.shallow')) writeFileSync(join(root, '.git/shallow'), `${git('rev-parse', 'HEAD')}\n`)
  }
  for (const entry of readdirSync(root)) if (entry !== '.git') rmSync(join(root, entry), { recursive: true })
}

/** An outcome as the plain text of `expected.txt`. */
export function renderOutcome(outcome: Outcome, root: string): string {
  if (outcome.kind === 'skipped') return `skipped: ${outcome.reason}\n`
  if (outcome.kind === 'failed') {
    const { reason, message, hint } = outcome.failure
    return scrub(`failed: ${reason}\n  ${message}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`, root)
  }
  const blocks = outcome.findings.map(({ location, rule, severity, confidence, message, snippet, detail, related, flow, fix }) =>
    [
      `${location ? place(location) : 'no file'} ${rule} ${severity} ${confidence}`,
      ...indent(message, '  '),
      ...indent(snippet, '  | '),
      ...indent(detail, '  detail: '),
      ...(related ?? []).map((other) => `  see ${place(other)}`),
      ...(flow ?? []).map((step) => `  by ${place(step.location)} ${step.code}`),
      ...indent(fix, '  fix: '),
    ].join('\n'),
  )
  return scrub(blocks.map((block) => `${block}\n`).join('\n'), root)
}

/** What differs between two runs or two machines and says nothing: the directory, times, versions. */
const scrub = (text: string, root: string) =>
  text
    .replaceAll(root, '<root>')
    .replace(/\b\d+(?:\.\d+)?\s?m?s\b|(?<=duration_ms )[\d.]+/g, '<time>')
    .replace(/\bv\d+\.\d+\.\d+\b/g, '<version>')

const place = ({
  path,
  startLine,
  startColumn,
  endLine,
  endColumn,
}: NonNullable<(Outcome & { kind: 'completed' })['findings'][number]['location']>) =>
  `${path}${startLine === undefined ? '' : `:${startLine}`}${startColumn === undefined ? '' : `:${startColumn}`}${endLine === undefined ? '' : `-${endLine}`}${endColumn === undefined ? '' : `:${endColumn}`}`

const indent = (text: string | undefined, prefix: string) =>
  text === undefined ? [] : text.split('\n').map((line) => `${prefix}${line}`.trimEnd())

function* walk(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) yield* walk(path)
    yield path
  }
}

function digestOfDirectory(directory: string): string {
  const hash = createHash('sha256')
  for (const path of [...walk(directory)].toSorted()) {
    const stats = lstatSync(path)
    hash.update(`${path}\0${stats.mode}\0${stats.isFile() ? readFileSync(path).toString('base64') : ''}\n`)
  }
  return hash.digest('hex')
}
