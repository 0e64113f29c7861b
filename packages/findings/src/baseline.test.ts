import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchBaseline, parseBaseline, renderBaseline, updateBaseline, type BaselineEntry } from './baseline.ts'
import type { Finding } from './finding.ts'
import { withFingerprints } from './fingerprint.ts'

interface Flaw {
  readonly path: string
  readonly code: string
  readonly rule?: Finding['rule']
}

const findings = (...flaws: readonly Flaw[]): Finding[] =>
  withFingerprints(flaws.map(({ path, code, rule = 'lint/error' }, index) => ({ rule, message: `no ${code}`, severity: 'high', confidence: 'high', location: { path, startLine: index + 1 }, snippet: code })))
const all = () => true
const baselineOf = (found: readonly Finding[]) => updateBaseline([], found, all).entries

const flaw = fc.record({ path: fc.constantFrom('a.ts', 'b.ts', 'c.ts'), code: fc.constantFrom('x', 'y', 'z') })
const flaws = fc.array(flaw)

test('a baseline accepts exactly what it was written from, wherever that has moved since', () => {
  fc.assert(
    fc.property(flaws, fc.func(fc.constantFrom('a.ts', 'd.ts')), (before, rename) => {
      const baseline = baselineOf(findings(...before))
      const after = findings(...before.map(({ path, code }) => ({ path: rename(path), code })).toReversed())
      const { accepted, gone } = matchBaseline(after, baseline)
      expect([accepted.size, gone.length]).toEqual([after.length, 0])
    }),
  )
})

test('of more equal flaws than were accepted, as many as are more are new', () => {
  fc.assert(
    fc.property(flaws, flaws, (before, added) => {
      const baseline = baselineOf(findings(...before))
      const after = findings(...before, ...added)
      expect(after.length - matchBaseline(after, baseline).accepted.size).toBe(added.length)
    }),
  )
})

test('a copy in another file is the new one, also where that file comes first', () => {
  const baseline = baselineOf(findings({ path: 'b.ts', code: 'x' }))
  const after = findings({ path: 'a.ts', code: 'x' }, { path: 'b.ts', code: 'x' })
  expect([...matchBaseline(after, baseline).accepted].map(({ location }) => location?.path)).toEqual(['b.ts'])
})

test('what is written is read again, and says the same whatever the order it came in', () => {
  fc.assert(
    fc.property(flaws, (some) => {
      const entries = baselineOf(findings(...some))
      const text = renderBaseline(entries)
      const read = parseBaseline(text)
      expect(read.ok && read.value.map(({ rule, path, message, flaw }) => ({ rule, path, message, flaw }))).toEqual(entries)
      expect(renderBaseline(entries.toReversed())).toBe(text)
    }),
  )
})

test('one line an entry, sorted, with the line that an entry is on', () => {
  const text = renderBaseline(baselineOf(findings({ path: 'b.ts', code: 'x' }, { path: 'a.ts', code: 'y' })))
  expect(text.split('\n').map((line) => line.replace(/[0-9a-f]{32}/, '…'))).toEqual([
    '{',
    '"version": 1,',
    '"entries": [',
    '{"rule":"lint/error","path":"a.ts","message":"no y","flaw":"…"},',
    '{"rule":"lint/error","path":"b.ts","message":"no x","flaw":"…"}',
    ']',
    '}',
    '',
  ])
  const read = parseBaseline(text)
  expect(read.ok && read.value.map(({ line }) => line)).toEqual([4, 5])
})

test('an update says what came and what went, follows renamed files, and leaves alone what was not looked at', () => {
  const before: BaselineEntry[] = [...baselineOf(findings({ path: 'a.ts', code: 'x' }, { path: 'a.ts', code: 'y' })), { rule: 'tests/failure', message: 'm', flaw: 'f' }]
  const update = updateBaseline(before, findings({ path: 'renamed.ts', code: 'x' }, { path: 'a.ts', code: 'z' }), (rule) => rule.startsWith('lint/'))
  expect(update.added.map(({ message }) => message)).toEqual(['no z'])
  expect(update.removed.map(({ message }) => message)).toEqual(['no y'])
  expect(update.entries.map(({ path, message }) => `${path} ${message}`)).toEqual(['a.ts no z', 'renamed.ts no x', 'undefined m'])
})

test.each([
  ['no JSON', '{', 'it is not JSON'],
  ['another version', '{"version":2,"entries":[]}', '"version": 1'],
  ['a list alone', '[]', '"version": 1'],
  ['an entry without a flaw', '{"version":1,"entries":[{"rule":"a/b","message":"m"}]}', 'entry 1'],
  ['an entry with a field more', '{"version":1,"entries":[{"rule":"a/b","message":"m","flaw":"f","count":3}]}', 'entry 1'],
  ['an entry that is null', '{"version":1,"entries":[null]}', 'entry 1'],
])('%s is no baseline', (_, text, message) => {
  const read = parseBaseline(text)
  expect(read.ok ? '' : read.failure.message).toContain(message)
})

test('no text makes the parser throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseBaseline(text)))
})
