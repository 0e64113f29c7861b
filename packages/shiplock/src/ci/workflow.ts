/**
 * A workflow of GitHub Actions as data, as far as ours use its syntax. Keys are spelled as there, so that what is written
 * is what is read. A `why` becomes a comment above what it is of.
 */
export interface Workflow {
  readonly path: string
  readonly why: string
  readonly name: string
  readonly on: Readonly<Record<string, unknown>>
  readonly concurrency?: Concurrency
  readonly jobs: Readonly<Record<string, Job | CalledWorkflow>>
}

export interface Concurrency {
  readonly group: string
  readonly 'cancel-in-progress': boolean | string
}

/** Of the token of the job; what is not named is none. */
export type Permissions = Readonly<Partial<Record<'actions' | 'attestations' | 'checks' | 'contents' | 'deployments' | 'id-token' | 'issues' | 'pull-requests' | 'security-events', Permission>>>

/** `read` or `write`, and why: a permission that nobody can explain is one too many. */
export type Permission = readonly ['read' | 'write', string]

export interface Job {
  readonly why: string
  readonly name: string
  readonly needs?: readonly string[]
  readonly if?: string
  readonly 'runs-on': string
  readonly 'timeout-minutes': number
  readonly permissions: Permissions
  /** Its protection rules and variables, and where GitHub shows the deployment. */
  readonly environment?: { readonly name: string; readonly url?: string }
  readonly concurrency?: Concurrency
  readonly strategy?: { readonly 'fail-fast': boolean; readonly matrix: Readonly<Record<string, readonly string[]>> }
  readonly outputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

/** A job that is another workflow of the repository. */
export interface CalledWorkflow {
  readonly why: string
  readonly name: string
  readonly needs?: readonly string[]
  readonly if?: string
  readonly permissions: Permissions
  readonly calls: string
}

export type Step = ActionStep | RunStep

interface StepBase {
  readonly why?: string
  readonly id?: string
  readonly name: string
  readonly if?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface ActionStep extends StepBase {
  readonly uses: PinnedAction | LocalAction
  readonly with?: Readonly<Record<string, string | number | boolean>>
}

export interface RunStep extends StepBase {
  /** Text of others comes in by `env`, never by an expression in here. */
  readonly run: string
}

/** By the commit that a version was released as: a tag can be moved. */
export interface PinnedAction {
  readonly action: string
  readonly commit: string
  readonly version: string
}

/** An action of the repository itself, at the commit of the workflow. */
export interface LocalAction {
  readonly folder: string
}

export const isRun = (step: Step): step is RunStep => 'run' in step
export const isCalled = (job: Job | CalledWorkflow): job is CalledWorkflow => 'calls' in job

/** `.github/actions/<name>/action.yml`: steps that several jobs begin with. */
export interface CompositeAction {
  readonly path: string
  readonly why: string
  readonly name: string
  readonly description: string
  readonly inputs?: Readonly<Record<string, { readonly description: string; readonly default: string }>>
  readonly steps: readonly Step[]
}
