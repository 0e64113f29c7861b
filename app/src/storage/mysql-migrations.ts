import { createHash } from 'node:crypto'
import { checksumOf, planMigrations, type AppliedStep, type Migration, type MigrationPlan } from './migrations.ts'
import type { MysqlConnection } from './mysql-connection.ts'

/** The steps of the MySQL database. Read the rule at `Migration` before adding one; never edit one. */
export const mysqlMigrations: readonly Migration[] = [
  {
    step: 1,
    title: 'tasks',
    statements: [
      // owner: bytes, so that neither case nor a space at the end makes two owners one. title: never compared, so that its collation
      // need not be one without padding, which MySQL and MariaDB name differently; a VARCHAR keeps what is at its end. The index has it
      // too: an owner's rows are all over a large table, and side by side in the index.
      `CREATE TABLE IF NOT EXISTS tasks (
    id BIGINT NOT NULL AUTO_INCREMENT,
    owner VARBINARY(64) NOT NULL,
    title VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    complete TINYINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY tasks_by_owner (owner, complete, id, title),
    CONSTRAINT tasks_complete CHECK (complete IN (0, 1))
  ) ENGINE = InnoDB`,
    ],
  },
]

const stepsTable = `CREATE TABLE IF NOT EXISTS schema_steps (
    step INT NOT NULL PRIMARY KEY,
    title VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    needs INT NOT NULL DEFAULT 0,
    applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
  ) ENGINE = InnoDB`

/** How long a start waits for another instance that migrates. */
const lockWaitSeconds = 60
/** How long one statement of a step may take: an index over millions of rows takes minutes. */
const stepMs = 30 * 60_000

const noSuchTable = 1146

async function readSteps(connection: MysqlConnection): Promise<AppliedStep[]> {
  try {
    const rows = await connection.rows('SELECT step, checksum, needs FROM schema_steps')
    return rows.map(([step, checksum, needs]) => ({ step: Number(step), checksum: String(checksum), needs: Number(needs) }))
  } catch (error) {
    if (error instanceof Error && 'errno' in error && error.errno === noSuchTable) return []
    throw error
  }
}

/**
 * Brings the database up to date; of several instances that start at once, one does it and the others wait. The lock belongs to
 * the connection: when the process dies, the server gives it to the next, who repeats the steps that were cut short. `check`
 * rejects when the tables are not what they should be now; then no step counts as done.
 */
export async function migrateMysql(
  connection: MysqlConnection,
  database: string,
  known: readonly Migration[],
  check: (connection: MysqlConnection) => Promise<void>,
): Promise<MigrationPlan> {
  const plan = planMigrations(known, await readSteps(connection))
  if (plan.pending.length === 0) {
    await check(connection)
    return plan
  }
  // Locks are the whole server's, and their names at most 64 characters.
  const lock = `todo steps ${createHash('sha256').update(database).digest('hex').slice(0, 32)}`
  if (connection.isMariaDb) await connection.change('SET SESSION max_statement_time = 0')
  const [row] = await connection.rows('SELECT GET_LOCK(?, ?)', [lock, lockWaitSeconds], (lockWaitSeconds + 5) * 1_000)
  if (Number(row?.[0]) !== 1) {
    throw new Error(`Another instance has been changing the tables for ${lockWaitSeconds} s: look at its log, then start this one again`)
  }
  try {
    // Read again: another instance may have done it while this one waited for the lock.
    const { pending } = planMigrations(known, await readSteps(connection))
    if (pending.length > 0) await connection.change(stepsTable, [], stepMs)
    for (const { statements } of pending) {
      for (const statement of statements) await connection.change(statement, [], stepMs)
    }
    await check(connection)
    for (const migration of pending) {
      await connection.change('INSERT INTO schema_steps (step, title, checksum, needs) VALUES (?, ?, ?, ?)', [
        migration.step,
        migration.title,
        checksumOf(migration),
        migration.needs ?? 0,
      ])
    }
  } finally {
    if (connection.isUsable) await connection.rows('SELECT RELEASE_LOCK(?)', [lock])
  }
  return plan
}
