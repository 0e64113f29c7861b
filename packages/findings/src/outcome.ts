import type { StageFailure } from './failure.ts'
import type { Finding } from './finding.ts'

/** What became of a check on a subject. Skipped and failed never look like "no findings". */
export type Outcome =
  | { readonly kind: 'completed'; readonly findings: readonly Finding[] }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: StageFailure }
