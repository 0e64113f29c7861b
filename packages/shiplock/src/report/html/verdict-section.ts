import type { Reason, RunRecord } from '@shiplock/findings'
import { conclude, reasonSentence, type Conclusion } from '../conclusion.ts'
import { formatDuration } from '../quantity.ts'
import { failureOf } from '../stage-result.ts'
import { html, type Markup } from './markup.ts'

const icons: Record<Conclusion['tone'], Markup> = {
  good: html`<path d="M7 12.5l3.5 3.5L17 9"/>`,
  caution: html`<path d="M12 6.5v7M12 17v.5"/>`,
  bad: html`<path d="M8 8l8 8M16 8l-8 8"/>`,
}

/** The answer, in words, with every reason, and the few facts that everybody asks for first. */
export function verdictSection(record: RunRecord): Markup {
  const { tone, headline, explanation } = conclude(record)
  const { verdict, release, subjects } = record
  const image = subjects.find(({ kind }) => kind === 'image')
  const tree = subjects.find((subject) => subject.kind === 'tree')
  return html`<section class="verdict ${tone}" aria-labelledby="verdict">
<svg class="seal" viewBox="0 0 24 24" width="56" height="56" aria-hidden="true"><circle cx="12" cy="12" r="10.5"/>${icons[tone]}</svg>
<div>
<h1 id="verdict">${headline}</h1>
<p class="lead">${explanation}</p>
${verdict.reasons.length > 0 && html`<ul class="reasons">${verdict.reasons.map(reasonItem)}</ul>`}
<dl class="facts">
${release?.uri && fact('Address', link(release.uri))}
${image && fact('Image', html`<code>${image.digest}</code>`)}
${tree?.commit && fact('Commit', html`<code>${tree.commit}</code>${tree.dirty && ' with uncommitted changes'}`)}
${fact('Verdict', html`${verdict.decision}, exit code ${record.exitCode}`)}
${fact('Run', html`<time datetime="${record.startedAt}">${formatTime(record.startedAt)}</time>, ${formatDuration(record.durationMs)}`)}
</dl>
</div>
</section>`
}

/** What could not be done and what to do about it. Nothing where all went well. */
export function troubleSection({ stages }: RunRecord): Markup | undefined {
  const failed = stages.flatMap((stage) => {
    const failure = failureOf(stage)
    return failure ? [{ stage, failure }] : []
  })
  if (failed.length === 0) return undefined
  return html`<section aria-labelledby="trouble">
<h2 id="trouble">What could not be done</h2>
${failed.map(
  ({ stage, failure: { reason, message, hint, detail } }) => html`<article class="card trouble">
<h3>${stage.title} <span class="chip bad">${reason}</span></h3>
<p class="text">${textLines(message)}</p>
${hint && html`<p class="fix"><strong>What to do</strong>${hint}</p>`}
${detail && html`<pre class="log">${textLines(detail)}</pre>`}
</article>`,
)}
</section>`
}

function reasonItem(reason: Reason): Markup {
  const { check, rest } = reasonSentence(reason)
  const target = reason.kind === 'finding' ? '#findings' : '#stages'
  return html`<li>${check !== '' && html`<a class="check" href="${target}">${check}</a>`}${rest}</li>`
}

const fact = (name: string, value: Markup) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`

/** A link only where the address is one of the web; anything else, such as `javascript:`, stays text. */
export function link(address: string): Markup {
  const isWeb = /^https?:\/\//i.test(address) && URL.canParse(address)
  return isWeb ? html`<a href="${address}" rel="noopener noreferrer">${address}</a>` : html`${address}`
}

/** Text from outside with its lines kept; everything else that could deceive is made visible by the template. */
export function textLines(text: string): Markup[] {
  return text.split(/\r?\n/).map((line, index) => html`${index > 0 && lineEnd}${line.replaceAll('\t', '  ')}`)
}
const lineEnd = html`
`

/** `2026-11-23 10:15:02 UTC` from RFC 3339 in UTC; anything else as it is. */
export function formatTime(time: string): string {
  return time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC')
}
