import { count, severities, type Finding, type FlowStep } from '@shiplock/findings'
import { codeFrame, type FrameLine } from '../code-frame.ts'
import { acceptanceOf } from '../acceptance.ts'
import { findingStates, formatLocation, isAccepted, whatIsExplained, type FindingState, type FindingsAtPlace, type ReportedFinding } from '../reported-findings.ts'
import { foldFlow, hasWay, placeOfStep } from '../flow.ts'
import { html, type Markup } from './markup.ts'
import { textLines } from './verdict-section.ts'

/** From here on the browser is told to lay out only what is in sight; below, it would only make the page jump. */
const many = 300

/** Longer details are cut; the run record has them whole. Code units. */
const maxDetailLength = 20_000

/** Every finding, worst first, and of those that are equally bad by file. What keeps the gate shut is open; the rest opens on demand. */
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

const stateWords: Record<FindingState, string> = { blocking: 'keeps the gate shut', open: 'reported only', baselined: 'in the baseline', waived: 'waived' }

/** What is waived or in the baseline is put away at first: what is left is what there is to do. */
function filter(all: readonly ReportedFinding[]): Markup {
  const checks = [...new Set(all.map(({ check }) => check))].toSorted()
  return html`<form id="filter" class="card filter" role="search" aria-label="Findings" hidden>
<label class="search">Search <input type="search" name="text" autocomplete="off" spellcheck="false"></label>
<label>Check <select name="check"><option value="">all</option>${checks.map((check) => html`<option>${check}</option>`)}</select></label>
<fieldset><legend>Severity</legend>${severities.toReversed().map((severity) => {
    const amount = all.filter(({ finding }) => finding.severity === severity).length
    return html`<label class="toggle"><input type="checkbox" name="severity" value="${severity}" checked>
<span class="chip ${severity}">${severity}</span> ${amount.toLocaleString('en')}</label>
`
  })}</fieldset>
<fieldset><legend>State</legend>${findingStates.map((state) => {
    const some = all.filter((finding) => finding.state === state)
    const isShown = some.some((finding) => !isAccepted(finding))
    return some.length > 0 && html`<label class="toggle"><input type="checkbox" name="state" value="${state}"${isShown && checked}>
${stateWords[state]} ${some.length.toLocaleString('en')}</label>
`
  })}</fieldset>
<output aria-live="polite">${count(all.length, 'finding')}</output>
</form>`
}

const checked = html` checked`

function findingItem(reported: ReportedFinding): Markup {
  const { finding, check, state } = reported
  const { severity, message, rule, location, fix, detail, flow } = finding
  const line = location?.startLine
  return html`<details class="finding" data-severity="${severity}" data-check="${check}" data-state="${state}"${state === 'blocking' && open}>
<summary>
<span class="chip ${severity}">${severity}</span>
<span class="message">${textLines(message)}</span>
${state !== 'open' && html`<span class="state ${state}">${stateWords[state]}</span>`}
<span class="where">${line !== undefined && `line ${line} · `}<code>${rule}</code></span>
</summary>
<div class="body">
${codeBlock(finding)}
${hasWay(flow) && wayOf(flow)}
${fix && html`<p class="fix"><strong>What to do</strong>${textLines(fix)}</p>`}
${detail && html`<pre class="log">${textLines(detail.slice(0, maxDetailLength))}${detail.length > maxDetailLength && ' …'}</pre>`}
${state === 'waived' && html`<p class="waiver">${acceptanceOf(reported.finding) ?? ''}</p>`}
<p class="small">${whatIsExplained(rule)}: <code>shiplock explain ${rule}</code></p>
<p class="small">${smallPrint(finding)}</p>
</div>
</details>
`
}

const open = html` open`

function smallPrint({ location, confidence, fingerprint, related = [], alsoFoundBy = [] }: Finding): Markup {
  const at = location && html`<code>${formatLocation(location)}</code> · `
  const others = related.length > 0 && html` · see also ${related.map((place) => html`<code>${formatLocation(place)}</code> `)}`
  const finders = alsoFoundBy.length > 0 && html` · also found by ${alsoFoundBy.map((rule) => html`<code>${rule}</code> `)}`
  return html`${at}${confidence} confidence · fingerprint <code>${fingerprint}</code>${others}${finders}`
}

/** More than this nobody follows; the run record has them all. */
const mostSteps = 200

/** Long ways open on demand. */
function wayOf(flow: readonly FlowStep[]): Markup {
  const { first, hidden, last } = foldFlow(flow, mostSteps)
  const files = new Set(flow.map(({ location }) => location.path)).size
  const step = (one: FlowStep) => html`<li><code>${placeOfStep(one)}</code><code>${one.code}</code></li>
`
  return html`<details class="way"${flow.length <= 10 && open}>
<summary>The way of the data: ${count(flow.length, 'step')}${files > 1 && ` through ${count(files, 'file')}`}</summary>
<ol>${first.map(step)}${hidden > 0 && html`<li>… ${count(hidden, 'more step')} in run.json</li>
`}${last.map(step)}</ol>
</details>`
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
