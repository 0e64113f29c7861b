import { describe, expect, test } from 'vitest'
import type { ToolContext } from '../check.ts'
import { findLinters, linterVersions, runsRepositoryCode } from './linter.ts'

const treeOf = (files: Readonly<Record<string, string>>, links: readonly string[] = []): ToolContext => ({
  root: '/tree',
  files: {
    paths: Object.keys(files).toSorted(),
    has: (path) => Object.hasOwn(files, path),
    size: () => 0, isLink: (path) => links.includes(path),
    text: async (path) => files[path] ?? '',
  },
  findProgram: () => undefined, inherited: {}, run: async () => ({ kind: 'failed' as const, failure: { reason: 'tool-missing' as const, message: 'nothing runs here' } }),
  installed: async () => undefined,
})

describe('what counts as code of the repository', () => {
  test.for<[string, Record<string, string>, boolean]>([
    ['no configuration', { 'a.ts': '' }, false],
    ['one that is data', { '.oxlintrc.json': '{ "rules": { "no-console": "error" } }' }, false],
    ['a plugin in JavaScript', { '.oxlintrc.json': '{ "jsPlugins": ["./plugin.js"] }' }, true],
    ['a plugin whose key is spelled with escapes', { '.oxlintrc.json': '{ "\\u006asPlugins": ["./plugin.js"] }' }, true],
    ['one that extends another', { '.oxlintrc.json': '{ "extends": ["./other.json"] }' }, true],
    ['one in a folder', { 'app/.oxlintrc.json': '{}' }, true],
    ['several', { '.oxlintrc.json': '{}', 'app/.oxlintrc.json': '{}' }, true],
    ['a program', { 'oxlint.config.ts': '' }, true],
    ['a program in a folder', { '.oxlintrc.json': '{}', 'app/oxlint.config.mts': '' }, true],
    ['ESLint', { 'eslint.config.mjs': '' }, true],
    ['ESLint of old', { '.eslintrc.cjs': '' }, true],
    ['Biome', { 'biome.json': '{}' }, true],
  ])('%s: %#', async ([, files, expected]) => {
    expect(await runsRepositoryCode(treeOf(files), 'auto')).toBe(expected)
  })

  test('a link, since it may lead to anything', async () => {
    expect(await runsRepositoryCode(treeOf({ '.oxlintrc.json': '{}' }, ['.oxlintrc.json']), 'auto')).toBe(true)
  })
})

test('every linter that is configured runs, and oxlint where none is', async () => {
  const kinds = async (files: Record<string, string>) => (await findLinters(treeOf(files).files, 'auto')).map(({ kind }) => kind)
  expect(await kinds({ 'a.js': '' })).toEqual(['oxlint'])
  expect(await kinds({ 'eslint.config.js': '' })).toEqual(['eslint'])
  expect(await kinds({ 'eslint.config.js': '', 'biome.jsonc': '', '.oxlintrc.json': '' })).toEqual(['eslint', 'biome', 'oxlint'])
  expect(await kinds({ 'packages/a/eslint.config.js': '' })).toEqual(['oxlint'])
})

test('the versions of the linters that run are part of the fingerprint', async () => {
  expect(await linterVersions(treeOf({}), 'auto')).toEqual({
    oxlint: expect.stringMatching(/^\d+\./),
    'oxlint-tsgolint': expect.stringMatching(/^\d+\./),
  })
  expect(await linterVersions(treeOf({ 'eslint.config.js': '' }), 'auto')).toEqual({ eslint: 'not installed' })
})

test('rules that read other files than the one they report are not remembered by file', async () => {
  const [linter] = await findLinters(treeOf({ '.oxlintrc.json': '{ "plugins": ["import"] }' }).files, 'auto')
  expect(linter).toMatchObject({ kind: 'oxlint', config: { kind: 'data', isFileLocal: false } })
})
