import { stripVTControlCharacters } from 'node:util'
import { count, type AdvisoryName, type FlowStep, type RunRecord, type Severity } from '@shiplock/findings'
import { codeFrame, type FrameLine } from '../code-frame.ts'
import { visible, visibleLines } from '../escape.ts'
import { acceptanceOf } from '../acceptance.ts'
import { foldFlow, hasWay, placeOfStep } from '../flow.ts'
import { formatLocation, isAccepted, reportedFindings, whatIsExplained, type ReportedFinding } from '../reported-findings.ts'
import { fit, hanging, truncate, widthOf, wrap } from './cells.ts'
import { painter, type Paint, type Style } from './paint.ts'

export interface FindingsOptions {
  /** Width to wrap to; Infinity where the output is no terminal. */
  readonly columns: number
  readonly colour: boolean
  /** How many are shown, worst first; the rest is counted. Default all. */
  readonly limit?: number
  /** Whether those that are waived or in the baseline are shown too. */
  readonly withAccepted?: boolean
  /** How the reader starts Shiplock; default `shiplock`. */
  readonly command?: string
}

const severityStyles: Record<Severity, Style> = {
  critical: ['bold', 'white', 'bgRed'],
  high: ['bold', 'red'],
  medium: ['bold', 'yellow'],
  low: ['bold', 'blue'],
}

const indent = '  '
const maxDetailLines = 6
const mostSteps = 7

/**
 * The findings of a run as one list, worst first, each with its code, what to do, how to waive it and the start of its
 * detail. Those that are waived or in the baseline are counted, and shown with `withAccepted`. Empty where there is nothing
 * to say; no line end.
 */
export function renderFindings(record: RunRecord, { columns, colour, limit = Infinity, withAccepted = false, command = 'shiplock' }: FindingsOptions): string {
  const paint = painter(colour)
  const all = reportedFindings(record)
  const listed = withAccepted ? all : all.filter((finding) => !isAccepted(finding))
  const shown = listed.slice(0, limit)
  const rest = [
    ...(shown.length < listed.length ? [`${count(listed.length - shown.length, 'more finding')} not shown here; --verbose shows all.`] : []),
    ...(listed.length < all.length ? [`${count(all.length - listed.length, 'finding')} waived or in the baseline; --verbose shows them.`] : []),
  ]
  const blocks = [...shown.map((finding) => findingLines(finding, { columns, command }, paint)), ...rest.map((text) => [paint('dim', text)])]
  return blocks.map((lines) => lines.join('\n')).join('\n\n')
}

const stateWords: Partial<Record<ReportedFinding['state'], { readonly text: string; readonly style: Style }>> = {
  blocking: { text: 'keeps the gate shut', style: 'red' },
  baselined: { text: 'in the baseline', style: 'dim' },
  waived: { text: 'waived', style: 'dim' },
}

function findingLines(reported: ReportedFinding, { columns, command }: { readonly columns: number; readonly command: string }, paint: Paint): string[] {
  const { finding, place, state } = reported
  const { severity, rule, message, location, fix, detail, confidence, alsoFoundBy, advisory, flow } = finding
  const facts = [visible(location ? formatLocation(location) : place), visible(rule), ...(advisory ? [visible(advisoryNames(advisory))] : []), ...(confidence === 'high' ? [] : [`${confidence} confidence`])]
  const room = columns - indent.length
  const word = stateWords[state]
  return [
    ...headLines([paint(severityStyles[severity], severity), ...facts, ...(word ? [paint(word.style, word.text)] : [])], columns),
    ...visibleLines(message)
      .flatMap((line) => wrap(line, room))
      .map((line) => indent + paint('bold', line)),
    ...codeLines(finding, room, paint).map((line) => indent + line),
    ...(hasWay(flow) ? flowLines(flow, room, paint).map((line) => indent + line) : []),
    ...(fix ? hanging('fix: ', visible(fix), room).map((line) => indent + paint('green', line)) : []),
    ...(alsoFoundBy ? wrap(`also found by ${alsoFoundBy.map(visible).join(', ')}`, room).map((line) => indent + paint('dim', line)) : []),
    ...(state === 'waived' ? wrap(visible(acceptanceOf(reported.finding) ?? ''), room).map((line) => indent + paint('dim', line)) : []),
    ...(detail ? detailLines(detail, room).map((line) => (indent + paint('dim', line)).trimEnd()) : []),
    ...pieces([...`${whatIsExplained(rule).toLowerCase()}:`.split(' '), `${visible(command)} explain ${visible(rule)}`], ' ', room).map((line) => indent + paint('dim', line)),
  ]
}

/** The severity with the place, then what has room beside it: a fact is never broken, as it is copied. */
const headLines = ([severity = '', place = '', ...facts]: readonly string[], columns: number) => pieces([`${severity} ${place}`, ...facts], '  ', columns).map((line, index) => (index === 0 ? line : indent + line))

/** Lines of whole pieces; one that is wider than a line has its own. Colours take no columns. */
function pieces(all: readonly string[], between: string, columns: number): string[] {
  const lines: string[] = []
  for (const piece of all) {
    const last = lines.at(-1)
    const together = `${last}${between}${piece}`
    if (last !== undefined && widthOf(stripVTControlCharacters(together)) + (lines.length > 1 ? indent.length : 0) <= columns) lines[lines.length - 1] = together
    else lines.push(piece)
  }
  return lines
}

/** By its own id and the one that most people know it by. */
const advisoryNames = ({ id, aliases }: AdvisoryName) => [id, ...aliases.filter((alias) => alias.startsWith('CVE-') && alias !== id).slice(0, 1)].join(', ')

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

/** The way of the data, from the source to the sink, a step a line. */
function flowLines(flow: readonly FlowStep[], columns: number, paint: Paint): string[] {
  const { first, hidden, last } = foldFlow(flow, mostSteps)
  const width = Math.min(Math.max(...[...first, ...last].map((step) => widthOf(visible(placeOfStep(step))))), Math.floor(columns / 2))
  const line = (mark: string) => (step: FlowStep) => `${paint('dim', mark)} ${paint('cyan', fit(visible(placeOfStep(step)), width))}  ${truncate(visible(step.code), columns - width - 4)}`.trimEnd()
  const [source, ...others] = first
  return [
    ...(source ? [line('●')(source)] : []),
    ...others.map(line('↓')),
    ...(hidden > 0 ? [paint('dim', `↓ … ${count(hidden, 'more step')} in the report`)] : []),
    ...last.map(line('↓')),
  ]
}

function detailLines(detail: string, columns: number): string[] {
  const lines = visibleLines(detail.trimEnd())
  const shown = lines.slice(0, maxDetailLines).map((line) => truncate(line, columns))
  return lines.length > shown.length ? [...shown, `… ${count(lines.length - shown.length, 'more line')} in the report`] : shown
}
