import type { ReleaseRecord, StageRecord, Verdict } from '@shiplock/findings'

export interface Ending {
  readonly stages: readonly StageRecord[]
  readonly verdict: Verdict
  readonly release?: ReleaseRecord | undefined
  readonly isCancelled: boolean
  readonly target: string
}

/** The exit code of a run (design.md, "Four things that are never mixed"): the worst that is true. */
export function exitCodeOf({ stages, verdict, release, isCancelled, target }: Ending): number {
  if (release?.result === 'rollback-failed') return 4
  if (stages.some((stage) => stage.status === 'internal-error')) return 70
  if (isCancelled) return 130
  if (verdict.decision === 'refused') return 1
  if (release?.result === 'kept-stable' || release?.result === 'removed') return 1
  // A check that failed counts through the verdict, which knows whether it is optional.
  if (verdict.decision === 'undecided' || stages.some((stage) => stage.status === 'failed' && !stage.outcome)) return 3
  // A promise that a check could not keep is data that was missing; any other is known to be broken.
  if (verdict.decision === 'provisional' && target !== 'local') return verdict.reasons.some(({ kind, check }) => kind === 'promise-missing' && check !== undefined) ? 3 : 1
  return 0
}
