import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Log } from 'sarif'
import { foldFlow } from './flow.ts'
import { renderHtml } from './html/render-html.ts'
import { renderJUnit } from './junit.ts'
import { flowRecord, sampleFindings, sampleRecord, sampleStage } from './sample-records.test-data.ts'
import { renderSarif } from './sarif/render-sarif.ts'
import { renderFindings } from './terminal/findings.ts'

const longFlow = Array.from({ length: 1500 }, (_, index) => ({ location: { path: 'a.ts', startLine: index + 1 }, code: `step${index}` }))
const longRecord = sampleRecord({ stages: [sampleStage({ id: 'sast', title: 'Static analysis', outcome: { kind: 'completed', findings: sampleFindings({ rule: 'sast/x', message: 'm', location: { path: 'a.ts', startLine: 1500 }, flow: longFlow }) } })] })

describe('the way of the data', () => {
  test('is drawn on the terminal from the source to the sink, a step a line', () => {
    expect(renderFindings(flowRecord, { columns: 60, colour: false })).toContain(
      `
  ● server.ts:5   request.query.customer
  ↓ service.ts:3  customer.trim()
  ↓ store.ts:5    customer: string
  ↓ store.ts:6    database.prepare(text)
`,
    )
  })

  test('is folded in the middle where it is long', () => {
    const lines = renderFindings(longRecord, { columns: 60, colour: false }).split('\n')
    expect(lines.filter((line) => /^ {2}[●↓]/.test(line)).map((line) => line.replace(/^ {2}([●↓]) (?:a\.ts:\d+ +)?/, '$1 '))).toEqual(['● step0', '↓ step1', '↓ step2', '↓ step3', '↓ … 1,493 more steps in the report', '↓ step1497', '↓ step1498', '↓ step1499'])
  })

  test('is a code flow of SARIF, with no more places than GitHub keeps', () => {
    const flowsOf = (text: string) => (JSON.parse(text) as Log).runs[0]?.results?.[0]?.codeFlows?.[0]?.threadFlows[0]?.locations ?? []
    expect(flowsOf(renderSarif(flowRecord, []).text).map(({ location }) => `${location?.physicalLocation?.artifactLocation?.uri}:${location?.physicalLocation?.region?.startLine} ${location?.message?.text}`)).toEqual(['server.ts:5 request.query.customer', 'service.ts:3 customer.trim()', 'store.ts:5 customer: string', 'store.ts:6 database.prepare(text)'])
    const long = flowsOf(renderSarif(longRecord, []).text)
    expect([long.length, long[0]?.location?.message?.text, long.at(-1)?.location?.message?.text]).toEqual([999, 'step0', 'step1499'])
  })

  test('opens in the page, and is told in JUnit', () => {
    expect(renderHtml(flowRecord)).toContain('The way of the data: 4 steps through 3 files')
    expect(renderHtml(longRecord)).toContain('1,300 more steps in run.json')
    expect(renderJUnit(flowRecord)).toContain('service.ts:3  customer.trim()')
  })

  test('keeps its ends and loses no count, however it is folded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 2, max: 20 }), (length, most) => {
        const flow = longFlow.slice(0, length)
        const { first, hidden, last } = foldFlow(flow, most)
        expect(first.length + hidden + last.length).toBe(length)
        expect(first.length + last.length).toBeLessThanOrEqual(most + 1)
        expect([first[0], [...first, ...last].at(-1)]).toEqual([flow[0], flow.at(-1)])
      }),
    )
  })
})
