import { expect, test } from 'vitest'
import { renderPlainEvent } from './plain-event.ts'
import type { ProgressStage } from './progress.ts'

const tests: ProgressStage = { id: 'tests', title: 'Tests', state: 'running', startedMs: 4, waitsFor: [] }

test.each<[Partial<ProgressStage>, string]>([
  [{}, '[12.3 s] Tests started'],
  [{ state: 'done', durationMs: 6040, text: '61 tests, 1 failed' }, '[12.3 s] Tests done in 6.0 s: 61 tests, 1 failed'],
  [{ state: 'replayed', durationMs: 2, text: '61 tests' }, '[12.3 s] Tests replayed: 61 tests'],
  [{ state: 'failed', durationMs: 600_000, text: 'timed-out' }, '[12.3 s] Tests failed after 10m 00s: timed-out'],
  [{ state: 'not-run', text: 'Types failed' }, '[12.3 s] Tests not run: Types failed'],
  [{ state: 'cancelled' }, '[12.3 s] Tests cancelled'],
  [{ title: 'Te\u001b[2Jsts', text: 'a\nb' }, String.raw`[12.3 s] Te\u{1b}[2Jsts started: a\u{a}b`],
])('%j is the line %s', (change, line) => {
  expect(renderPlainEvent({ ...tests, ...change }, 12_340)).toBe(line)
})
