import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findRoot, fromRoot } from './root.ts'

let top: string
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'shiplock-root-')))
  mkdirSync(join(top, 'repository/app/src'), { recursive: true })
})
afterEach(() => rmSync(top, { recursive: true, force: true }))

const find = (path: string) => findRoot(join(top, path), ['shiplock.config.ts']).slice(top.length + 1)

test('below a repository of git, the root is where git has it', () => {
  mkdirSync(join(top, 'repository/.git'))
  expect(find('repository/app/src')).toBe('repository')
})

test('a folder of a larger repository with a config of its own is a root', () => {
  mkdirSync(join(top, 'repository/.git'))
  writeFileSync(join(top, 'repository/app/shiplock.config.ts'), '')
  expect(find('repository/app/src')).toBe('repository/app')
  expect(find('repository')).toBe('repository')
})

test('a config above the repository is not the repository\'s', () => {
  mkdirSync(join(top, 'repository/.git'))
  writeFileSync(join(top, 'shiplock.config.ts'), '')
  expect(find('repository/app/src')).toBe('repository')
})

test('without git the nearest config upwards decides, and without one the folder is the root', () => {
  expect(find('repository/app/src')).toBe('repository/app/src')
  writeFileSync(join(top, 'repository/shiplock.config.ts'), '')
  expect(find('repository/app/src')).toBe('repository')
})

test('a path is meant from where the user is, however the user came there', () => {
  const root = join(top, 'repository')
  const here = join(root, 'app')
  symlinkSync(root, join(top, 'by-a-link'))
  expect(['src', 'src/', './src', '../app/src', join(here, 'src'), join(top, 'by-a-link/app/src'), join(top, 'by-a-link/app/new.ts')].map((path) => fromRoot(root, here, path))).toEqual([...Array<string>(6).fill('app/src'), 'app/new.ts'])
  expect(fromRoot(root, here, '..')).toBe('')
  expect(['../..', '/etc/passwd', '../../repository-other'].map((path) => fromRoot(root, here, path))).toEqual([undefined, undefined, undefined])
  expect(fromRoot(root, here, '..named')).toBe('app/..named')
})
