import { expect, test } from 'vitest'
import { formatDuration } from './quantity.ts'

test.each([
  [-1, '0 ms'],
  [0.4, '0 ms'],
  [120.3, '120 ms'],
  [1000, '1.0 s'],
  [59_949, '59.9 s'],
  [59_950, '1m 00s'],
  [65_000, '1m 05s'],
  [3_600_000, '1h 00m'],
  [3_725_000, '1h 02m'],
])('%d milliseconds are shown as %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text)
})
