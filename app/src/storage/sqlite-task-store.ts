import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OwnerId } from '../security/session.ts'
import type { Task } from '../tasks/task.ts'
import { StoreUnavailableError, type TaskStore } from '../tasks/task-store.ts'
import { planPage, toPage, type PageRow } from './page-query.ts'

// AUTOINCREMENT: a deleted task's id is never given to another, so that an old page cannot hit the wrong task.
const schema = `
  CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
  ) STRICT;
  CREATE INDEX IF NOT EXISTS tasks_by_owner ON tasks (owner, complete, id);
`

const half = (isForward: boolean): string => `
  SELECT id, title, complete FROM tasks WHERE owner = ? AND complete = ? AND id ${isForward ? '<' : '>'} ?
  ORDER BY id ${isForward ? 'DESC' : 'ASC'} LIMIT (SELECT ?)`

/**
 * Reads a page from the index, however long the list. `(SELECT ?)` and not `?`: SQLite plans by the value of a bound LIMIT,
 * so that each execution would parse and plan the statement anew, three times the work of running it. That the first half
 * comes first and the second is not begun when the first fills the page is what UNION ALL does in SQLite, and a test's to watch.
 */
export const selectPage = (isForward: boolean, halves: 1 | 2): string =>
  halves === 1 ? half(isForward) : `SELECT * FROM (${half(isForward)}) UNION ALL SELECT * FROM (${half(isForward)}) LIMIT (SELECT ?)`

// Result codes that are the storage's trouble and not a mistake in a statement (sqlite.org/rescode.html): PERM, BUSY, LOCKED, NOMEM,
// READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
const unavailableCodes = new Set([3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26])

/** How long a statement waits for another process's lock. It waits on the event loop, so not long. */
const busyTimeoutMs = 250

/** How many tasks are deleted at a time, so that between two batches others get their turn. */
const clearBatch = 500

const isUnavailable = (error: unknown): error is Error =>
  // The low byte is the primary result code.
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && unavailableCodes.has(error.errcode & 0xff)

async function attempt<T>(action: () => T): Promise<T> {
  try {
    return action()
  } catch (error) {
    throw isUnavailable(error) ? new StoreUnavailableError(error.message, { cause: error }) : error
  }
}

/** Opens the file at `path`, made if it is not there; its folder must be. Throws SQLite's error when it cannot. */
export function openSqliteTaskStore(path: string): TaskStore {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    // WAL with NORMAL: a kill of the process loses nothing; only a power cut can lose the last moments, and corrupts nothing.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
    database.exec(schema)
  } catch (error) {
    database.close()
    throw error
  }
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    return statement
  }
  const pages = {
    forward: [prepare(selectPage(true, 1)), prepare(selectPage(true, 2))] as const,
    backward: [prepare(selectPage(false, 1)), prepare(selectPage(false, 2))] as const,
  }
  const select = prepare('SELECT id, title, complete FROM tasks WHERE id = ? AND owner = ?')
  const insert = prepare('INSERT INTO tasks (owner, title) VALUES (?, ?)')
  const update = prepare(
    'UPDATE tasks SET title = coalesce(?, title), complete = coalesce(?, complete) WHERE id = ? AND owner = ? RETURNING id, title, complete',
  )
  const remove = prepare('DELETE FROM tasks WHERE id = ? AND owner = ?')
  const clear = prepare('DELETE FROM tasks WHERE id IN (SELECT id FROM tasks WHERE owner = ? AND complete = 1 LIMIT (SELECT ?))')

  const readPage = (owner: OwnerId, limit: number, { isForward, halves }: ReturnType<typeof planPage>): PageRow[] => {
    const [first, second] = halves
    if (!first) return []
    const [one, two] = isForward ? pages.forward : pages.backward
    const most = limit + 1
    const rows = second
      ? two.all(owner, Number(first.isComplete), first.bound, most, owner, Number(second.isComplete), second.bound, most, most)
      : one.all(owner, Number(first.isComplete), first.bound, most)
    return rows as unknown as PageRow[]
  }

  const toTask = (row: unknown): Task | undefined => {
    if (row === undefined) return undefined
    const [id, title, complete] = row as PageRow
    return { id, title, isComplete: complete === 1 }
  }

  return {
    list: (owner, query) =>
      attempt(() => {
        const plan = planPage(query)
        return toPage(readPage(owner, query.limit, plan), query, plan)
      }),
    find: (owner, id) => attempt(() => toTask(select.get(id, owner))),
    add: (owner, title) => attempt(() => ({ id: Number(insert.run(owner, title).lastInsertRowid), title, isComplete: false })),
    change: (owner, id, { title, isComplete }) =>
      attempt(() => toTask(update.get(title ?? null, isComplete === undefined ? null : Number(isComplete), id, owner))),
    delete: (owner, id) => attempt(() => Number(remove.run(id, owner).changes) === 1),
    async clearCompleted(owner) {
      for (let cleared = 0; ; await nextTurn()) {
        const batch = await attempt(() => Number(clear.run(owner, clearBatch).changes))
        cleared += batch
        if (batch < clearBatch) return cleared
      }
    },
    // Takes and gives back the write lock: fails on a database that is locked or can only be read.
    check: () => attempt(() => database.exec('BEGIN IMMEDIATE; ROLLBACK;')),
    poolUse: () => ({ limit: 1, open: 1, inUse: 0, waiting: 0 }),
    async close() {
      database.close()
    },
  }
}
