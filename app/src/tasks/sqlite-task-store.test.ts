import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import type { OwnerId } from '../security/session.ts'
import { temporaryFolder } from '../testing/test-app.ts'
import { openSqliteTaskStore, selectPage } from './sqlite-task-store.ts'
import { StoreUnavailableError, type TaskStore } from './task-store.ts'

const ann = 'ann' as OwnerId
const bob = 'bob' as OwnerId
const limits = { active: 3, completed: 2 }

const openStore = (path = join(temporaryFolder(), 'todo.db')): TaskStore => {
  const store = openSqliteTaskStore(path)
  onTestFinished(() => store.close())
  return store
}

const titlesOf = async (store: TaskStore, owner: OwnerId) => {
  const { active, completed } = await store.list(owner, limits)
  return { active: active.tasks.map((task) => task.title), completed: completed.tasks.map((task) => task.title) }
}

test('a new list is empty', async () => {
  expect(await openStore().list(ann, limits)).toEqual({ active: { tasks: [], hasMore: false }, completed: { tasks: [], hasMore: false } })
})

test('tasks are listed newest first, done ones apart', async () => {
  const store = openStore()
  const first = await store.add(ann, 'first')
  await store.add(ann, 'second')
  expect(first).toEqual({ id: first.id, title: 'first', isComplete: false })
  expect(await titlesOf(store, ann)).toEqual({ active: ['second', 'first'], completed: [] })
  expect(await store.setComplete(ann, first.id, true)).toBe(true)
  expect(await titlesOf(store, ann)).toEqual({ active: ['second'], completed: ['first'] })
  expect(await store.setComplete(ann, first.id, true)).toBe(true)
  expect(await store.setComplete(ann, first.id, false)).toBe(true)
  expect(await titlesOf(store, ann)).toEqual({ active: ['second', 'first'], completed: [] })
})

test('no more than the limit is listed, and it is said that there are more', async () => {
  const store = openStore()
  for (const title of ['a', 'b', 'c']) await store.add(ann, title)
  expect((await store.list(ann, limits)).active.hasMore).toBe(false)
  await store.add(ann, 'd')
  const { active } = await store.list(ann, limits)
  expect(active.tasks.map((task) => task.title)).toEqual(['d', 'c', 'b'])
  expect(active.hasMore).toBe(true)
})

test("another owner's tasks are neither seen nor changed", async () => {
  const store = openStore()
  const { id } = await store.add(ann, 'private')
  expect(await titlesOf(store, bob)).toEqual({ active: [], completed: [] })
  expect(await store.setComplete(bob, id, true)).toBe(false)
  expect(await store.delete(bob, id)).toBe(false)
  expect(await titlesOf(store, ann)).toEqual({ active: ['private'], completed: [] })
})

test('a deleted task is gone, and its id is not given again', async () => {
  const store = openStore()
  const { id } = await store.add(ann, 'a')
  expect(await store.delete(ann, id)).toBe(true)
  expect(await store.delete(ann, id)).toBe(false)
  expect((await store.add(ann, 'b')).id).toBeGreaterThan(id)
})

const oddTitles = ["'; DROP TABLE tasks; --", '👩‍👩‍👧‍👦', '\u202eright to left', '<b>&amp;</b>']

test.each(oddTitles)('%j is kept to the letter', async (title) => {
  const store = openStore()
  await store.add(ann, title)
  expect(await titlesOf(store, ann)).toEqual({ active: [title], completed: [] })
})

test('tasks are there after closing and opening, in a file in WAL mode', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const store = openSqliteTaskStore(path)
  await store.add(ann, 'kept')
  store.close()
  expect(await titlesOf(openStore(path), ann)).toEqual({ active: ['kept'], completed: [] })
  const raw = new DatabaseSync(path)
  expect(raw.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  raw.close()
})

test('the list is read from the index, however long the table', () => {
  const path = join(temporaryFolder(), 'todo.db')
  openStore(path)
  const raw = new DatabaseSync(path)
  const plan = raw.prepare(`EXPLAIN QUERY PLAN ${selectPage}`).all(ann, 0, 5)
  raw.close()
  expect(plan.map((row) => row.detail)).toContain('SEARCH tasks USING INDEX tasks_by_owner (owner=? AND complete=?)')
  expect(JSON.stringify(plan)).not.toMatch(/SCAN tasks|TEMP B-TREE/)
})

test('while another process holds the lock, writing and the check say so; afterwards all goes on', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const store = openStore(path)
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  await expect(store.add(ann, 'a')).rejects.toBeInstanceOf(StoreUnavailableError)
  await expect(store.check()).rejects.toBeInstanceOf(StoreUnavailableError)
  expect(await titlesOf(store, ann)).toEqual({ active: [], completed: [] })
  other.exec('ROLLBACK')
  other.close()
  await store.check()
  await store.add(ann, 'a')
  expect(await titlesOf(store, ann)).toEqual({ active: ['a'], completed: [] })
})

test('a folder that is not there is an error at once', () => {
  expect(() => openSqliteTaskStore(join(temporaryFolder(), 'missing', 'todo.db'))).toThrow('unable to open database file')
})

test('a file that is no database is an error at once, and is left as it is', () => {
  const path = join(temporaryFolder(), 'notes.txt')
  writeFileSync(path, 'these are my notes, and no database; they are long enough for a header'.repeat(4))
  const before = readFileSync(path, 'utf8')
  expect(() => openSqliteTaskStore(path)).toThrow('file is not a database')
  expect(readFileSync(path, 'utf8')).toBe(before)
})
