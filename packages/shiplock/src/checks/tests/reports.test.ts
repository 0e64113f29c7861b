import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCoverageSummary, parseLcov, percentageOf } from './coverage.ts'
import { toFindings, type ReportPaths } from './failure-finding.ts'
import { parseJunit } from './junit.ts'
import { parseTap } from './tap.ts'
import { parseTestEvents } from './test-events.ts'

describe('events of our reporters', () => {
  const start = (id: string) => JSON.stringify({ event: 'start', id, name: id })
  const end = (id: string, state: string) => JSON.stringify({ event: 'end', id, name: id, state })
  const done = '{"event":"done"}'

  test('what began and did not end is unfinished, also where tests share a name', () => {
    const run = parseTestEvents([start('a'), start('a'), end('a', 'passed'), start('b'), end('b', 'failed'), done, ''].join('\n'))
    expect(run).toMatchObject({
      isWhole: true,
      unfinished: [{ name: 'a' }],
      results: [
        { name: 'a', state: 'passed' },
        { name: 'b', state: 'failed' },
      ],
    })
  })

  test('a failure is never lost to a test of the same name that passes', () => {
    expect(parseTestEvents([end('a', 'failed'), end('a', 'passed')].join('\n'))?.results.map(({ state }) => state)).toEqual([
      'failed',
      'passed',
    ])
  })

  test('a last line that is cut is left out, any other damage is told', () => {
    expect(parseTestEvents(`${start('a')}\n${end('a', 'passed').slice(0, 20)}`)).toMatchObject({
      isWhole: false,
      unfinished: [{ name: 'a' }],
    })
    expect(parseTestEvents(`${start('a').slice(0, 20)}\n${done}\n`)).toBeUndefined()
    expect(parseTestEvents(`{"event":"end","id":"a","name":"a","state":"fine"}\n${done}\n`)).toBeUndefined()
  })

  test('cut anywhere, it is never whole', () => {
    const text = [start('a'), end('a', 'passed'), done].join('\n')
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        expect(parseTestEvents(text.slice(0, length))?.isWhole).toBe(false)
      }),
    )
  })
})

describe('JUnit XML', () => {
  test('of Vitest 2 gives names, states and stacks', () => {
    const run = parseJunit(`<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="2" failures="1">
  <testsuite name="src/a.test.ts" tests="2">
    <testcase classname="src/a.test.ts" name="list &gt; adds" time="0.01"><failure message="expected 1 to be 2" type="AssertionError">AssertionError: expected 1 to be 2
 ❯ src/a.test.ts:4:15</failure></testcase>
    <testcase classname="src/a.test.ts" name="list &gt; waits" time="0"><skipped/></testcase>
  </testsuite>
</testsuites>`)
    expect(run?.results).toMatchObject([
      { name: 'src/a.test.ts > list > adds', state: 'failed', failures: [{ message: 'expected 1 to be 2' }] },
      { name: 'src/a.test.ts > list > waits', state: 'skipped' },
    ])
  })

  test('that is none, is cut or nests without end is told', () => {
    expect(parseJunit('<html></html>')).toBeUndefined()
    expect(parseJunit('<testsuites><testsuite>')).toBeUndefined()
    expect(parseJunit('<testsuite>'.repeat(5000) + '</testsuite>'.repeat(5000))).toBeUndefined()
    expect(parseJunit('<!doctype x><testsuites/>')).toBeUndefined()
  })

  test('an object key in an attribute is a name like any other', () => {
    expect(parseJunit('<testsuite name="__proto__"><testcase name="constructor"/></testsuite>')?.results).toMatchObject([
      { name: '__proto__ > constructor', state: 'passed' },
    ])
  })
})

describe('TAP', () => {
  test('subtests count once, by their full names', () => {
    const run = parseTap(
      'TAP version 14\n# Subtest: list\n    not ok 1 - adds\n    ok 2 - waits # SKIP later\n    ok 3 - some day # TODO\n    1..3\nnot ok 1 - list\n1..1\n',
    )
    expect(run?.results.map(({ name, state }) => [name, state])).toEqual([
      ['list > adds', 'failed'],
      ['list > waits', 'skipped'],
      ['list > some day', 'skipped'],
    ])
  })

  test('without a plan it is none, and with fewer tests than planned it is not whole', () => {
    expect(parseTap('ok 1 - fine\n')).toBeUndefined()
    expect(parseTap('1..3\nok 1 - fine\n')?.isWhole).toBe(false)
    expect(parseTap('1..1\nBail out! no database\n')).toBeUndefined()
    expect(parseTap('1..2\nok 1 - fine\nBail out! no database\n')?.isWhole).toBe(false)
  })

  test('anything may be printed', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseTap(text)))
  })
})

describe('a failed test as findings', () => {
  const paths: ReportPaths = {
    root: '/tmp/copy',
    directory: 'app',
    has: (path) => ['app/list.ts', 'app/list.test.ts', 'app/(group)/page.ts'].includes(path),
  }
  const failed = (stack: string, file = '/tmp/copy/app/list.test.ts') =>
    toFindings(
      { name: 'adds', state: 'failed', isContainer: false, file, line: 3, failures: [{ message: '\u001B[31mno\u001B[39m', stack }] },
      paths,
    )

  test('it is at the innermost line of the tree', () => {
    expect(
      failed(
        'Error: no\n    at f (/tmp/copy/node_modules/x/index.js:1:1)\n    at add (file:///tmp/copy/app/list.ts:9:5)\n    at /tmp/copy/app/list.test.ts:4:9\n    at node:internal/x:1:1',
      ),
    ).toMatchObject([
      {
        message: 'adds: no',
        location: { path: 'app/list.ts', startLine: 9, startColumn: 5 },
        related: [{ path: 'app/list.test.ts', startLine: 3 }],
        detail: 'at app/list.ts:9:5\nat app/list.test.ts:4:9',
      },
    ])
    expect(failed('    at render (/tmp/copy/app/(group)/page.ts:2:1)')).toMatchObject([
      { location: { path: 'app/(group)/page.ts', startLine: 2 } },
    ])
    expect(failed('    at list.ts:7:1')).toMatchObject([{ location: { path: 'app/list.ts', startLine: 7 } }])
  })

  test('without such a line it is where the test is, and never outside of the tree', () => {
    expect(failed('    at f (/etc/passwd:1:1)\n    at g (../../etc/passwd:1:1)')).toMatchObject([
      { location: { path: 'app/list.test.ts', startLine: 3 } },
    ])
    expect(failed('', '/etc/passwd')[0]).not.toHaveProperty('location')
    expect(failed('', '../../etc/passwd')[0]).not.toHaveProperty('location')
    expect(failed('', 'file:///tmp/copy/%E0%A4%A')[0]).not.toHaveProperty('location')
  })

  test('a stack of any shape takes no more than its length', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constant('    at '), fc.constant('('), fc.constant(':1:1'))), (parts) => {
        expect(failed(parts.join('').repeat(50)).length).toBe(1)
      }),
    )
    expect(failed(`    at ${'('.repeat(50_000)}:1:1`)).toHaveLength(1)
    expect(failed(`    at ${'() ('.repeat(20_000)}`)).toHaveLength(1)
  })
})

describe('coverage', () => {
  test('of lcov is summed over the files', () => {
    const files = parseLcov('TN:\nSF:a.js\nFNF:2\nFNH:1\nLF:10\nLH:9\nBRF:0\nBRH:0\nend_of_record\nSF:b.js\nLF:10\nLH:1\nend_of_record\n')
    expect([percentageOf(files, 'lines'), percentageOf(files, 'functions'), percentageOf(files, 'branches')]).toEqual([50, 50, 100])
  })

  test('of istanbul is read without its own total, and anything else is told', () => {
    const of = (total: number, covered: number) => ({ total, covered, skipped: 0, pct: 0 })
    const files = parseCoverageSummary(
      JSON.stringify({
        total: { lines: of(1, 1), branches: of(1, 1), functions: of(1, 1) },
        '/a.js': { lines: of(4, 1), branches: of(0, 0), functions: of(1, 1) },
      }),
    )
    expect(files && percentageOf(files, 'lines')).toBe(25)
    expect(parseCoverageSummary('{')).toBeUndefined()
    expect(parseCoverageSummary('{ "total": 3 }')).toBeUndefined()
  })
})
