import * as fc from 'fast-check'
import stringWidth from 'string-width'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { renderProgress, type ProgressStage, type ProgressView } from './progress.ts'

const stages: readonly ProgressStage[] = [
  { id: 'lint', title: 'Lint', state: 'done', startedMs: 10, durationMs: 812, waitsFor: [], text: '38 files, 2 findings' },
  { id: 'types', title: 'Types', state: 'replayed', startedMs: 10, durationMs: 2, waitsFor: [], text: '38 files, 0 findings' },
  { id: 'tests', title: 'Tests', state: 'running', startedMs: 900, waitsFor: [], text: '12 of 61' },
  { id: 'secrets', title: 'Secrets', state: 'failed', startedMs: 20, durationMs: 1500, waitsFor: [], text: 'timed-out' },
  { id: 'image', title: 'Image', state: 'waiting', waitsFor: [] },
  { id: 'verdict', title: 'Verdict', state: 'waiting', waitsFor: ['lint', 'types', 'tests', 'image'] },
  { id: 'deploy', title: 'Deploy', state: 'not-run', waitsFor: ['verdict'], text: 'Secrets failed' },
]
const view: ProgressView = { stages, elapsedMs: 4200, columns: 80, rows: 24, colour: false }

describe('renderProgress', () => {
  test('shows what runs, what waits and for what, and how long it took', () => {
    expect(renderProgress(view)).toBe(
      [
        '✔ Lint     812 ms  38 files, 2 findings',
        '↻ Types            replayed, 38 files, 0 findings',
        '⠹ Tests     3.3 s  12 of 61',
        '✖ Secrets   1.5 s  timed-out',
        '· Image            ready',
        '· Verdict          waits for tests, image',
        '- Deploy           not run: Secrets failed',
        '',
        '4 of 7 stages, 1 running, 4.2 s',
      ].join('\n'),
    )
  })

  test('cuts texts on a terminal of forty columns', () => {
    expect(renderProgress({ ...view, columns: 40 })).toBe(
      [
        '✔ Lint     812 ms  38 files, 2 findings',
        '↻ Types            replayed, 38 files, …',
        '⠹ Tests     3.3 s  12 of 61',
        '✖ Secrets   1.5 s  timed-out',
        '· Image            ready',
        '· Verdict          waits for tests, ima…',
        '- Deploy           not run: Secrets fai…',
        '',
        '4 of 7 stages, 1 running, 4.2 s',
      ].join('\n'),
    )
  })

  test('folds what is finished before what waits, and keeps what failed, on a low terminal', () => {
    expect(renderProgress({ ...view, rows: 7 })).toBe(
      [
        '✔ 2 stages done',
        '⠹ Tests     3.3 s  12 of 61',
        '✖ Secrets   1.5 s  timed-out',
        '· 3 more',
        '',
        '4 of 7 stages, 1 running, 4.2 s',
      ].join('\n'),
    )
  })

  test('is one line where there is no room for more', () => {
    expect(renderProgress({ ...view, rows: 4 })).toBe('4 of 7 stages, 1 running, 4.2 s')
  })

  test('aligns titles that are wide, and shows control characters in them', () => {
    const hostile = [
      { id: 'a', title: '検査', state: 'running', startedMs: 0, waitsFor: [], text: 'one\u001b[2Jtwo\r\nthree' },
      { id: 'b', title: 'Lint', state: 'waiting', waitsFor: ['a'] },
    ] as const
    expect(renderProgress({ ...view, stages: hostile })).toBe(
      [
        String.raw`⠹ 検査   4.2 s  one\u{1b}[2Jtwo\u{d}\u{a}three`,
        '· Lint          waits for a',
        '',
        '0 of 2 stages, 1 running, 4.2 s',
      ].join('\n'),
    )
  })

  test('the spinner turns with the time', () => {
    const marks = [0, 80, 160, 800].map((elapsedMs) => renderProgress({ ...view, elapsedMs, stages: stages.slice(2, 3) })[0])
    expect(marks).toEqual(['⠋', '⠙', '⠹', '⠋'])
  })

  test('colour adds colour and changes no character', () => {
    const coloured = renderProgress({ ...view, colour: true })
    expect(coloured).toContain('\u001b[32m✔\u001b[39m Lint')
    expect(stripVTControlCharacters(coloured)).toBe(renderProgress(view))
  })

  test('never takes more lines or columns than there are', () => {
    const stage = fc.record({
      id: fc.string(),
      title: fc.string({ unit: 'grapheme' }),
      state: fc.constantFrom<ProgressStage['state'][]>('waiting', 'running', 'done', 'replayed', 'failed', 'not-run', 'cancelled'),
      durationMs: fc.nat(10_000_000),
      text: fc.string({ unit: 'binary' }),
      waitsFor: fc.array(fc.string()),
    })
    fc.assert(
      fc.property(fc.array(stage), fc.integer({ min: 40, max: 200 }), fc.integer({ min: 1, max: 60 }), (some, columns, rows) => {
        const lines = renderProgress({ stages: some, elapsedMs: 5000, columns, rows, colour: false }).split('\n')
        expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1))
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
      }),
    )
  })
})
