import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fail, ok, type Result, type RunRecord, type StageFailure } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { formatProblem } from '../config/format-diagnostic.ts'
import type { Config } from '../config/config.ts'
import { inEnvironment } from '../config/environment.ts'
import { configNames, readConfig } from '../config/read-config.ts'
import { visible } from '../report/escape.ts'
import { openContext, type PipelineContext } from '../stages/context.ts'
import { writeAtomically } from '../system/files.ts'
import { findRoot, fromRoot, realDirectory } from '../system/root.ts'
import { findMergeBase, refsOfPullRequest, type MergeBase } from '../system/merge-base.ts'
import { acquireRunLock } from '../system/run-lock.ts'
import { openStateDirectory, pruneOldResults, removeLeftovers, type StateDirectory } from '../system/state-directory.ts'
import { CommandFailure } from './report-failure.ts'
import type { ReportFormat } from './report-format.ts'
import { say } from './streams.ts'

export interface CommonOptions {
  readonly config?: string
  /** The root; where it is not named, the one that is found from here upwards. */
  readonly cwd?: string
  readonly format: ReportFormat
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly untrusted?: boolean
  /** The environment that is released to: one of `targets.cloud-run.environments`; without it production. */
  readonly environment?: string
}

/** The root of a repository and what its config says. */
export interface Repository {
  readonly root: string
  readonly config: Config
  /** The file that it came from; absent where the defaults serve. */
  readonly configPath?: string
  readonly configOption?: string
  /** Where what is run for is a change. */
  readonly base?: MergeBase
}

let beganMs = 0

/** When the command began, with the process at first, so that durations are what the user waited. */
export const clock = {
  get startedAt() {
    return new Date(performance.timeOrigin + beganMs)
  },
  elapsedMs: () => performance.now() - beganMs,
}

/** For a process that runs a command again and again. */
export function restartClock(): void {
  beganMs = performance.now()
}

/** The root and its config, or the failure with exit code 2. */
export async function openRepository(options: CommonOptions): Promise<Repository> {
  const root = openRoot(options)
  if (options.cwd === undefined && root !== realDirectory('.') && !options.quiet) say(`note: the root is ${visible(root)}, and all of it is looked at; --cwd . takes this folder alone`)
  // As what is read at the merge base is named; one from elsewhere is not there, and keeps its whole path.
  const named = options.config === undefined ? undefined : (fromRoot(root, options.cwd ?? '.', options.config) ?? resolve(options.cwd ?? '.', options.config))
  const reading = await readConfig({ readFile: async (path) => readFileOf(resolve(root, path)), checks, ...(named !== undefined && { path: named }) })
  if (!reading.ok) throw new CommandFailure(2, { message: `the config cannot be used\n\n${formatProblem(reading.failure)}` })
  const { path } = reading.value
  const config = options.environment === undefined ? reading.value.config : unwrapUsage(inEnvironment(reading.value.config, options.environment))
  return { root, config, ...(path !== undefined && { configPath: path }), ...(named !== undefined && { configOption: named }) }
}

/** The same, and the merge base that judges it: of `--since`, or in CI of the pull request. */
export async function openChange(options: CommonOptions & { readonly since?: string }): Promise<Repository> {
  const repository = await openRepository(options)
  const refs = options.since === undefined ? refsOfPullRequest(process.env) : [options.since]
  if (!refs) return repository
  const { configOption } = repository
  if (configOption !== undefined && isAbsolute(configOption)) throw new CommandFailure(3, { message: `the config ${configOption} is not in the repository, so nothing can judge the change`, hint: 'name by --config a file of the repository' })
  const base = findMergeBase(repository.root, refs)
  // Judged by its own policy a pull request could let itself through.
  if (!base.ok) throw new CommandFailure(3, base.failure)
  return { ...repository, base: base.value }
}

/** The root of the repository, or the failure with exit code 2. */
export function openRoot({ cwd }: CommonOptions): string {
  if (cwd === undefined) return findRoot('.', configNames)
  const root = resolve(cwd)
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) throw new CommandFailure(2, { message: `${cwd} is not a directory`, hint: '--cwd names the root of the repository' })
  return root
}

/** Paths as the user gives them, from where the user is (with `--cwd` from there), as paths from the root; one outside is exit code 2. */
export function pathsFromRoot(root: string, paths: readonly string[], { cwd = '.' }: CommonOptions): string[] {
  return paths.map((path) => {
    const inside = fromRoot(root, cwd, path)
    if (inside === undefined) throw new CommandFailure(2, { message: `${path} is outside of the root ${root}`, hint: 'name a file or folder below it, or another root with --cwd' })
    return inside
  })
}

/** A link would have us quote what it leads to, wherever that is; what is no file, or far too large, is no config. */
function readFileOf(path: string): Result<Uint8Array, { message: string }> | undefined {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (!stats) return undefined
    if (stats.isSymbolicLink()) return fail({ message: 'is a symbolic link, and what it leads to is not read: put the file itself there' })
    if (!stats.isFile()) return fail({ message: 'is no file' })
    if (stats.size > largestConfig) return fail({ message: `has ${stats.size} bytes: a config has at most ${largestConfig}` })
    return ok(readFileSync(path))
  } catch (error) {
    return fail({ message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` })
  }
}

const largestConfig = 1 << 20

/** Whether Shiplock has ever run in a checkout: a command that only looks makes nothing. */
export const hasState = (root: string): boolean => existsSync(resolve(root, '.shiplock'))

/** The state of a checkout; one that was not made here is exit code 2. */
export function openState(root: string): StateDirectory {
  const state = openStateDirectory(root)
  if (!state.ok) throw new CommandFailure(2, state.failure)
  return state.value
}

/** Waits for its turn in this checkout. */
export async function withLock<T>(root: string, { command, signal, note }: { command: string; signal: AbortSignal; note: (text: string) => void }, work: (state: StateDirectory) => Promise<T>): Promise<T> {
  const state = openState(root)
  const lock = await acquireRunLock(state.lock, command, signal, (holder) => note(`Another run is under way in this checkout${holder ? ` (process ${holder.pid}: ${visible(holder.command)})` : ''}; waiting for it.`))
  try {
    return await work(state)
  } finally {
    lock.release()
  }
}

/** Waits for its turn in this checkout, clears what a killed run left, and takes the snapshot. */
export async function withContext<T>(
  { root, ...repository }: Repository,
  { command, signal, note, ...settings }: { useCache: boolean; isUntrusted: boolean; withHistory?: boolean; command: string; signal: AbortSignal; note: (text: string) => void },
  work: (context: PipelineContext) => Promise<T>,
): Promise<T> {
  return withLock(root, { command, signal, note }, async (state) => {
    removeLeftovers(state)
    try {
      const context = await openContext({ root, state, ...repository, now: clock.startedAt, ...settings, environment: process.env, durations: readDurations(state) })
      if (!context.ok) throw new CommandFailure(3, context.failure)
      const { confinement } = context.value.workspace
      if (settings.useCache && confinement.kind === 'unconfined') note(`Nothing is replayed here, since code of the repository that runs unconfined can write what is remembered: ${visible(confinement.why)}.`)
      const result = await work(context.value)
      if (pruneOldResults(state)) await (await import('../stages/prune-images.ts')).pruneImages(context.value, note)
      return result
    } finally {
      removeLeftovers(state)
    }
  })
}

/** Ctrl-C and its like: the first stops the run in order, a second one at once. */
export function interruption(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController()
  let firstMs: number | undefined
  const onSignal = () => {
    // A terminal and a launcher may both pass on the same Ctrl-C.
    if (firstMs !== undefined && performance.now() - firstMs > 500) process.exit(130)
    firstMs ??= performance.now()
    controller.abort(new CommandFailure(130, { message: 'interrupted' }))
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, onSignal)
  return { signal: controller.signal, dispose: () => names.forEach((name) => process.off(name, onSignal)) }
}

function readDurations(state: StateDirectory): Record<string, number> {
  try {
    return JSON.parse(readFileSync(state.durations, 'utf8'))
  } catch {
    // First run, or damaged: every stage is taken to be equally long.
    return {}
  }
}

/** Remembers how long stages took, for the order of the next run. */
export function rememberDurations(context: PipelineContext, record: RunRecord): void {
  const ran = record.stages.filter((stage) => stage.status === 'done' && !stage.replayed && stage.durationMs !== undefined)
  if (ran.length === 0) return
  writeAtomically(context.state.durations, JSON.stringify({ ...context.durations, ...Object.fromEntries(ran.map((stage) => [stage.id, stage.durationMs])) }))
}

export function unwrap<T>(result: Result<T, StageFailure>): T {
  if (!result.ok) throw new CommandFailure(result.failure.reason === 'no-service' ? 2 : 3, result.failure)
  return result.value
}

function unwrapUsage<T>(result: Result<T, { readonly message: string; readonly hint: string }>): T {
  if (!result.ok) throw new CommandFailure(2, result.failure)
  return result.value
}
