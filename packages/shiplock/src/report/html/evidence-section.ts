import { unreachable, type RunRecord, type Subject } from '@shiplock/findings'
import { html, type Markup } from './markup.ts'
import { link } from './verdict-section.ts'

/** What the verdict rests on: what was looked at by digest, what each gate came to, which plan and which tools. */
export function evidenceSection(record: RunRecord): Markup {
  const { verdict, plan, tool, subjects } = record
  return html`<section aria-labelledby="evidence">
<h2 id="evidence">Evidence</h2>
<div class="card">
<dl class="facts wide">
${subjects.map((subject) => fact(subject.kind, subjectFacts(subject)))}
${fact('plan', html`<code>${plan.hash}</code>, target ${plan.target}`)}
${fact('command', html`<code>${record.command}</code>`)}
${fact('tool', html`${tool.name} ${tool.version} on Node ${tool.node}`)}
${fact('run', html`<code>${record.id}</code>`)}
</dl>
</div>
${verdict.gates.length > 0 && gatesTable(verdict.gates)}
</section>`
}

const gateWords = {
  pass: { tone: 'good', text: 'open' },
  refuse: { tone: 'bad', text: 'shut' },
  undecided: { tone: 'caution', text: 'undecided' },
} as const

function gatesTable(gates: RunRecord['verdict']['gates']): Markup {
  return html`<div class="card"><table><caption>Gates</caption>
<thead><tr>
<th scope="col">Check</th>
<th scope="col">Gate</th>
<th scope="col" class="number">Keep it shut</th>
<th scope="col" class="number">Findings in all</th>
</tr></thead>
<tbody>${gates.map(({ check, decision, blocking, total }) => {
    const { tone, text } = gateWords[decision]
    return html`<tr>
<th scope="row">${check}</th>
<td><span class="chip ${tone}">${text}</span></td>
<td class="number">${blocking.length.toLocaleString('en')}</td>
<td class="number">${total.toLocaleString('en')}</td>
</tr>
`
  })}</tbody></table></div>`
}

function subjectFacts(subject: Subject): Markup {
  const digest = html`<code>${subject.digest}</code>`
  switch (subject.kind) {
    case 'tree':
      return html`${digest}${subject.commit && html`, commit <code>${subject.commit}</code>`}
${subject.dirty && 'with uncommitted changes'}`
    case 'image':
      return html`${digest}${subject.reference && html`, <code>${subject.reference}</code>`}`
    case 'revision':
      return html`${digest}, revision <code>${subject.revision}</code> of ${subject.service} at ${link(subject.uri)}`
    default:
      return unreachable(subject)
  }
}

const fact = (name: string, value: Markup) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`
