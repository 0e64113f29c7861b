import { randomBytes } from 'node:crypto'
import type { ReleaseRecord, RunRecord, StageRecord, Subject } from '@shiplock/findings'
import { unreachable } from '@shiplock/findings'
import type { EngineEvent, OnEvent } from '../engine/event.ts'
import { runStages } from '../engine/run-stages.ts'
import type { Stage, StageResult } from '../engine/stage.ts'
import { exitCodeOf } from '../policy/exit-code.ts'
import type { Mask } from '../system/masking.ts'
import { coreCount } from '../system/processes.ts'
import type { PipelineContext } from './context.ts'
import type { Pipeline } from './pipeline.ts'
import { explainSystemError } from './system-failure.ts'

export interface RunInput {
  readonly context: PipelineContext
  readonly pipeline: Pipeline
  readonly command: string
  readonly version: string
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  /** Milliseconds since the command began, and the moment itself. */
  readonly clock: { readonly elapsedMs: () => number; readonly startedAt: Date }
  /** Asked when every stage has ended: gives up a candidate that was not promoted, and says what became of the release. */
  readonly settleRelease?: (why: string) => Promise<ReleaseRecord | undefined>
}

/** Runs a pipeline to its end and writes down what happened. */
export async function runPipeline(input: RunInput): Promise<RunRecord> {
  const { context, pipeline, clock } = input
  const times = new Map<string, { startedMs: number; durationMs: number }>()
  const onEvent: OnEvent = (event) => {
    if (event.kind === 'stage-ended' && event.durationMs > 0) times.set(event.id, { startedMs: event.atMs - event.durationMs, durationMs: event.durationMs })
    input.onEvent(masked(event, context.mask))
  }
  const results = await runStages({
    graph: pipeline.graph,
    concurrency: coreCount(),
    signal: input.signal,
    elapsedMs: clock.elapsedMs,
    onEvent,
    tool: context.toolVersion,
    explain: explainSystemError,
    ...(context.store && { store: context.store }),
  })
  const promoted = results.get('promote')
  const release = await input.settleRelease?.(promoted?.status === 'not-run' ? promoted.because : input.signal.aborted ? 'the run was interrupted' : 'it could not be promoted')
  const result = (id: string): StageResult => results.get(id) ?? { status: 'not-run', because: `${id} is not part of this run` }
  const planned = [...pipeline.graph.stages.values()]
  const confinement = planned.some(({ executes }) => executes) ? context.workspace.confinement.kind : undefined
  const stages = planned.map((stage) => stageRecord(stage, settled(pipeline, stage.id, result(stage.id)), times.get(stage.id), confinement))
  const verdict = pipeline.verdict(result)
  const exitCode = exitCodeOf({ stages, verdict, release, isCancelled: input.signal.aborted, target: pipeline.plan.target })
  return context.mask.value({
    schema: 'https://shiplock.dev/schemas/run-1.json',
    tool: { name: 'shiplock', version: input.version, node: process.version },
    id: randomBytes(8).toString('hex'),
    command: input.command,
    startedAt: clock.startedAt.toISOString(),
    durationMs: Math.round(clock.elapsedMs()),
    plan: pipeline.plan,
    subjects: [...pipeline.subjects(result), ...revisionSubject(pipeline.subjects(result), release)],
    stages,
    verdict,
    ...(release && { release }),
    exitCode,
  })
}

/** The revision that serves because of this run, or served already. */
function revisionSubject(subjects: readonly Subject[], release: ReleaseRecord | undefined): Subject[] {
  const image = subjects.find((subject) => subject.kind === 'image')
  const revision = release?.result === 'promoted' || release?.result === 'shown' ? release.candidate : release?.result === 'unchanged' ? release.stable : undefined
  return image && release && revision !== undefined ? [{ kind: 'revision', digest: image.digest, service: release.service, revision, uri: release.uri ?? '' }] : []
}

/** What is shown while a run goes on leaves its stage too. */
function masked(event: EngineEvent, mask: Mask): EngineEvent {
  if (event.kind === 'stage-progress') return { ...event, text: mask.text(event.text) }
  if (event.kind !== 'stage-ended') return event
  const { result } = event
  return { ...event, result: result.status === 'internal-error' ? { ...result, error: new Error(mask.text(result.error.message)) } : mask.value(result) }
}

/** The result with what waivers and baseline say of its findings. */
function settled({ settled: settle }: Pipeline, id: string, result: StageResult): StageResult {
  if (result.status !== 'done' || !result.output.outcome) return result
  const outcome = settle(id, result.output.outcome)
  return outcome ? { ...result, output: { ...result.output, outcome } } : result
}

function stageRecord(stage: Stage, result: StageResult, times: { startedMs: number; durationMs: number } | undefined, confinement: StageRecord['confinement']): StageRecord {
  const base = { id: stage.id, title: stage.title, subject: stage.subject, needs: stage.needs }
  const timing = times && { startedMs: Math.round(times.startedMs), durationMs: Math.round(times.durationMs) }
  switch (result.status) {
    case 'done': {
      const { outcome, confinement, summary } = result.output
      return {
        ...base,
        ...timing,
        status: outcome?.kind === 'failed' ? 'failed' : 'done',
        replayed: result.replayed,
        ...(result.fingerprint !== undefined && { fingerprint: result.fingerprint }),
        ...(outcome && { outcome }),
        ...(outcome?.kind === 'failed' && { failure: outcome.failure }),
        ...(confinement && { confinement }),
        ...(summary !== undefined && { summary }),
      }
    }
    case 'failed':
      return { ...base, ...timing, status: 'failed', replayed: false, failure: result.failure, ...(stage.executes && confinement && { confinement }) }
    case 'not-run':
      return { ...base, status: 'not-run', because: result.because, replayed: false }
    case 'cancelled':
      return { ...base, ...timing, status: 'cancelled', replayed: false }
    case 'internal-error':
      return { ...base, ...timing, status: 'internal-error', replayed: false, because: result.error.stack ?? result.error.message }
    default:
      return unreachable(result)
  }
}
