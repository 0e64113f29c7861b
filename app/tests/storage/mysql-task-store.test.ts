import { expect, onTestFinished, test } from 'vitest'
import type { OwnerId } from '../../src/security/session.ts'
import { createLog } from '../../src/observability/log.ts'
import type { MysqlSettings } from '../../src/storage/database-settings.ts'
import { clearSome, openMysqlTaskStore, selectPage, type MysqlOptions } from '../../src/storage/mysql-task-store.ts'
import { testTaskStore } from '../../src/storage/task-store-contract.ts'
import { describeWithMariaDb } from '../../src/testing/mariadb.ts'
import { StoreUnavailableError, type TaskStore } from '../../src/tasks/task-store.ts'

const ann = 'ann' as OwnerId

async function openStore(settings: MysqlSettings, options?: MysqlOptions): Promise<TaskStore> {
  const store = await openMysqlTaskStore(settings, createLog(() => {}), options)
  onTestFinished(() => store.close())
  return store
}

describeWithMariaDb('the store on MariaDB', (server) => {
  testTaskStore(async (options) => openStore(await server().createDatabase(), options), { modelRuns: 15 })

  test('a session is strict: what does not fit is refused and not cut', async () => {
    const settings = await server().createDatabase()
    await server().query("SET GLOBAL sql_mode = ''")
    onTestFinished(() => server().query('SET GLOBAL sql_mode = DEFAULT').then(() => {}))
    const store = await openStore(settings)
    await expect(store.add(ann, 'x'.repeat(201))).rejects.toMatchObject({ errno: 1406 })
    expect((await store.list(ann, { show: 'all', limit: 2 })).tasks).toEqual([])
  })

  test('what is at the end of a title stays', async () => {
    const store = await openStore(await server().createDatabase())
    for (const title of ['two spaces  ', 'a tab\t', 'a zero\0', 'ÀÉ ']) {
      const { id } = await store.add(ann, title)
      expect((await store.find(ann, id))?.title).toBe(title)
    }
  })

  test('a page is read from the index alone, in its order, and clearing too', async () => {
    const settings = await server().createDatabase()
    await openStore(settings)
    // Several owners, one with nearly everything: what makes an optimizer prefer other ways.
    await server().query(
      `INSERT INTO tasks (owner, title, complete) SELECT IF(seq % 100 = 0, 'bob', 'ann'), 'x', seq % 3 = 0 FROM seq_1_to_20000; ANALYZE TABLE tasks`,
      settings.database,
    )
    const explain = async (sql: string, values: readonly (string | number)[]) => {
      const given = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)))
      return server().query(`EXPLAIN ${sql.replaceAll('?', () => given.shift() ?? '')}`, settings.database)
    }
    for (const owner of ['ann', 'bob', 'nobody']) {
      for (const isForward of [true, false]) {
        const bound = isForward ? Number.MAX_SAFE_INTEGER : 0
        const page = [owner, 0, bound, 21]
        const rows = [...(await explain(selectPage(isForward, 1), page)), ...(await explain(selectPage(isForward, 2), [...page, owner, 1, bound, 21]))]
        const reads = rows.filter(({ table }) => table === 'tasks')
        expect(reads).toHaveLength(3)
        for (const read of reads) {
          expect(read).toMatchObject({ type: 'range', key: 'tasks_by_owner' })
          expect(read.Extra).toMatch(/^Using where; Using index$/)
        }
        expect(JSON.stringify(rows)).not.toMatch(/filesort|temporary/)
      }
    }
    const [clear] = await explain(clearSome, ['bob', 1000])
    expect(clear).toMatchObject({ key: 'tasks_by_owner' })
    expect(JSON.stringify(clear)).not.toMatch(/filesort|temporary/)
  })

  test('with every connection in use a request waits, not for ever, and not too many do', async () => {
    const settings = await server().createDatabase(2)
    const store = await openStore(settings, { limits: { waiting: 3, waitMs: 300 }, timeouts: { lockWaitSeconds: 2 } })
    const { id } = await store.add(ann, 'a')
    // Two changes wait for the row's lock, and hold both connections.
    const holder = await holdRow(settings, id)
    const held = [1, 2].map(() => store.change(ann, id, { isComplete: true }))
    await expect.poll(() => store.poolUse().inUse).toBe(2)
    const waiting = Promise.allSettled([1, 2, 3].map(() => store.find(ann, id)))
    expect(store.poolUse()).toEqual({ limit: 2, open: 2, inUse: 2, waiting: 3 })
    await expect(store.find(ann, id)).rejects.toThrow('3 requests already wait for one of 2 connections')
    for (const result of await waiting) {
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'None of 2 connections came free within 300 ms' } })
    }
    expect(store.poolUse().waiting).toBe(0)
    await holder.release()
    expect(await Promise.all(held)).toHaveLength(2)
    expect(await store.find(ann, id)).toMatchObject({ isComplete: true })
  })

  test("a row's lock is waited for a while, then the storage is said to be unavailable, and nothing is changed", async () => {
    const settings = await server().createDatabase()
    const store = await openStore(settings, { timeouts: { lockWaitSeconds: 1 } })
    const { id } = await store.add(ann, 'a')
    const holder = await holdRow(settings, id)
    await expect(store.change(ann, id, { title: 'b' })).rejects.toBeInstanceOf(StoreUnavailableError)
    await holder.release()
    expect(await store.find(ann, id)).toMatchObject({ title: 'a' })
  })

  test('a statement that takes too long is ended by the server, and one that is met with silence by us', async () => {
    const settings = await server().createDatabase(1)
    const store = await openStore(settings, { timeouts: { statementMs: 300, lockWaitSeconds: 50 } })
    const { id } = await store.add(ann, 'a')
    const holder = await holdRow(settings, id)
    await expect(store.change(ann, id, { title: 'b' })).rejects.toThrow(/max_statement_time/)
    expect(await store.find(ann, id)).toMatchObject({ title: 'a' })

    const impatient = await openStore(settings, { timeouts: { silenceMs: 400, lockWaitSeconds: 50, statementMs: 60_000 } })
    await impatient.check()
    await expect(impatient.change(ann, id, { title: 'b' })).rejects.toThrow('The server was silent for 400 ms')
    // The connection that may still answer is not used again.
    expect(await impatient.find(ann, id)).toMatchObject({ id })
    await holder.release()
  })

  test('two who clear and change the same tasks at once never meet an error', async () => {
    const settings = await server().createDatabase(8)
    const store = await openStore(settings)
    for (let round = 0; round < 5; round += 1) {
      const added = await Promise.all(Array.from({ length: 60 }, () => store.add(ann, 'a')))
      const work = added.map(({ id }) => store.change(ann, id, { isComplete: true }))
      const cleared = await Promise.all([store.clearCompleted(ann), store.clearCompleted(ann), ...work])
      expect(cleared).toHaveLength(62)
    }
    await store.clearCompleted(ann)
    expect((await store.list(ann, { show: 'all', limit: 2 })).tasks).toEqual([])
  })

  test('a deadlock that the database ends at our cost is not seen: it undid all, so it is done again', async () => {
    const settings = await server().createDatabase()
    const store = await openStore(settings, { timeouts: { lockWaitSeconds: 10, statementMs: 10_000, silenceMs: 15_000 } })
    const [first, second] = [await store.add(ann, 'first'), await store.add(ann, 'second')]
    for (const { id } of [first, second]) await store.change(ann, id, { isComplete: true })
    const holder = await holdRow(settings, second.id)
    // Who has changed least is the one that is ended.
    await holder.query("INSERT INTO tasks (owner, title) SELECT 'bob', 'x' FROM seq_1_to_500")
    const clearing = store.clearCompleted(ann)
    const isWaiting = async (): Promise<boolean> => (await server().query('SELECT 1 FROM information_schema.innodb_lock_waits')).length > 0
    // InnoDB keeps what it shows of locks for 100 ms from when it was last read: who looks more often sees the first picture for ever.
    await expect.poll(isWaiting, { interval: 250, timeout: 10_000 }).toBe(true)
    // It has the first and waits for the second; we have the second and want the first.
    await holder.query(`SELECT id FROM tasks WHERE id = ${first.id} FOR UPDATE`)
    await holder.release()
    expect(await clearing).toBe(2)
  })

  test('a read-only database can be read, and says that it cannot be written', async () => {
    const store = await openStore(await server().createDatabase())
    const { id } = await store.add(ann, 'a')
    await server().query('SET GLOBAL read_only = 1')
    onTestFinished(() => server().query('SET GLOBAL read_only = 0').then(() => {}))
    await expect(store.check()).rejects.toBeInstanceOf(StoreUnavailableError)
    await expect(store.add(ann, 'b')).rejects.toBeInstanceOf(StoreUnavailableError)
    expect(await store.find(ann, id)).toMatchObject({ title: 'a' })
    await server().query('SET GLOBAL read_only = 0')
    await store.check()
    await store.add(ann, 'b')
  })

  test('closing waits for what is under way, and refuses what comes after', async () => {
    const settings = await server().createDatabase(2)
    const store = await openStore(settings)
    const { id } = await store.add(ann, 'a')
    const holder = await holdRow(settings, id)
    const change = store.change(ann, id, { title: 'b' })
    await expect.poll(() => store.poolUse().inUse).toBe(1)
    const closing = store.close()
    await expect(store.find(ann, id)).rejects.toBeInstanceOf(StoreUnavailableError)
    await holder.release()
    expect(await change).toMatchObject({ title: 'b' })
    await closing
    const connections = async (): Promise<unknown> =>
      (await server().query(`SELECT COUNT(*) AS count FROM information_schema.processlist WHERE db = '${settings.database}'`))[0]?.count
    await expect.poll(connections).toBe(0)
  })

  /** Holds the lock of a row until `release`. */
  async function holdRow(settings: MysqlSettings, id: number): Promise<{ query(sql: string): Promise<unknown>; release(): Promise<void> }> {
    const { createConnection } = await import('mysql2/promise')
    const { user, password = '', database } = settings
    const connection = await createConnection({ socketPath: server().socketPath, user, password, database })
    await connection.beginTransaction()
    await connection.query('SELECT id FROM tasks WHERE id = ? FOR UPDATE', [id])
    const release = async (): Promise<void> => {
      await connection.rollback().catch(() => {})
      connection.destroy()
    }
    onTestFinished(() => connection.destroy())
    return { query: (sql) => connection.query(sql), release }
  }
})
