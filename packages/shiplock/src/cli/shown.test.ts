import { expect, test } from 'vitest'
import { acceptedRecord, refusedRecord } from '../report/sample-records.test-data.ts'
import { findingCount, isOfLevel, showOnly } from './shown.ts'

const count = (levels: Parameters<typeof isOfLevel>[1]) => findingCount(showOnly(acceptedRecord, (finding) => isOfLevel(finding, levels)))

test('levels show what is at least so severe and so sure, and all where none is asked for', () => {
  expect(count({})).toBe(4)
  expect(count({ severityLevel: 'all', confidenceLevel: 'high' })).toBe(4)
  expect(count({ severityLevel: 'medium' })).toBe(3)
  expect(count({ severityLevel: 'high' })).toBe(2)
  expect(count({ severityLevel: 'critical' })).toBe(0)
})

test('what is not shown is judged all the same', () => {
  expect(showOnly(refusedRecord, () => false).verdict).toEqual(refusedRecord.verdict)
})
