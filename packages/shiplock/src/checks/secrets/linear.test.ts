import { expect, test } from 'vitest'
import { findMarkers } from './find-by-pattern.ts'
import { findSecrets } from './find-secrets.ts'
import { assignmentPatterns } from './generic.ts'
import { patterns } from './patterns.ts'
import { harmlessPatterns } from './placeholder.ts'
import { serviceShapes } from './service-shapes.ts'
import { mayHold } from './service-tokens.ts'

/** What some begin with in full. */
const starts: Readonly<Record<string, readonly string[]>> = {
  'secrets/private-key': ['-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----\na: '],
  'secrets/gcp-service-account': ['"private_key":"-----BEGIN'],
  'secrets/database-url': ['postgres://', 'postgres://a:b'],
  'secrets/basic-auth-url': ['https://', 'https://a:b', 'https://a:bbbb@'],
  'secrets/jwt': ['eyJaaaaaaaaaa.', 'eyJaaaaaaaaaa.eyJaaaaaaaaaa.'],
  'secrets/aws-secret-key': ['aws_secret_access_key ', 'awskey'],
  'secrets/npmrc-auth-token': [' _authToken='],
}

/** A pattern and what it begins to match with. */
const every: readonly (readonly [string, RegExp, readonly string[]])[] = [
  ...patterns.map(({ id, pattern, keywords }) => [id, pattern, [...keywords, ...(starts[id] ?? [])]] as const),
  ...serviceShapes.map(({ service, pattern, markers }) => [service, pattern, [...markers, pattern.source.replace(/^.*?\(\?:/, '').replace(/[\\[({].*$/s, ''), 'M', 'SK', '1', 'abc8Q~']] as const),
  ...[...assignmentPatterns, ...harmlessPatterns, mayHold].map((pattern) => [pattern.source.slice(0, 40), pattern, ['', 'secret', 'token = ', 'api_key: "', '- name: token\n value: ', '?token=', 'Bearer ', 'a.', '127.', 'SG.', 'name=secret', '%a']] as const),
]

const small = 1 << 16
const large = 1 << 20

/** What begins to match again and again, or once and for ever: where a search that tries again does so most. */
function hostileTexts(starts: readonly string[]): readonly ((size: number) => string)[] {
  const units = ['a', '0', 'A', '-', '.', '=', ' ', '\n', '/', ':', '"', 'a.', 'a-', 'eyJa.', '\\n']
  const fill = (text: string) => (size: number) => text.repeat(Math.ceil(size / text.length)).slice(0, size)
  return [...new Set(starts)].flatMap((start) => [...(start === '' ? [] : [fill(start)]), ...units.flatMap((unit) => [(size: number) => start + fill(unit)(size), fill(start + unit.repeat(300))])])
}

/** Of this thread alone: other processes that take the machine do not count. Microseconds, the least of a few. */
function cost(pattern: RegExp, text: string): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 2; round++) {
    const before = process.threadCpuUsage()
    for (const match of text.matchAll(new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`))) void match.index
    const { user, system } = process.threadCpuUsage(before)
    least = Math.min(least, user + system)
    if (least < 2000) break
  }
  return least
}

test.each(every)('a hostile text of a megabyte costs in proportion, never by its square: %s', (_, pattern, starts) => {
  // The costliest at a sixteenth of the size, then those whole. A square would be 256 times; below 2 ms the clock says nothing.
  const costliest = hostileTexts(starts).map((make) => ({ make, least: cost(pattern, make(small)) })).toSorted((x, y) => y.least - x.least).slice(0, 2)
  for (const { make, least } of costliest) {
    const growth = cost(pattern, make(large)) / Math.max(least, 2000)
    expect({ start: make(60), growth: growth < 80 ? 'in proportion' : growth }).toEqual({ start: make(60), growth: 'in proportion' })
  }
})

test('a pattern that does take the square would be noticed', () => {
  const slow = /secret.*x$/gm
  const make = (size: number) => 'secret='.repeat(size / 7)
  expect(cost(slow, make(1 << 16)) / Math.max(cost(slow, make(1 << 12)), 2000)).toBeGreaterThan(80)
})

test('the whole check of a hostile megabyte ends, with every mark in it', async () => {
  const text = every.flatMap(([, , starts]) => hostileTexts(starts).slice(0, 4).map((make) => make(2000))).join('\n')
  expect(findMarkers(text).size).toBeGreaterThan(30)
  expect(Array.isArray(await findSecrets('.env', text))).toBe(true)
})
