import type { RunRecord, StageFailure, StageRecord } from '@shiplock/findings'

/** What became of a stage, in one word for a person. */
export type StageResultWord = 'done' | 'replayed' | 'refused' | 'skipped' | 'failed' | 'bug' | 'cancelled' | 'not run'

/** A stage that is done is not yet good: a check that skipped, failed or whose gate refuses never shows as plainly done. */
export function stageResult(stage: StageRecord, { verdict }: RunRecord): StageResultWord {
  if (stage.status === 'internal-error') return 'bug'
  if (failureOf(stage)) return 'failed'
  if (stage.status !== 'done') return stage.status === 'not-run' ? 'not run' : stage.status
  if (stage.outcome?.kind === 'skipped') return 'skipped'
  if (verdict.gates.some(({ check, decision }) => check === stage.id && decision === 'refuse')) return 'refused'
  return stage.replayed ? 'replayed' : 'done'
}

/** The failure of the stage itself or of the check in it. */
export function failureOf(stage: StageRecord): StageFailure | undefined {
  return stage.failure ?? (stage.outcome?.kind === 'failed' ? stage.outcome.failure : undefined)
}

/** One line that says more than the word. Text from outside. */
export function explainStage(stage: StageRecord): string {
  if (stage.outcome?.kind === 'skipped') return stage.outcome.reason
  const text = failureOf(stage)?.reason ?? stage.because ?? stage.summary
  return [text, stage.confinement === 'unconfined' ? 'unconfined' : undefined].filter(Boolean).join(', ')
}
