import { chmodSync, linkSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readForMending, writeMended } from './mend-file.ts'
import { takeSnapshot, type Snapshot } from './snapshot.ts'

let parent: string
let root: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'mend-'))
  root = join(parent, 'tree')
  mkdirSync(join(root, 'src'), { recursive: true })
  writeFileSync(join(root, 'src/a.js'), 'old')
  writeFileSync(join(parent, 'outside'), 'old')
})
afterEach(() => rmSync(parent, { recursive: true }))

function snapshot(): Snapshot {
  const taken = takeSnapshot(root)
  if (!taken.ok) throw new Error(taken.failure.message)
  return taken.value
}
const whyNot = (taken: Snapshot, path: string) => {
  const written = writeMended(taken, path, 'new')
  return written.ok ? '' : written.failure
}

test('a file gets its new text and keeps its rights', () => {
  chmodSync(join(root, 'src/a.js'), 0o750)
  const taken = snapshot()
  expect([readForMending(taken, 'src/a.js'), whyNot(taken, 'src/a.js')]).toEqual([{ ok: true, value: 'old' }, ''])
  expect([readFileSync(join(root, 'src/a.js'), 'utf8'), statSync(join(root, 'src/a.js')).mode & 0o777]).toEqual(['new', 0o750])
})

test('a link is not followed, nor a folder that has become one', () => {
  symlinkSync('../../outside', join(root, 'src/link.js'))
  const taken = snapshot()
  expect(whyNot(taken, 'src/link.js')).toContain('is a link')
  renameSync(join(root, 'src'), join(parent, 'moved'))
  symlinkSync('../moved', join(root, 'src'))
  expect(whyNot(taken, 'src/a.js')).toBe('lies behind a link')
  expect([readFileSync(join(parent, 'outside'), 'utf8'), readFileSync(join(parent, 'moved/a.js'), 'utf8')]).toEqual(['old', 'old'])
})

test('what was edited since it was looked at stays as it is', () => {
  const taken = snapshot()
  writeFileSync(join(root, 'src/a.js'), 'edited')
  expect(whyNot(taken, 'src/a.js')).toBe('was edited since it was looked at')
  expect(readFileSync(join(root, 'src/a.js'), 'utf8')).toBe('edited')
})

test('what is no file of the tree, has two names or is no text stays as it is', () => {
  linkSync(join(parent, 'outside'), join(root, 'hard.js'))
  writeFileSync(join(root, 'latin.js'), Buffer.from([0x61, 0xe9]))
  const taken = snapshot()
  expect(['../outside', 'no-such.js', 'hard.js', 'latin.js'].map((path) => whyNot(taken, path))).toEqual(['is not part of the tree', 'is not part of the tree', expect.stringContaining('hard link'), 'holds bytes that are not UTF-8'])
  expect(readFileSync(join(parent, 'outside'), 'utf8')).toBe('old')
})
