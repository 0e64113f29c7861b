import { expect, test } from 'vitest'
import { publishedFolders } from './published.ts'

test('the manifest next above a file says whether others may install it; without one they may', () => {
  const isPublished = publishedFolders(new Map([['package.json', '{"private":true}'], ['packages/a/package.json', '{"name":"a"}'], ['broken/package.json', '{'], ['packages/b/tsconfig.json', '{}']]))
  expect(['a.js', 'src/a.js', 'packages/a/src/a.js', 'packages/b/a.js', 'broken/a.js'].map(isPublished)).toEqual([false, false, true, false, true])
  expect(publishedFolders(new Map())('a.js')).toBe(true)
})
