import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../src/observability/log.ts'
import type { OwnerId } from '../../src/security/session.ts'
import type { MysqlSettings } from '../../src/storage/database-settings.ts'
import type { Migration } from '../../src/storage/migrations.ts'
import { mysqlMigrations } from '../../src/storage/mysql-migrations.ts'
import { openMysqlTaskStore, type MysqlOptions } from '../../src/storage/mysql-task-store.ts'
import { describeWithMariaDb } from '../../src/testing/mariadb.ts'
import { StoreUnavailableError, type TaskStore } from '../../src/tasks/task-store.ts'
import { startRelay, type Relay } from './relay.ts'

const ann = 'ann' as OwnerId

async function openStore(settings: MysqlSettings, options?: MysqlOptions, lines: string[] = []): Promise<TaskStore> {
  const store = await openMysqlTaskStore(
    settings,
    createLog((line) => lines.push(line)),
    options,
  )
  onTestFinished(() => store.close())
  return store
}

const titlesOf = async (store: TaskStore): Promise<string[]> => (await store.list(ann, { show: 'all', limit: 100 })).tasks.map(({ title }) => title)

const viaRelay = (settings: MysqlSettings, relay: Relay): MysqlSettings => ({ ...settings, server: { kind: 'socket', path: relay.socketPath } })

describeWithMariaDb('MariaDB in trouble', (server) => {
  test('killed under load and gone for a while: nothing acknowledged is lost, nothing is stored twice, and all goes on by itself', async () => {
    const settings = await server().createDatabase(6)
    const store = await openStore(settings)
    const acknowledged: string[] = []
    const refused: string[] = []
    const odd: unknown[] = []
    let isOver = false
    const work = async (worker: number): Promise<void> => {
      for (let number = 0; !isOver; number += 1) {
        const title = `${worker}-${number}`
        try {
          await store.add(ann, title)
          acknowledged.push(title)
          if (number % 5 === 0) await store.list(ann, { show: 'all', limit: 20 })
        } catch (error) {
          if (!(error instanceof StoreUnavailableError)) odd.push(error)
          refused.push(title)
          await wait(5)
        }
      }
    }
    const workers = Array.from({ length: 24 }, (_, worker) => work(worker))
    for (let round = 0; round < 2; round += 1) {
      await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(200 * (round + 1))
      await server().kill('SIGKILL')
      await wait(1_500)
      await expect(store.check()).rejects.toBeInstanceOf(StoreUnavailableError)
      const before = acknowledged.length
      await server().start()
      await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(before + 100)
    }
    isOver = true
    await Promise.all(workers)

    expect(odd).toEqual([])
    expect(refused.length).toBeGreaterThan(10)
    const rows = await server().query('SELECT title, COUNT(*) AS times FROM tasks GROUP BY title', settings.database)
    const times = new Map(rows.map(({ title, times: count }) => [String(title), Number(count)]))
    expect(acknowledged.filter((title) => !times.has(title))).toEqual([])
    expect(rows.filter(({ times: count }) => Number(count) !== 1)).toEqual([])
    // What was refused and is there all the same broke off while its answer was awaited: at most one for each connection and kill.
    const known = new Set(acknowledged)
    expect([...times.keys()].filter((title) => !known.has(title)).length).toBeLessThanOrEqual(2 * settings.pool)
  })

  test('the first requests after an outage in which all was quiet are answered', async () => {
    const settings = await server().createDatabase(4)
    const store = await openStore(settings)
    await Promise.all(Array.from({ length: 60 }, (_, number) => store.add(ann, `${number}`)))
    expect(store.poolUse().open).toBeGreaterThan(1)
    await server().kill('SIGKILL')
    await server().start()
    await Promise.all([store.add(ann, 'first'), store.list(ann, { show: 'all', limit: 9 }), store.add(ann, 'second')])
    expect(await titlesOf(store)).toHaveLength(62)
  })

  test('connections that have silently died while idle fail no request', async () => {
    const settings = await server().createDatabase(3)
    const relay = await startRelay(server().socketPath)
    const store = await openStore(viaRelay(settings, relay), { limits: { trustedMs: 50 }, timeouts: { pingMs: 200 } })
    await Promise.all([1, 2, 3].map((number) => store.add(ann, `${number}`)))
    relay.mode = 'swallow'
    await wait(60)
    await store.add(ann, 'after')
    // One finds out for all of them.
    expect(relay.pings).toBe(1)
    expect(await titlesOf(store)).toHaveLength(4)
  })

  test('a read whose connection breaks is done again; a write is not, whether it was done or not', async () => {
    const settings = await server().createDatabase(1)
    const relay = await startRelay(server().socketPath)
    const store = await openStore(viaRelay(settings, relay), { limits: { trustedMs: 60_000 } })
    const { id } = await store.add(ann, 'a')
    // Prepared once, so that what breaks is the execution.
    await titlesOf(store)
    await store.change(ann, id, { title: 'b', isComplete: false })

    for (const mode of ['cut-question', 'cut-answer'] as const) {
      relay.mode = mode
      expect(await titlesOf(store)).toHaveLength(1)
      await store.add(ann, 'kept')
      relay.mode = mode
      await expect(store.add(ann, mode)).rejects.toBeInstanceOf(StoreUnavailableError)
      await store.delete(ann, (await store.list(ann, { show: 'all', limit: 9 })).tasks.find(({ title }) => title === 'kept')?.id ?? 0)
      // The server may still be storing what it was sent.
      const expected = mode === 'cut-answer' ? ['cut-answer', 'b'] : ['b']
      await expect.poll(() => titlesOf(store)).toEqual(expected)
    }
  })

  test('a connection that the server ends is replaced', async () => {
    const settings = await server().createDatabase(2)
    const store = await openStore(settings)
    await store.add(ann, 'a')
    const [row] = await server().query(`SELECT id FROM information_schema.processlist WHERE db = '${settings.database}'`)
    await server().query(`KILL ${row?.id}`)
    await store.add(ann, 'b')
    expect(await titlesOf(store)).toEqual(['b', 'a'])
  })

  test('a server that takes no more connections is waited for, and said to be the trouble', async () => {
    const settings = await server().createDatabase(2)
    const store = await openStore(settings)
    await server().query(`ALTER USER todo@'%' WITH MAX_USER_CONNECTIONS 1`)
    onTestFinished(() => server().query(`ALTER USER todo@'%' WITH MAX_USER_CONNECTIONS 0`).then(() => {}))
    await server().query('FLUSH PRIVILEGES')
    const results = await Promise.all(Array.from({ length: 20 }, (_, number) => store.add(ann, `${number}`)))
    expect(results).toHaveLength(20)
    const second = await openMysqlTaskStore(settings, createLog(() => {}))
    await expect(second.add(ann, 'x')).rejects.toBeInstanceOf(StoreUnavailableError)
    await second.close()
  })

  test('a service that starts before its database is unavailable, says so once, and becomes available by itself', async () => {
    const settings = await server().createDatabase()
    await server().kill()
    const lines: string[] = []
    const store = await openStore(settings, {}, lines)
    await expect(store.list(ann, { show: 'all', limit: 1 })).rejects.toBeInstanceOf(StoreUnavailableError)
    await expect(store.add(ann, 'early')).rejects.toBeInstanceOf(StoreUnavailableError)
    await wait(700)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/"WARNING".*is the server running/)
    await server().start()
    await expect.poll(() => store.check().then(() => true, () => false), { timeout: 8_000 }).toBe(true)
    await store.add(ann, 'a')
    expect(await titlesOf(store)).toEqual(['a'])
    expect(lines.at(-1)).toContain('is there now')
  })

  test.each([
    ['a wrong password', { password: 'wrong' }, /Access denied.*DATABASE_PASSWORD/],
    ['a database that is not there', { database: 'nowhere' }, /Access denied|Unknown database/],
  ])('%s is refused at start, with what to do', async (_what, wrong, message) => {
    const settings = await server().createDatabase()
    await expect(openMysqlTaskStore({ ...settings, ...wrong }, createLog(() => {}))).rejects.toThrow(message)
  })

  test.each([
    ['another table of that name', 'CREATE TABLE tasks (id INT, name TEXT)', /tasks_by_owner.*; another program seems to have made the table tasks: name another database/],
    ['a table that lacks a column', 'CREATE TABLE tasks (id BIGINT, owner INT, complete INT, KEY tasks_by_owner (owner, complete, id))', /title.*; another program/],
    ['an index in another order', 'CREATE TABLE tasks (id BIGINT, owner INT, title TEXT, complete INT, KEY tasks_by_owner (id, owner))', /has the columns id, owner and not owner, complete, id; .*name another database in DATABASE/],
  ])('%s is refused at start, with what to do, and again until it is gone', async (_what, made, message) => {
    const settings = await server().createDatabase()
    await server().query(made, settings.database)
    for (let time = 0; time < 2; time += 1) await expect(openMysqlTaskStore(settings, createLog(() => {}))).rejects.toThrow(message)
    await server().query('DROP TABLE tasks', settings.database)
    const store = await openStore(settings)
    await store.add(ann, 'a')
    expect(await titlesOf(store)).toEqual(['a'])
  })

  test('several instances that start at once on an empty database make its tables once, and each adds its task', async () => {
    const settings = await server().createDatabase()
    const users = Array.from({ length: 5 }, () => {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'use-store.ts'), 'add-one', JSON.stringify(settings)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let errors = ''
      child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
      return once(child, 'close').then(([code]) => [code as number, errors])
    })
    for (const user of users) expect(await user).toEqual([0, ''])
    expect(await server().query('SELECT COUNT(*) AS tasks FROM tasks', settings.database)).toEqual([{ tasks: 5 }])
    expect(await server().query('SELECT COUNT(*) AS steps FROM schema_steps', settings.database)).toEqual([{ steps: 1 }])
  })

  /** A further step, as a next revision might bring it; it may not run twice. */
  const next: Migration = { step: 2, title: 'a due date', statements: ['ALTER TABLE tasks ADD COLUMN due DATE', 'CREATE TABLE extra (id INT)'] }
  const expanded = [...mysqlMigrations, next]

  test('a revision that expands the tables while the previous one serves disturbs neither; one instance does it and the others wait', async () => {
    const settings = await server().createDatabase(2)
    const previous = await openStore(settings)
    await previous.add(ann, 'before')
    let isOver = false
    const serving = (async () => {
      for (let number = 0; !isOver; number += 1) {
        const { id } = await previous.add(ann, `${number}`)
        await previous.change(ann, id, { isComplete: true })
        await previous.list(ann, { show: 'all', limit: 20 })
      }
    })()
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(settings, { migrations: expanded })))
    isOver = true
    await serving
    for (const store of [previous, ...stores]) await store.add(ann, 'after')
    expect((await titlesOf(previous)).filter((title) => title === 'after')).toHaveLength(5)

    // Rolled back: the previous revision starts again on the expanded tables.
    const lines: string[] = []
    const rolledBack = await openStore(settings, {}, lines)
    await rolledBack.add(ann, 'rolled back')
    expect(lines.join('')).toContain('The database is at step 2 and this revision knows 1')
  })

  test('a step that was cut short is done again, and the lock of who died is free', async () => {
    const settings = await server().createDatabase()
    const broken = { ...next, statements: ['CREATE TABLE IF NOT EXISTS extra (id INT)', 'ALTER TABLE nowhere ADD COLUMN x INT'] }
    await expect(openMysqlTaskStore(settings, createLog(() => {}), { migrations: [...mysqlMigrations, broken] })).rejects.toThrow(/nowhere/)
    const store = await openStore(settings, { migrations: [...mysqlMigrations, { ...next, statements: ['CREATE TABLE IF NOT EXISTS extra (id INT)'] }] })
    await store.add(ann, 'a')
    expect(await server().query('SELECT step FROM schema_steps ORDER BY step', settings.database)).toEqual([{ step: 1 }, { step: 2 }])
  })
}, ['--innodb-fast-shutdown=1'])
