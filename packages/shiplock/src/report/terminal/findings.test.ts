import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  awkwardFindings,
  refusedRecord,
  sampleFindings,
  sampleRecord,
  sampleRecords,
  sampleStage,
  withEveryString,
} from '../sample-records.test-data.ts'
import { renderFindings } from './findings.ts'

const plain = { columns: 80, colour: false }
/** All but the line end. */
const controls = /[[\p{Cf}\p{Cc}]--[\n]]/v
const recordOf = (findings: typeof awkwardFindings) =>
  sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings } })] })

describe('renderFindings', () => {
  test('shows what refuses first, then the worst, by file', () => {
    expect(renderFindings(refusedRecord, plain)).toBe(
      `
app/src/todo/add-todo.test.ts

  critical tests/failed  app/src/todo/add-todo.test.ts:18:29  keeps the gate shut
    adding a to-do › refuses a form without a CSRF token
    18 │     expect(response.status).toBe(403)
       │                             ^
    fix: Make the test pass, or remove it in a commit that says why.
    AssertionError: expected 200 to be 403

    - Expected
    + Received

    - 403
    … 2 more lines in the report

app/src/todo/add-todo.ts

  high lint/no-floating-promises  app/src/todo/add-todo.ts:42:5  keeps the gate shut
    Promise returned by 'save' is not awaited
    42 │     save(todo)
       │     ^^^^^^^^^^
    fix: Await the promise, or handle its rejection.

app/src/server.ts

  low lint/no-unused-vars  app/src/server.ts:7:9
    'request' is declared but never used
    7 │   const request = context.request
      │         ^^^^^^^
`.trim(),
    )
  })

  test('points at the right column behind tabs and wide characters, cuts a minified line, and does without a file', () => {
    expect(renderFindings(recordOf(awkwardFindings), { ...plain, columns: 60 })).toBe(
      `
app/public/bundle.js

  high lint/no-eval  app/public/bundle.js:1:3001
    eval can run anything
    1 │ …;a=1;a=1;a=1;eval(b);c=2;c=2;c=2;c=2;c=2;c=2;c=2;c…
      │               ^^^^

app/src/server.ts

  high lint/complexity  app/src/server.ts:9:3
    The function has 14 branches
     9 │   switch (kind) {
       │   ^^^^^^^^^^^^^^^
    10 │     case 1:
       │     ^

app/src/日本.ts

  high lint/eqeqeq  app/src/日本.ts:100:11
    Expected === and saw ==
    100 │   if ('日本' == name) return
        │              ^^

the tree

  medium probe/hsts  medium confidence
    The header strict-transport-security is missing
    fix: Send it from every response over HTTPS.

app

  low tests/coverage  app
    71 % of lines are covered, 80 % are asked for
`.trim(),
    )
  })

  test('wraps on a narrow terminal, with the mark in sight', () => {
    const [finding] = sampleFindings({
      rule: 'lint/no-eval',
      message: 'a rather long message that needs two lines',
      fix: 'Do something else, and do it soon.',
      location: { path: 'a.ts', startLine: 3, startColumn: 42, endColumn: 46 },
      snippet: `const ${'long'.repeat(8)} = eval(text)`,
    })
    expect(renderFindings(recordOf(finding ? [finding] : []), { ...plain, columns: 40 })).toBe(
      `
a.ts

  high lint/no-eval  a.ts:3:42
    a rather long message that needs two
    lines
    3 │ …glong = eval(text)
      │          ^^^^
    fix: Do something else, and do it
         soon.
`.trim(),
    )
  })

  test('counts what it does not show', () => {
    expect(renderFindings(refusedRecord, { ...plain, limit: 1 })).toMatch(
      /^app\/src\/todo\/add-todo\.test\.ts\n[^]*\n\n2 more findings not shown here\.$/,
    )
  })

  test('is empty where nothing was found', () => {
    expect(renderFindings(sampleRecord(), plain)).toBe('')
  })

  test('colour adds colour and changes no character', () => {
    for (const record of sampleRecords)
      expect(stripVTControlCharacters(renderFindings(record, { ...plain, colour: true }))).toBe(renderFindings(record, plain))
  })

  test('no text of the record reaches the terminal with a control character in it', () => {
    for (const record of sampleRecords)
      expect(renderFindings(withEveryString(record, 'a\u001b[31m\u202e\u009b1A\rb\nc\td'), plain)).not.toMatch(controls)
  })
})
