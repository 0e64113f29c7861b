import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../observability/log.ts'
import type { OwnerId } from '../security/session.ts'
import type { Task } from '../tasks/task.ts'
import { ListFullError, mostTasks as fullList, StoreUnavailableError, type TaskStore } from '../tasks/task-store.ts'
import { createConnectionPool, defaultPoolLimits, type PoolLimits } from './connection-pool.ts'
import { describeDatabase, type MysqlSettings } from './database-settings.ts'
import { checkPageIndex } from './foreign-tables.ts'
import { createListLimit } from './list-limit.ts'
import { newerDatabaseNotice, type Migration } from './migrations.ts'
import { defaultTimeouts, MysqlUnavailableError, openMysqlConnection, type MysqlConnection, type MysqlTimeouts } from './mysql-connection.ts'
import { migrateMysql, mysqlMigrations } from './mysql-migrations.ts'
import { explain, isPassing, reachServer, type ReachableServer } from './mysql-server.ts'
import { planPage, toPage, type PageRow } from './page-query.ts'

// FORCE INDEX: for an ORDER BY id with a LIMIT, the optimizer may else prefer to walk the primary key until it has met enough of
// the owner's tasks, which is the whole table for an owner with few.
const half = (isForward: boolean): string =>
  `(SELECT id, title, complete FROM tasks FORCE INDEX (tasks_by_owner) WHERE owner = ? AND complete = ? AND id ${isForward ? '<' : '>'} ? ` +
  `ORDER BY id ${isForward ? 'DESC' : 'ASC'} LIMIT ?)`

/** Reads a page from the index, however long the list, in one statement. */
export const selectPage = (isForward: boolean, halves: 1 | 2): string =>
  halves === 1 ? half(isForward) : `${half(isForward)} UNION ALL ${half(isForward)}`

/** Deletes some of what is done: a range of the index. With an ORDER BY, MariaDB would sort all that is left each time. */
export const clearSome = 'DELETE FROM tasks WHERE owner = ? AND complete = 1 LIMIT ?'

const statements = {
  forward: [selectPage(true, 1), selectPage(true, 2)] as const,
  backward: [selectPage(false, 1), selectPage(false, 2)] as const,
  select: 'SELECT id, title, complete FROM tasks WHERE id = ? AND owner = ?',
  // A read of its own, and not a part of the insert, where it would lock all that it looks at.
  lastThatFits: 'SELECT 1 FROM tasks FORCE INDEX (tasks_by_owner) WHERE owner = ? LIMIT ?, 1',
  insert: 'INSERT INTO tasks (owner, title) VALUES (?, ?)',
  update: 'UPDATE tasks SET title = COALESCE(?, title), complete = COALESCE(?, complete) WHERE id = ? AND owner = ?',
  remove: 'DELETE FROM tasks WHERE id = ? AND owner = ?',
  indexColumns:
    "SELECT column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'tasks' AND index_name = 'tasks_by_owner' " +
    'ORDER BY seq_in_index',
  isReadOnly: 'SELECT @@GLOBAL.read_only, @@GLOBAL.innodb_read_only',
}

/** How many tasks are deleted at a time, so that no statement holds many locks, or takes long. */
const clearBatch = 1_000

/** How soon a database that could not be reached at start is tried again, at most. */
const longestPauseMs = 3_000

/** What a test sets otherwise. */
export interface MysqlOptions {
  readonly migrations?: readonly Migration[]
  readonly timeouts?: Partial<MysqlTimeouts>
  readonly limits?: Partial<PoolLimits>
  readonly reach?: typeof reachServer
  readonly mostTasks?: number
}

/**
 * Opens the database and brings its tables up to date. Rejects, saying what to do, when a person has to do something. When the
 * database is just not there, it resolves: the store is unavailable until it comes.
 */
export async function openMysqlTaskStore(settings: MysqlSettings, log: Log, options: MysqlOptions = {}): Promise<TaskStore> {
  const { migrations = mysqlMigrations, reach = reachServer, mostTasks = fullList } = options
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  // Only who uses MySQL loads its driver.
  const { default: mysql } = await import('mysql2')
  const { user, password, database } = settings
  const integer = mysql.TypedParameter.LONGLONG

  let server: ReachableServer | undefined
  /** Why the database could not be prepared so far; undefined once it is. */
  let unprepared: string | undefined = 'not tried yet'
  const stopping = new AbortController()

  const open = async (onEnd?: (connection: MysqlConnection) => void): Promise<MysqlConnection> => {
    server ??= await reach(settings.server, password !== undefined)
    return openMysqlConnection(mysql, { ...server.options, user, database, ...(password !== undefined && { password }) }, timeouts, onEnd)
  }
  const pool = createConnectionPool<MysqlConnection>({ ...defaultPoolLimits, connections: settings.pool, ...options.limits }, open)

  /** A step takes any table that has the right name; rejects unless pages can be read from this one. */
  async function checkTables(connection: MysqlConnection): Promise<void> {
    await connection.rows(statements.forward[1], ['', false, integer(1), integer(1), '', true, integer(1), integer(1)])
    checkPageIndex((await connection.rows(statements.indexColumns)).map(([column]) => String(column)), 'another database')
  }

  async function prepare(): Promise<void> {
    const connection = await open()
    try {
      const { newerStep } = await migrateMysql(connection, database, migrations, checkTables)
      if (newerStep !== undefined) log('WARNING', newerDatabaseNotice(newerStep, migrations))
      unprepared = undefined
    } finally {
      connection.end()
    }
  }

  async function prepareUntilDone(): Promise<void> {
    for (let pause = 250; !stopping.signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
      // Unreferenced: who only opens a store need not be kept alive by it.
      await wait(pause, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
      if (stopping.signal.aborted) return
      try {
        await prepare()
        log('INFO', `${describeDatabase(settings)} is there now`)
        return
      } catch (error) {
        const reason = explain(error)
        // Once for each reason, not for each try.
        if (reason !== unprepared) log('ERROR', `${describeDatabase(settings)}: ${reason}`)
        unprepared = reason
      }
    }
  }

  let preparing = Promise.resolve()
  try {
    await prepare()
  } catch (error) {
    unprepared = explain(error)
    if (!isPassing(error) && !(error instanceof StoreUnavailableError)) {
      server?.close()
      throw new Error(`${describeDatabase(settings)}: ${unprepared}`, { cause: error })
    }
    log('WARNING', `${describeDatabase(settings)}: ${unprepared}. It is tried again until it is there; until then every request is told to come back`)
    preparing = prepareUntilDone()
  }

  /** Runs one statement, or few on one connection. Where it is certain to change nothing twice, what failed is done once more. */
  async function run<T>(kind: 'read' | 'write', work: (connection: MysqlConnection) => Promise<T>): Promise<T> {
    for (let time = 1; ; time += 1) {
      if (unprepared !== undefined) throw new StoreUnavailableError(`The database was not there when the service started: ${unprepared}`)
      const connection = await pool.acquire()
      try {
        return await work(connection)
      } catch (error) {
        if (!(error instanceof MysqlUnavailableError)) throw error
        if (error.wasConnectionLost) pool.distrustIdle()
        // A write whose connection broke may have been done: doing it again could add a task twice.
        const mayRepeat = error.wasNothingDone || (kind === 'read' && error.wasConnectionLost)
        if (time > 1 || !mayRepeat) throw error
      } finally {
        pool.release(connection, connection.isUsable)
      }
    }
  }

  async function selectTask(connection: MysqlConnection, owner: OwnerId, id: number): Promise<Task | undefined> {
    const [row] = (await connection.rows(statements.select, [integer(id), owner])) as PageRow[]
    return row && { id: row[0], title: row[1], isComplete: row[2] === 1 }
  }

  const listLimit = createListLimit(mostTasks)

  return {
    repeatsPages: false,
    async list(owner, query) {
      const plan = planPage(query)
      const [first] = plan.halves
      if (!first) return toPage([], query, plan)
      const [one, two] = plan.isForward ? statements.forward : statements.backward
      const most = integer(query.limit + 1)
      const values = plan.halves.flatMap(({ isComplete, bound }) => [owner, isComplete, integer(bound), most])
      const rows = (await run('read', (connection) => connection.rows(plan.halves.length === 1 ? one : two, values))) as PageRow[]
      // SQL promises no order across a UNION. They come in order, so this moves nothing.
      const direction = plan.isForward ? 1 : -1
      rows.sort((a, b) => direction * (a[2] - b[2] || b[0] - a[0]))
      return toPage(rows, query, plan)
    },
    find: (owner, id) => run('read', (connection) => selectTask(connection, owner, id)),
    async add(owner, title) {
      if (listLimit.isDue(owner)) {
        const found = await run('read', (connection) => connection.rows(statements.lastThatFits, [owner, integer(mostTasks - 1)]))
        if (found.length > 0) throw new ListFullError()
        listLimit.hasRoom(owner)
      }
      const { insertId } = await run('write', (connection) => connection.change(statements.insert, [owner, title]))
      return { id: insertId, title, isComplete: false }
    },
    change: (owner, id, { title, isComplete }) =>
      run('write', async (connection) => {
        const values = [title ?? null, isComplete ?? null, integer(id), owner]
        const { affectedRows } = await connection.change(statements.update, values)
        if (affectedRows === 0) return undefined
        return title !== undefined && isComplete !== undefined ? { id, title, isComplete } : selectTask(connection, owner, id)
      }),
    async delete(owner, id) {
      const { affectedRows } = await run('write', (connection) => connection.change(statements.remove, [integer(id), owner]))
      return affectedRows === 1
    },
    async clearCompleted(owner) {
      for (let cleared = 0; ; ) {
        const { affectedRows } = await run('write', (connection) => connection.change(clearSome, [owner, integer(clearBatch)]))
        cleared += affectedRows
        if (affectedRows < clearBatch) return cleared
      }
    },
    check: () =>
      run('read', async (connection) => {
        const [row] = await connection.rows(statements.isReadOnly)
        if (row?.some((isSet) => Number(isSet) !== 0)) throw new StoreUnavailableError('The database is read-only at present')
      }),
    poolUse: () => pool.use(),
    async close() {
      stopping.abort()
      await Promise.all([preparing, pool.close()])
      server?.close()
    },
  }
}
