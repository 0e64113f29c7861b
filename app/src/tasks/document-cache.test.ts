import { expect, test } from 'vitest'
import { createDocumentCache } from './document-cache.ts'

const found = { view: { show: 'all' }, page: { tasks: [], hasNext: false, hasPrevious: false } } as const

test.each([
  [true, 1],
  [false, 2],
])('where pages come again is %j, two looks at one are rendered %d times, each with its own token', (repeatsPages, times) => {
  let rendered = 0
  const documentOf = createDocumentCache(({ main }) => {
    rendered += 1
    return main.markup
  }, repeatsPages)
  const [first, second] = [documentOf(found, 'one'), documentOf(found, 'two')]
  expect(first).toContain('value="one"')
  expect(second).toBe(first.replaceAll('"one"', '"two"'))
  expect(rendered).toBe(times)
})
