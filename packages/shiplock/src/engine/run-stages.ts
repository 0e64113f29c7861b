import type { Result, StageFailure } from '@shiplock/findings'
import { recall, remember, type Store } from './cache.ts'
import type { OnEvent } from './event.ts'
import { fingerprintOf, outputDigest } from './fingerprint.ts'
import type { Graph } from './graph.ts'
import { ReadyQueue } from './ready-queue.ts'
import type { Stage, StageContext, StageOutput, StageResult } from './stage.ts'

export interface RunOptions {
  readonly graph: Graph
  /** Absent: nothing is replayed and nothing remembered (`--no-cache`). */
  readonly store?: Store
  /** Version of the tool that runs the stages: another one's results are not replayed. */
  readonly tool?: string
  /** Stages at once. */
  readonly concurrency: number
  readonly signal: AbortSignal
  /** Milliseconds since the run began; never goes back. */
  readonly elapsedMs: () => number
  readonly onEvent: OnEvent
  /** Turns what the system throws (a full disk) into a failure; undefined for what is a bug. */
  readonly explain?: (error: unknown) => StageFailure | undefined
  /** How long an aborted stage may take to clean up before it is left behind. Milliseconds. */
  readonly graceMs?: number
}

/**
 * Runs every stage whose needs are done, the longest remaining path first. A stage that fails does not stop the others:
 * a person wants to see everything that is wrong at once. Resolves when nothing runs any more; rejects never.
 */
export function runStages(options: RunOptions): Promise<ReadonlyMap<string, StageResult>> {
  return new Run(options).start()
}

class Run {
  readonly #options: RunOptions
  readonly #results = new Map<string, StageResult>()
  readonly #outputDigests = new Map<string, string>()
  readonly #waiting = new Map<string, number>()
  readonly #ready: ReadyQueue
  readonly #running = new Map<string, AbortController>()
  #finish: (results: ReadonlyMap<string, StageResult>) => void = () => {}

  constructor(options: RunOptions) {
    this.#options = options
    this.#ready = new ReadyQueue((id) => options.graph.remainingMs.get(id)!)
    for (const stage of options.graph.stages.values()) {
      const needs = new Set(stage.needs).size
      this.#waiting.set(stage.id, needs)
      if (needs === 0) this.#ready.push(stage.id)
    }
  }

  start(): Promise<ReadonlyMap<string, StageResult>> {
    const { graph, onEvent, signal } = this.#options
    onEvent({ kind: 'run-started', stages: [...graph.stages.values()] })
    const onAbort = () => this.#running.forEach((controller) => controller.abort(signal.reason))
    signal.addEventListener('abort', onAbort)
    return new Promise<ReadonlyMap<string, StageResult>>((resolve) => {
      this.#finish = resolve
      this.#advance()
    }).finally(() => {
      signal.removeEventListener('abort', onAbort)
      onEvent({ kind: 'run-ended', cancelled: signal.aborted, atMs: this.#options.elapsedMs() })
    })
  }

  #advance(): void {
    while (this.#running.size < this.#options.concurrency) {
      const id = this.#ready.pop()
      if (id === undefined) break
      const stage = this.#options.graph.stages.get(id)!
      const settled = this.#withoutRunning(stage)
      if (settled) this.#end(stage, settled)
      else void this.#execute(stage)
    }
    if (this.#results.size === this.#options.graph.stages.size) this.#finish(this.#results)
  }

  /** The result of a stage that need not or must not run. */
  #withoutRunning(stage: Stage): StageResult | undefined {
    if (this.#options.signal.aborted) return { status: 'cancelled' }
    for (const need of stage.needs) {
      const because = stage.always ? undefined : whyBlocked(need, this.#results.get(need)!)
      if (because !== undefined) return { status: 'not-run', because }
    }
    const fingerprint = this.#options.store && this.#fingerprint(stage)
    const output = fingerprint === undefined ? undefined : recall(this.#options.store!, fingerprint)
    return output && { status: 'done', output, replayed: true, fingerprint: fingerprint! }
  }

  async #execute(stage: Stage): Promise<void> {
    const controller = new AbortController()
    this.#running.set(stage.id, controller)
    const startedMs = this.#options.elapsedMs()
    this.#options.onEvent({ kind: 'stage-started', id: stage.id, atMs: startedMs })
    const fingerprint = this.#fingerprint(stage)
    const result = await this.#attempt(stage, controller, fingerprint)
    this.#running.delete(stage.id)
    this.#end(stage, result, startedMs)
    this.#advance()
  }

  async #attempt(stage: Stage, controller: AbortController, fingerprint: string | undefined): Promise<StageResult> {
    const context: StageContext = {
      signal: controller.signal,
      output: (id) => outputOf(this.#results.get(id)),
      result: (id) => this.#results.get(id) ?? { status: 'not-run', because: `${id} is not part of this run` },
      progress: (text) => this.#options.onEvent({ kind: 'stage-progress', id: stage.id, text, atMs: this.#options.elapsedMs() }),
    }
    if (controller.signal.aborted) return { status: 'cancelled' }
    try {
      const result = await this.#withTimeout(stage, controller, stage.run(context))
      if (this.#options.signal.aborted) return { status: 'cancelled' }
      if (!result.ok) return { status: 'failed', failure: result.failure }
      if (this.#options.store && fingerprint !== undefined) remember(this.#options.store, fingerprint, result.value)
      return { status: 'done', output: result.value, replayed: false, ...(fingerprint !== undefined && { fingerprint }) }
    } catch (error) {
      if (this.#options.signal.aborted) return { status: 'cancelled' }
      const failure = this.#options.explain?.(error)
      if (failure) return { status: 'failed', failure }
      return { status: 'internal-error', error: error instanceof Error ? error : new Error(String(error)) }
    }
  }

  /** The stage is asked to stop first; one that does not listen is left behind after the grace. */
  #withTimeout(stage: Stage, controller: AbortController, running: Promise<StageRun>): Promise<StageRun> {
    const { graceMs = 15_000 } = this.#options
    return new Promise((resolve, reject) => {
      const timers: NodeJS.Timeout[] = []
      let isTimedOut = false
      const giveUp = (result: StageRun) => timers.push(setTimeout(() => resolve(result), graceMs))
      timers.push(
        setTimeout(() => {
          isTimedOut = true
          controller.abort(new Error('timed out'))
          giveUp({ ok: false, failure: timedOut(stage) })
        }, stage.timeoutMs),
      )
      const onAbort = () => isTimedOut || giveUp({ ok: false, failure: timedOut(stage) })
      if (controller.signal.aborted) onAbort()
      else controller.signal.addEventListener('abort', onAbort)
      running
        .then((result) => resolve(isTimedOut && result.ok ? { ok: false, failure: timedOut(stage) } : result), reject)
        .finally(() => timers.forEach(clearTimeout))
    })
  }

  #fingerprint(stage: Stage): string | undefined {
    return fingerprintOf(stage, this.#outputDigests, this.#options.tool ?? '')
  }

  #end(stage: Stage, result: StageResult, startedMs?: number): void {
    this.#results.set(stage.id, result)
    if (result.status === 'done') this.#outputDigests.set(stage.id, outputDigest(result.output))
    const atMs = this.#options.elapsedMs()
    this.#options.onEvent({ kind: 'stage-ended', id: stage.id, result, atMs, durationMs: startedMs === undefined ? 0 : atMs - startedMs })
    for (const dependant of this.#options.graph.dependants.get(stage.id)!) {
      const left = this.#waiting.get(dependant)! - 1
      this.#waiting.set(dependant, left)
      if (left === 0) this.#ready.push(dependant)
    }
  }
}

type StageRun = Result<StageOutput, StageFailure>

const timedOut = (stage: Stage): StageFailure => ({
  reason: 'timed-out',
  message: `${stage.title} took longer than ${stage.timeoutMs / 1000} s`,
  hint: `find out what it waits for, or raise its time-out in the config`,
})

const outputOf = (result: StageResult | undefined): StageOutput | undefined => (result?.status === 'done' ? result.output : undefined)

/** Why a stage that needs this one cannot run; undefined where it can. */
function whyBlocked(need: string, result: StageResult): string | undefined {
  switch (result.status) {
    case 'done':
      return result.output.stop
    case 'failed':
    case 'internal-error':
      return `${need} failed`
    case 'not-run':
      return result.because
    case 'cancelled':
      return `${need} was cancelled`
  }
}
