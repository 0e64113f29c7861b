import { createHash } from 'node:crypto'
import { parse, type DefaultTreeAdapterTypes } from 'parse5'
import { describe, expect, test } from 'vitest'
import type { Finding, Severity } from '@shiplock/findings'
import {
  digestOf,
  provisionalRecord,
  refusedRecord,
  sampleRecord,
  sampleFindings,
  sampleRecords,
  sampleStage,
  undecidedRecord,
  withEveryString,
} from '../sample-records.test-data.ts'
import { renderHtml } from './render-html.ts'

type Element = DefaultTreeAdapterTypes.Element

function* elementsOf(parent: DefaultTreeAdapterTypes.ParentNode): Generator<Element> {
  for (const child of parent.childNodes) {
    if (!('tagName' in child)) continue
    yield child
    yield* elementsOf(child)
  }
}

const unread = new Set(['script', 'style', 'title'])
const inline = new Set(['a', 'code', 'mark', 'span', 'time'])

/** Texts in the order of the document; what is not inline stands apart. */
function* textsOf(parent: DefaultTreeAdapterTypes.ParentNode): Generator<string> {
  for (const child of parent.childNodes) {
    if (child.nodeName === '#text' && 'value' in child) yield child.value
    if (!('tagName' in child) || unread.has(child.tagName)) continue
    yield inline.has(child.tagName) ? '' : ' '
    yield* textsOf(child)
    yield ['div', 'li', 'tr'].includes(child.tagName) ? '\n' : inline.has(child.tagName) ? '' : ' '
  }
}

const elements = (page: string) => [...elementsOf(parse(page))]
const attribute = (element: Element, name: string) => element.attrs.find((known) => known.name === name)?.value
/** What a reader sees of the body, as lines without indentation. */
function textOf(page: string): string {
  const body = elements(page).find(({ tagName }) => tagName === 'body')
  return (body ? [...textsOf(body)].join('') : '')
    .replace(/[ \t]+/g, ' ')
    .replace(/\s*\n\s*/g, '\n')
    .trim()
}
/** Where the page of a release at this address leads to, its own parts aside. */
const linksTo = (uri: string) =>
  elements(renderHtml(sampleRecord({ release: { service: 'todo', target: 'local', result: 'promoted', steps: [], uri } })))
    .flatMap((element) => attribute(element, 'href') ?? [])
    .filter((address) => !address.startsWith('#'))
const shapeOf = (page: string) => elements(page).map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '))

describe('renderHtml', () => {
  test('no finding stands above a worse one, whichever files they are in', () => {
    const at = (path: string, severity: Severity, rule: Finding['rule']) => sampleFindings({ rule, message: 'm', severity, location: { path, startLine: 1 } })
    const findings = [...at('a.ts', 'medium', 'lint/one'), ...at('b.ts', 'high', 'lint/two'), ...at('a.ts', 'high', 'lint/three'), ...at('c.ts', 'critical', 'lint/four')]
    const page = renderHtml(sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings } })] }))
    const shown = elements(page).flatMap((element) => attribute(element, 'data-place') ?? (attribute(element, 'class') === 'finding' ? (attribute(element, 'data-severity') ?? []) : []))
    expect(shown).toEqual(['c.ts', 'critical', 'a.ts', 'high', 'b.ts', 'high', 'a.ts', 'medium'])
  })

  test('says of a stage that refuses that it was replayed', () => {
    const replayed = { ...refusedRecord, stages: refusedRecord.stages.map((stage) => ({ ...stage, replayed: true })) }
    expect(textOf(renderHtml(replayed))).toMatch(/refused replayed/)
    expect(textOf(renderHtml(refusedRecord))).not.toMatch(/refused replayed/)
  })

  test('says the verdict first, in words, with every reason and what everybody asks for', () => {
    expect(textOf(renderHtml(provisionalRecord))).toContain(
      `
Provisional
Good for the local target, never for the cloud: not everything is promised yet. todo-00002 serves all traffic.
No advisory data: known vulnerabilities were not looked for
tests: repository code ran without confinement
Address http://127.0.0.1:8080
Image ${digestOf('1')}
Commit ${'c0ffee'.repeat(6)}c0ff with uncommitted changes
Verdict provisional, exit code 0
Run 2026-11-23 10:15:02 UTC, 8.4 s
Release of todo on local
stable todo-00001
→
candidate todo-00002
promoted
`.trim(),
    )
  })

  test('shows each finding with its line, its code and what to do, and opens those that keep the gate shut', () => {
    const page = renderHtml(refusedRecord)
    expect(textOf(page)).toContain(
      `
app/src/todo/add-todo.ts 1 finding
high
Promise returned by 'save' is not awaited
keeps the gate shut
line 42 · lint/no-floating-promises
42 save(todo)
What to do Await the promise, or handle its rejection.
`.trim(),
    )
    expect(textOf(page)).toContain('tests: 1 finding at or above the gate\nlint: 1 finding at or above the gate\nCommit')
    const findings = elements(page).filter(({ tagName }) => tagName === 'details')
    expect(findings.map((finding) => [attribute(finding, 'data-severity'), attribute(finding, 'open') !== undefined])).toEqual([
      ['critical', true],
      ['high', true],
      ['low', false],
    ])
    expect(
      elements(page)
        .filter(({ tagName }) => tagName === 'mark')
        .map((mark) => [...textsOf(mark)].join('')),
    ).toEqual(['t', 'save(todo)', 'request'])
  })

  test('what could not be done is told with what to do, and is not taken for no findings', () => {
    const text = textOf(renderHtml(undecidedRecord))
    expect(text).toContain('Undecided\nNot everything could be looked at, so the gate stays shut.')
    expect(text).toContain('Lint tool-missing\noxlint is not installed\nWhat to do Run npm ci, then try again.\nspawn oxlint ENOENT')
    expect(text).toContain('Types\nskipped\n9 ms\nno tsconfig.json')
    expect(text).toContain('No check found anything. Whether each of them could look is what the stages say.')
  })

  test('draws a bar for every stage that ran, and tells the critical path', () => {
    const labels = elements(renderHtml(provisionalRecord))
      .filter((element) => attribute(element, 'role') === 'img' && element.tagName === 'svg')
      .map((svg) => attribute(svg, 'aria-label'))
    expect(labels).toEqual([
      'from 2 ms to 5 ms',
      'from 2 ms to 1.2 s',
      'from 3 ms to 3.9 s, on the critical path',
      'from 4 ms to 2.1 s',
      'from 3.9 s to 3.9 s, on the critical path',
      'from 3.9 s to 8.3 s, on the critical path',
    ])
  })
})

describe('a hostile record', () => {
  test.each([
    '"><script>alert(1)</script>\u001b[31m',
    "'></style></script><img src=x onerror=alert(1)>",
    '--><!doctype x><base href=//evil>',
    'javascript:alert(1)//',
    '` onload=`alert(1)',
  ])('adds no element and no attribute to any page: %j', (hostile) => {
    for (const record of sampleRecords) {
      const page = renderHtml(withEveryString(record, hostile))
      expect(shapeOf(page)).toEqual(shapeOf(renderHtml(withEveryString(record, 'harmless'))))
      expect(page).not.toMatch(/[[\p{Cc}\p{Cf}]--[\n]]/v)
    }
  })

  test('gets a link only for an address of the web', () => {
    expect(linksTo('https://todo.example/?a=1&b="2"')).toEqual(['https://todo.example/?a=1&b="2"'])
    expect(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'http://', ' https://x'].flatMap(linksTo)).toEqual([])
  })
})

describe('the page', () => {
  test.each(sampleRecords.map((record, index) => [index, renderHtml(record)] as const))(
    '%i loads nothing and carries no style or handler outside the policy',
    (_index, page) => {
      for (const { tagName, attrs } of elements(page)) {
        expect(['link', 'img', 'iframe', 'object', 'embed', 'base', 'audio', 'video', 'source', 'use']).not.toContain(tagName)
        for (const { name } of attrs) expect(name).not.toMatch(/^(?:on.*|style|src|srcset|action|formaction|ping|background)$/)
      }
    },
  )

  test('allows exactly its own style and script, by hash', () => {
    const page = elements(renderHtml(refusedRecord))
    const hashOf = (tag: string) =>
      page
        .filter(({ tagName }) => tagName === tag)
        .map((element) =>
          createHash('sha256')
            .update(element.childNodes.map((node) => ('value' in node ? node.value : '')).join(''))
            .digest('base64'),
        )
    const policy = page.map((element) => (attribute(element, 'http-equiv') ? attribute(element, 'content') : undefined)).find(Boolean)
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hashOf('style').join('!')}'; script-src 'sha256-${hashOf('script').join('!')}'; ` +
        "base-uri 'none'; form-action 'none'",
    )
  })

  test('is the same bytes for the same record', () => {
    expect(renderHtml(refusedRecord)).toBe(renderHtml(structuredClone(refusedRecord)))
  })

  test('every id is there once, and every link inside leads to one', () => {
    for (const record of sampleRecords) {
      const page = elements(renderHtml(record))
      const ids = page.flatMap((element) => attribute(element, 'id') ?? [])
      expect(new Set(ids).size).toBe(ids.length)
      const targets = page
        .flatMap((element) => attribute(element, 'href') ?? [])
        .filter((address) => address.startsWith('#'))
        .map((address) => address.slice(1))
      expect(ids).toEqual(expect.arrayContaining(targets))
    }
  })
})
