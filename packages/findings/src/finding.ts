import type { Edit } from './edit.ts'
import type { Confidence, RuleId, Severity } from './rule.ts'
import type { Waiver } from './waiver.ts'

/**
 * A place in the subject, as a SARIF 2.1.0 region (§3.30): lines and columns count from 1, columns in UTF-16
 * code units, `endColumn` is exclusive. `path` is relative to the root of the tree, with `/`.
 */
export interface Location {
  readonly path: string
  readonly startLine?: number
  readonly startColumn?: number
  readonly endLine?: number
  readonly endColumn?: number
}

/** What an advisory is called: by the database that it is from, and by others. */
export interface AdvisoryName {
  readonly id: string
  /** Of the same flaw in other databases: `CVE-…`, `GHSA-…`. */
  readonly aliases: readonly string[]
  /** Where it can be read. */
  readonly url?: string
}

/** One step of the way that data takes, from where it comes from to where it does harm. */
export interface FlowStep {
  readonly location: Location
  /** The code at that place, in one line, cut where it is long. */
  readonly code: string
}

/** A problem in the user's subject. Data: never thrown, never dropped. */
export interface Finding {
  readonly rule: RuleId
  /** Names the real thing: the variable, the test, the header. No trailing full stop is required, no markup is read. */
  readonly message: string
  readonly severity: Severity
  readonly confidence: Confidence
  /** Absent only where the subject has no file, such as a running revision. */
  readonly location?: Location
  readonly related?: readonly Location[]
  /** The way of the data, where the problem is one: its source first, and last the place that the finding is at. No part of the fingerprint. */
  readonly flow?: readonly FlowStep[]
  /** Whole source lines from `startLine` on, as they are in the subject; possibly cut at the end. */
  readonly snippet?: string
  /** More that a person wants to read: a stack, the diff of an assertion. Plain text. */
  readonly detail?: string
  /** What to do about it, one sentence. */
  readonly fix?: string
  /** What mends it without a doubt, where something does: `shiplock check --fix` applies them. */
  readonly edits?: readonly Edit[]
  /** The component that is meant, as a package URL, where it is about one: `pkg:npm/lodash@4.17.20`. */
  readonly purl?: string
  /** What is known of the component, where that is the problem. */
  readonly advisory?: AdvisoryName
  /** Rules of other checks that found the same problem in the same place, where theirs and this are one. */
  readonly alsoFoundBy?: readonly RuleId[]
  /** Equal for the same flaw after lines move; see `fingerprint.ts`. */
  readonly fingerprint: string
  /** Why it does not count, where somebody says so. */
  readonly waiver?: Waiver
  /** It was there when the baseline was written. */
  readonly isBaselined?: boolean
}

/** What a check hands over: rule's facts and the fingerprint are filled in once, by the framework. */
export type FindingDraft = Omit<Finding, 'severity' | 'confidence' | 'fingerprint' | 'waiver' | 'isBaselined'> & Partial<Pick<Finding, 'severity' | 'confidence'>> & {
  /** Tells it from others that read the same, such as another secret in the same place. It goes into the fingerprint, and nowhere else. */
  readonly identity?: string
}
