import { createHash } from 'node:crypto'

/**
 * One step of a database's tables, frozen once it is on the main branch: what is wrong with it is mended by a further step.
 *
 * **Steps only expand.** While a release is under way, and after it is rolled back, the previous revision reads and writes the
 * same tables. So a step may add a table, an index, or a column that is nullable or has a default; it may not rename, drop or
 * narrow anything, nor add a constraint that an older revision's rows could break. What has become useless is dropped a release
 * after the last revision that uses it, by a step that says so with `needs`.
 */
export interface Migration {
  /** 1, 2, 3, … without a gap. */
  readonly step: number
  readonly title: string
  /** Each may run again after a start that was cut short, as no database but SQLite can undo a CREATE or ALTER. */
  readonly statements: readonly string[]
  /** For a step that does not only expand: revisions that know fewer steps than this cannot use the database any more. */
  readonly needs?: number
}

/** A step as the database remembers it. */
export interface AppliedStep {
  readonly step: number
  readonly checksum: string
  readonly needs: number
}

/** What is to be done to a database before it is used. */
export interface MigrationPlan {
  readonly pending: readonly Migration[]
  /** The database's step, when a newer revision has been there: it only expanded, and this revision goes on. */
  readonly newerStep?: number
}

/** Names the text of a step, so that a changed one is noticed. */
export const checksumOf = ({ statements }: Migration): string => createHash('sha256').update(statements.join(';\n')).digest('hex')

/** Compares the steps that were applied with those that this revision knows. Throws when they cannot go together. */
export function planMigrations(known: readonly Migration[], applied: readonly AppliedStep[]): MigrationPlan {
  const lastKnown = known.at(-1)?.step ?? 0
  const needs = Math.max(0, ...applied.map((step) => step.needs))
  if (needs > lastKnown) {
    throw new Error(
      `The database needs a revision that knows its step ${needs}, and this one knows ${lastKnown}: deploy a newer revision; this one cannot go on`,
    )
  }
  const checksums = new Map(applied.map(({ step, checksum }) => [step, checksum]))
  for (const migration of known) {
    const checksum = checksums.get(migration.step)
    if (checksum !== undefined && checksum !== checksumOf(migration)) {
      throw new Error(
        `Step ${migration.step} (${migration.title}) is not the one that was applied to this database: undo the edit and add a further step`,
      )
    }
  }
  const pending = known.filter(({ step }) => !checksums.has(step))
  const newest = Math.max(0, ...checksums.keys())
  return { pending, ...(newest > lastKnown && { newerStep: newest }) }
}

/** What is said at start about a database that a newer revision has been at. */
export const newerDatabaseNotice = (newerStep: number, known: readonly Migration[]): string =>
  `The database is at step ${newerStep} and this revision knows ${known.length}: a newer one only expanded it, so this one goes on`
