import { count } from '@shiplock/findings'
import type { OnEvent } from '../engine/event.ts'
import type { StageResult } from '../engine/stage.ts'
import { renderPlainEvent } from '../report/terminal/plain-event.ts'
import { renderProgress, type ProgressStage } from '../report/terminal/progress.ts'
import { say } from './streams.ts'

/** What the terminal can do, and what the user wants of it (NO_COLOR, FORCE_COLOR, CI, TERM). */
export interface TerminalStyle {
  readonly isLive: boolean
  readonly colour: boolean
  readonly columns: number
}

export function terminalStyle(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): TerminalStyle {
  const isTerminal = stream.isTTY === true && environment['TERM'] !== 'dumb'
  const forced = environment['FORCE_COLOR']
  const colour = environment['NO_COLOR'] ? false : forced !== undefined ? forced !== '0' : isTerminal
  return { isLive: isTerminal && !environment['CI'], colour, columns: stream.columns ?? 100 }
}

/** Shows a run while it goes on, on standard error: a block that is redrawn, or a line for each stage that ended. */
export interface ProgressDisplay {
  readonly onEvent: OnEvent
  /** A line between the progress. */
  readonly note: (text: string) => void
  readonly stop: () => void
}

const frameMs = 80

export async function showProgress(style: TerminalStyle, elapsedMs: () => number, { isQuiet, isVerbose }: { isQuiet: boolean; isVerbose: boolean }): Promise<ProgressDisplay> {
  const stages = new Map<string, ProgressStage>()
  const out = process.stderr
  const block = style.isLive && !isQuiet ? (await import('log-update')).createLogUpdate(out, { showCursor: true }) : undefined
  // Until the run has begun there is nothing to show.
  const draw = () => stages.size > 0 && block?.(renderProgress({ stages: [...stages.values()], elapsedMs: elapsedMs(), columns: out.columns ?? 80, rows: out.rows ?? 24, colour: style.colour }))
  const plain = (id: string, atMs: number) => {
    const stage = stages.get(id)
    if (stage) say(renderPlainEvent(stage, atMs))
  }
  // The first frame is late, so that a run that has nothing to do does not flicker.
  const timer = block && setInterval(draw, frameMs)
  return {
    onEvent: (event) => {
      switch (event.kind) {
        case 'run-started':
          for (const stage of event.stages) stages.set(stage.id, { id: stage.id, title: stage.title, state: 'waiting', waitsFor: stage.needs })
          break
        case 'stage-started':
          update(stages, event.id, { state: 'running', startedMs: event.atMs })
          if (isVerbose && !block) plain(event.id, event.atMs)
          break
        case 'stage-progress':
          update(stages, event.id, { text: event.text })
          break
        case 'stage-ended': {
          update(stages, event.id, { ...endState(event.result), durationMs: event.durationMs })
          if (!block && !isQuiet) plain(event.id, event.atMs)
          break
        }
        case 'run-ended':
          break
      }
    },
    note: (text) => {
      block?.clear()
      say(text)
    },
    stop: () => {
      clearInterval(timer)
      block?.clear()
      block?.done()
    },
  }
}

function update(stages: Map<string, ProgressStage>, id: string, change: Partial<ProgressStage>): void {
  const stage = stages.get(id)
  if (stage) stages.set(id, { ...stage, ...change })
}

function endState(result: StageResult): Pick<ProgressStage, 'state' | 'text'> {
  switch (result.status) {
    case 'done': {
      const { outcome, summary } = result.output
      if (outcome?.kind === 'failed') return { state: 'failed', text: outcome.failure.message }
      if (outcome?.kind === 'skipped') return { state: 'not-run', text: outcome.reason }
      const found = outcome && outcome.findings.length > 0 ? count(outcome.findings.length, 'finding') : undefined
      return { state: result.replayed ? 'replayed' : 'done', text: [found, summary].filter(Boolean).join(' · ') }
    }
    case 'failed':
      return { state: 'failed', text: result.failure.message }
    case 'not-run':
      return { state: 'not-run', text: result.because }
    case 'cancelled':
      return { state: 'cancelled' }
    case 'internal-error':
      return { state: 'failed', text: result.error.message }
  }
}
