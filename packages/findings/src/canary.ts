/** How a release was watched while it got traffic step by step, and what was decided at each step, with the numbers. */
export interface CanaryRecord {
  /** Where the numbers came from, for people. */
  readonly source: string
  readonly steps: readonly CanaryStep[]
}

/** One share of the traffic, and what was seen of both revisions while the candidate had it. */
export interface CanaryStep {
  readonly percent: number
  /** Milliseconds since the start of the run. */
  readonly startedMs: number
  readonly durationMs: number
  /** In the order of time, each over the step so far: what is drawn. */
  readonly looks: readonly CanaryLook[]
  readonly decision: CanaryDecision
}

export interface CanaryLook {
  /** Milliseconds since the start of the run. */
  readonly atMs: number
  readonly stable: RevisionMeasure
  readonly candidate: RevisionMeasure
}

/** What was counted of one revision. */
export interface RevisionMeasure {
  readonly requests: number
  /** Answers of 5xx. */
  readonly errors: number
  /** Answers of 4xx, and of them 403: refused tokens, origins and rights. */
  readonly refused: number
  readonly forbidden: number
  /** Entries of its log with severity ERROR or worse. */
  readonly logErrors: number
  /** Milliseconds; absent where nothing was answered. */
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
}

export interface CanaryDecision {
  /** `insufficient`: too few requests to tell; what was then asked for by hand decides, by absolute guards alone. */
  readonly answer: 'good' | 'worse' | 'insufficient'
  readonly isPassed: boolean
  /** One sentence: what decided. */
  readonly why: string
  readonly tests: readonly CanaryTest[]
  /** Requests that the release itself sent, marked so, where users sent too few. They are not compared with the stable revision. */
  readonly synthetic?: RevisionMeasure
}

export interface CanaryTest {
  readonly name: string
  readonly kind: 'comparison' | 'guard' | 'signal'
  readonly answer: 'good' | 'worse' | 'insufficient'
  /** The numbers in a sentence. */
  readonly text: string
  /** Of a comparison: how probable what was seen is if the candidate is as the stable revision, and below which it is believed to be worse. */
  readonly p?: number
  readonly alpha?: number
}
