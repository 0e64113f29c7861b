import { expect, test } from 'vitest'
import { count, sparkline } from './quantity.ts'

test('counts agree with their noun', () => {
  expect([count(0, 'finding'), count(1, 'finding'), count(2000, 'finding'), count(1, 'entry', 'entries'), count(2, 'entry', 'entries')]).toEqual(['0 findings', '1 finding', '2,000 findings', '1 entry', '2 entries'])
})

test('a line of bars keeps to its scale, and shows the last values', () => {
  expect(sparkline([0, 5, 10, 20], 10)).toBe('▁▄██')
  expect(sparkline([1, 2, 3], 3, 2)).toBe('▅█')
  expect(sparkline([0, 0], 0)).toBe('▁▁')
})
