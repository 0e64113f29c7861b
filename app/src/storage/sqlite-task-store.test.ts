import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import type { OwnerId } from '../security/session.ts'
import { temporaryFolder } from '../testing/test-app.ts'
import { openSqliteTaskStore } from './sqlite-task-store.ts'
import { testTaskStore } from './task-store-contract.ts'
import { StoreUnavailableError, type TaskStore } from '../tasks/task-store.ts'

const ann = 'ann' as OwnerId

const openStore = (path = join(temporaryFolder(), 'todo.db')): TaskStore => {
  const store = openSqliteTaskStore(path)
  onTestFinished(() => store.close())
  return store
}

testTaskStore(async () => openStore(), { modelRuns: 40 })

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

test('while another process holds the lock, writing and the check say so; afterwards all goes on', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const store = openStore(path)
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  await expect(store.add(ann, 'a')).rejects.toBeInstanceOf(StoreUnavailableError)
  await expect(store.check()).rejects.toBeInstanceOf(StoreUnavailableError)
  expect((await store.list(ann, { show: 'all', limit: 2 })).tasks).toEqual([])
  other.exec('ROLLBACK')
  other.close()
  await store.check()
  await store.add(ann, 'a')
  expect((await store.list(ann, { show: 'all', limit: 2 })).tasks).toMatchObject([{ title: 'a' }])
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
