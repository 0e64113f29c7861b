import { expect, test } from 'vitest'
import { provisionalRecord, refusedRecord, sampleRecord, sampleStage } from './sample-records.test-data.ts'
import { timeLine } from './time-line.ts'

const criticalOf = (record: typeof provisionalRecord) =>
  timeLine(record)
    .rows.filter(({ isCritical }) => isCritical)
    .map(({ stage }) => stage.id)

test('the critical path goes from the stage that ended last to the needs that ended last', () => {
  expect(criticalOf(provisionalRecord)).toEqual(['tests', 'verdict', 'deploy'])
})

test('stages stand in the order in which they started, those that never ran last and without a bar', () => {
  expect(timeLine(refusedRecord).rows.map(({ stage, bar }) => [stage.id, bar])).toEqual([
    ['lint', { startMs: 0, endMs: 810 }],
    ['types', { startMs: 4, endMs: 6 }],
    ['tests', { startMs: 5, endMs: 6045 }],
    ['verdict', { startMs: 6046, endMs: 6049 }],
    ['image', undefined],
  ])
})

test('a record whose stages need each other in a circle ends all the same', () => {
  const circle = [sampleStage({ id: 'a', title: 'A', needs: ['b'] }), sampleStage({ id: 'b', title: 'B', needs: ['a'] })]
  expect(criticalOf(sampleRecord({ stages: circle }))).toEqual(['a', 'b'])
})

test.each([
  [0, [0, 0.2, 0.4, 0.6, 0.8, 1].map((ms) => expect.closeTo(ms))],
  [950, [0, 200, 400, 600, 800]],
  [8400, [0, 2000, 4000, 6000, 8000]],
  [100_000, [0, 20_000, 40_000, 60_000, 80_000, 100_000]],
])('a run of %d ms has round times on its axis', (durationMs, ticksMs) => {
  expect(timeLine(sampleRecord({ durationMs, stages: [] })).ticksMs).toEqual(ticksMs)
})
