import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { OwnerId } from '../security/session.ts'
import { openSqliteTaskStore } from '../storage/sqlite-task-store.ts'
import { temporaryFolder } from '../testing/test-app.ts'
import { findPage, pageSize } from './list-page.ts'
import type { ListView } from './list-view.ts'
import type { TaskStore } from './task-store.ts'

const owner = 'an owner' as OwnerId

/** A store with `count` tasks, whose ids are 1 to `count`, and how many queries it was asked. */
async function fill(count: number): Promise<{ store: TaskStore; queries: () => number }> {
  const store = openSqliteTaskStore(join(temporaryFolder(), 'todo.db'))
  onTestFinished(() => store.close())
  for (let index = 1; index <= count; index++) await store.add(owner, `task ${index}`)
  let asked = 0
  const { list } = store
  store.list = (...parameters) => {
    asked += 1
    return list(...parameters)
  }
  return { store, queries: () => asked }
}

const active = (id: number) => ({ isComplete: false, id })
const idsOf = ({ page }: Awaited<ReturnType<typeof findPage>>) => page.tasks.map(({ id }) => id)

test('a page is one query, wherever it is', async () => {
  const { store, queries } = await fill(45)
  const first = await findPage(store, owner, { show: 'all' })
  expect(idsOf(first)).toEqual(Array.from({ length: pageSize }, (_, index) => 45 - index))
  await findPage(store, owner, { show: 'active', after: active(26) })
  await findPage(store, owner, { show: 'all', before: active(5) })
  expect(queries()).toBe(3)
})

test('from page to page every task is met once, forward and back', async () => {
  const { store } = await fill(45)
  for (const id of [3, 17, 44]) await store.change(owner, id, { isComplete: true })
  const forward: number[][] = []
  let view: ListView = { show: 'all' }
  for (;;) {
    const found = await findPage(store, owner, view)
    forward.push(idsOf(found))
    if (!found.page.hasNext) break
    const { isComplete, id } = found.page.tasks.at(-1)!
    view = { show: 'all', after: { isComplete, id } }
  }
  expect(forward.map((ids) => ids.length)).toEqual([20, 20, 5])
  expect(forward.flat().slice(-3)).toEqual([44, 17, 3])
  expect(new Set(forward.flat()).size).toBe(45)

  const back: number[][] = []
  for (;;) {
    const found = await findPage(store, owner, view)
    back.unshift(idsOf(found))
    if (!found.page.hasPrevious) break
    const { isComplete, id } = found.page.tasks[0]!
    view = { show: 'all', before: { isComplete, id } }
  }
  expect(back).toEqual(forward)
})

test('when nothing is left after a place, the page that ends with it is shown, and nothing is said to follow', async () => {
  const { store } = await fill(25)
  const view = { show: 'all', after: active(6), edit: 9 } as const
  for (const id of [1, 2, 3, 4, 5]) await store.delete(owner, id)
  const found = await findPage(store, owner, view)
  expect(idsOf(found)).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index))
  // All of it is the first page, so that is where it is.
  expect(found.view).toEqual({ show: 'all', edit: 9 })
  expect(found.page).toMatchObject({ hasNext: false, hasPrevious: false })
})

test('the last page of three, emptied, gives way to the second', async () => {
  const { store } = await fill(45)
  for (const id of [1, 2, 3, 4, 5]) await store.delete(owner, id)
  const found = await findPage(store, owner, { show: 'active', after: active(6) })
  expect(idsOf(found)).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index))
  expect(found.view).toEqual({ show: 'active', before: active(5) })
  expect(found.page).toMatchObject({ hasNext: false, hasPrevious: true })
})

test('going back to a start that has become short shows the whole first page', async () => {
  const { store } = await fill(45)
  for (let id = 30; id <= 45; id++) await store.delete(owner, id)
  const found = await findPage(store, owner, { show: 'all', before: active(25) })
  expect(idsOf(found)).toEqual(Array.from({ length: 20 }, (_, index) => 29 - index))
  expect(found.view).toEqual({ show: 'all' })
  expect(found.page).toMatchObject({ hasNext: true, hasPrevious: false })
})

test.each<ListView>([
  { show: 'all', after: active(7) },
  { show: 'all', before: active(7) },
  { show: 'done', after: { isComplete: true, id: 7 } },
  { show: 'all', after: active(0) },
  { show: 'active', before: active(Number.MAX_SAFE_INTEGER) },
])('on an empty list %j is the first page', async (view) => {
  const { store } = await fill(0)
  expect(await findPage(store, owner, view)).toEqual({ view: { show: view.show }, page: { tasks: [], hasNext: false, hasPrevious: false } })
})
