import { count, sparkline, type CanaryStep, type ReleaseRecord, type RevisionMeasure } from '@shiplock/findings'
import { visible } from '../escape.ts'
import { formatDuration } from '../quantity.ts'
import { hanging } from './cells.ts'
import type { Paint } from './paint.ts'

/** One line a step, with both revisions' latency as bars; below it why the release went no further. */
export function canaryLines({ canary }: ReleaseRecord, columns: number, paint: Paint): string[] {
  if (!canary || canary.steps.length === 0) return []
  return [`  Canary, by ${visible(canary.source)}`, ...canary.steps.flatMap((step) => stepLines(step, columns, paint))]
}

function stepLines({ percent, durationMs, looks, decision }: CanaryStep, columns: number, paint: Paint): string[] {
  const last = looks.at(-1)
  const top = Math.max(0, ...looks.flatMap(({ stable, candidate }) => [stable.p95 ?? 0, candidate.p95 ?? 0]))
  const bars = (which: 'stable' | 'candidate') => sparkline(looks.map((look) => look[which].p95 ?? 0), top, 12)
  const numbers = last ? `candidate ${bars('candidate')} ${numbersOf(last.candidate)} · stable ${bars('stable')} ${numbersOf(last.stable)}` : 'nothing was seen'
  const mark = decision.isPassed ? paint('green', '✔') : paint('red', '✖')
  return [
    `  ${mark} ${`${percent}%`.padStart(4)} ${formatDuration(durationMs).padStart(7)}  ${numbers}`,
    ...hanging(' '.repeat(19), visible(`${decision.answer}: ${decision.why}`), columns),
  ]
}

const numbersOf = ({ requests, errors, p95 }: RevisionMeasure) => `${count(requests, 'request')}, ${count(errors, 'error')}${p95 === undefined ? '' : `, p95 ${p95} ms`}`
