import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { OwnerId } from '../../src/security/session.ts'
import { openSqliteTaskStore } from '../../src/storage/sqlite-task-store.ts'
import { describeWith, findProgram } from '../../src/testing/mariadb.ts'
import type { ListQuery } from '../../src/tasks/task-store.ts'
import { temporaryFolder } from '../../src/testing/test-app.ts'

const ann = 'ann' as OwnerId
const useStore = join(import.meta.dirname, 'use-store.ts')
const settingsOf = (path: string): string => JSON.stringify({ kind: 'sqlite', path })

function startUser(what: string, path: string) {
  const child = spawn(process.execPath, [useStore, what, settingsOf(path)], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const exit = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return { child, lines, reader, exit, errors: () => errors }
}

test('killed in the middle of writes, again and again, the file has every task that was acknowledged and is whole', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const acknowledged: string[] = []
  for (let round = 0; round < 4; round += 1) {
    const { child, lines, reader, exit } = startUser('add-for-ever', path)
    while (lines.length < 150 + round * 70) await once(reader, 'line')
    child.kill('SIGKILL')
    expect(await exit).toBe('SIGKILL')
    acknowledged.push(...lines)
  }
  const raw = new DatabaseSync(path)
  expect(raw.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  const titles = raw.prepare('SELECT title FROM tasks').all().map(({ title }) => String(title))
  raw.close()
  expect(new Set(titles).size).toBe(titles.length)
  const stored = new Set(titles)
  expect(acknowledged.filter((title) => !stored.has(title))).toEqual([])
  // What was stored and not said: at most the one task under way, in each round.
  expect(titles.length - acknowledged.length).toBeLessThanOrEqual(4)
})

test('several processes that start at once on no file make its tables once, and each adds its task', async () => {
  for (let round = 0; round < 2; round += 1) {
    const path = join(temporaryFolder(), 'todo.db')
    const users = Array.from({ length: 4 }, () => startUser('add-one', path))
    for (const { exit, errors } of users) expect([await exit, errors()]).toEqual([0, ''])
    const raw = new DatabaseSync(path)
    expect(raw.prepare('SELECT count(*) AS tasks FROM tasks').get()).toEqual({ tasks: 4 })
    expect(raw.prepare('SELECT count(*) AS steps FROM schema_steps').get()).toEqual({ steps: 1 })
    raw.close()
  }
})

test('a file that another process has locked as the service starts is waited for', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const holder = spawn(
    process.execPath,
    [
      '--eval',
      // Not in WAL mode: turning that on is what SQLite refuses at once, whatever the time-out.
      `const { DatabaseSync } = require('node:sqlite')
       const raw = new DatabaseSync(${JSON.stringify(path)})
       raw.exec('CREATE TABLE other (x); BEGIN IMMEDIATE')
       console.log('held')
       setTimeout(() => raw.exec('ROLLBACK'), 300)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  const store = openSqliteTaskStore(path)
  onTestFinished(() => store.close())
  await store.add(ann, 'a')
})

test('while 200,000 done tasks are cleared, others get their turn', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  const store = openSqliteTaskStore(path)
  onTestFinished(() => store.close())
  const raw = new DatabaseSync(path)
  raw.exec(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) INSERT INTO tasks (owner, title, complete) SELECT 'ann', 'x', 1 FROM n`,
  )
  raw.close()
  let isCleared = false
  const clearing = store.clearCompleted(ann).finally(() => (isCleared = true))
  let turns = 0
  while (!isCleared) {
    await nextTurn()
    turns += 1
    if (turns % 50 === 0) await store.add('bob' as OwnerId, 'meanwhile')
  }
  expect(await clearing).toBe(200_000)
  // One batch a turn, of at most 500.
  expect(turns).toBeGreaterThanOrEqual(200_000 / 500)
  expect((await store.list(ann, { show: 'done', limit: 1 })).tasks).toEqual([])
})

// What the kernel has read for this process, in bytes.
const bytesRead = (): number => Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])

test.skipIf(!existsSync('/proc/self/io'))('with a million tasks, of one owner and of many, a page reads a few pages of the file', async () => {
  const path = join(temporaryFolder(), 'todo.db')
  await openSqliteTaskStore(path).close()
  const raw = new DatabaseSync(path)
  // Sorted at once, as it is made last: a third of the time.
  const index = String(raw.prepare("SELECT sql FROM sqlite_schema WHERE name = 'tasks_by_owner'").get()?.sql)
  raw.exec(`
    DROP INDEX tasks_by_owner;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600000) INSERT INTO tasks (owner, title, complete) SELECT 'ann', 'x', i % 2 FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) INSERT INTO tasks (owner, title, complete) SELECT 'owner ' || (i % 20000), 'x', (i / 20000) % 2 FROM n;
    ${index};
    PRAGMA wal_checkpoint(TRUNCATE)`)
  raw.close()
  const queries: readonly ListQuery[] = [
    { show: 'all', limit: 20 },
    { show: 'done', limit: 20 },
    { show: 'all', limit: 20, after: { isComplete: false, id: 500_000 } },
    { show: 'all', limit: 20, before: { isComplete: true, id: 500_000 } },
  ]
  for (const owner of ['ann', 'owner 7', 'nobody'] as OwnerId[]) {
    for (const query of queries) {
      // A new one each time, whose cache is empty. All of the reading is done before the first await.
      const store = openSqliteTaskStore(path)
      const before = bytesRead()
      const page = store.list(owner, query)
      const pages = (bytesRead() - before) / 4096
      await page
      await store.close()
      // 21 tasks far apart, each 4 levels deep, would be 84; the whole file has 10,000.
      expect(pages).toBeGreaterThan(1)
      expect(pages).toBeLessThan(100)
    }
  }
})

describeWith(['bwrap'], 'a file on', () => {
  const inSandbox = async (options: readonly string[], what: string, path: string, env: Readonly<Record<string, string>> = {}) => {
    const bwrap = findProgram('bwrap') as string
    const base = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--die-with-parent']
    const child = spawn(bwrap, [...base, ...options, process.execPath, useStore, what, settingsOf(path)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let output = ''
    let errors = ''
    child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
    const [code] = await once(child, 'close')
    return { code: code as number | null, output, errors }
  }

  test('a full disk takes no task and loses none, is still read, and takes tasks again once there is space', async () => {
    const folder = temporaryFolder()
    const { code, output, errors } = await inSandbox(['--size', '600000', '--tmpfs', folder], 'fill-disk', join(folder, 'todo.db'), { FOLDER: folder })
    expect([code, errors]).toEqual([0, ''])
    const { added, refusal, newestWhenFull, isStoredAfter } = JSON.parse(output) as Record<string, unknown>
    expect(added).toBeGreaterThan(10)
    expect(refusal).toBe('StoreUnavailableError')
    expect(newestWhenFull).toBe(`task ${Number(added) - 1}`)
    expect(isStoredAfter).toBe(true)
  })

  test('a disk that is read-only is refused at start, with what to do', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'todo.db')
    const store = openSqliteTaskStore(path)
    await store.add(ann, 'a')
    await store.close()
    const { code, errors } = await inSandbox(['--ro-bind', folder, folder], 'add-one', path)
    expect(code).toBe(1)
    expect(errors).toContain('writable')
  })
})
