/** What a report says of one test, or of a file or suite that failed as a whole. */
export interface TestResult {
  /** With the names of the suites around it: `list > adds an item`. */
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
  /** Something around tests, which only counts where it failed: a file that cannot be loaded, a hook. */
  readonly isContainer: boolean
  /** As the runner names it: absolute, a `file:` URL, or relative to where it ran. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly failures: readonly TestFailure[]
}

export interface TestFailure {
  readonly message: string
  /** With lines as V8 writes them: `    at name (file:line:column)`. */
  readonly stack?: string
  readonly diff?: string
}

/** What a report says of a run. */
export interface TestRun {
  readonly results: readonly TestResult[]
  /** Begun and not ended, innermost last. */
  readonly unfinished: readonly Pick<TestResult, 'name' | 'file' | 'line' | 'isContainer'>[]
  /** Whether the report says itself that it is whole. */
  readonly isWhole: boolean
}

export const emptyRun: TestRun = { results: [], unfinished: [], isWhole: false }
