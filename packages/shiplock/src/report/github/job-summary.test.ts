import { parse, type DefaultTreeAdapterTypes } from 'parse5'
import { describe, expect, test } from 'vitest'
import { hostileTexts } from '../hostile-texts.test-data.ts'
import { refusedRecord, sampleFindings, sampleRecord, sampleRecords, sampleStage, undecidedRecord, withEveryString } from '../sample-records.test-data.ts'
import { longestJobSummary, renderJobSummary } from './job-summary.ts'

/** Markdown is split into blocks at empty lines; one that begins with one of these tags is HTML to its end (CommonMark §4.6, kind 6). */
const htmlBlock = /^<(?:h2|h3|p|ul|table|details)[\s>]/
const blocks = (summary: string) => summary.split(/\n[^\S\n]*\n/).filter((block) => block !== '')

function* tagsOf(parent: DefaultTreeAdapterTypes.ParentNode): Generator<string> {
  for (const child of parent.childNodes) {
    if (!('tagName' in child)) continue
    yield [child.tagName, ...child.attrs.map(({ name }) => name)].join(' ')
    yield* tagsOf(child)
  }
}
const shapeOf = (summary: string) => [...tagsOf(parse(summary))]

describe('renderJobSummary', () => {
  test('says the verdict, every check and the findings, worst first', () => {
    const summary = renderJobSummary(refusedRecord, { notAnnotated: 3 })
    expect(summary).toContain('<h2>Shiplock: Refused</h2>\n<p>The commit goes no further: 2 findings keep the gate shut.</p>')
    expect(summary).toContain('<tr><td>Tests</td><td>❌ refused</td><td>1</td><td>0</td><td>0</td><td>0</td><td>6.0 s</td></tr>')
    expect(summary).toContain('<tr><td>Types</td><td>✅ nothing found</td>')
    expect(summary).toContain('<p>3 problems without an annotation: GitHub shows ten of a kind for a step.</p>')
    expect(summary).toContain('<pre>42 |     save(todo)</pre>\n<p>Fix: Await the promise, or handle its rejection.</p>')
    expect(summary.indexOf('tests/failed')).toBeLessThan(summary.indexOf('lint/no-floating-promises'))
  })

  test('a check that failed or was skipped is not a check that found nothing', () => {
    const summary = renderJobSummary(undecidedRecord, { notAnnotated: 0 })
    expect(summary).toContain('<td>❌ failed: oxlint is not installed')
    expect(summary).toContain('<td>❔ skipped: no tsconfig.json</td>')
    expect(summary).not.toContain('nothing found')
  })

  test('a check whose findings are all accepted is not one that found nothing', () => {
    const findings = sampleFindings({ rule: 'lint/x', message: 'old', severity: 'high' }).map((finding) => ({ ...finding, isBaselined: true }))
    const summary = renderJobSummary(sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings } })] }), { notAnnotated: 0 })
    expect(summary).toContain('<td>✅ open, all waived or in the baseline</td>')
    expect(summary).not.toContain('nothing found')
  })

  test('stays within what GitHub takes, keeps the worst and counts the rest', () => {
    const findings = sampleFindings(...Array.from({ length: 3000 }, (_, n) => ({ rule: 'lint/x', message: `${n} ${'long '.repeat(150)}`, severity: n === 2999 ? 'critical' : 'low' }) as const))
    const summary = renderJobSummary(sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings } })] }), { notAnnotated: 0 })
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(longestJobSummary)
    expect(Buffer.byteLength(summary)).toBeGreaterThan(longestJobSummary * 0.99)
    expect(summary.indexOf('2999 long')).toBeLessThan(summary.indexOf('<strong>low'))
    expect(summary).toMatch(/<p>[\d,]+ more findings left out here: a summary has at most 1 MiB\./)
  })

  test('leaves room for what other steps of the job wrote before', () => {
    const room = 2000
    expect(Buffer.byteLength(renderJobSummary(refusedRecord, { notAnnotated: 0, room }))).toBeLessThanOrEqual(room)
    expect(Buffer.byteLength(renderJobSummary(refusedRecord, { notAnnotated: 0, room: 100 }))).toBeLessThanOrEqual(100)
  })
})

test.each(hostileTexts)('hostile text adds no element, no Markdown and no line that is a block of its own: %j', (hostile) => {
  for (const record of sampleRecords) {
    const summary = renderJobSummary(withEveryString(record, hostile), { notAnnotated: 0 })
    for (const block of blocks(summary)) expect(block).toMatch(htmlBlock)
    expect(blocks(summary).length).toBe(blocks(renderJobSummary(withEveryString(record, 'harmless'), { notAnnotated: 0 })).length)
    expect(shapeOf(summary)).toEqual(shapeOf(renderJobSummary(withEveryString(record, 'harmless'), { notAnnotated: 0 })))
    expect(summary).not.toMatch(/[[\p{Cc}\p{Cf}]--[\n]]/v)
  }
})
