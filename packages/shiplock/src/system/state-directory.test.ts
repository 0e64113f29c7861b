import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forgetWhatCouldBeForged, markUnconfined, openStateDirectory, pruneOldResults, removeLeftovers } from './state-directory.ts'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'state-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('it is made for its owner alone, ignored by git, and opened again', () => {
  expect(openStateDirectory(root).ok).toBe(true)
  expect(statSync(join(root, '.shiplock')).mode & 0o777).toBe(0o700)
  expect(existsSync(join(root, '.shiplock/.gitignore'))).toBe(true)
  expect(openStateDirectory(root).ok).toBe(true)
})

test('one that came with the repository is refused, whatever it says of itself', () => {
  mkdirSync(join(root, '.shiplock/local'), { recursive: true })
  writeFileSync(join(root, '.shiplock/local/emulator.json'), '{"pid":1}')
  writeFileSync(join(root, '.shiplock/made-here'), '12345\n')
  expect(openStateDirectory(root)).toMatchObject({ ok: false, failure: { message: expect.stringContaining('was not made here') } })
})

test('a copy of another checkout’s is refused: what it names belongs to the other', () => {
  openStateDirectory(root)
  const copy = mkdtempSync(join(tmpdir(), 'state-'))
  cpSync(join(root, '.shiplock'), join(copy, '.shiplock'), { recursive: true })
  expect(openStateDirectory(copy).ok).toBe(false)
  rmSync(copy, { recursive: true })
})

test('a link is refused, even one whose mark names it', () => {
  mkdirSync(join(root, 'elsewhere'))
  symlinkSync('elsewhere', join(root, '.shiplock'))
  writeFileSync(join(root, 'elsewhere/made-here'), `${lstatSync(join(root, '.shiplock')).ino}\n`)
  expect(openStateDirectory(root).ok).toBe(false)
})

test('copies of the tree that a killed run left behind are removed, and what they link to is not', () => {
  const state = openStateDirectory(root)
  if (!state.ok) throw new Error(state.failure.message)
  mkdirSync(join(state.value.scratch, 'tree-abc/src'), { recursive: true })
  writeFileSync(join(root, 'source.ts'), '')
  symlinkSync(root, join(state.value.scratch, 'tree-abc/link'))
  removeLeftovers(state.value)
  expect(readdirSync(state.value.scratch)).toEqual([])
  expect(existsSync(join(root, 'source.ts'))).toBe(true)
})

test('a file that a killed run was writing is removed, and one that a living process is writing is not', () => {
  const state = openStateDirectory(root)
  if (!state.ok) throw new Error(state.failure.message)
  const killed = spawnSync(process.execPath, ['-e', ''])
  const temporary = (pid: number) => join(state.value.path, `durations.json.${pid}.0123abcd.tmp`)
  writeFileSync(temporary(killed.pid), '')
  writeFileSync(temporary(process.pid), '')
  removeLeftovers(state.value)
  expect(existsSync(temporary(killed.pid))).toBe(false)
  expect(existsSync(temporary(process.pid))).toBe(true)
})

test('once a day, results of more than 30 days ago are dropped, and younger ones kept', () => {
  const state = openStateDirectory(root)
  if (!state.ok) throw new Error(state.failure.message)
  const day = 24 * 60 * 60 * 1000
  mkdirSync(join(state.value.results, 'ab'), { recursive: true })
  writeFileSync(join(state.value.results, 'ab/cd'), 'x')
  pruneOldResults(state.value, Date.now() + 29 * day)
  expect(existsSync(join(state.value.results, 'ab/cd'))).toBe(true)
  pruneOldResults(state.value, Date.now() + 31 * day)
  expect(existsSync(join(state.value.results, 'ab/cd'))).toBe(false)
})

test('what could have been forged is thrown away, once, after code of the repository ran without a wall', () => {
  const state = openStateDirectory(root)
  if (!state.ok) throw new Error(state.failure.message)
  const write = () => {
    mkdirSync(state.value.results, { recursive: true })
    writeFileSync(join(state.value.results, 'a'), '{}')
    writeFileSync(state.value.index, '{}')
  }
  mkdirSync(state.value.keys)
  writeFileSync(join(state.value.keys, 'key.pem'), 'secret')
  const isThere = () => [join(state.value.results, 'a'), state.value.index].map((path) => existsSync(path))
  write()
  forgetWhatCouldBeForged(state.value, false)
  expect(isThere()).toEqual([true, true])
  markUnconfined(state.value)
  // What ran could have read it: nothing is signed with it any more.
  expect(existsSync(join(state.value.keys, 'key.pem'))).toBe(false)
  forgetWhatCouldBeForged(state.value, false)
  expect(isThere()).toEqual([false, false])
  write()
  forgetWhatCouldBeForged(state.value, false)
  expect(isThere()).toEqual([true, true])
  // In CI whatever ran before could have.
  forgetWhatCouldBeForged(state.value, true)
  expect(isThere()).toEqual([false, false])
})
