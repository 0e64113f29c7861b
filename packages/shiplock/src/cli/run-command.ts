import type { PipelineContext } from '../stages/context.ts'
import { checkPipeline } from '../stages/pipeline.ts'
import { fullPipeline } from '../stages/release-pipeline.ts'
import { localTarget, stopLocalTarget } from '../stages/local-target.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import { visible } from '../report/escape.ts'
import { knownChecks } from './check-command.ts'
import { keepRun } from './kept-run.ts'
import { printRecord, tellLaterSteps, writeReports } from './output.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, interruption, openChange, openState, rememberDurations, unwrap, withContext, type CommonOptions } from './session.ts'
import { say } from './streams.ts'
import { destination, releaseTarget, type TargetName } from './target-option.ts'
import { showProgress, terminalStyle } from './terminal.ts'
import { version } from './version.ts'

export interface RunOptions extends CommonOptions {
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  readonly target: TargetName
  readonly port?: number
  readonly foreground?: boolean
  readonly cache: boolean
  readonly report?: string
  readonly since?: string
  readonly imageReport?: readonly string[]
  readonly preview?: number
}

/** `shiplock run`: from the tree to a probed, serving revision. */
export async function runCommand(options: RunOptions): Promise<number> {
  if (options.target !== 'local' && (options.port !== undefined || options.foreground)) throw new CommandFailure(2, { message: '--port and --foreground are of the local target', hint: 'leave them out, or run for the local target' })
  knownChecks([...(options.only ?? []), ...(options.skip ?? [])])
  const repository = await openChange(options)
  if (options.preview !== undefined && !repository.config.shipsService) throw new CommandFailure(2, { message: 'nothing is shipped from here, so there is nothing to show', hint: 'name the service by `service` in shiplock.config.ts' })
  const { signal, dispose } = interruption()
  const display = await showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
  const shipping = async (wanted: PipelineContext) => {
    const { context, target, preview } = destination(wanted, (from) => (options.target === 'local' ? localTarget(from, options.port === undefined ? {} : { port: options.port }) : releaseTarget(options.target, from)), options)
    return { context, shipped: unwrap(await fullPipeline(context, { only: options.only ?? [], skip: options.skip ?? [] }, { target, signal, elapsedMs: clock.elapsedMs, ...(preview && { preview }) })) }
  }
  try {
    const exitCode = await withContext(repository, { useCache: options.cache, isUntrusted: options.untrusted ?? false, command: 'shiplock run', signal, note: display.note }, async (opened) => {
      const selection = { only: options.only ?? [], skip: options.skip ?? [] }
      const wanted = { ...opened, evidence: { reports: options.imageReport ?? [], asksArchive: false } }
      const { context, shipped } = wanted.config.shipsService ? await shipping(wanted) : { context: wanted, shipped: undefined }
      const pipeline = shipped ?? (await checkPipeline(context, selection))
      const record = await runPipeline({ context, pipeline, command: 'run', version, signal, onEvent: display.onEvent, clock, ...(shipped && { settleRelease: shipped.release.settle }) })
      display.stop()
      rememberDurations(context, record)
      await keepRun(context, record)
      const reportPath = await writeReports(record, options.report ?? context.state.report, repository.root)
      if (!options.quiet) for (const note of shipped?.release.notes() ?? []) say(`note: ${visible(note)}`)
      await printRecord(record, options, reportPath)
      tellLaterSteps(record, options.target === 'local' ? undefined : context.config.targets['cloud-run']?.repository)
      return record.exitCode
    })
    if (!options.foreground || exitCode !== 0) return exitCode
    await stayInForeground(repository.root, signal)
    return 0
  } finally {
    display.stop()
    dispose()
  }
}

async function stayInForeground(root: string, signal: AbortSignal): Promise<void> {
  say('\nServing. Ctrl-C ends it.')
  // A pending promise alone does not keep the process alive.
  const alive = setInterval(() => {}, 1 << 30)
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())))
  clearInterval(alive)
  unwrap(await stopLocalTarget(openState(root).local))
}
