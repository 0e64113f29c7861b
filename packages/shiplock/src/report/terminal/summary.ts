import type { Reason, RunRecord, StageRecord, Verdict } from '@shiplock/findings'
import { judgedBy } from '../acceptance.ts'
import { conclude, reasonSentence, type Conclusion } from '../conclusion.ts'
import { visible, visibleLines } from '../escape.ts'
import { formatDuration } from '../quantity.ts'
import { explainStage, failureOf, stageResult, type StageResultWord } from '../stage-result.ts'
import { canaryLines } from './canary.ts'
import { fit, hanging, truncate, widthOf, wrap } from './cells.ts'
import { painter, type Paint, type Style } from './paint.ts'

export interface SummaryOptions {
  /** Width to wrap to; Infinity where the output is no terminal. */
  readonly columns: number
  readonly colour: boolean
  /** Where `report.html` was written, as the user would open it. */
  readonly reportPath?: string
}

const maxFailureLines = 12

/**
 * The end of a run: what became of each stage, what went wrong, the release, the verdict with its reasons, and where
 * everything is. No line end.
 */
export function renderSummary(record: RunRecord, { columns, colour, reportPath }: SummaryOptions): string {
  const paint = painter(colour)
  const sections = [
    stageTable(record, columns, paint),
    ...record.stages.map((stage) => trouble(stage, columns, paint)),
    releaseLines(record, columns, paint),
    verdictLines(record, columns, paint),
    placeLines(record, reportPath, columns, paint),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n')
}

const looks: Record<StageResultWord, { readonly glyph: string; readonly style: Style }> = {
  done: { glyph: '✔', style: 'green' },
  replayed: { glyph: '↻', style: 'green' },
  refused: { glyph: '✖', style: 'red' },
  failed: { glyph: '✖', style: 'red' },
  bug: { glyph: '✖', style: 'red' },
  skipped: { glyph: '?', style: 'yellow' },
  cancelled: { glyph: '-', style: 'yellow' },
  'not run': { glyph: '-', style: 'dim' },
}

function stageTable(record: RunRecord, columns: number, paint: Paint): string[] {
  const widest = Math.max(0, ...record.stages.map(({ title }) => widthOf(visible(title))))
  const titleColumns = Math.min(widest, Math.max(10, Math.floor(Math.min(columns, 200) * 0.35)))
  return record.stages.map((stage) => {
    const word = stageResult(stage, record)
    const { glyph, style } = looks[word]
    const time = stage.durationMs === undefined || stage.replayed ? '' : formatDuration(stage.durationMs)
    const text = truncate(visible([stage.replayed && word !== 'replayed' ? 'replayed' : '', explainStage(stage)].filter(Boolean).join(', ')), columns - 2 - titleColumns - 1 - 9 - 1 - 7 - 2)
    const title = fit(visible(stage.title), titleColumns)
    return `${paint(style, glyph)} ${title} ${paint(style, word.padEnd(9))} ${time.padStart(7)}  ${paint('dim', text)}`
  })
}

function trouble(stage: StageRecord, columns: number, paint: Paint): string[] {
  const failure = failureOf(stage)
  if (!failure) return []
  const last = visibleLines((failure.detail ?? '').trimEnd())
    .slice(-maxFailureLines)
    .filter((line) => line !== '')
  return [
    ...wrap(visible(`${stage.title} failed (${failure.reason})`), columns).map((line) => paint(['bold', 'red'], line)),
    ...visibleLines(failure.message)
      .flatMap((line) => wrap(line, columns - 2))
      .map((line) => `  ${line}`),
    ...last.flatMap((line) => wrap(line, columns - 4)).slice(-maxFailureLines * 2).map((line) => `  ${paint('dim', `│ ${line}`)}`),
    ...(failure.hint ? hanging('hint: ', visible(failure.hint), columns - 2).map((line) => `  ${paint('green', line)}`) : []),
  ]
}

function releaseLines({ release }: RunRecord, columns: number, paint: Paint): string[] {
  if (!release) return []
  const revisions = [release.stable, release.candidate].filter((revision) => revision !== undefined).join(' → ')
  const title = `Release of ${release.service} on ${release.target}: ${revisions}, ${release.result}`
  return [
    ...wrap(visible(title), columns).map((line) => paint('bold', line)),
    ...canaryLines(release, columns, paint),
    ...release.steps.flatMap(({ atMs, text }) => hanging(`${formatDuration(atMs).padStart(9)}  `, visible(text), columns)),
  ]
}

const toneStyles: Record<Conclusion['tone'], Style> = { good: ['bold', 'green'], caution: ['bold', 'yellow'], bad: ['bold', 'red'] }

function verdictLines(record: RunRecord, columns: number, paint: Paint): string[] {
  const { tone, headline, explanation } = conclude(record)
  const judged = judgedBy(record.verdict)
  return [
    ...wrap(visible(`${headline}. ${explanation}`), columns).map((line) => paint(toneStyles[tone], line)),
    ...(judged === undefined ? [] : wrap(visible(judged), columns)),
    ...record.verdict.reasons.flatMap((reason) =>
      hanging(`  ${reason.kind === 'finding' ? '✖' : '!'} `, visible(reasonText(reason)), columns),
    ),
  ]
}

const reasonText = (reason: Reason) => {
  const { check, rest } = reasonSentence(reason)
  return check + rest
}

const decisionStyles: Record<Verdict['decision'], Style> = { allowed: 'green', provisional: 'yellow', refused: 'red', undecided: 'red' }

function placeLines(record: RunRecord, reportPath: string | undefined, columns: number, paint: Paint): string[] {
  const image = record.subjects.find(({ kind }) => kind === 'image')
  const { decision } = record.verdict
  const isGood = decision === 'allowed' || decision === 'provisional'
  const places: [string, string, Style][] = [
    ...(record.release?.uri ? [['URL', record.release.uri, ['bold', 'cyan']] satisfies [string, string, Style]] : []),
    ...(image ? [['Image', image.digest, 'reset'] satisfies [string, string, Style]] : []),
    isGood && record.exitCode !== 0 ? ['Verdict', `${decision}, ${record.plan.target === 'none' ? `exit code ${record.exitCode}` : 'but not released'}`, 'red'] : ['Verdict', decision, decisionStyles[decision]],
    ...(reportPath ? [['Report', reportPath, 'reset'] satisfies [string, string, Style]] : []),
  ]
  // Never wrapped or cut: these are copied.
  return places.map(([label, text, style]) => `${label.padEnd(8)} ${style === 'reset' ? visible(text) : paint(style, visible(text))}`)
}
