import type { RunRecord, StageRecord } from '@shiplock/findings'
import { reportedFindings, type ReportedFinding } from './reported-findings.ts'
import { failureOf } from './stage-result.ts'

/** A check of a run, or another stage that went wrong, as the formats of other tools tell it. */
export interface CheckResult {
  readonly id: string
  readonly title: string
  readonly durationMs: number
  /** A stage such as the image's is none; it is here because it failed. */
  readonly isCheck: boolean
  /** Worst first. */
  readonly findings: readonly ReportedFinding[]
  /** Present where it did not look at everything. Never to be shown as "no findings". */
  readonly trouble?: CheckTrouble
}

export interface CheckTrouble {
  readonly kind: 'failed' | 'skipped'
  /** Kebab-case word. */
  readonly reason: string
  /** What happened and what to do about it. Text from outside, several lines. */
  readonly text: string
  /** The policy lets the check be skipped or fail. */
  readonly isOptional: boolean
}

/** In the order of the record. */
export function checkResults(record: RunRecord): CheckResult[] {
  const findings = Map.groupBy(reportedFindings(record), ({ check }) => check)
  const gates = new Map(record.verdict.gates.map((gate) => [gate.check, gate]))
  return record.stages.flatMap((stage) => {
    const isCheck = stage.outcome !== undefined || gates.has(stage.id)
    const trouble = troubleOf(stage)
    if (!isCheck && (!trouble || stage.status === 'not-run')) return []
    const { id, title, durationMs = 0 } = stage
    return { id, title, durationMs, isCheck, findings: findings.get(id) ?? [], ...(trouble && { trouble: { ...trouble, isOptional: gates.get(id)?.decision === 'pass' } }) }
  })
}

function troubleOf(stage: StageRecord): Omit<CheckTrouble, 'isOptional'> | undefined {
  const failure = failureOf(stage)
  if (failure) return { kind: 'failed', reason: failure.reason, text: [failure.message, failure.hint].filter(Boolean).join('\n') }
  if (stage.status === 'internal-error') return { kind: 'failed', reason: 'internal-error', text: `It met a bug in Shiplock: ${stage.because ?? 'no more is known'}` }
  if (stage.status === 'cancelled') return { kind: 'failed', reason: 'cancelled', text: 'The run was stopped before it ended.' }
  if (stage.status === 'not-run') return { kind: 'skipped', reason: 'not-run', text: stage.because ?? 'It did not run.' }
  return stage.outcome?.kind === 'skipped' ? { kind: 'skipped', reason: 'skipped', text: stage.outcome.reason } : undefined
}
