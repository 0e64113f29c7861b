/** Ascending; the order of this list is the order of comparison. */
export const severities = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

export const confidences = ['low', 'medium', 'high'] as const
export type Confidence = (typeof confidences)[number]

/** `check/kebab-rule`: permanent, since waivers and baselines name it. */
export type RuleId = `${string}/${string}`

/** What a check can find. One rule is one page section, one bad and one ok fixture. */
export interface Rule {
  readonly id: RuleId
  readonly title: string
  readonly severity: Severity
  readonly confidence: Confidence
  /** `CWE-352`, where one fits. */
  readonly cwe?: `CWE-${number}`
  /** Each of its findings is about one advisory, and a waiver of it names that one. */
  readonly isPerAdvisory?: boolean
  /** Further weaknesses that it is about. */
  readonly alsoCwe?: readonly `CWE-${number}`[]
  /** A short number by which `explain` and comments may name it too: `SL101`. Permanent. */
  readonly alias?: string
  /** One sentence that says what to do; the page has the long form. */
  readonly fix: string
}

/** -1, 0 or 1, for sorting worst first with the arguments swapped. */
export function compareSeverity(a: Severity, b: Severity): number {
  return Math.sign(severities.indexOf(a) - severities.indexOf(b))
}

export function isAtLeast<T extends string>(scale: readonly T[], value: T, threshold: T): boolean {
  return scale.indexOf(value) >= scale.indexOf(threshold)
}
