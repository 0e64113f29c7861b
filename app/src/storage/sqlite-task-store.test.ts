import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { OwnerId } from '../security/session.ts'
import { temporaryFolder } from '../testing/test-app.ts'
import { StoreUnavailableError, type TaskStore } from '../tasks/task-store.ts'
import type { Migration } from './migrations.ts'
import { sqliteMigrations } from './sqlite-migrations.ts'
import { clearSome, openSqliteTaskStore, selectPage, type SqliteOptions } from './sqlite-task-store.ts'
import { testTaskStore } from './task-store-contract.ts'

const ann = 'ann' as OwnerId

const openStore = (path = join(temporaryFolder(), 'todo.db'), options?: SqliteOptions): TaskStore => {
  const store = openSqliteTaskStore(path, options)
  onTestFinished(() => store.close())
  return store
}

testTaskStore(async (options) => openStore(undefined, options), { modelRuns: 15 })

test('tasks are there after closing and opening, in a file in WAL mode', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const store = openSqliteTaskStore(path)
  await store.add(ann, 'kept')
  await store.close()
  expect((await openStore(path).list(ann, { show: 'all', limit: 2 })).tasks).toMatchObject([{ title: 'kept' }])
  const raw = new DatabaseSync(path)
  expect(raw.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  raw.close()
})

test('a page is read from the index alone, in its order, and clearing too', () => {
  const path = join(temporaryFolder(), 'todo.db')
  openStore(path)
  const raw = new DatabaseSync(path)
  onTestFinished(() => raw.close())
  const planOf = (sql: string) => raw.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => String(detail))
  for (const isForward of [true, false]) {
    const read = `SEARCH tasks USING COVERING INDEX tasks_by_owner (owner=? AND complete=? AND id${isForward ? '<' : '>'}?)`
    const one = planOf(selectPage(isForward, 1))
    expect(one.filter((detail) => detail === read)).toHaveLength(1)
    expect(one.join()).not.toMatch(/SCAN tasks|TEMP B-TREE/)
    const both = planOf(selectPage(isForward, 2))
    expect(both.filter((detail) => detail === read)).toHaveLength(2)
    // One after the other: were they merged, or sorted, both would be read to their ends.
    expect(both.slice(0, 2)).toEqual(['COMPOUND QUERY', 'LEFT-MOST SUBQUERY'])
    expect(both).toContain('UNION ALL')
    expect(both.join()).not.toMatch(/SCAN tasks|TEMP B-TREE|MERGE/)
  }
  const clear = planOf(clearSome).join()
  expect(clear).toContain('SEARCH tasks USING COVERING INDEX tasks_by_owner (owner=? AND complete=?)')
  expect(clear).not.toMatch(/SCAN tasks|TEMP B-TREE/)
})

/** Another process that holds the lock, as far as SQLite can tell. */
function holdLock(path: string): DatabaseSync {
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  return other
}

test('while another process holds the lock, writing and the check say so; afterwards all goes on', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const store = openStore(path, { lockWaitMs: 60 })
  const other = holdLock(path)
  await expect(store.add(ann, 'a')).rejects.toBeInstanceOf(StoreUnavailableError)
  await expect(store.check()).rejects.toBeInstanceOf(StoreUnavailableError)
  expect((await store.list(ann, { show: 'all', limit: 2 })).tasks).toEqual([])
  other.exec('ROLLBACK')
  other.close()
  await store.check()
  await store.add(ann, 'a')
  expect((await store.list(ann, { show: 'all', limit: 2 })).tasks).toMatchObject([{ title: 'a' }])
})

test('a lock that is given back in time is waited for, and others are served meanwhile', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const store = openStore(path)
  const other = holdLock(path)
  const adding = store.add(ann, 'a')
  // Tried once, and not given up: waiting on the event loop would have ended it, after all of the time allowed.
  await nextTurn()
  expect((await store.list(ann, { show: 'all', limit: 2 })).tasks).toEqual([])
  expect(store.poolUse().waiting).toBe(1)
  const closing = store.close()
  other.exec('ROLLBACK')
  other.close()
  expect(await adding).toMatchObject({ title: 'a' })
  await closing
  await expect(store.add(ann, 'b')).rejects.toBeInstanceOf(StoreUnavailableError)
  expect((await openStore(path).list(ann, { show: 'all', limit: 2 })).tasks).toMatchObject([{ title: 'a' }])
})

test('changes of one turn are one transaction, and one that cannot be made takes no other with it', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const store = openStore(path)
  const reader = new DatabaseSync(path)
  onTestFinished(() => reader.close())
  const version = (): unknown => reader.prepare('PRAGMA data_version').get()?.['data_version']
  const before = Number(version())
  await Promise.all(['a', 'b', 'c'].map((title) => store.add(ann, title)))
  expect(version()).toBe(before + 1)
  const results = await Promise.allSettled(['d', null as unknown as string, 'e'].map((title) => store.add(ann, title)))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  const ids = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : []))
  const { tasks } = await store.list(ann, { show: 'all', limit: 9 })
  expect(tasks.map(({ title }) => title)).toEqual(['e', 'd', 'c', 'b', 'a'])
  expect(tasks.slice(0, 2).map(({ id }) => id)).toEqual(ids.toReversed())
})

test('what another process writes is on the next page that is asked for', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const [store, other] = [openStore(path), openStore(path)]
  const titles = async (): Promise<string[]> => (await store.list(ann, { show: 'all', limit: 9 })).tasks.map(({ title }) => title)
  const { id } = await store.add(ann, 'a')
  expect(await titles()).toEqual(['a'])
  await other.add(ann, 'b')
  expect(await titles()).toEqual(['b', 'a'])
  await other.change(ann, id, { title: 'c' })
  expect(await titles()).toEqual(['b', 'c'])
})

test('a file that can only be read is read, and a change says that it cannot be made', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  await openStore(path).add(ann, 'a')
  const store = openStore(`file:${path}?mode=ro`)
  await expect(store.add(ann, 'b')).rejects.toBeInstanceOf(StoreUnavailableError)
  expect((await store.list(ann, { show: 'all', limit: 9 })).tasks).toMatchObject([{ title: 'a' }])
})

/** What the service made before steps were counted, to the letter. */
const firstSchema = `
  CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
  ) STRICT;
  CREATE INDEX IF NOT EXISTS tasks_by_owner ON tasks (owner, complete, id);
`

test('a file of the first revision is taken over without loss, ids included, and that revision can go on with it', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const raw = new DatabaseSync(path)
  raw.exec(`PRAGMA journal_mode = WAL; ${firstSchema}`)
  const insert = raw.prepare('INSERT INTO tasks (owner, title, complete) VALUES (?, ?, ?)')
  insert.run('ann', 'kept', 0)
  insert.run('ann', 'done', 1)
  insert.run('ann', 'deleted', 0)
  raw.exec("DELETE FROM tasks WHERE title = 'deleted'")
  const store = openStore(path)
  expect((await store.list(ann, { show: 'all', limit: 9 })).tasks).toEqual([
    { id: 1, title: 'kept', isComplete: false },
    { id: 2, title: 'done', isComplete: true },
  ])
  expect(await store.add(ann, 'new')).toMatchObject({ id: 4 })
  insert.run('ann', 'by the first revision', 0)
  raw.exec(firstSchema)
  raw.close()
  expect((await store.list(ann, { show: 'active', limit: 1 })).tasks).toMatchObject([{ id: 5, title: 'by the first revision' }])
})

const next: Migration = { step: 2, title: 'a due date', statements: ['ALTER TABLE tasks ADD COLUMN due TEXT'] }

test('a newer revision expands the file while the previous one serves; the previous one can start again on it, and says so', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const previous = openStore(path)
  const { id } = await previous.add(ann, 'a')
  const newer = openStore(path, { migrations: [...sqliteMigrations, next] })
  await previous.change(ann, id, { title: 'b' })
  await newer.add(ann, 'c')
  expect((await previous.list(ann, { show: 'all', limit: 9 })).tasks).toMatchObject([{ title: 'c' }, { title: 'b' }])
  const lines: string[] = []
  const rolledBack = openStore(path, { log: (_severity, message) => lines.push(message) })
  await rolledBack.add(ann, 'd')
  expect(lines).toEqual(['The database is at step 2 and this revision knows 1: a newer one only expanded it, so this one goes on'])
  // Done once: adding the column again would fail.
  openStore(path, { migrations: [...sqliteMigrations, next] })
})

test('a step that another process takes between a look at the file and its lock is not taken again', () => {
  const path = join(temporaryFolder(), 'todo.db')
  openStore(path)
  const known = [...sqliteMigrations, next]
  // Looked through right before the lock is taken: the other process is that fast.
  const looked = Object.assign([...known], {
    filter: (...parameters: Parameters<Migration[]['filter']>) => {
      openStore(path, { migrations: known })
      return known.filter(...parameters)
    },
  })
  const stepsOf = (): unknown => {
    const raw = new DatabaseSync(path)
    onTestFinished(() => raw.close())
    return raw.prepare('SELECT step FROM schema_steps ORDER BY step').all()
  }
  openStore(path, { migrations: looked })
  expect(stepsOf()).toEqual([{ step: 1 }, { step: 2 }])
})

test('a step that fails leaves the file as it was, without that step or any part of it', () => {
  const path = join(temporaryFolder(), 'todo.db')
  openStore(path)
  const broken = { ...next, statements: [...next.statements, 'CREATE TABLE tasks (x)'] }
  expect(() => openSqliteTaskStore(path, { migrations: [...sqliteMigrations, broken] })).toThrow('table tasks already exists')
  openStore(path, { migrations: [...sqliteMigrations, next] })
})

test.each([
  ['table', 'CREATE TABLE tasks (id INTEGER PRIMARY KEY, name TEXT)', 'no such column: owner; if another program made the tables of this file, name another in DATABASE'],
  ['table, with an index', 'CREATE TABLE tasks (id INTEGER PRIMARY KEY, owner TEXT, complete INT); CREATE INDEX tasks_by_owner ON tasks (owner, complete, id)', 'no such column: title; if another'],
  ['index', `${firstSchema} DROP INDEX tasks_by_owner; CREATE INDEX tasks_by_owner ON tasks (title, owner)`, 'has the columns title, owner and not owner, complete, id; if another'],
  ['index, elsewhere', 'CREATE TABLE others (owner, complete, id); CREATE INDEX tasks_by_owner ON others (owner, complete, id)', 'has the columns of no table here and not'],
])('somebody else’s %s is refused at start, with what to do, and the file is left as it was', (_what, made, problem) => {
  const path = join(temporaryFolder(), 'todo.db')
  const raw = new DatabaseSync(path)
  onTestFinished(() => raw.close())
  raw.exec(made)
  const schema = () => raw.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all()
  const before = schema()
  for (let time = 0; time < 2; time += 1) expect(() => openSqliteTaskStore(path)).toThrow(problem)
  expect(schema()).toEqual(before)
})

test('an index that was changed after the start before is noticed at the next', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  await openSqliteTaskStore(path).close()
  const raw = new DatabaseSync(path)
  raw.exec('DROP INDEX tasks_by_owner; CREATE INDEX tasks_by_owner ON tasks (owner, id)')
  raw.close()
  expect(() => openSqliteTaskStore(path)).toThrow('has the columns owner, id and not owner, complete, id')
})

test('a folder that is not there is an error at once', () => {
  expect(() => openSqliteTaskStore(join(temporaryFolder(), 'missing', 'todo.db'))).toThrow('unable to open database file; its folder must exist and be writable')
})

test('a file that is no database is an error at once, and is left as it is', () => {
  const path = join(temporaryFolder(), 'notes.txt')
  writeFileSync(path, 'these are my notes, and no database; they are long enough for a header'.repeat(4))
  const before = readFileSync(path, 'utf8')
  expect(() => openSqliteTaskStore(path)).toThrow('file is not a database; name another file in DATABASE')
  expect(readFileSync(path, 'utf8')).toBe(before)
})

test('a file that is damaged where its tables are described is an error at once, with what to do', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  await openSqliteTaskStore(path).close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, 100, 200)
  writeFileSync(path, bytes)
  expect(() => openSqliteTaskStore(path)).toThrow('restore it from a backup')
})

test('damage that only shows later makes the storage unavailable, and ends nothing', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const store = openSqliteTaskStore(path)
  for (let number = 0; number < 300; number += 1) await store.add(ann, `a task, long enough to fill pages with few of its kind ${number}`)
  await store.close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4096 * 2)
  writeFileSync(path, bytes)
  const damaged = openStore(path)
  await expect(damaged.list(ann, { show: 'all', limit: 20 })).rejects.toBeInstanceOf(StoreUnavailableError)
})
