import type { Confidence, Rule, Severity } from '@shiplock/findings'
import type { MappingNode, Node, Range, ScalarNode } from './tree.ts'

/** A workflow, or an action that is made of steps, as the rules look at it. */
export interface WorkflowFile {
  readonly kind: 'workflow' | 'action'
  readonly text: string
  readonly root: Node
  /** What starts it, with the filters; empty for an action. */
  readonly events: ReadonlyMap<string, Node | undefined>
  readonly permissions: Node | undefined
  readonly jobs: readonly Job[]
  /** The steps of all jobs, or those of the action. */
  readonly steps: readonly Step[]
  readonly expressionsIn: (node: ScalarNode) => readonly Expression[]
  /** The command lines of a step, none where it has no `run`. */
  readonly scriptOf: (step: Step) => readonly ScriptLine[]
  /** The condition under `if`, which is an expression with or without `${{ }}`. */
  readonly condition: (owner: Job | Step) => Expression | undefined
}

export interface Job {
  readonly id: ScalarNode
  readonly node: MappingNode
  readonly steps: readonly Step[]
  /** The reusable workflow that it is. */
  readonly uses: Reference | undefined
  /** Its own, or else the workflow's. */
  readonly permissions: Node | undefined
}

export interface Step {
  readonly node: MappingNode
  /** Absent in an action. */
  readonly job: Job | undefined
  readonly uses: Reference | undefined
  readonly run: ScalarNode | undefined
  readonly with: Node | undefined
}

/** What `uses` names. */
export type Reference = { readonly node: ScalarNode } & (
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'repository'; readonly owner: string; readonly name: string; readonly path: string; readonly ref: string; readonly isCommit: boolean }
  | { readonly kind: 'other' }
)

/** What stands between `${{` and `}}`. */
export interface Expression extends Range {
  readonly source: string
  readonly isValid: boolean
  /** The contexts whose text can be part of the result. A comparison's is not: its result is true or false. */
  readonly values: readonly ContextPath[]
  /** Every context that it looks at, for whatever purpose. */
  readonly paths: readonly ContextPath[]
  readonly comparisons: readonly Comparison[]
  readonly calls: readonly Call[]
  /** As a condition: whether a run passes that somebody without rights has caused by an event; undefined where nobody can tell. */
  readonly admits: (event: string) => boolean | undefined
}

/** A command line of a script, continuations joined, possibly cut at the end. */
export interface ScriptLine extends Range {
  readonly text: string
  readonly expressions: readonly Expression[]
}

/**
 * A path such as `github.event.pull_request.title`: lower case, since GitHub compares without case; `*` for a filter or a
 * number, `?` for an index that is only known at run time.
 */
export type ContextPath = string

export interface Comparison {
  readonly path: ContextPath
  readonly operator: '==' | '!='
  readonly literal: string
}

export interface Call {
  readonly name: string
  readonly arguments: readonly { readonly path: ContextPath | undefined; readonly literal: string | undefined }[]
}

/** A rule and how to look for it. */
export interface WorkflowRule extends Rule {
  readonly examine: (file: WorkflowFile, options: WorkflowsOptions) => Iterable<Problem>
}

export interface WorkflowsOptions {
  readonly firstParty: readonly string[]
}

export interface Problem {
  readonly at: Range
  readonly message: string
  readonly severity?: Severity
  readonly confidence?: Confidence
  readonly related?: readonly Range[]
  readonly fix?: string
  /** What mends it without a doubt: the range and what stands there instead. */
  readonly edits?: readonly (Range & { readonly text: string })[]
  /** Instead of the source line, where that must not be shown. */
  readonly snippet?: string
}
