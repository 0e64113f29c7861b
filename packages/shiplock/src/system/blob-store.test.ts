import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BlobStore } from './blob-store.ts'

let directory: string
let built: string
let store: BlobStore

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'blobs-'))
  built = join(directory, 'built')
  mkdirSync(join(built, 'dist/node_modules'), { recursive: true })
  store = new BlobStore(join(directory, 'blobs'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('files that a glob names are kept by content, with whether they are executable', () => {
  for (const name of ['dist/b.js', 'dist/a.sh', 'dist/node_modules/c.js', 'other.txt']) writeFileSync(join(built, name), 'the same')
  chmodSync(join(built, 'dist/a.sh'), 0o755)
  const kept = store.keep(built, ['dist/**'])
  expect(kept.map(({ path, size, isExecutable }) => [path, size, isExecutable])).toEqual([['dist/a.sh', 8, true], ['dist/b.js', 8, false]])
  expect(new Set(kept.map(({ digest }) => readFileSync(store.pathOf(digest), 'utf8')))).toEqual(new Set(['the same']))
})

test('a content that somebody put under the name of another is written anew', () => {
  const digest = store.put(Buffer.from('real'))
  writeFileSync(store.pathOf(digest), 'evil')
  expect(store.put(Buffer.from('real'))).toBe(digest)
  expect(readFileSync(store.pathOf(digest), 'utf8')).toBe('real')
})

test('a link is not kept: it could show the image a file of this machine', () => {
  writeFileSync(join(built, 'dist/page.js'), '')
  symlinkSync('/etc/passwd', join(built, 'dist/file'))
  symlinkSync('/etc', join(built, 'dist/folder'))
  expect(store.keep(built, ['dist/**']).map(({ path }) => path)).toEqual(['dist/page.js'])
})
