import type { ReleaseRecord } from '@shiplock/findings'
import { formatDuration } from '../quantity.ts'
import { canaryGraph } from './canary-graph.ts'
import { html, type Markup } from './markup.ts'

const results: Record<ReleaseRecord['result'], { readonly tone: 'good' | 'bad'; readonly text: string }> = {
  promoted: { tone: 'good', text: 'promoted' },
  shown: { tone: 'good', text: 'shown as a preview' },
  unchanged: { tone: 'good', text: 'unchanged' },
  'kept-stable': { tone: 'bad', text: 'stable kept' },
  removed: { tone: 'bad', text: 'removed' },
  'rollback-failed': { tone: 'bad', text: 'rollback failed' },
}

/** From which revision to which, and every step on the way. */
export function releaseSection({ service, target, stable, candidate, result, steps, canary }: ReleaseRecord): Markup {
  const { tone, text } = results[result]
  return html`<section aria-labelledby="release">
<h2 id="release">Release of ${service} on ${target}</h2>
<div class="card">
<p class="revisions">
${stable && html`<span class="revision"><span class="label">stable</span> <code>${stable}</code></span>`}
${stable && candidate && html`<span class="arrow" role="img" aria-label="to">→</span>`}
${candidate && html`<span class="revision"><span class="label">candidate</span> <code>${candidate}</code></span>`}
<span class="chip ${tone}">${text}</span>
</p>
<ol class="steps">
${steps.map(
  (step) => html`<li><span class="at">${formatDuration(step.atMs)}</span> <span class="text">${step.text}</span></li>
`,
)}</ol>
${canary && canary.steps.length > 0 && canaryGraph(canary)}
</div>
</section>`
}
