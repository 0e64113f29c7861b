import { DatabaseSync } from 'node:sqlite'
import type { OwnerId } from '../security/session.ts'
import { StoreUnavailableError, type TaskPage, type TaskStore } from './task-store.ts'

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

/**
 * Reads `limit` rows of the index from its end, however long the list. `(SELECT ?)` and not `?`: SQLite plans by the value of
 * a bound LIMIT, so that each execution would parse and plan the statement anew, three times the work of running it.
 */
export const selectPage = 'SELECT id, title FROM tasks WHERE owner = ? AND complete = ? ORDER BY id DESC LIMIT (SELECT ?)'

// Result codes that are the storage's trouble and not a mistake in a statement (sqlite.org/rescode.html): PERM, BUSY, LOCKED, NOMEM,
// READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
const unavailableCodes = new Set([3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26])

/** How long a statement waits for another process's lock. It waits on the event loop, so not long. */
const busyTimeoutMs = 250

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

type Row = [id: number, title: string]

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
  const select = database.prepare(selectPage)
  select.setReturnArrays(true)
  const insert = database.prepare('INSERT INTO tasks (owner, title) VALUES (?, ?)')
  const update = database.prepare('UPDATE tasks SET complete = ? WHERE owner = ? AND id = ?')
  const remove = database.prepare('DELETE FROM tasks WHERE owner = ? AND id = ?')

  const readPage = (owner: OwnerId, isComplete: boolean, limit: number): TaskPage => {
    const rows = select.all(owner, isComplete ? 1 : 0, limit + 1) as unknown as Row[]
    return { tasks: rows.slice(0, limit).map(([id, title]) => ({ id, title, isComplete })), hasMore: rows.length > limit }
  }

  return {
    list: (owner, limits) =>
      attempt(() => ({ active: readPage(owner, false, limits.active), completed: readPage(owner, true, limits.completed) })),
    add: (owner, title) => attempt(() => ({ id: Number(insert.run(owner, title).lastInsertRowid), title, isComplete: false })),
    setComplete: (owner, id, isComplete) => attempt(() => Number(update.run(isComplete ? 1 : 0, owner, id).changes) === 1),
    delete: (owner, id) => attempt(() => Number(remove.run(owner, id).changes) === 1),
    // Takes and gives back the write lock: fails on a database that is locked or can only be read.
    check: () => attempt(() => database.exec('BEGIN IMMEDIATE; ROLLBACK;')),
    close: () => database.close(),
  }
}
