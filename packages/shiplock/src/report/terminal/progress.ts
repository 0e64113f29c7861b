import { count } from '@shiplock/findings'
import { visible } from '../escape.ts'
import { formatDuration } from '../quantity.ts'
import { fit, truncate, widthOf } from './cells.ts'
import { painter, type Paint, type Style } from './paint.ts'

/** What is known of a run while it goes on. The caller keeps it from engine events and owns the clock. */
export interface ProgressView {
  /** In the order of the graph: no stage before one that it needs. */
  readonly stages: readonly ProgressStage[]
  /** Milliseconds since the run began. */
  readonly elapsedMs: number
  /** Size of the terminal. */
  readonly columns: number
  readonly rows: number
  readonly colour: boolean
}

export interface ProgressStage {
  readonly id: string
  readonly title: string
  readonly state: 'waiting' | 'running' | 'done' | 'replayed' | 'failed' | 'not-run' | 'cancelled'
  /** Milliseconds since the run began. */
  readonly startedMs?: number
  readonly durationMs?: number
  /** What it is doing, what it did, or why it did not. One line. */
  readonly text?: string
  /** Ids of its needs; those that have ended are left out of what is shown. */
  readonly waitsFor: readonly string[]
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const spinnerFrameMs = 80

/** How each state looks; a running stage's glyph is the spinner's. */
const looks: Record<ProgressStage['state'], { readonly glyph: string; readonly style: Style }> = {
  waiting: { glyph: '·', style: 'dim' },
  running: { glyph: ' ', style: 'cyan' },
  done: { glyph: '✔', style: 'green' },
  replayed: { glyph: '↻', style: 'green' },
  failed: { glyph: '✖', style: 'red' },
  'not-run': { glyph: '-', style: 'dim' },
  cancelled: { glyph: '-', style: 'yellow' },
}

/**
 * One frame of the live display: a line a stage, an empty line, the totals. At most `rows - 1` lines (the cursor takes the
 * last) of at most `columns`; where stages do not fit, finished ones fold first, then those that wait longest.
 */
export function renderProgress(view: ProgressView): string {
  const paint = painter(view.colour)
  const totals = paint('bold', truncate(describeTotals(view), view.columns))
  const room = view.rows - 3
  if (room < 3) return totals
  const { shown, finished, others } = fold(view.stages, room)
  const titleColumns = Math.min(
    Math.max(0, ...view.stages.map((stage) => widthOf(visible(stage.title)))),
    Math.max(8, Math.floor(view.columns * 0.35)),
  )
  return [
    ...(finished > 0 ? [paint('dim', truncate(`✔ ${count(finished, 'stage')} done`, view.columns))] : []),
    ...shown.map((stage) => stageLine(stage, view, titleColumns, paint)),
    ...(others > 0 ? [paint('dim', truncate(`· ${others} more`, view.columns))] : []),
    '',
    totals,
  ].join('\n')
}

function stageLine(stage: ProgressStage, view: ProgressView, titleColumns: number, paint: Paint): string {
  const { glyph, style } = looks[stage.state]
  const isRunning = stage.state === 'running'
  const mark = isRunning ? (spinner[Math.floor(view.elapsedMs / spinnerFrameMs) % spinner.length] ?? '') : glyph
  const durationMs = isRunning ? view.elapsedMs - (stage.startedMs ?? view.elapsedMs) : stage.durationMs
  const time = stage.state === 'replayed' || durationMs === undefined ? '' : formatDuration(durationMs)
  const title = fit(visible(stage.title), titleColumns)
  const text = truncate(visible(describe(stage, view.stages)), view.columns - 2 - titleColumns - 1 - 7 - 2)
  return [
    paint(style, mark),
    stage.state === 'waiting' || stage.state === 'not-run' ? paint('dim', title) : title,
    `${time.padStart(7)} `,
    paint(stage.state === 'failed' ? 'red' : 'dim', text),
  ]
    .join(' ')
    .trimEnd()
}

function describe(stage: ProgressStage, stages: readonly ProgressStage[]): string {
  switch (stage.state) {
    case 'waiting': {
      const open = new Set(stages.filter(({ state }) => state === 'waiting' || state === 'running').map(({ id }) => id))
      const needs = stage.waitsFor.filter((id) => open.has(id))
      return needs.length === 0 ? 'ready' : `waits for ${needs.join(', ')}`
    }
    case 'replayed':
      return ['replayed', stage.text].filter(Boolean).join(', ')
    case 'not-run':
      return ['not run', stage.text].filter(Boolean).join(': ')
    case 'cancelled':
      return 'cancelled'
    default:
      return stage.text ?? ''
  }
}

function describeTotals({ stages, elapsedMs }: ProgressView): string {
  const ended = stages.filter(({ state }) => state !== 'waiting' && state !== 'running').length
  const running = stages.filter(({ state }) => state === 'running').length
  return `${ended} of ${count(stages.length, 'stage')}, ${running} running, ${formatDuration(elapsedMs)}`
}

/** Which stages keep a line of their own. Each of the two folds costs a line. */
function fold(stages: readonly ProgressStage[], room: number): { shown: ProgressStage[]; finished: number; others: number } {
  const isFinished = ({ state }: ProgressStage) => state === 'done' || state === 'replayed'
  const expendable = [
    ...stages.filter(isFinished),
    ...stages.filter(({ state }) => state === 'not-run' || state === 'cancelled'),
    ...stages.filter(({ state }) => state === 'waiting').toReversed(),
    ...stages.filter(({ state }) => state === 'running').toReversed(),
    ...stages.filter(({ state }) => state === 'failed').toReversed(),
  ]
  const hidden = new Set<ProgressStage>()
  let finished = 0
  const lines = () => stages.length - hidden.size + Number(finished > 0) + Number(hidden.size > finished)
  for (const stage of expendable) {
    if (lines() <= room) break
    hidden.add(stage)
    if (isFinished(stage)) finished++
  }
  return { shown: stages.filter((stage) => !hidden.has(stage)), finished, others: hidden.size - finished }
}
