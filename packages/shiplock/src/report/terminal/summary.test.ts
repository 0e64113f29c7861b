import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  interruptedRecord,
  provisionalRecord,
  refusedRecord,
  releasedRecords,
  sampleRecords,
  undecidedRecord,
  withEveryString,
} from '../sample-records.test-data.ts'
import { renderSummary } from './summary.ts'

const plain = { columns: 80, colour: false }
/** All but the line end. */
const controls = /[[\p{Cf}\p{Cc}]--[\n]]/v

describe('renderSummary', () => {
  test('says of a stage that refuses that it was replayed', () => {
    const replayed = { ...refusedRecord, stages: refusedRecord.stages.map((stage) => ({ ...stage, replayed: true })) }
    expect(renderSummary(replayed, plain)).toMatch(/^✖ .* refused +replayed/m)
    expect(renderSummary(refusedRecord, plain)).not.toMatch(/refused +replayed/)
  })

  test('a released run ends with the address, the image, the verdict and the report', () => {
    expect(renderSummary(provisionalRecord, { ...plain, reportPath: '.shiplock/report/report.html' })).toBe(
      `
↻ Lint    replayed           38 files, 0 findings
✔ Types   done        1.2 s  38 files, 0 findings
✔ Tests   done        3.9 s  61 tests, unconfined
✔ Image   done        2.1 s  sha256:111111111111… 55.9 MB
✔ Verdict done         4 ms  provisional
✔ Deploy  done        4.4 s  todo-00002 serves

Release of todo on local: todo-00001 → todo-00002, promoted
    4.0 s  todo-00002 created at 0 %
    5.2 s  todo-00002 is ready
    6.9 s  probed: 5 requests, all as they must be
    8.3 s  todo-00002 has 100 % of the traffic

Provisional. Good for the local target, never for the cloud: not everything is
promised yet. todo-00002 serves all traffic.
  ! No advisory data: known vulnerabilities were not looked for
  ! tests: repository code ran without confinement

URL      http://127.0.0.1:8080
Image    sha256:1111111111111111111111111111111111111111111111111111111111111111
Verdict  provisional
Report   .shiplock/report/report.html
`.trim(),
    )
  })

  test('a check without a target does not speak of a release that nobody asked for', () => {
    const { release: _, ...checked } = provisionalRecord
    const summary = renderSummary({ ...checked, plan: { ...checked.plan, target: 'none' }, exitCode: 3 }, { ...plain, columns: Infinity })
    expect(summary).toContain('Provisional. Nothing keeps the gate shut, but not everything could be proven: good for the local target, never for the cloud.')
    expect(summary).toContain('Verdict  provisional, exit code 3')
    expect(summary).not.toContain('released')
  })

  test('a refused run names every reason, and the stage that was not run', () => {
    expect(renderSummary(refusedRecord, plain)).toBe(
      `
✖ Lint    refused    810 ms  38 files, 2 findings
↻ Types   replayed           38 files, 0 findings
✖ Tests   refused     6.0 s  61 tests, 1 failed
✔ Verdict done         3 ms  refused
- Image   not run            the verdict is refused

Refused. The commit goes no further: 2 findings keep the gate shut.
  ✖ tests: 1 finding at or above the gate
  ✖ lint: 1 finding at or above the gate

Verdict  refused
`.trim(),
    )
  })

  test('what failed is told with its hint, and skipped does not look like done', () => {
    expect(renderSummary(undecidedRecord, plain)).toBe(
      `
✖ Lint    failed      12 ms  tool-missing
? Types   skipped      9 ms  no tsconfig.json
✖ Tests   failed    10m 00s  timed-out
✔ Verdict done         1 ms
- Image   not run            the verdict is undecided

Lint failed (tool-missing)
  oxlint is not installed
  │ spawn oxlint ENOENT
  hint: Run npm ci, then try again.

Tests failed (timed-out)
  npm test took longer than 10 minutes

Undecided. Not everything could be looked at, so the gate stays shut.
  ! lint: oxlint is not installed
  ! types: skipped: no tsconfig.json
  ! tests: npm test took longer than 10 minutes

Verdict  undecided
`.trim(),
    )
  })

  test('a bug is called one', () => {
    expect(renderSummary(interruptedRecord, plain)).toContain(
      '✖ Lint  bug          5 ms  TypeError: undefined is not a function\n- Tests cancelled   1.0 s',
    )
  })

  test.each([
    ['promoted', 'Allowed. Every gate is open. todo-00002 serves all traffic.'],
    ['unchanged', 'Allowed. Every gate is open. todo-00001 already runs this image; nothing was to do.'],
    ['kept-stable', 'Not released. The candidate was not good enough. todo-00001 serves as before.'],
    ['removed', 'Not released. The first revision was not good enough and was removed. Nothing serves.'],
    ['rollback-failed', 'A person is needed. Traffic could not be given back to the stable revision todo-00001.'],
  ])('a release that ended as %s is told in words', (result, sentence) => {
    const record = releasedRecords.find(({ release }) => release?.result === result)
    expect(record && renderSummary(record, { ...plain, columns: Infinity }).split('\n')).toContain(sentence)
  })

  test('digest and address stay whole on a narrow terminal; the rest keeps to it', () => {
    const lines = renderSummary(provisionalRecord, { ...plain, columns: 40 }).split('\n')
    expect(lines.filter((line) => line.length > 40)).toEqual([
      'Image    sha256:1111111111111111111111111111111111111111111111111111111111111111',
    ])
  })

  test('colour adds colour and changes no character', () => {
    for (const record of sampleRecords)
      expect(stripVTControlCharacters(renderSummary(record, { ...plain, colour: true }))).toBe(renderSummary(record, plain))
  })

  test('no text of the record reaches the terminal with a control character in it', () => {
    for (const record of sampleRecords)
      expect(renderSummary(withEveryString(record, 'a\u001b[31m\u202e\u009b1A\rb\nc\td'), plain)).not.toMatch(controls)
  })
})
