import { expect, test } from 'vitest'
import { createMask } from './masking.ts'

test('values of secret variables are masked wherever they stand, whole and by line', () => {
  const mask = createMask({ NPM_TOKEN: 'npm_abcdefgh1234', GOOGLE_PRIVATE_KEY: 'first-line-of-key\nsecond-line-of-key', PATH: '/usr/bin', HOME: '/home/me' })
  expect(mask.text('a npm_abcdefgh1234 b, second-line-of-key, /usr/bin')).toBe('a *** b, ***, /usr/bin')
})

test('short values, paths to secrets and other variables are left alone', () => {
  const mask = createMask({ TOKEN: 'abc', TOKEN_FILE: '/run/secrets/token', EDITOR: 'long-enough-value' })
  expect(mask.text('abc /run/secrets/token long-enough-value')).toBe('abc /run/secrets/token long-enough-value')
})

test('passwords in URLs are masked, whoever they belong to', () => {
  expect(createMask({}).text('cloning https://me:s3cret@example.test/x.git and mysql://u:p@db')).toBe('cloning https://me:***@example.test/x.git and mysql://u:***@db')
})

test('every string of a value is masked, and what is no string stays', () => {
  const mask = createMask({})
  mask.add('very-secret-value')
  expect(mask.value({ a: ['x very-secret-value'], n: 1, t: true, z: null })).toEqual({ a: ['x ***'], n: 1, t: true, z: null })
})
