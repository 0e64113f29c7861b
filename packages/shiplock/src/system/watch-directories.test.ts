import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { childDirectories, watchDirectories, withNewDirectories } from './watch-directories.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shiplock-watch-'))
  for (const path of ['src/deep', 'dist/old', 'node_modules/x', '.git', '.shiplock']) mkdirSync(join(root, path), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('what happens in a directory is noticed once it is over, and what happens below it is not', async () => {
  const watching = watchDirectories(root, ['.', 'src'], 20)
  writeFileSync(join(root, 'src/deep/x.ts'), 'x')
  writeFileSync(join(root, 'src/a.ts'), 'a')
  writeFileSync(join(root, 'src/a.ts'), 'b')
  expect(await watching.changed).toBe(true)
  const deep = watchDirectories(root, ['.', 'src'], 20)
  writeFileSync(join(root, 'src/deep/y.ts'), 'y')
  deep.stop()
  expect(await deep.changed).toBe(false)
})

test('a directory that cannot be watched ends in a look, not in silence', async () => {
  expect(await watchDirectories(root, ['gone'], 20).changed).toBe(true)
})

test('new directories at any depth are watched, and those that were there unwatched stay so', () => {
  const watched = ['.', 'src']
  const known = childDirectories(root, watched)
  expect([...known].toSorted()).toEqual(['dist', 'src', 'src/deep'])
  mkdirSync(join(root, 'src/new/deeper'), { recursive: true })
  mkdirSync(join(root, 'dist/new'))
  expect([...withNewDirectories(root, watched, known)]).toEqual(['.', 'src', 'src/new', 'src/new/deeper'])
})
