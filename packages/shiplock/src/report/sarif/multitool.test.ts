import { describe, expect, test } from 'vitest'
import { multitool, objections } from '../../testing/multitool.ts'
import { hostileTexts } from '../hostile-texts.test-data.ts'
import { refusedRecord, sampleRecords, withEveryString } from '../sample-records.test-data.ts'
import { renderSarif } from './render-sarif.ts'

test('Microsoft’s multitool is there in CI (npm install @microsoft/sarif-multitool-linux)', ({ skip }) => {
  if (process.env['CI'] === undefined) skip('only CI installs it')
  expect(multitool).toBeDefined()
})

describe.runIf(multitool !== undefined)('Microsoft’s multitool', () => {
  test('finds nothing wrong by its own rules and by GitHub’s, whatever the texts are', () => {
    const samples = sampleRecords.map((record, index) => [`sample-${index}`, record] as const)
    const hostile = hostileTexts.map((text, index) => [`hostile-${index}`, { ...withEveryString(refusedRecord, text), tool: refusedRecord.tool }] as const)
    const files = [...samples, ...hostile].map(([name, record]) => [`${name}.sarif`, renderSarif(record, []).text] as const)
    // Shiplock has no page of its own that a file could lead to.
    expect(objections(files).filter(({ rule }) => rule !== 'SARIF2005')).toEqual([])
  }, 120_000)

  test('would tell a file that GitHub refuses', () => {
    const text = renderSarif(refusedRecord, []).text.replace('"fullDescription"', '"properties2"')
    expect(objections([['broken.sarif', text]]).map(({ level }) => level)).toContain('error')
  }, 120_000)
})
