import { describe, expect, test } from 'vitest'
import { ImageError, imageErrorCodes, quote } from './error.ts'

describe('an error', () => {
  test('keeps its code, hint and cause', () => {
    const cause = new Error('the disk said no')
    const error = new ImageError('no-space', 'The disk is full', { cause, hint: 'Free some space.' })
    expect(error).toMatchObject({ name: 'ImageError', code: 'no-space', hint: 'Free some space.', cause })
  })

  test('has a sentence for every code', () => {
    for (const sentence of Object.values(imageErrorCodes)) expect(sentence).toMatch(/^[A-Z].*\.$/)
  })

  test('shows names from outside without what a terminal would obey', () => {
    expect(quote('a\u001b[31m\n\u009b\u202e')).toBe('"a\\u001b[31m\\n\\u009b\\u202e"')
    expect(quote('x'.repeat(5000)).length).toBeLessThan(400)
  })
})
