import type { Confidence, Rule, Severity } from '@shiplock/findings'
import type { Analysis } from '../analyse.ts'
import type { Origin } from '../flow/ways.ts'
import type { KindName } from '../kinds.ts'
import type { RegexLiteral, SlowRegex } from '../model/file-model.ts'

/**
 * One folder a rule: `rules/<name>/index.ts`, its page `<name>.md`, and `fixtures/{ok,bad}.<case>/`. A rule is about the
 * flows of some kinds, or it looks for a pattern in the linked program, or both.
 */
export interface AnalyserRule extends Rule {
  /** The number by which people who come from Bandit may name it: `SL101`. Permanent. */
  readonly alias: `SL${number}`
  readonly cwe: `CWE-${number}`
  /** Flows that it reports, and from where; all origins where none are named. */
  readonly flows?: { readonly kinds: readonly KindName[]; readonly origins?: readonly Origin[] }
  /** `an SQL query`: what the sink is, for the message. */
  readonly sink?: string
  /** Where it is less (or more) certain or severe than the rule says. */
  readonly weigh?: (flow: { readonly origin: Origin; readonly kind: KindName; readonly name: string; readonly mayBeObject: boolean; readonly regex?: RegexLiteral }) => { readonly severity?: Severity; readonly confidence?: Confidence } | 'ignore'
  /** The message about a slow expression that `source`, in words, reaches. */
  readonly describe?: (regex: SlowRegex, source: string | undefined) => string
  readonly find?: (analysis: Analysis) => readonly PatternMatch[]
}

/** A place that a rule's own search found. */
export interface PatternMatch {
  /** Index of the file. */
  readonly file: number
  /** Offsets in its text, UTF-16 code units. */
  readonly start: number
  readonly end: number
  readonly message: string
  readonly severity?: Severity
  readonly confidence?: Confidence
  readonly fix?: string
  /** What stands there is a secret: it is left out of the snippet. */
  readonly isSecret?: boolean
}

export const defineRule = (rule: AnalyserRule): AnalyserRule => rule
