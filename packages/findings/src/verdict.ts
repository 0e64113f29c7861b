import type { Finding } from './finding.ts'
import type { Confidence, Severity } from './rule.ts'
import type { Subject } from './subject.ts'

/** When findings of one check stop a commit. */
export interface Gate {
  readonly check: string
  /** Findings of this severity or worse refuse; `never` reports only. */
  readonly failOn: Severity | 'never'
  readonly minConfidence: Confidence
  /** Findings in the baseline are only reported. */
  readonly newOnly: boolean
  /** A check that may be skipped or fail without the gate refusing. */
  readonly optional: boolean
}

/** The decision, as a value: nothing in it needs the run to be understood. */
export interface Verdict {
  readonly decision: 'allowed' | 'provisional' | 'refused' | 'undecided'
  readonly subjects: readonly Subject[]
  /** Hash of the plan document that was followed. */
  readonly plan: string
  /** Why it is not plainly allowed: one sentence each, worst first. */
  readonly reasons: readonly Reason[]
  readonly gates: readonly GateResult[]
  /** It is about the findings in what is staged alone; absent where it is about all of them. */
  readonly isAboutStagedOnly?: boolean
  /** It is about the findings alone that a baseline named on the command line does not hold; absent where it is about all of them. */
  readonly isAboutNewOnly?: boolean
  /** Whose policy judged; absent where it is the tree's own. */
  readonly policy?: JudgingPolicy
}

/** The policy that judged a change: its merge base's, or, where that has none, its own. */
export interface JudgingPolicy {
  readonly from: 'merge-base' | 'adoption'
  /** The merge base. */
  readonly commit: string
}

export interface Reason {
  readonly kind: 'finding' | 'not-decided' | 'promise-missing' | 'unconfined'
  readonly check?: string
  readonly text: string
}

export interface GateResult {
  readonly check: string
  readonly decision: 'pass' | 'refuse' | 'undecided'
  /** Findings at or above the threshold. */
  readonly blocking: readonly Finding[]
  /** All findings of the check, reported or not. */
  readonly total: number
  /** Findings that do not count, each with its waiver; absent where there are none. */
  readonly waived?: readonly Finding[]
  /** How many are in the baseline; absent where none is. */
  readonly baselined?: number
}
