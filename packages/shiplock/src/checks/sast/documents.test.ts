import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyse, findingsOf } from '@shiplock/analyser'
import { expect, test } from 'vitest'
import sast from './index.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/sast.md'), 'utf8')

test('docs/sast.md names rules that there are', () => {
  const known = new Set<string>(sast.rules.map(({ id }) => id))
  const named = [...page.matchAll(/`(sast\/[a-z-]+)`/g)].map(([, rule]) => rule!)
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((rule) => !known.has(rule))).toEqual([])
})

test('docs/sast.md says of each test of Bandit what we have for it, once', () => {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `B${from + index}`)
  const bandit = [...range(101, 113), ...range(201, 202), ...range(301, 325), ...range(401, 415), ...range(501, 509), ...range(601, 615), ...range(701, 704)]
  const rows = page.split('\n').filter((line) => /^\| B\d/.test(line)).map((line) => line.split('|')[1]!)
  expect(rows.flatMap((row) => row.match(/\bB\d{3}\b/g) ?? []).toSorted()).toEqual(bandit)
})

test('what docs/sast.md shows of the library finds what it says', () => {
  const text = /\[\['server\.js', `(.*)`\]\]/.exec(page)?.[1]?.replaceAll('\\n', '\n')
  const sources = new Map([['server.js', text ?? '']])
  expect(findingsOf(analyse(sources, new Map([['package.json', '{}']])), sources).map(({ rule }) => rule)).toEqual(['sast/command-injection'])
})
