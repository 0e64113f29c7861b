import { expect, test } from 'vitest'
import sast from './index.ts'
import { isCommand, selectSources } from './selection.ts'

const select = (paths: readonly string[], options: object = {}) => selectSources(paths, sast.options.parse(options))

test.each(['src/a.ts', 'a.tsx', 'a.mts', 'a.cts', 'lib/a.js', 'a.jsx', 'a.mjs', 'a.cjs', 'a.es6', 'App.vue', 'App.svelte', 'views/a.ejs', 'a.eta', 'a.pug', 'a.hbs', 'a.mustache', 'a.njk', 'a.liquid', 'src/testing.ts', 'latest/a.js', 'contest.ts'])('%s is judged', (path) => {
  expect(select([path]).judged).toEqual([path])
})

test.each(['a.html', 'a.json', 'a.d.ts', 'a.d.mts', 'README.md'])('%s is no source', (path) => {
  expect(select([path, 'a.ts'])).toEqual({ judged: ['a.ts'], ifLoaded: [], tests: 0, generated: 0, exclusion: { kept: ['a.ts'], excluded: [] } })
})

test.each(['a.test.ts', 'a_spec.js', '__tests__/a.ts', 'packages/x/test/a.js', 'fixtures/a.js', 'e2e/a.ts', 'bench/a.ts', 'Button.stories.tsx'])('%s is a test, left out and counted unless asked for', (path) => {
  expect(select([path, 'a.ts'])).toMatchObject({ judged: ['a.ts'], tests: 1 })
  expect(select([path, 'a.ts'], { tests: true })).toMatchObject({ judged: [path, 'a.ts'], tests: 0 })
})

test.each(['dist/a.js', 'packages/x/build/a.js', 'vendor/a.js', 'third_party/a.js', '.next/a.js'])('%s is generated, left out and counted unless asked for', (path) => {
  expect(select([path, 'a.ts'])).toMatchObject({ judged: ['a.ts'], generated: 1 })
  expect(select([path, 'a.ts'], { generated: true })).toMatchObject({ judged: [path, 'a.ts'], generated: 0 })
})

test('a tree that holds nothing but what is built is judged', () => {
  expect(select(['dist/a.js', 'dist/a.test.js'])).toEqual({ judged: ['dist/a.js'], ifLoaded: ['dist/a.test.js'], tests: 1, generated: 0, exclusion: { kept: ['dist/a.js', 'dist/a.test.js'], excluded: [] } })
})

test('what is excluded is counted', () => {
  expect(select(['legacy/a.js', 'a.js'], { exclude: ['legacy/**'] })).toMatchObject({ judged: ['a.js'], exclusion: { excluded: ['legacy/a.js'] } })
})

test.each([
  ['#!/usr/bin/env node\n', true],
  ['#!/usr/local/bin/node --no-warnings\n', true],
  ['#!/usr/bin/env -S deno run\n', true],
  ['#!/bin/sh\nnode x\n', false],
  ['MIT License\n', false],
])('%j begins a command of ours: %s', (text, expected) => {
  expect(isCommand(text)).toBe(expected)
})
