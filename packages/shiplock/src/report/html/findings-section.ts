import { severities, type Finding } from '@shiplock/findings'
import { acceptanceOf } from '../acceptance.ts'
import { codeFrame, type FrameLine } from '../code-frame.ts'
import { formatLocation, type FindingsAtPlace, type ReportedFinding } from '../findings-by-place.ts'
import { count } from '../quantity.ts'
import { html, type Markup } from './markup.ts'
import { textLines } from './verdict-section.ts'

/** From here on the browser is told to lay out only what is in sight; below, it would only make the page jump. */
const many = 300

/** Longer details are cut; the run record has them whole. Code units. */
const maxDetailLength = 20_000

/** Every finding, worst first and by file. What keeps the gate shut is open; the rest opens on demand. */
export function findingsSection(places: readonly FindingsAtPlace[]): Markup {
  const all = places.flatMap(({ findings }) => findings)
  return html`<section aria-labelledby="findings">
<h2 id="findings">Findings</h2>
${all.length === 0 && html`<p class="card empty">No check found anything. Whether each of them could look is what the stages say.</p>`}
${all.length > 0 && filter(all)}
${places.map(
  ({ place, findings }) => html`<section class="place${all.length >= many && ' far'}" data-place="${place}">
<h3><span class="path">${place}</span> <span class="count">${count(findings.length, 'finding')}</span></h3>
${findings.map(findingItem)}
</section>
`,
)}
<p id="nothing" class="card empty" hidden>No finding matches the filter.</p>
</section>`
}

function filter(all: readonly ReportedFinding[]): Markup {
  const checks = [...new Set(all.map(({ finding }) => checkOf(finding)))].toSorted()
  const blocking = all.filter(({ isBlocking }) => isBlocking).length
  const only = `only the ${blocking.toLocaleString('en')} that ${blocking === 1 ? 'keeps' : 'keep'} the gate shut`
  return html`<form id="filter" class="card filter" role="search" aria-label="Findings" hidden>
<label class="search">Search <input type="search" name="text" autocomplete="off" spellcheck="false"></label>
<fieldset><legend>Severity</legend>${severities.toReversed().map((severity) => {
    const amount = all.filter(({ finding }) => finding.severity === severity).length
    return html`<label class="toggle"><input type="checkbox" name="severity" value="${severity}" checked>
<span class="chip ${severity}">${severity}</span> ${amount.toLocaleString('en')}</label>
`
  })}</fieldset>
<label>Check <select name="check"><option value="">all</option>${checks.map((check) => html`<option>${check}</option>`)}</select></label>
${blocking > 0 && html`<label class="toggle"><input type="checkbox" name="blocking"> ${only}</label>`}
<output aria-live="polite">${count(all.length, 'finding')}</output>
</form>`
}

function findingItem({ finding, isBlocking }: ReportedFinding): Markup {
  const { severity, message, rule, location, fix, detail } = finding
  const line = location?.startLine
  const acceptance = acceptanceOf(finding)
  return html`<details class="finding" data-severity="${severity}" data-check="${checkOf(finding)}"${isBlocking && shutAndOpen}>
<summary>
<span class="chip ${severity}">${severity}</span>
<span class="message">${textLines(message)}</span>
${isBlocking && html`<span class="shut">keeps the gate shut</span>`}
<span class="where">${acceptance !== undefined && html`${acceptance} · `}${line !== undefined && `line ${line} · `}<code>${rule}</code></span>
</summary>
<div class="body">
${codeBlock(finding)}
${fix && html`<p class="fix"><strong>What to do</strong>${textLines(fix)}</p>`}
${detail && html`<pre class="log">${textLines(detail.slice(0, maxDetailLength))}${detail.length > maxDetailLength && ' …'}</pre>`}
<p class="small">${smallPrint(finding)}</p>
</div>
</details>
`
}

const shutAndOpen = html` data-blocking open`

function smallPrint({ location, confidence, fingerprint, related = [] }: Finding): Markup {
  const at = location && html`<code>${formatLocation(location)}</code> · `
  const others = related.length > 0 && html` · see also ${related.map((place) => html`<code>${formatLocation(place)}</code> `)}`
  return html`${at}${confidence} confidence · fingerprint <code>${fingerprint}</code>${others}`
}

function codeBlock(finding: Finding): Markup | undefined {
  const frame = codeFrame(finding)
  if (!frame) return undefined
  const more = frame.hidden > 0 && codeLine({ text: `… ${count(frame.hidden, 'more line')}` })
  return html`<pre class="code">${frame.lines.map(codeLine)}${more}</pre>`
}

function codeLine({ number, text, mark }: FrameLine): Markup {
  const marked = mark ? text.slice(mark.start, mark.end) : ''
  const source = mark
    ? html`${text.slice(0, mark.start)}<mark>${marked === '' ? ' ' : marked}</mark>${text.slice(mark.end)}`
    : html`${text}`
  return html`<span class="line"><span class="no">${number}</span><span>${source}</span></span>`
}

/** The first half of a rule's id is the check. */
const checkOf = ({ rule }: Finding) => rule.split('/')[0] ?? rule
