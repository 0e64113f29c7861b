import { expect, test } from 'vitest'
import { LastLines } from './last-lines.ts'

test('lines that come in pieces from two streams are put together and made harmless', () => {
  const lines = new LastLines()
  lines.add('stdout', Buffer.from('first ha'))
  lines.add('stderr', Buffer.from('error \u001b]0;title\u0007\n'))
  lines.add('stdout', Buffer.from('lf\r\nunfinished'))
  expect(lines.text).toBe('error \\u001b]0;title\\u0007\nfirst half\nunfinished')
})

test('only the last lines are kept, and no line is endless', () => {
  const lines = new LastLines()
  lines.add('stdout', Buffer.from(Array.from({ length: 100 }, (_, index) => `${index}\n`).join('')))
  expect(lines.text.split('\n')).toEqual(Array.from({ length: 20 }, (_, index) => String(80 + index)))
  for (let count = 0; count < 100; count += 1) lines.add('stdout', Buffer.alloc(10_000, 'x'))
  expect(lines.text.length).toBeLessThan(2000)
})
