import type { CanaryRecord } from './canary.ts'
import type { Outcome } from './outcome.ts'
import type { StageFailure } from './failure.ts'
import type { Subject, SubjectKind } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** The whole truth of a run (`run.json`). Every report is made from it and from nothing else. */
export interface RunRecord {
  readonly schema: 'https://shiplock.dev/schemas/run-1.json'
  readonly tool: { readonly name: 'shiplock'; readonly version: string; readonly node: string }
  readonly id: string
  readonly command: string
  /** RFC 3339, UTC. */
  readonly startedAt: string
  readonly durationMs: number
  readonly plan: PlanDocument
  readonly subjects: readonly Subject[]
  readonly stages: readonly StageRecord[]
  readonly verdict: Verdict
  /** What the release did, where there was one. */
  readonly release?: ReleaseRecord
  readonly exitCode: number
}

export interface StageRecord {
  readonly id: string
  readonly title: string
  readonly subject: SubjectKind
  readonly needs: readonly string[]
  /** `done` also where findings were made: what they mean is the verdict's. */
  readonly status: 'done' | 'failed' | 'not-run' | 'cancelled' | 'internal-error'
  /** Why it was not run: the stage that it waited for, or the verdict. */
  readonly because?: string
  readonly replayed: boolean
  readonly fingerprint?: string
  /** Milliseconds since the start of the run. */
  readonly startedMs?: number
  readonly durationMs?: number
  readonly failure?: StageFailure
  /** Where the stage is a check. */
  readonly outcome?: Outcome
  /** How repository code was held, where the stage runs some. */
  readonly confinement?: 'bubblewrap' | 'unconfined'
  /** One line for a person: `38 files, 2 findings`, `sha256:… 55.9 MB`. */
  readonly summary?: string
}

export interface PlanDocument {
  readonly schema: 'https://shiplock.dev/schemas/plan-1.json'
  /** Hash of everything below. */
  readonly hash: string
  readonly tree: string
  readonly target: string
  readonly stages: readonly PlanStage[]
}

export interface PlanStage {
  readonly id: string
  readonly subject: SubjectKind
  readonly needs: readonly string[]
  readonly executes: boolean
  readonly timeoutMs: number
  /** Digest of the files it reads, its options and its tools' versions; what its needs hand over is added when they have run. */
  readonly inputs: string
  /** Globs of the files that it reads, for a person who asks why it ran; absent where it reads none of the tree. */
  readonly reads?: readonly string[]
  /** Names and versions, for a person comparing two plans. */
  readonly tools: Readonly<Record<string, string>>
}

/** Steps of a release in the order in which they happened. */
export interface ReleaseRecord {
  readonly service: string
  readonly target: string
  readonly uri?: string
  /** The revision that served before; absent at the first release. */
  readonly stable?: string
  readonly candidate?: string
  /** `shown`: a preview, which no user sees. */
  readonly result: 'promoted' | 'unchanged' | 'shown' | 'kept-stable' | 'removed' | 'rollback-failed'
  readonly steps: readonly { readonly atMs: number; readonly text: string }[]
  /** How the candidate was watched, where it was given traffic step by step. */
  readonly canary?: CanaryRecord
}
