import { expect, test } from 'vitest'
import { checkTag } from './template.ts'

test('a tag and its service have at most 46 characters together, as on Cloud Run', () => {
  expect(() => checkTag('service.traffic[0].tag', 'candidate', 's'.repeat(37))).not.toThrow()
  expect(() => checkTag('service.traffic[0].tag', 'candidate', 's'.repeat(38))).toThrow(/cannot exceed 46 characters together/)
  expect(() => checkTag('service.traffic[0].tag', 'Candidate', 'todo')).toThrow(/lower-case/)
})
