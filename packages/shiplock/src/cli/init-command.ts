import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { ok, type RunRecord } from '@shiplock/findings'
import { describeAdoption } from '../adopt/describe-adoption.ts'
import { detect, type TreeFacts } from '../adopt/detect.ts'
import { makeChanges, undoChanges, whyNot, type FileChange } from '../adopt/file-change.ts'
import { readForeignAcceptances } from '../adopt/foreign-acceptances.ts'
import { hookChange } from '../adopt/pre-push-hook.ts'
import { planAdoption, type Adoption } from '../adopt/plan-adoption.ts'
import { proposeConfig, type Proposal } from '../adopt/propose-config.ts'
import { renderConfig } from '../adopt/render-config.ts'
import { checks } from '../checks/registry.ts'
import { formatProblem } from '../config/format-diagnostic.ts'
import { configNames, readConfig } from '../config/read-config.ts'
import { visible } from '../report/escape.ts'
import { checkPipeline } from '../stages/pipeline.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import { commentsOfTree } from '../stages/waiver-comments.ts'
import { findHooks } from '../system/git-hooks.ts'
import { gitUser } from '../system/git-user.ts'
import { findRepository, listTree } from '../system/tree-listing.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, hasState, interruption, openRepository, openRoot, openState, rememberDurations, unwrap, withContext, withLock, type CommonOptions, type Repository } from './session.ts'
import { say } from './streams.ts'
import { showProgress, terminalStyle } from './terminal.ts'
import { version } from './version.ts'

export interface InitOptions extends CommonOptions {
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly undo?: boolean
  readonly hook?: boolean
}

/** `shiplock init`: what is here, what Shiplock would make of it, and once that is wanted, the files for it. */
export async function initCommand(options: InitOptions): Promise<number> {
  const root = openRoot(options)
  if (options.undo) return undo(root, options)
  const listing = unwrap(listTree(root))
  const tree: TreeFacts = { paths: listing.paths, read: (path) => readPlain(join(root, path)) }
  const detection = detect(tree)
  const configured = configNames.find((name) => tree.read(name) !== undefined)
  const proposals = configured === undefined ? proposeConfig(tree, detection) : undefined
  const repository = proposals ? await proposed(root, tree, proposals) : await openRepository({ ...options, cwd: root })
  const { record, foreign } = await tryOut(repository, tree, options)
  if (record.exitCode === 130) return 130
  const today = clock.startedAt.toISOString().slice(0, 10)
  const hook = options.hook ? [hookOf(root, tree)] : []
  const adoption = planAdoption({ tree, detection, ...(proposals && { proposals }), stages: record.stages, foreign, owner: gitUser(root) ?? 'unknown', today, more: hook })
  const told = { detection: { ...detection, problems: [...detection.problems, ...foreign.problems] }, adoption, checksMs: record.durationMs, isDirty: listing.dirty === true, hasGit: findRepository(root) !== undefined }
  if (options.format === 'json') process.stdout.write(`${JSON.stringify(asJson(told.detection, adoption))}\n`)
  else process.stdout.write(`${describeAdoption(told).map(visible).join('\n')}\n`)
  if (adoption.changes.length === 0) return said('Nothing is missing: nothing was written.', options)
  const problem = adoption.changes.map((change) => whyNot(root, change)).find((it) => it !== undefined)
  if (problem) throw new CommandFailure(2, problem)
  if (options.dryRun) return said('Nothing was written (--dry-run).', options)
  if (!options.yes && !(await isAgreed(adoption.changes))) return said('Nothing was written. --yes writes it.', options)
  return write(root, adoption, options)
}

async function write(root: string, { changes, blind }: Adoption, options: InitOptions): Promise<number> {
  const { signal, dispose } = interruption()
  try {
    const made = await withLock(root, { command: 'shiplock init', signal, note: say }, async (state) => makeChanges(root, state.path, changes))
    if (!made.ok) throw new CommandFailure(2, made.failure)
  } finally {
    dispose()
  }
  const next = blind.some(({ why }) => /node_modules|not installed/i.test(why)) ? 'install the packages, `shiplock baseline` for what could not look, then `shiplock run`' : '`shiplock run`'
  return said(`Written: ${changes.map(({ path }) => visible(path)).join(', ')}. \`shiplock init --undo\` takes it back.\nNext: look at them, commit them, then ${next}.`, options)
}

function hookOf(root: string, tree: TreeFacts): FileChange {
  const change = hookChange(findHooks(root), tree, hookCommand(root))
  if (!change.ok) throw new CommandFailure(2, change.failure)
  return change.value
}

/** How git's hook starts Shiplock again: the one of the repository, else this very one. */
function hookCommand(root: string): string {
  const own = process.argv[1] ?? ''
  if (own.startsWith(`${join(root, 'node_modules')}/`)) return 'npx --no-install shiplock'
  return [process.execPath, own].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
}

/** Runs the checks as the first run will, tests aside: they take as long as they take. */
async function tryOut(repository: Repository, tree: TreeFacts, options: InitOptions): Promise<{ record: RunRecord; foreign: ReturnType<typeof readForeignAcceptances> }> {
  const { signal, dispose } = interruption()
  const display = await showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
  try {
    return await withContext(repository, { useCache: true, isUntrusted: options.untrusted ?? false, command: 'shiplock init', signal, note: display.note }, async (context) => {
      const pipeline = await checkPipeline(context, { only: [], skip: ['tests'] })
      const record = await runPipeline({ context, pipeline, command: 'init', version, signal, onEvent: display.onEvent, clock })
      rememberDurations(context, record)
      const comments = unwrap(await commentsOfTree(context.workspace.snapshot, context))
      return { record, foreign: readForeignAcceptances(tree, comments.filter(({ kind }) => kind === 'tool')) }
    })
  } finally {
    display.stop()
    dispose()
  }
}

/** The repository as its config will say, before there is one. */
async function proposed(root: string, tree: TreeFacts, proposals: readonly Proposal[]): Promise<Repository> {
  const text = renderConfig(proposals)
  const reading = await readConfig({ checks, readFile: async (path) => {
    const content = path === configNames[0] ? text : tree.read(path)
    return content === undefined ? undefined : ok(new TextEncoder().encode(content))
  } })
  if (!reading.ok) throw new CommandFailure(2, { message: `no config can be made for this repository\n\n${formatProblem(reading.failure)}` })
  return { root, config: reading.value.config }
}

async function undo(root: string, options: InitOptions): Promise<number> {
  if (!hasState(root)) return said('Nothing was ever written here by `shiplock init`.', options)
  const undone = undoChanges(root, openState(root).path)
  if (!undone.ok) throw new CommandFailure(2, undone.failure)
  if (!undone.value) return said('There is nothing to take back: `shiplock init` wrote nothing here, or it was taken back.', options)
  const { removed, left } = undone.value
  if (options.format === 'json') process.stdout.write(`${JSON.stringify({ removed, left })}\n`)
  if (left.length > 0) say(`Left as ${left.length === 1 ? 'it is' : 'they are'}, since changed: ${left.map(visible).join(', ')}.`)
  return said(`Taken back: ${removed.map(visible).join(', ') || 'nothing'}.`, options)
}

async function isAgreed(changes: readonly FileChange[]): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY || process.env['CI']) return false
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(?:es)?$/i.test((await lines.question(`\nWrite ${changes.length === 1 ? 'this file' : `these ${changes.length} files`}? [y/N] `)).trim())
  } finally {
    lines.close()
  }
}

function asJson({ services, packages, ...detection }: ReturnType<typeof detect>, { changes, kept, carried, accepted, blind }: Adoption) {
  const plain = ({ directory, name, scripts, framework, hasDockerfile }: (typeof packages)[number]) => ({ directory, name, scripts, framework: framework?.title, hasDockerfile })
  return { found: { ...detection, packages: packages.map(plain), services: services.map(({ directory }) => directory) }, findings: accepted.length, blind, waivers: carried.waivers, notCarried: carried.left, writes: changes.map(({ path, kind, why }) => ({ path, kind, why })), kept }
}

function said(text: string, { quiet }: InitOptions): number {
  if (!quiet) say(text)
  return 0
}

const largestRead = 1 << 20

/** Text of a file of the tree; neither what a link leads to nor what is no text that a person wrote. */
function readPlain(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isFile() && stats.size <= largestRead ? readFileSync(path, 'utf8') : undefined
}
