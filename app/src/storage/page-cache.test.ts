import { expect, test } from 'vitest'
import type { OwnerId } from '../security/session.ts'
import type { ListQuery, TaskPage } from '../tasks/task-store.ts'
import { createPageCache, type PageCache } from './page-cache.ts'

const [ann, bob] = ['ann', 'bob'] as OwnerId[] as [OwnerId, OwnerId]
const query: ListQuery = { show: 'all', limit: 20 }
const newPage = (): TaskPage => ({ tasks: [], hasNext: false, hasPrevious: false })

function start(): { readonly cache: PageCache; version: number } {
  const database: { version: number; cache: PageCache } = { version: 1, cache: createPageCache(() => database.version) }
  return database
}

test('a page is read once until its owner changes something', () => {
  const { cache } = start()
  const first = cache.get(ann, query, newPage)
  const bobs = cache.get(bob, query, newPage)
  expect(cache.get(ann, query, newPage)).toBe(first)
  cache.forget(ann)
  expect(cache.get(ann, query, newPage)).not.toBe(first)
  expect(cache.get(bob, query, newPage)).toBe(bobs)
})

test('nothing is believed once another connection has changed the file', () => {
  const database = start()
  const first = database.cache.get(ann, query, newPage)
  database.version = 2
  expect(database.cache.get(ann, query, newPage)).not.toBe(first)
})

test('each way of looking is a page of its own', () => {
  const { cache } = start()
  const place = { isComplete: false, id: 7 }
  const queries: readonly ListQuery[] = [
    query,
    { ...query, limit: 5 },
    { ...query, show: 'done' },
    { ...query, after: place },
    { ...query, before: place },
    { ...query, after: { ...place, isComplete: true } },
    { ...query, after: { ...place, id: 8 } },
  ]
  const seen = new Set(queries.map((each) => cache.get(ann, each, newPage)))
  expect(seen.size).toBe(queries.length)
})

test('neither many owners nor many pages are kept', () => {
  const { cache } = start()
  const first = cache.get(ann, query, newPage)
  for (let limit = 1; limit <= 4; limit++) cache.get(ann, { ...query, limit }, newPage)
  expect(cache.get(ann, query, newPage)).not.toBe(first)
  const bobs = cache.get(bob, query, newPage)
  for (let number = 0; number < 64; number++) cache.get(`owner ${number}` as OwnerId, query, newPage)
  expect(cache.get(bob, query, newPage)).not.toBe(bobs)
})

test('a page that could not be read is not kept', () => {
  const { cache } = start()
  expect(() =>
    cache.get(ann, query, () => {
      throw new Error('busy')
    }),
  ).toThrow('busy')
  expect(cache.get(ann, query, newPage)).toEqual(newPage())
})
