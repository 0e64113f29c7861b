import type { RunRecord } from '@shiplock/findings'
import { formatDuration } from '../quantity.ts'
import { explainStage, stageResult, type StageResultWord } from '../stage-result.ts'
import { timeLine, type TimeLine, type TimeLineRow } from '../time-line.ts'
import { html, type Markup } from './markup.ts'

const tones: Record<StageResultWord, 'good' | 'caution' | 'bad' | 'calm'> = {
  done: 'good',
  replayed: 'good',
  refused: 'bad',
  failed: 'bad',
  bug: 'bad',
  skipped: 'caution',
  cancelled: 'caution',
  'not run': 'calm',
}

/**
 * Every stage in the order in which it started, with its bar on the time line. Positions are per cent of the run, so that
 * the drawing takes whatever width there is while its texts keep their size. The table's roles are spelled out because
 * on a narrow screen the style shows its rows as blocks, and some browsers then forget that it is a table.
 */
export function stagesSection(record: RunRecord): Markup {
  const line = timeLine(record)
  return html`<section aria-labelledby="stages">
<h2 id="stages">Stages</h2>
<svg class="definitions" width="0" height="0" aria-hidden="true"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2.5" height="6"/>
</pattern>
</defs></svg>
<div class="card">
<table class="stages" role="table" aria-labelledby="stages">
<thead role="rowgroup"><tr role="row">
<th role="columnheader" scope="col">Stage</th>
<th role="columnheader" scope="col">Result</th>
<th role="columnheader" scope="col" class="when">${axis(line)}</th>
<th role="columnheader" scope="col" class="took">Took</th>
<th role="columnheader" scope="col">What it says</th>
</tr></thead>
<tbody role="rowgroup">${line.rows.map((row) => stageRow(row, line, record))}</tbody>
</table>
<p class="legend">
<span>${swatch('critical')} critical path</span>
<span>${swatch('')} beside it</span>
<span>${swatch('replayed')} replayed from the cache</span>
<span>${swatch('trouble')} failed or refused</span>
</p>
</div>
</section>`
}

function stageRow(row: TimeLineRow, line: TimeLine, record: RunRecord): Markup {
  const { stage, isCritical } = row
  const word = stageResult(stage, record)
  const needs = stage.needs.length > 0 && html` <span class="needs">after ${stage.needs.join(', ')}</span>`
  return html`<tr role="row" class="${isCritical && 'critical'}">
<th role="rowheader" scope="row">${stage.title}${needs}</th>
<td role="cell"><span class="chip ${tones[word]}">${word}</span>${stage.replayed && word !== 'replayed' && html` <span class="chip calm">replayed</span>`}</td>
<td role="cell" class="when">${bar(row, line, word)}</td>
<td role="cell" class="took">${stage.durationMs !== undefined && formatDuration(stage.durationMs)}</td>
<td role="cell" class="says">${explainStage(stage)}</td>
</tr>
`
}

function bar({ stage, bar: span, isCritical }: TimeLineRow, line: TimeLine, word: StageResultWord): Markup | undefined {
  if (!span) return undefined
  // The critical path is told by height as well as by colour: a bar that is red can be on it, and colours look alike to some.
  const looks = [isCritical && 'critical', stage.replayed && 'replayed', tones[word] === 'bad' && 'trouble'].filter(Boolean).join(' ')
  const when = `from ${formatDuration(span.startMs)} to ${formatDuration(span.endMs)}${isCritical ? ', on the critical path' : ''}`
  const start = percent(span.startMs, line)
  // A stage of a millisecond is still one that ran: never thinner than can be seen.
  const width = Math.max(0.6, percent(span.endMs, line) - start)
  const x = Math.min(start, 99.4)
  const [y, height] = isCritical ? [6, 16] : [10, 8]
  return html`<svg width="100%" height="28" role="img" aria-label="${when}"><title>${when}</title>
${line.ticksMs.map((tick) => gridLine(tick, line))}
<rect class="bar ${looks}" x="${x.toFixed(2)}%" y="${y}" width="${width.toFixed(2)}%" height="${height}" rx="2"/>
</svg>`
}

function axis(line: TimeLine): Markup {
  return html`<span class="unseen">When</span><svg width="100%" height="18" aria-hidden="true">${line.ticksMs.map((tick) => {
    const at = percent(tick, line)
    const anchor = at < 4 ? 'start' : at > 92 ? 'end' : 'middle'
    return html`<text class="tick" x="${at.toFixed(2)}%" y="13" text-anchor="${anchor}">${tick === 0 ? '0' : formatDuration(tick)}</text>`
  })}</svg>`
}

function gridLine(tickMs: number, line: TimeLine): Markup {
  const x = `${percent(tickMs, line).toFixed(2)}%`
  return html`<line class="grid" x1="${x}" x2="${x}" y1="0" y2="28"/>`
}

function swatch(look: string): Markup {
  const [y, height] = look === 'critical' ? [0, 14] : [3, 8]
  const sample = html`<rect class="bar ${look}" y="${y}" width="22" height="${height}" rx="2"/>`
  return html`<svg width="22" height="14" aria-hidden="true">${sample}</svg>`
}

const percent = (timeMs: number, { endMs }: TimeLine) => (100 * timeMs) / endMs
