import { expect, test } from 'vitest'
import { remember } from './remember.ts'

test('answers are remembered, the oldest forgotten first, and what has no answer is asked again', () => {
  const asked: string[] = []
  const length = remember(2, (text: string) => (asked.push(text), text.length || undefined))
  for (const question of ['a', 'bb', 'a', '', '', 'ccc', 'bb', 'a']) expect(length(question)).toBe(question.length || undefined)
  expect(asked).toEqual(['a', 'bb', '', '', 'ccc', 'a'])
})
