import { count, type CanaryLook, type CanaryRecord, type CanaryStep, type RevisionMeasure } from '@shiplock/findings'
import { formatDuration } from '../quantity.ts'
import { html, type Markup } from './markup.ts'

const [width, height, top, bottom, left] = [720, 180, 12, 24, 52]

interface Line {
  readonly title: string
  readonly unit: string
  readonly of: (measure: RevisionMeasure) => number
}

const lines: readonly Line[] = [
  { title: 'Errors (5xx)', unit: '%', of: ({ errors, requests }) => (requests === 0 ? 0 : (errors / requests) * 100) },
  { title: 'Latency, p95', unit: ' ms', of: ({ p95 = 0 }) => p95 },
]

/** Both revisions over the whole canary, each step with what was decided and every test with its numbers. */
export function canaryGraph({ source, steps }: CanaryRecord): Markup {
  return html`<h3>Canary</h3>
<p class="small">What was seen of both revisions, by ${source}. <span class="swatch stable"></span> stable <span class="swatch candidate"></span> candidate</p>
<div class="graphs">
${lines.map((line) => graph(line, steps))}</div>
<div class="wide" role="region" aria-label="Steps of the canary" tabindex="0">
<table>
<thead><tr><th scope="col">Traffic</th><th scope="col">Time</th><th scope="col">Candidate</th><th scope="col">Stable</th><th scope="col">Decision</th></tr></thead>
<tbody>
${steps.map(stepRow)}</tbody>
</table>
</div>
${steps.map(
  ({ percent, decision }) => html`<details${decision.isPassed ? html`` : html` open`}>
<summary>Tests at ${percent}%</summary>
<ul class="tests">
${decision.tests.map((test) => html`<li><span class="chip ${test.answer === 'worse' ? 'bad' : test.answer === 'good' ? 'good' : 'calm'}">${test.answer}</span> ${test.name}: ${test.text}${test.p !== undefined && html` <span class="small">p = ${formatProbability(test.p)}, worse below ${formatProbability(test.alpha ?? 0)}</span>`}</li>
`)}</ul>
</details>
`,
)}`
}

function stepRow({ percent, durationMs, looks, decision }: CanaryStep): Markup {
  const last = looks.at(-1)
  return html`<tr><th scope="row">${percent}%</th><td>${formatDuration(durationMs)}</td><td>${last ? describe(last.candidate) : ''}${decision.synthetic && html`<br>${describe(decision.synthetic)}, sent by the release itself`}</td><td>${last ? describe(last.stable) : ''}</td><td><span class="chip ${decision.isPassed ? 'good' : 'bad'}">${decision.answer}</span> ${decision.why}</td></tr>
`
}

const describe = ({ requests, errors, p95 }: RevisionMeasure) => `${count(requests, 'request')}, ${count(errors, 'error')}${p95 === undefined ? '' : `, p95 ${p95} ms`}`

function graph({ title, unit, of }: Line, steps: readonly CanaryStep[]): Markup {
  const looks = steps.flatMap((step) => step.looks)
  const [start, end] = [steps[0]?.startedMs ?? 0, Math.max(...steps.map(({ startedMs, durationMs }) => startedMs + durationMs))]
  const most = Math.max(1, ...looks.flatMap(({ stable, candidate }) => [of(stable), of(candidate)]))
  const x = (atMs: number) => round(left + ((width - left) * (atMs - start)) / Math.max(1, end - start))
  const y = (value: number) => round(top + (height - top - bottom) * (1 - value / most))
  const path = (which: 'stable' | 'candidate') => looks.map((look: CanaryLook) => `${x(look.atMs)},${y(of(look[which]))}`).join(' ')
  const final = looks.at(-1)
  const words = `${title}: at the end stable ${round(final ? of(final.stable) : 0)}${unit}, candidate ${round(final ? of(final.candidate) : 0)}${unit}`
  return html`<figure>
<figcaption>${title}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}">
<line class="axis" x1="${left}" y1="${y(0)}" x2="${width}" y2="${y(0)}"></line>
<text class="tick" x="${left - 6}" y="${y(most) + 4}" text-anchor="end">${round(most)}${unit}</text>
<text class="tick" x="${left - 6}" y="${y(0) + 4}" text-anchor="end">0</text>
${steps.map(({ percent, startedMs }) => html`<line class="axis" x1="${x(startedMs)}" y1="${top}" x2="${x(startedMs)}" y2="${y(0)}"></line><text class="tick" x="${x(startedMs) + 3}" y="${height - 8}">${percent}%</text>
`)}<polyline class="series stable" points="${path('stable')}"></polyline>
<polyline class="series candidate" points="${path('candidate')}"></polyline>
</svg>
</figure>
`
}

const round = (value: number) => Math.round(value * 10) / 10
const formatProbability = (p: number) => (p === 0 ? '0' : p < 0.001 ? p.toExponential(1) : p.toFixed(3))
