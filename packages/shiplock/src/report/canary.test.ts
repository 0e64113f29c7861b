import { expect, test } from 'vitest'
import { renderHtml } from './html/render-html.ts'
import { releasedRecords } from './sample-records.test-data.ts'
import { renderSummary } from './terminal/summary.ts'

const record = releasedRecords.find(({ release }) => release?.canary)!

test('the report draws both revisions, and says of each test what it came to', () => {
  const page = renderHtml(record)
  expect(page.match(/<polyline class="series (?:stable|candidate)"/g)).toHaveLength(4)
  expect(page).toContain('22 of 400 (5.5%) against 0 of 1600 (0.0%)')
  expect(page).toContain('p = 1.0e-16, worse below 2.0e-5')
  expect(page).toContain('sent by the release itself')
  expect(page).not.toContain('NaN')
})

test('the terminal shows a line for each step and why it went no further', () => {
  const text = renderSummary(record, { columns: 200, colour: false })
  expect(text).toContain('✔   5%   1.0 s  candidate ██ 10 requests, 0 errors, p95 11 ms')
  expect(text).toMatch(/✖ {2}20% {3}2\.0 s {2}candidate ▂█ 400 requests, 22 errors, p95 40 ms · stable ▂▂ 1,600 requests, 0 errors, p95 11 ms/)
  expect(text).toContain('worse: errors (5xx): 22 of 400 (5.5%) against 0 of 1600 (0.0%)')
})
