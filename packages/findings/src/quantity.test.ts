import { expect, test } from 'vitest'
import { count } from './quantity.ts'

test('counts agree with their noun', () => {
  expect([count(0, 'finding'), count(1, 'finding'), count(2000, 'finding'), count(1, 'entry', 'entries'), count(2, 'entry', 'entries')]).toEqual(['0 findings', '1 finding', '2,000 findings', '1 entry', '2 entries'])
})
