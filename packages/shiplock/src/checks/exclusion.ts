import { count } from '@shiplock/findings'
import type { CheckOutcome } from './check.ts'
import { globMatcher } from './path-globs.ts'

/** What the globs of a check's `exclude` leave of the files that it would look at. */
export interface Exclusion {
  readonly kept: readonly string[]
  readonly excluded: readonly string[]
}

/** Stars match names that begin with a dot here too, as they do where files are chosen. */
export function withoutExcluded(paths: readonly string[], globs: readonly string[]): Exclusion {
  if (globs.length === 0) return { kept: paths, excluded: [] }
  const isExcluded = globMatcher(globs, { isHiddenSeen: true })
  return { kept: paths.filter((path) => !isExcluded(path)), excluded: paths.filter(isExcluded) }
}

/** Made to be wrong, or to be read by tests: a repository that has no others has nothing to look at. */
const sample = /(?:^|\/)(?:__tests__|__fixtures__|__mocks__|tests?|specs?|fixtures?|testdata|mocks?|e2e|examples?|samples?|node_modules)\//i

/**
 * The outcome where the config leaves a check no file at all: that it looked at nothing must not pass for having found nothing.
 * A check that is not wanted is switched off.
 */
export function unlessAllExcluded(check: string, { kept, excluded }: Exclusion): CheckOutcome | undefined {
  const first = kept.length > 0 ? undefined : excluded.find((path) => !sample.test(path))
  return first === undefined ? undefined : { kind: 'skipped', reason: `checks.${check}.exclude leaves out every file that it would look at: ${first}${excluded.length > 1 ? ` and ${excluded.length - 1} more` : ''}` }
}

/** For the end of a summary: `, 3 excluded`. */
export const andExcluded = ({ excluded }: Exclusion): string => (excluded.length > 0 ? `, ${excluded.length} excluded` : '')

/** The summary of a check that found nothing to look at: `no Dockerfile, 3 excluded`. */
export const filesSummary = (exclusion: Exclusion, none: string): string => `${exclusion.kept.length === 0 ? none : count(exclusion.kept.length, 'file')}${andExcluded(exclusion)}`
