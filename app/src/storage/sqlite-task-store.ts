import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../observability/log.ts'
import type { OwnerId } from '../security/session.ts'
import type { Task } from '../tasks/task.ts'
import { ListFullError, mostTasks as fullList, StoreUnavailableError, type TaskStore } from '../tasks/task-store.ts'
import { checkPageIndex } from './foreign-tables.ts'
import { createListLimit } from './list-limit.ts'
import { newerDatabaseNotice, type Migration } from './migrations.ts'
import { createPageCache } from './page-cache.ts'
import { planPage, toPage, type PageQuery, type PageRow } from './page-query.ts'
import { migrateSqlite, sqliteMigrations } from './sqlite-migrations.ts'

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

/** Deletes some of what is done: a range of the index, from its start. */
export const clearSome = 'DELETE FROM tasks WHERE id IN (SELECT id FROM tasks WHERE owner = ? AND complete = 1 LIMIT (SELECT ?))'

// Result codes that are the storage's trouble and not a mistake in a statement (sqlite.org/rescode.html): PERM, BUSY, LOCKED, NOMEM,
// READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
const unavailableCodes = new Set([3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26])
const busyCode = 5

/** SQLite's primary result code: the low byte. Undefined when the error is not SQLite's. */
const resultCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined

/** How long a start waits for another process's lock, such as one that migrates. */
const startLockWaitMs = 10_000

/** How many tasks are deleted at a time, so that between two batches others get their turn. */
const clearBatch = 500

/** What a test sets otherwise. */
export interface SqliteOptions {
  readonly log?: Log
  readonly migrations?: readonly Migration[]
  /** How long a statement waits for another process's lock. */
  readonly lockWaitMs?: number
  readonly mostTasks?: number
}

/** Opens the file and brings its tables up to date. Throws, saying what to do, when it cannot. */
function openDatabase(path: string, { log, migrations = sqliteMigrations }: SqliteOptions): DatabaseSync {
  const deadline = performance.now() + startLockWaitMs
  for (;;) {
    let database: DatabaseSync | undefined
    try {
      database = new DatabaseSync(path, { timeout: startLockWaitMs })
      // WAL with NORMAL: a kill of the process loses nothing; only a power cut can lose the last moments, and corrupts nothing.
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
      const { newerStep } = migrateSqlite(database, migrations, checkTables)
      if (newerStep !== undefined) log?.('WARNING', newerDatabaseNotice(newerStep, migrations))
      // From here on a lock is waited for between turns of the event loop, not on it.
      database.exec('PRAGMA busy_timeout = 0')
      return database
    } catch (error) {
      database?.close()
      // Turning WAL on does not wait for others that do the same, whatever the time-out.
      if (resultCode(error) === busyCode && performance.now() < deadline) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
        continue
      }
      throw new Error(`${path}: ${whatToDo(error)}`, { cause: error })
    }
  }
}

/** A step takes any table and any index that have the right names; throws unless pages can be read from these. */
function checkTables(database: DatabaseSync): void {
  database.prepare(selectPage(true, 2))
  const columns = database.prepare(
    "SELECT info.name FROM sqlite_schema AS it, pragma_index_info(it.name) AS info WHERE it.name = 'tasks_by_owner' AND it.tbl_name = 'tasks' ORDER BY info.seqno",
  )
  checkPageIndex(columns.all().map(({ name }) => String(name)), 'another file')
}

/** In words, for whoever starts the service. */
function whatToDo(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  switch (resultCode(error)) {
    case 1:
      return `${message}; if another program made the tables of this file, name another in DATABASE`
    case busyCode:
      return `${message}; another process has held its lock for ${startLockWaitMs / 1_000} s: end that one, or wait for it`
    case 8:
      return `${message}; make the file and its folder writable for this user`
    case 11:
      return `${message}; the file is damaged: restore it from a backup, or move it away to start an empty list`
    case 13:
      return `${message}; free some space`
    case 14:
      return `${message}; its folder must exist and be writable`
    case 26:
      return `${message}; name another file in DATABASE, or move this one away`
    default:
      return message
  }
}

/** A change that waits for the end of the turn. */
interface Write {
  readonly run: () => unknown
  readonly resolve: (value: unknown) => void
  readonly tryAlone: () => void
}

/** Opens the file at `path`, made if it is not there; its folder must be. Throws, saying what to do, when it cannot. */
export function openSqliteTaskStore(path: string, options: SqliteOptions = {}): TaskStore {
  const { lockWaitMs = 500, mostTasks = fullList } = options
  const database = openDatabase(path, options)
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
  const lastThatFits = prepare(`SELECT 1 FROM tasks WHERE owner = ? LIMIT 1 OFFSET ${mostTasks - 1}`)
  const insert = prepare('INSERT INTO tasks (owner, title) VALUES (?, ?)')
  const update = prepare(
    'UPDATE tasks SET title = coalesce(?, title), complete = coalesce(?, complete) WHERE id = ? AND owner = ? RETURNING id, title, complete',
  )
  const remove = prepare('DELETE FROM tasks WHERE id = ? AND owner = ?')
  const clear = prepare(clearSome)
  // Changes when another connection, of this process or another, has committed something.
  const dataVersion = prepare('PRAGMA data_version')
  const [begin, commit] = [prepare('BEGIN IMMEDIATE'), prepare('COMMIT')]

  let isClosed = false
  /** What did not end in the turn that it began in. */
  const underWay = new Set<Promise<unknown>>()

  async function attempt<T>(action: () => T): Promise<T> {
    refuseWhenClosed()
    try {
      return action()
    } catch (error) {
      if (resultCode(error) !== busyCode) throw toStoreError(error)
      return follow(withLock(action))
    }
  }

  function refuseWhenClosed(): void {
    if (isClosed) throw new StoreUnavailableError('The database is closed: the service is stopping')
  }

  function follow<T>(work: Promise<T>): Promise<T> {
    underWay.add(work)
    const forget = (): void => void underWay.delete(work)
    work.then(forget, forget)
    return work
  }

  // SQLite's own time-out would wait on the event loop, and every other request with it.
  async function withLock<T>(action: () => T): Promise<T> {
    const deadline = performance.now() + lockWaitMs
    for (let pause = 2; ; pause = Math.min(pause * 2, 40)) {
      try {
        return action()
      } catch (error) {
        if (resultCode(error) !== busyCode || performance.now() >= deadline) throw toStoreError(error)
      }
      await wait(pause)
    }
  }

  const kept = createPageCache(() => Number((dataVersion.get() as unknown as [number])[0]))

  const readPage = (owner: OwnerId, limit: number, { isForward, halves }: PageQuery): PageRow[] => {
    const [first, second] = halves
    if (!first) return []
    const [one, two] = isForward ? pages.forward : pages.backward
    const most = limit + 1
    const rows = second
      ? two.all(owner, Number(first.isComplete), first.bound, most, owner, Number(second.isComplete), second.bound, most, most)
      : one.all(owner, Number(first.isComplete), first.bound, most)
    return rows as unknown as PageRow[]
  }

  const listLimit = createListLimit(mostTasks)

  /** Undefined: the list is full. */
  function insertTask(owner: OwnerId, title: string): Task | undefined {
    if (listLimit.isDue(owner)) {
      if (lastThatFits.get(owner)) return undefined
      listLimit.hasRoom(owner)
    }
    return { id: Number(insert.run(owner, title).lastInsertRowid), title, isComplete: false }
  }

  const queue: Write[] = []

  /**
   * Makes a change at the end of this turn of the event loop, in one transaction with all others of the turn: a commit costs more
   * than what it holds. What fails together is tried again one by one, so that each fails for its own reason alone.
   */
  async function change<T>(owner: OwnerId, action: () => T): Promise<T> {
    refuseWhenClosed()
    // A page too many is read again; a stale one would be a lie.
    const run = (): T => (kept.forget(owner), action())
    return follow(
      new Promise<T>((resolve, reject) => {
        queue.push({ run, resolve: resolve as (value: unknown) => void, tryAlone: () => void withLock(run).then(resolve, reject) })
        if (queue.length === 1) setImmediate(writeQueue)
      }),
    )
  }

  function writeQueue(): void {
    const writes = queue.splice(0)
    const values = writes.length > 1 ? runTogether(writes) : undefined
    for (const [index, { resolve, tryAlone }] of writes.entries()) {
      if (values) resolve(values[index])
      else tryAlone()
    }
  }

  /** What each gave; undefined when nothing was done. */
  function runTogether(writes: readonly Write[]): unknown[] | undefined {
    try {
      begin.run()
      const values = writes.map(({ run }) => run())
      commit.run()
      return values
    } catch {
      // Told by whichever of them fails alone.
      if (database.isTransaction) database.exec('ROLLBACK')
      return undefined
    }
  }

  async function clearInBatches(owner: OwnerId): Promise<number> {
    for (let cleared = 0; ; await nextTurn()) {
      const batch = await change(owner, () => Number(clear.run(owner, clearBatch).changes))
      cleared += batch
      if (batch < clearBatch) return cleared
    }
  }

  return {
    repeatsPages: true,
    list: (owner, query) =>
      attempt(() =>
        kept.get(owner, query, () => {
          const plan = planPage(query)
          return toPage(readPage(owner, query.limit, plan), query, plan)
        }),
      ),
    find: (owner, id) => attempt(() => toTask(select.get(id, owner))),
    async add(owner, title) {
      const task = await change(owner, () => insertTask(owner, title))
      // Thrown here and not there: what others add in the same transaction is not to be tried again for it.
      if (!task) throw new ListFullError()
      return task
    },
    change: (owner, id, { title, isComplete }) =>
      change(owner, () => toTask(update.get(title ?? null, isComplete === undefined ? null : Number(isComplete), id, owner))),
    delete: (owner, id) => change(owner, () => Number(remove.run(id, owner).changes) === 1),
    clearCompleted: (owner) => follow(clearInBatches(owner)),
    // Takes and gives back the write lock: fails on a database that is locked or can only be read.
    check: () => attempt(() => database.exec('BEGIN IMMEDIATE; ROLLBACK;')),
    poolUse: () => ({ limit: 1, open: isClosed ? 0 : 1, inUse: 0, waiting: underWay.size }),
    async close() {
      if (isClosed) return
      isClosed = true
      await Promise.allSettled(underWay)
      database.close()
    },
  }
}

function toTask(row: unknown): Task | undefined {
  if (row === undefined) return undefined
  const [id, title, complete] = row as PageRow
  return { id, title, isComplete: complete === 1 }
}

function toStoreError(error: unknown): unknown {
  const code = resultCode(error)
  return code !== undefined && unavailableCodes.has(code) ? new StoreUnavailableError((error as Error).message, { cause: error }) : error
}
