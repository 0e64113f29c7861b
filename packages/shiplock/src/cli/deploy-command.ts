import { join } from 'node:path'
import type { Candidate } from '../deploy/candidate.ts'
import type { ReleaseChanges } from '../deploy/changes.ts'
import { visible } from '../report/escape.ts'
import { deployPipeline, promotePipeline } from '../stages/deploy-pipeline.ts'
import { openAnyImage } from '../stages/open-any-image.ts'
import type { ReleasingPipeline } from '../stages/release-pipeline.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import type { PipelineContext } from '../stages/context.ts'
import { readTextFile, writeAtomically } from '../system/files.ts'
import { commitsBetween } from '../system/commits.ts'
import { printRecord, tellLaterSteps, writeReports } from './output.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, interruption, openRepository, rememberDurations, unwrap, withContext } from './session.ts'
import { say } from './streams.ts'
import { destination, releaseTarget, type TargetName, type TargetOptions } from './target-option.ts'
import { showProgress, terminalStyle, type ProgressDisplay } from './terminal.ts'
import { version } from './version.ts'

export interface DeployOptions extends TargetOptions {
  readonly hold?: boolean
  readonly preview?: number
  readonly report?: string
}

/** `shiplock deploy`: an image that is there, admitted by what is signed of it, to a revision that serves. No check of the tree runs. */
export const deployCommand = (source: string | undefined, options: DeployOptions): Promise<number> =>
  releasing('shiplock deploy', options, async (opened, signal, display) => {
    if (options.preview !== undefined && options.hold) throw new CommandFailure(2, { message: 'a preview is not held: nobody uses it', hint: 'leave out --hold' })
    const { context, target, preview } = destination(opened, (from) => releaseTarget(options.target, from), options)
    const image = unwrap(await openAnyImage(source, { state: context.state, service: context.config.service.name, signal, ...(target.registry && { credentials: target.registry.credentials }) }))
    const heldPath = heldFile(context, options.target)
    return deployPipeline(context, image, {
      target,
      signal,
      elapsedMs: clock.elapsedMs,
      ...(preview && { preview }),
      onChanges: (changes) => !options.quiet && display.note(changesText(changes, context)),
      ...(options.hold && { hold: (candidate: Candidate) => writeAtomically(heldPath, JSON.stringify(candidate), { durable: true, mode: 0o600 }) }),
    })
  })

/** `shiplock promote`: the candidate that `shiplock deploy --hold` left at 0%, by the canary to 100%. */
export const promoteCommand = (options: DeployOptions): Promise<number> =>
  releasing('shiplock promote', options, async (context, signal) => {
    const path = heldFile(context, options.target)
    const held = readHeld(path)
    if (held === undefined) throw new CommandFailure(2, { message: `no candidate of ${context.config.service.name} is held on ${options.target}`, hint: 'make one: shiplock deploy --hold' })
    const pipeline = promotePipeline(context, { target: releaseTarget(options.target, context), signal, elapsedMs: clock.elapsedMs, held })
    const { settle } = pipeline.release
    // Whatever became of it, it is not held any more.
    const release = { ...pipeline.release, settle: async (why: string) => (writeAtomically(path, 'null', { mode: 0o600 }), settle(why)) }
    return { ...pipeline, release }
  })

async function releasing(command: string, options: DeployOptions, plan: (context: PipelineContext, signal: AbortSignal, display: ProgressDisplay) => Promise<ReleasingPipeline>): Promise<number> {
  const repository = await openRepository(options)
  const { signal, dispose } = interruption()
  const display = await showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
  try {
    return await withContext(repository, { useCache: true, isUntrusted: true, command, signal, note: display.note }, async (context) => {
      const pipeline = await plan(context, signal, display)
      const record = await runPipeline({ context, pipeline, command: command.replace('shiplock ', ''), version, signal, onEvent: display.onEvent, clock, settleRelease: pipeline.release.settle })
      display.stop()
      rememberDurations(context, record)
      const reportPath = await writeReports(record, options.report ?? context.state.report, repository.root)
      if (!options.quiet) for (const note of pipeline.release.notes()) say(`note: ${visible(note)}`)
      await printRecord(record, options, reportPath)
      tellLaterSteps(record, options.target === 'local' ? undefined : context.config.targets['cloud-run']?.repository)
      return record.exitCode
    })
  } finally {
    display.stop()
    dispose()
  }
}

const heldFile = ({ state }: PipelineContext, target: TargetName): string => join(state.path, `held-${target}.json`)

function readHeld(path: string): Candidate | undefined {
  const text = readTextFile(path)
  try {
    const value: Candidate | null | undefined = text === undefined ? undefined : JSON.parse(text)
    return value ?? undefined
  } catch {
    // Written whole, so not written here.
    return undefined
  }
}

/** What will change, before anything does. */
function changesText(changes: ReleaseChanges, { workspace, mask }: PipelineContext): string {
  const { kind, stable, candidate, image, commits, config, drift } = changes
  const short = (reference: string) => reference.replace(/^.*@(sha256:[0-9a-f]{12}).*$/, '$1')
  const head = kind === 'create' ? `First release: ${candidate}` : kind === 'unchanged' ? `${stable} already is what is wanted` : `${stable} → ${candidate}`
  const listed = commits && commitsBetween(workspace.snapshot.root, commits.from, commits.to)
  const lines = [
    head,
    ...(image.from === undefined || image.from === image.to ? [`  image    ${short(image.to)}`] : [`  image    ${short(image.from)} → ${short(image.to)}`]),
    ...(commits ? [`  commits  ${commits.from.slice(0, 12)} → ${commits.to.slice(0, 12)}${listed ? '' : ' (not in this clone)'}`, ...(listed ?? []).map((line) => `             ${line}`)] : []),
    ...config.map(({ name, from, to }) => `  config   ${name}: ${from === undefined ? 'new' : from} → ${to ?? 'removed'}`),
    ...drift.map((text) => `  drift    ${text}`),
  ]
  return lines.map((line) => visible(mask.text(line))).join('\n')
}
