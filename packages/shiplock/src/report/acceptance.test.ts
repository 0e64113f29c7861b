import { expect, test } from 'vitest'
import { acceptanceOf, judgedBy } from './acceptance.ts'
import { acceptedRecord, adoptedRecord } from './sample-records.test-data.ts'
import { renderHtml } from './html/render-html.ts'
import { renderFindings } from './terminal/findings.ts'
import { renderSummary } from './terminal/summary.ts'

const style = { columns: Infinity, colour: false }
const findings = acceptedRecord.stages.flatMap(({ outcome }) => (outcome?.kind === 'completed' ? outcome.findings : []))

test('a waiver is told with its owner, its last day, its reason and where it is written', () => {
  expect(findings.map(acceptanceOf)).toEqual([
    'waived until 2027-01-31 by ann@example.test: replaced in January (shiplock.waivers.yaml:3)',
    'waived: the value is a constant',
    'in the baseline',
    undefined,
  ])
})

test('the terminal says why an accepted finding does not count, where it is asked for those', () => {
  const shown = renderFindings(acceptedRecord, { ...style, withAccepted: true })
  for (const finding of findings.filter(({ waiver }) => waiver)) expect(shown).toContain(acceptanceOf(finding))
  expect(shown).toContain('in the baseline')
  expect(renderFindings(acceptedRecord, style)).toContain('3 findings waived or in the baseline; --verbose shows them.')
})

test('the page shows it too', () => {
  const page = renderHtml(acceptedRecord)
  for (const finding of findings) expect(page).toContain(acceptanceOf(finding) ?? 'fourth')
})

test('whose policy judged is said at the end', () => {
  expect(renderSummary(acceptedRecord, style)).toContain('Judged by the policy of its merge base c0ffeec0ffee.')
  expect(renderSummary(adoptedRecord, style)).toContain('Judged by its own policy, which it brings with it: its merge base c0ffeec0ffee has none.')
  expect(judgedBy({ ...acceptedRecord.verdict, policy: undefined } as never)).toBeUndefined()
})
