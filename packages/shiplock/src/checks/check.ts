import type { Confidence, FindingDraft, Result, Rule, StageFailure, Subject, SubjectKind } from '@shiplock/findings'
import type { FixableUpdate, VulnerabilityReport } from '@shiplock/advisories/match'
import type { Sbom } from '@shiplock/advisories/sbom'
import { z } from 'zod'
import { isGlob } from './path-globs.ts'

/**
 * A check is one folder: `checks/<id>/`. It is data first (`rules`, `reads`, `options`) and one function. It reaches
 * the world only through its context, so that what it read is what its fingerprint says, and so that repository code
 * never runs outside the confinement.
 *
 * Its functions are methods, so that a check with options of its own is a `Check` too: the framework validates options
 * against the schema before it calls any of them.
 */
export interface Check<Schema extends z.ZodType = z.ZodType> {
  /** Equals the folder's name; the first half of its rules' ids, and the command that runs it alone. */
  readonly id: string
  readonly title: string
  readonly subject: SubjectKind
  /**
   * Globs (`path-globs.ts`) of the files that the result depends on, from the root of the tree. They are both
   * what `context.files` holds and what the fingerprint covers. Empty where the subject is not the tree.
   */
  reads(options: z.output<Schema>): readonly string[]
  /** Whether it looks at what the history of the repository holds too: `context.history` is there then, or the check has failed. */
  readsHistory?(options: z.output<Schema>): boolean
  /**
   * Whether it runs code of the repository: its tests, its compiler, its configuration written as code. A function
   * where that depends on the tree: whether an ESLint or only data tells the linter what to do.
   */
  readonly executes: boolean | DecideExecutes<z.output<Schema>>
  /** The options under `checks.<id>` in the config. Every field has a default and a description. */
  readonly options: Schema
  readonly rules: readonly Rule[]
  /** Runs only where the config asks for it. */
  readonly isOptIn?: boolean
  /** The `minConfidence` of its gate where the config does not say; default `low`: every finding counts. */
  readonly leastConfidence?: Confidence
  /** What begins a comment in most files that it has findings in (default `//`); `none` where a comment can hardly stand. `shiplock explain` shows a waiver so. */
  readonly commentSign?: '//' | '#' | 'none'
  /** What it finds is not taken into a baseline with all the rest, only where it is named: a secret that is accepted is still one. */
  readonly isBaselinedByName?: boolean
  /**
   * It hands on what a program of others found, under that program's own rules: any below its id, which its findings bring
   * severity, confidence and fix for. `sameAs` says which of them are rules of ours: the same problem in the same place
   * is then one finding. `*` is every rule of the program that is not named, `kind/*` every one of its names that begin so, and
   * `check/*` every rule of a check of ours, where both say in which line.
   * `perAdvisory` matches those, without the check's id, whose findings are each about one advisory of one component.
   */
  readonly joins?: { readonly sameAs: Readonly<Record<string, readonly string[]>>; readonly perAdvisory?: RegExp }
  /** Variables of Shiplock's own environment that it may see and hand on. Never a credential. */
  readonly inherits?: readonly string[]
  /** Where rules have a folder of their own in place of a file in `rules/`: each holds its page, `<rule>.md`, and its fixtures. */
  readonly ruleFolders?: URL
  /** How long it may take before it is `timed-out`. Milliseconds; default 10 minutes. */
  timeoutMs?(options: z.output<Schema>): number
  /** Names and versions of the tools whose output the result depends on. Part of the fingerprint. */
  tools?(context: ToolContext, options: z.output<Schema>): Promise<Readonly<Record<string, string>>>
  /** Some of its findings bring `edits`, so that `--fix` has something to do. */
  readonly hasEdits?: boolean
  /**
   * What the check's own tool makes of some of the files that it has findings in, by path; without those that it leaves as
   * they are. It writes nothing: it runs the tool on a copy. For findings whose mend is known there are `edits`.
   */
  mend?(context: CheckContext<z.output<Schema>>, paths: readonly string[]): Promise<Result<ReadonlyMap<string, string>>>
  /** Findings in any order. Throws only for bugs. */
  run(context: CheckContext<z.output<Schema>>): Promise<CheckOutcome>
}

/** A method's type, for the reason above. */
export type DecideExecutes<Options> = { decide(context: ToolContext, options: Options): Promise<boolean> }['decide']

/** `Outcome` before the framework has filled in severity, confidence and fingerprints from the rules. */
export type CheckOutcome =
  | { readonly kind: 'completed'; readonly findings: readonly FindingDraft[]; readonly summary?: string }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: StageFailure }

export interface ToolContext {
  /** Absolute path of the tree's root. */
  readonly root: string
  /** The files of the tree that match `reads`, sorted. */
  readonly files: TreeFiles
  /**
   * A package in the tree's `node_modules`, looked for from `directory` (relative, default the root) upwards as Node
   * does, never above the root; undefined where it is not installed.
   */
  readonly installed: (name: string, directory?: string) => Promise<InstalledPackage | undefined>
  /** Absolute path of a program on the PATH that Shiplock was started with; never one below the tree. */
  readonly findProgram: (name: string) => string | undefined
  /** Those of the variables in `inherits` that are set. */
  readonly inherited: Readonly<Record<string, string>>
  /**
   * Runs a program and waits for it. A time-out, an abort or an output over the limit is in the result, not thrown; a
   * program that is not there is `tool-missing`.
   */
  readonly run: (command: Command) => Promise<CommandResult>
}

export interface InstalledPackage {
  readonly version: string
  /** Where `node_modules` with it is, relative to the root: `''` is the root itself. */
  readonly directory: string
  /** As its package.json says it; to be trusted as far as whoever published it is. */
  readonly licence?: string
}

export interface KnownElsewhere {
  readonly reports: readonly VulnerabilityReport[]
  /** Absent where the archive was not asked. */
  readonly updates?: readonly FixableUpdate[]
}

export interface CheckContext<Options> extends ToolContext {
  readonly options: Options
  readonly subject: Subject
  readonly signal: AbortSignal
  /** What is in the image under check, as its SBOM says. Absent where the subject is no image. */
  readonly image?: Sbom
  /** What others say of that image: scanners by their own reports, and Debian's archive by its newer packages. Absent where nobody asked them. */
  readonly known?: KnownElsewhere
  /** Requests to the revision under check. Absent where the subject is not a revision. */
  readonly http?: HttpClient
  /** What was approved of the revision and what its target says that runs. Absent where nobody approved anything. */
  readonly release?: ReleaseStates
  /**
   * Results by file, remembered by the file's content and `key` (options and tool versions that matter). `examine`
   * is called once with those of `paths` that are not known yet and answers for each of them; not at all where all are
   * known. What it throws is thrown on, and nothing is remembered then.
   */
  readonly perFile: (
    paths: readonly string[],
    key: string,
    examine: (paths: readonly string[]) => Promise<ReadonlyMap<string, readonly FindingDraft[]>>,
  ) => Promise<FindingDraft[]>
  /**
   * For a check that looks at all files together: what it makes of each file alone, as text, remembered by the file's
   * path, its content and `key`. `make` is called at most once, with those of `paths` that are not known yet, and gives
   * them in their order. The whole comes in any order. What is kept can be read only by who has the file, so that it
   * may hold anything that the file does.
   */
  readonly remember: (paths: readonly string[], key: string, make: MakeTexts) => AsyncIterable<readonly [path: string, text: string]>
  /**
   * What a check makes of some files together, as text, remembered by their paths, their contents and `key`; kept as that of single files
   * is, for who has all of them.
   */
  readonly rememberTogether: (paths: readonly string[], key: string, make: () => Promise<string>) => Promise<string>
  /** Present where the options (`readsHistory`) or the command line ask for it. */
  readonly history?: History
}

/** What was committed: all that any ref reaches, or with `--since` what HEAD has had since. */
export interface History {
  /** What the clone lacks, in words: it is shallow or partial. */
  readonly lacks?: string
  readonly commits: number
  /** Every content that a file has had, once; oldest first. */
  readonly contents: readonly PastContent[]
  /**
   * Hands over the texts of those of `contents` that are not known to hold nothing, one after the other, in that order.
   * Those for which `examine` says that they do hold nothing are remembered by `key`, and nothing else is. Answers with
   * what kept them from being read.
   */
  readonly search: (contents: readonly PastContent[], key: string, examine: (content: PastContent, text: string) => Promise<boolean>) => Promise<StageFailure | undefined>
}

export interface PastContent {
  /** Bytes. */
  readonly size: number
  /** Every path that it was committed under. */
  readonly paths: readonly string[]
  /** The first commit that brought it, and the day (YYYY-MM-DD) on which that was written. */
  readonly commit: string
  readonly date: string
}

export type MakeTexts = (paths: readonly string[]) => AsyncIterable<readonly [path: string, text: string]>

export interface TreeFiles {
  readonly paths: readonly string[]
  /**
   * What the repository holds and the tree does not: files that git tracks below `node_modules` or `.shiplock`, and other
   * repositories such as submodules. Only for a check that reads every file; absent where there is nothing.
   */
  readonly unseen?: readonly { readonly path: string; readonly is: 'tracked' | 'repository' }[]
  has: (path: string) => boolean
  /** Whether it is a symbolic link; its `text` is then where it leads, not what is there. */
  isLink: (path: string) => boolean
  /** Bytes, so that a huge file need not be read; 0 where the path is not among these files. */
  size: (path: string) => number
  /** Text of a file as it was when the run began; an edit since then fails the stage as `tree-changed`. */
  text: (path: string) => Promise<string>
}

export interface Command {
  /**
   * Program and arguments. A program without a `/` is looked for where the system keeps its own, and for code of the
   * repository in `node_modules/.bin` first.
   */
  readonly argv: readonly [string, ...string[]]
  /** Relative to the tree's root; default the root. */
  readonly cwd?: string
  /** Added to the scrubbed environment (PATH, HOME, LANG, TZ, CI, NO_COLOR; no credentials). */
  readonly env?: Readonly<Record<string, string>>
  /**
   * `tree`: in the working tree, which the program must not write (with bubblewrap it cannot).
   * `scratch`: in a copy of the snapshot with node_modules beside it, which it may write and which is then thrown away.
   */
  readonly in: 'tree' | 'scratch'
  /** Of `context.files`, what the copy holds: where it is not told, all of them with `node_modules` beside them. */
  readonly only?: readonly string[]
  /** Repository code: confined with bubblewrap where there is one. */
  readonly executes: boolean
  /** `none`: loopback only, where it can be enforced. */
  readonly network?: 'none' | 'host'
  /**
   * Files to hand back from where it ran, read after it ended, also by a time-out; missing ones are absent from the
   * result. Relative to the root, links are not followed, at most 64 MiB each.
   */
  readonly collect?: readonly string[]
  readonly timeoutMs?: number
  readonly stdin?: string
}

export type CommandResult =
  | ({ readonly kind: 'exited'; readonly exitCode: number } & CommandOutput)
  /** With what it had said until then, where it was started at all: a time-out is to be explained by it. */
  | ({ readonly kind: 'failed'; readonly failure: StageFailure } & Partial<CommandOutput>)

export interface CommandOutput {
  /** Absolute path that the tree's root had for the program, so that the paths in its output can be told. */
  readonly root: string
  readonly stdout: string
  readonly stderr: string
  readonly collected: ReadonlyMap<string, string>
}

export interface HttpClient {
  /** Origin of the revision under check, without a trailing slash. */
  readonly origin: string
  /** False where the revision serves people already: then only GET and HEAD may be sent. */
  readonly mayWrite: boolean
  readonly request: (request: HttpRequest) => Promise<HttpResponse | StageFailure>
  /** How the origin is reached. Absent on loopback, where nobody else listens, and of a candidate, whose TLS is its target's. */
  readonly transport?: (signal: AbortSignal) => Promise<Transport | StageFailure>
}

/** How an origin is reached, looked at from outside. */
export interface Transport {
  /** Absent where the origin is `http:`. */
  readonly tls?: {
    /** Why the certificate is not to be believed; absent where it is. */
    readonly problem?: string
    /** Until the certificate expires. */
    readonly daysLeft: number
    /** Versions below 1.2 that are accepted. */
    readonly outdated: readonly string[]
  }
  /** What port 80 of the same host answers; absent where nobody does. */
  readonly plain?: { readonly status: number; readonly location?: string }
}

export interface ReleaseStates {
  readonly approved: RevisionState
  readonly running: RevisionState
}

/** What of a revision has to be as it was approved. */
export interface RevisionState {
  /** Of the image. */
  readonly digest: string
  /** A value stands for itself or, where it is a secret, for the name and version of it. */
  readonly env: ReadonlyMap<string, string>
  /** As the Admin API names it: `INGRESS_TRAFFIC_ALL`. Absent from what was approved where that says nothing of it. */
  readonly ingress?: string
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'OPTIONS' | 'TRACE'
  /** Starts with `/`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Headers
  /** At most 1 MiB; longer bodies are cut. */
  readonly body: string
}

/** A path that an option may name: inside the tree, and no option of the program that it is handed to. */
export const relativePath = z.string().regex(/^(?![-/])(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\p{Cc}]+$/u, { error: 'must be a path inside the repository: relative, with `/`, without `..`' })

/**
 * A glob that an option may name. What other tools read otherwise (`!`, `\\`, groups, `./`) is refused rather than guessed at:
 * a glob that matches nothing would leave out nothing, or everything, without a word. The patterns are in the JSON schema too.
 */
export const globPattern = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^()\\\p{Cc}]*$/u, { error: 'must be a glob of `*`, `**`, `?`, `[a-z]` and `{a,b}`, with `/` between names: groups in parentheses and backslashes are not matched' })
  .regex(/^(?!!)/, { error: 'must not begin with `!`: a glob says what is meant, and nothing takes it back' })
  .regex(/^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))/, { error: 'must be from the root of the tree, without `.`, `..` or `/` at its beginning or end; what is below a folder is `folder/**`' })
  .regex(/^(?:[^{]*\{){0,6}[^{]*$/, { error: 'must have at most 6 braces' })
  .regex(/^(?:[^*]*\*+){0,12}[^*]*$/, { error: 'must have at most 12 stars' })
  .refine(isGlob, { error: 'must close every `[` and `{`, with at least two choices between braces and letters, digits, `.`, `_` and ranges between brackets' })

/** Paths as arguments of a program, as many at once as the smallest systems that we run on take: about 128 KiB. */
export function* argumentBatches(paths: readonly string[]): Generator<string[]> {
  let batch: string[] = []
  let length = 0
  for (const path of paths) {
    if (length + path.length > 64 * 1024) {
      yield batch
      batch = []
      length = 0
    }
    // A path that begins with a dash would be read as an option.
    batch.push(path.startsWith('-') ? `./${path}` : path)
    length += path.length + 1
  }
  if (batch.length > 0) yield batch
}

/** Types the options of a check from its schema. */
export function defineCheck<Schema extends z.ZodType>(check: Check<Schema>): Check<Schema> {
  return check
}
