import { count, severities, type RunRecord, type Severity } from '@shiplock/findings'
import { checkResults, type CheckResult } from '../check-results.ts'
import { codeFrame } from '../code-frame.ts'
import { conclude, reasonSentence } from '../conclusion.ts'
import { html, type Markup } from '../html/markup.ts'
import { formatDuration } from '../quantity.ts'
import { formatLocation, isAccepted, reportedFindings, whatIsExplained, type ReportedFinding } from '../reported-findings.ts'

/** GitHub takes this much of a step's summary and refuses a larger one as a whole. Bytes. */
export const longestJobSummary = 1024 * 1024

/** Room for the sentence that counts what was left out. */
const roomForRest = 400

/**
 * The summary of a job, for `$GITHUB_STEP_SUMMARY`: verdict, checks, and findings, worst first, as many as fit into `room`
 * bytes. It is Markdown, but every text from outside stands in an HTML block, in which Markdown means nothing: escaped as in
 * the page, and without an empty line, which would end the block.
 */
export function renderJobSummary(record: RunRecord, { notAnnotated, room = longestJobSummary }: { readonly notAnnotated: number; readonly room?: number }): string {
  const all = reportedFindings(record)
  const findings = all.filter((finding) => !isAccepted(finding))
  const accepted = all.length - findings.length
  const { headline, explanation } = conclude(record)
  const parts = [
    html`<h2>Shiplock: ${headline}</h2>
<p>${explanation}</p>`,
    ...(record.verdict.reasons.length > 0 ? [html`<ul>${record.verdict.reasons.map(reasonItem)}</ul>`] : []),
    checksTable(checkResults(record)),
    ...(notAnnotated > 0 ? [html`<p>${count(notAnnotated, 'problem')} without an annotation: GitHub shows ten of a kind for a step.</p>`] : []),
    ...(accepted > 0 ? [html`<p>${count(accepted, 'more finding')} waived or in the baseline.</p>`] : []),
    ...(findings.length > 0 ? [html`<h3>${count(findings.length, 'finding')}, worst first</h3>`] : []),
  ].map(block)
  let size = Buffer.byteLength(parts.join(''))
  let shown = 0
  for (const finding of findings) {
    const item = block(findingItem(finding))
    size += Buffer.byteLength(item)
    if (size > room - roomForRest) break
    parts.push(item)
    shown++
  }
  if (shown < findings.length) parts.push(block(html`<p>${count(findings.length - shown, 'more finding')} left out here: a summary has at most 1 MiB. run.json and report.html have them all.</p>`))
  const text = parts.join('')
  // Thousands of reasons: nothing of it is worth more than that there is a verdict at all.
  return Buffer.byteLength(text) <= room ? text : block(html`<h2>Shiplock: ${headline}</h2>`)
}

/** An HTML block of Markdown: it begins with a tag at the start of a line and goes on to the next empty line. */
const block = (markup: Markup) => `${markup.toString().replace(/\n\s*\n/g, '\n')}\n\n`

function reasonItem(reason: RunRecord['verdict']['reasons'][number]): Markup {
  const { check, rest } = reasonSentence(reason)
  return html`<li><strong>${check}</strong>${rest}</li>`
}

function checksTable(checks: readonly CheckResult[]): Markup {
  const shown = severities.toReversed()
  return html`<table><tr><th>Check</th><th>Result</th>${shown.map((severity) => html`<th>${severity}</th>`)}<th>Took</th></tr>${checks.map(
    (check) => html`
<tr><td>${check.title}</td><td>${resultOf(check)}</td>${shown.map((severity) => html`<td>${amount(check, severity)}</td>`)}<td>${formatDuration(check.durationMs)}</td></tr>`,
  )}</table>`
}

function resultOf({ trouble, findings }: CheckResult): string {
  if (trouble) return `${trouble.kind === 'failed' ? '❌ failed' : '❔ skipped'}: ${trouble.text}`.slice(0, 1000)
  if (findings.some(({ state }) => state === 'blocking')) return '❌ refused'
  if (findings.some((finding) => !isAccepted(finding))) return '✅ open, with findings'
  return findings.length > 0 ? '✅ open, all waived or in the baseline' : '✅ nothing found'
}

const amount = ({ findings }: CheckResult, severity: Severity) => findings.filter(({ finding }) => finding.severity === severity).length

function findingItem({ finding, place, state }: ReportedFinding): Markup {
  const isBlocking = state === 'blocking'
  const { severity, rule, message, fix, location } = finding
  const code = codeFrame(finding)?.lines.map(({ number, text }, index) => html`${index > 0 && lineEnd}${number !== undefined && `${number} | `}${text}`)
  return html`<details${isBlocking && open}><summary>${isBlocking ? '❌' : '▫️'} <strong>${severity}</strong> ${message.replace(/\s+/g, ' ')} <code>${location ? formatLocation(location) : place}</code></summary>
${code && html`<pre>${code}</pre>`}
${fix && html`<p>Fix: ${fix}</p>`}
<p>${whatIsExplained(rule)}: <code>shiplock explain ${rule}</code></p>
</details>`
}

const open = html` open`
const lineEnd = html`
`
