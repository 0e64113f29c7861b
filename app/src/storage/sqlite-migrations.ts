import type { DatabaseSync } from 'node:sqlite'
import { checksumOf, planMigrations, type AppliedStep, type Migration, type MigrationPlan } from './migrations.ts'

/** The steps of the SQLite file. Read the rule at `Migration` before adding one; never edit one. */
export const sqliteMigrations: readonly Migration[] = [
  {
    step: 1,
    title: 'tasks, as they were before steps were counted',
    // AUTOINCREMENT: a deleted task's id is never given to another, so that an old page cannot hit the wrong task.
    statements: [
      `CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
  ) STRICT`,
      // With the title, since an owner's rows are all over a large table, and side by side in the index. Files that were made before
      // steps were counted have it without: slower, not wrong.
      'CREATE INDEX IF NOT EXISTS tasks_by_owner ON tasks (owner, complete, id, title)',
    ],
  },
]

const stepsTable = `CREATE TABLE IF NOT EXISTS schema_steps (
    step INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    checksum TEXT NOT NULL,
    needs INTEGER NOT NULL DEFAULT 0,
    applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
  ) STRICT`

function readSteps(database: DatabaseSync): AppliedStep[] {
  const hasSteps = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_steps'").get()
  if (!hasSteps) return []
  return database.prepare('SELECT step, checksum, needs FROM schema_steps').all() as unknown as AppliedStep[]
}

/**
 * Brings the file up to date, whole or not at all; of several processes that start at once, one does it and the others wait.
 * `check` throws when the tables are not what they should be now; then the file is left as it was.
 */
export function migrateSqlite(database: DatabaseSync, known: readonly Migration[], check: (database: DatabaseSync) => void): MigrationPlan {
  const plan = planMigrations(known, readSteps(database))
  if (plan.pending.length === 0) {
    check(database)
    return plan
  }
  database.exec('BEGIN IMMEDIATE')
  try {
    // Read again: another process may have done it while this one waited for the lock.
    const { pending } = planMigrations(known, readSteps(database))
    if (pending.length > 0) database.exec(stepsTable)
    for (const migration of pending) {
      for (const statement of migration.statements) database.exec(statement)
      const record = database.prepare('INSERT INTO schema_steps (step, title, checksum, needs) VALUES (?, ?, ?, ?)')
      record.run(migration.step, migration.title, checksumOf(migration), migration.needs ?? 0)
    }
    check(database)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
  return plan
}
