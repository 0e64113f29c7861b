import type { Severity } from '@shiplock/findings'
import type { Dockerfile, Span } from './dockerfile.ts'

/** Yields where the file breaks a rule, and says the real name of what does. */
export type Examine = (dockerfile: Dockerfile) => Generator<Flaw, void>

export interface Flaw {
  readonly message: string
  readonly at: Span
  /** Where it differs from the rule's. */
  readonly severity?: Severity
  /** What mends it without a doubt: an offset and what is inserted there. */
  readonly insert?: { readonly at: number; readonly text: string }
  /** What no report may show. */
  readonly secret?: Span
}
