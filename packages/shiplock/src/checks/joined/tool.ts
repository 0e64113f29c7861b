import type { Confidence, Result, Severity } from '@shiplock/findings'
import type { Check } from '../check.ts'

/**
 * A program of others whose results join ours. Everything about it is data here; how it is run, held and read is the same
 * for all (`run-tool.ts`).
 */
export interface Tool {
  /** Equals its check's id: findings, gates, waivers and the command line name it so. */
  readonly id: string
  readonly title: string
  /** Its name on PATH. */
  readonly program: string
  readonly versionArguments: readonly string[]
  /** Globs of what it looks at. */
  readonly reads: readonly string[]
  /** Without one of these there is nothing for it to do. Default: any file. */
  readonly looksAt?: RegExp
  /**
   * Files by which a repository tells it to leave something out. It is not shown them: a change could silence it through
   * them, and nobody would see what it hides.
   */
  readonly toldBy: RegExp
  /** Its arguments where its working directory is the root of the tree; `paths` are the files that it may look at. */
  readonly arguments: (given: ToolInput) => readonly string[]
  /** Whether it is told each file by name rather than the folder. */
  readonly takesPaths?: boolean
  readonly env?: (given: ToolInput) => Readonly<Record<string, string>>
  /** Variables of whoever runs Shiplock that it may be handed, such as where its database is. */
  readonly inherits?: readonly string[]
  /** The file that it writes its results to; standard output where there is none. */
  readonly report?: string
  /** Exit codes that mean that it looked, whatever it found; any other one is a failure. */
  readonly ran: readonly number[]
  /** Exit codes that mean that it saw nothing to look at; it need not have said anything then. */
  readonly sawNothing?: readonly number[]
  /** It asks others what is known, so that the same files may give another answer later. */
  readonly isOnline?: (given: Pick<ToolInput, 'inherited'>) => boolean
  /** What to do where it is not installed. */
  readonly install: string
  /** How severe a result is that it does not rate. */
  readonly unratedAs: Severity
  /** Its results by how sure they are, where it does not say. */
  readonly confidence: Confidence
  /** The last line of what a result is about, where it names only the first; `lines` are those of its file. */
  readonly lastLine?: (lines: readonly string[], startLine: number) => number
  /** See `Check.commentSign`. */
  readonly commentSign?: Check['commentSign']
  /** Which of its rules are each about one advisory; see `Check.joins`. */
  readonly perAdvisory?: RegExp
  /** Which of its rules are rules of ours; see `Check.joins`. */
  readonly sameAs: Readonly<Record<string, readonly string[]>>
  /** Reads what it said. Its output is text from outside: whatever it is, the answer is results or why there are none. */
  readonly read: () => Promise<(output: string) => Result<readonly ToolResult[], string>>
}

export interface ToolInput {
  readonly paths: readonly string[]
  readonly inherited: Readonly<Record<string, string>>
}

/** A result as the program tells it, before its place is looked for in the tree. */
export interface ToolResult {
  /** Its own name of the rule. */
  readonly rule: string
  readonly message: string
  /** Absent where it does not rate the result. */
  readonly severity?: Severity
  readonly confidence?: Confidence
  /** A path as it wrote it: absolute, relative or a `file:` URL. */
  readonly path?: string
  /** A leading slash in `path` stands for the root of the tree. */
  readonly isRooted?: boolean
  readonly startLine?: number
  readonly startColumn?: number
  readonly endLine?: number
  /** Exclusive, as everywhere here. */
  readonly endColumn?: number
  readonly purl?: string
  readonly advisories?: readonly string[]
  readonly fix?: string
  readonly detail?: string
  /** The source line holds what must not be shown. */
  readonly isSecret?: boolean
}
