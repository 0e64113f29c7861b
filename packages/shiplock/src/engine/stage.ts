import type { Outcome, Result, StageFailure, SubjectKind } from '@shiplock/findings'

/**
 * One node of the pipeline. The engine knows when a stage may run and whether its result is already known; what the
 * result means is not its business.
 */
export interface Stage {
  readonly id: string
  readonly title: string
  readonly subject: SubjectKind
  /** Stages whose outputs this one uses. */
  readonly needs: readonly string[]
  /**
   * Everything else that the result depends on, as one digest: files read, options, tool versions. Absent: the stage
   * looks at live state and is never replayed.
   */
  readonly inputs?: string
  /** Globs of the files that `inputs` covers, for the plan document. */
  readonly reads?: readonly string[]
  /** Names and versions of tools, for the plan document. */
  readonly tools?: Readonly<Record<string, string>>
  readonly executes?: boolean
  readonly timeoutMs: number
  /** Expected duration, for running the longest path first. Milliseconds; from the last run where known. */
  readonly expectedMs?: number
  /** A stage that must run (or look) whatever became of its needs, such as the verdict. */
  readonly always?: boolean
  readonly run: (context: StageContext) => Promise<Result<StageOutput, StageFailure>>
}

export interface StageContext {
  readonly signal: AbortSignal
  /** Output of a stage that this one needs; undefined where it gave none (`always` stages only). */
  readonly output: (id: string) => StageOutput | undefined
  readonly result: (id: string) => StageResult
  /** What it is doing now, for the progress display. */
  readonly progress: (text: string) => void
}

/** What a stage hands over. `value` must survive JSON: it is what the cache keeps and what dependants' fingerprints cover. */
export interface StageOutput {
  readonly value?: unknown
  readonly outcome?: Outcome
  readonly confinement?: 'bubblewrap' | 'unconfined'
  /** Code of the repository could reach the network of this machine, because its config asks for it. */
  readonly hasHostNetwork?: boolean
  readonly summary?: string
  /** Files that `value` names by digest or path; a cached result whose files are gone is not replayed. */
  readonly artifacts?: readonly string[]
  /** Stop what comes after without being a failure, such as a refused verdict. Says why. */
  readonly stop?: string
  /** A result that must not be remembered although it is no failure, such as one that was made while a tool was missing. */
  readonly transient?: boolean
}

export type StageResult =
  | { readonly status: 'done'; readonly output: StageOutput; readonly replayed: boolean; readonly fingerprint?: string }
  | { readonly status: 'failed'; readonly failure: StageFailure }
  | { readonly status: 'not-run'; readonly because: string }
  | { readonly status: 'cancelled' }
  | { readonly status: 'internal-error'; readonly error: Error }
