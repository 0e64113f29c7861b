import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStateDirectory } from './state-directory.ts'

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

test('a link is refused', () => {
  mkdirSync(join(root, 'elsewhere'))
  symlinkSync('elsewhere', join(root, '.shiplock'))
  expect(openStateDirectory(root).ok).toBe(false)
})
