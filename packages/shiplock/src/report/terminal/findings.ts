import type { RunRecord, Severity } from '@shiplock/findings'
import { acceptanceOf } from '../acceptance.ts'
import { codeFrame, type FrameLine } from '../code-frame.ts'
import { visible, visibleLines } from '../escape.ts'
import { findingsByPlace, formatLocation, type ReportedFinding } from '../findings-by-place.ts'
import { count } from '../quantity.ts'
import { hanging, truncate, widthOf, wrap } from './cells.ts'
import { painter, type Paint, type Style } from './paint.ts'

export interface FindingsOptions {
  /** Width to wrap to; Infinity where the output is no terminal. */
  readonly columns: number
  readonly colour: boolean
  /** How many are shown, worst first; the rest is counted. Default all. */
  readonly limit?: number
}

const severityStyles: Record<Severity, Style> = {
  critical: ['bold', 'white', 'bgRed'],
  high: ['bold', 'red'],
  medium: ['bold', 'yellow'],
  low: ['bold', 'blue'],
}

const indent = '    '
const maxDetailLines = 6

/**
 * All findings of a run, worst first and by file, each with its code, what to do and the start of its detail. Empty where
 * there are none; no line end.
 */
export function renderFindings(record: RunRecord, { columns, colour, limit = Infinity }: FindingsOptions): string {
  const paint = painter(colour)
  const places = findingsByPlace(record)
  const total = places.reduce((sum, { findings }) => sum + findings.length, 0)
  const lines: string[] = []
  let shown = 0
  for (const { place, findings } of places) {
    if (shown >= limit) break
    lines.push(paint('underline', truncate(visible(place), columns)), '')
    for (const reported of findings.slice(0, limit - shown)) {
      lines.push(...findingLines(reported, columns, paint), '')
      shown++
    }
  }
  if (shown < total) lines.push(paint('dim', `${count(total - shown, 'more finding')} not shown here.`), '')
  return lines.join('\n').trimEnd()
}

function findingLines({ finding, isBlocking }: ReportedFinding, columns: number, paint: Paint): string[] {
  const { severity, rule, message, location, fix, detail, confidence } = finding
  const facts = [
    visible(rule),
    ...(location ? [visible(formatLocation(location))] : []),
    ...(confidence === 'high' ? [] : [`${confidence} confidence`]),
  ]
  const acceptance = acceptanceOf(finding)
  if (acceptance !== undefined && !isBlocking) return [truncate(`  ${severity} ${facts.join('  ')}  ${visible(acceptance)}`, columns)].map((line) => paint('dim', line))
  if (acceptance !== undefined) facts.push(visible(acceptance))
  const room = columns - indent.length
  const shut = isBlocking ? paint('red', '  keeps the gate shut') : ''
  return [
    `  ${paint(severityStyles[severity], severity)} ${paint('dim', facts.join('  '))}${shut}`,
    ...visibleLines(message)
      .flatMap((line) => wrap(line, room))
      .map((line) => indent + paint('bold', line)),
    ...codeLines(finding, room, paint).map((line) => indent + line),
    ...(fix ? hanging('fix: ', visible(fix), room).map((line) => indent + paint('green', line)) : []),
    ...(detail ? detailLines(detail, room).map((line) => (indent + paint('dim', line)).trimEnd()) : []),
  ]
}

function codeLines(finding: ReportedFinding['finding'], columns: number, paint: Paint): string[] {
  const frame = codeFrame(finding)
  if (!frame) return []
  const gutter = Math.max(...frame.lines.map(({ number }) => String(number ?? '').length))
  const room = columns - gutter - 3
  const lines = frame.lines.flatMap((line) => {
    const { code, caret } = aroundMark(line, room)
    const source = `${paint('dim', `${String(line.number ?? '').padStart(gutter)} │`)} ${code}`
    return caret ? [source, `${' '.repeat(gutter)} ${paint('dim', '│')} ${paint('red', caret)}`] : [source]
  })
  return frame.hidden > 0 ? [...lines, paint('dim', `${' '.repeat(gutter)} │ … ${count(frame.hidden, 'more line')}`)] : lines
}

/** The line and the carets below it, cut on the left where the mark would not be seen otherwise. */
function aroundMark({ text, mark }: FrameLine, columns: number): { code: string; caret?: string } {
  if (!mark) return { code: truncate(text, columns) }
  const before = text.slice(0, mark.start)
  const isCut = widthOf(before) > columns * 0.6
  const lead = isCut ? `…${[...before].slice(-Math.floor(columns * 0.25)).join('')}` : before
  const offset = widthOf(lead)
  const length = Math.max(1, widthOf(text.slice(mark.start, mark.end)))
  return {
    code: truncate(lead + text.slice(mark.start), columns),
    caret: ' '.repeat(offset) + '^'.repeat(Math.max(1, Math.min(length, columns - offset))),
  }
}

function detailLines(detail: string, columns: number): string[] {
  const lines = visibleLines(detail.trimEnd())
  const shown = lines.slice(0, maxDetailLines).map((line) => truncate(line, columns))
  return lines.length > shown.length ? [...shown, `… ${count(lines.length - shown.length, 'more line')} in the report`] : shown
}
