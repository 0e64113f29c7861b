import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMask, uncover } from './masking.ts'

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

test('what is told to be a secret by its looks is masked with the rest, also where two overlap', () => {
  const findSecrets = (text: string) => [...text.matchAll(/K[A-Z]+/g)].flatMap(({ index, 0: found }) => [{ start: index, end: index + found.length }, { start: index + 1, end: index + 3 }])
  const mask = createMask({ TOKEN: 'a-secret-value' }, findSecrets)
  expect(mask.text('x KABC y a-secret-value z KD')).toBe('x *** y *** z ***')
  expect(mask.value({ message: 'KABC' })).toEqual({ message: '***' })
})

test('a covered source has its lines and columns, and nothing of what is covered', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.stringMatching(/^K[A-Z\r\n]{8,20}$/), fc.string({ unit: 'binary' }), (before, secret, after) => {
      const source = `${before}${secret}${after}`
      const findSecrets = (text: string) => (text === source ? [{ start: before.length, end: before.length + secret.length }] : [])
      const covered = createMask({}, findSecrets).cover(source)
      expect(covered.length).toBe(source.length)
      expect(covered.split(/\r?\n/).map(({ length }) => length)).toEqual(source.split(/\r?\n/).map(({ length }) => length))
      expect(covered.slice(before.length, before.length + secret.length).replaceAll(/[\uFDD0\r\n]/g, '')).toBe('')
    }),
  )
  expect(uncover('a \uFDD0\uFDD0\uFDD0 b')).toBe('a *** b')
})

test.each([
  ['a signing key', { SIGNING_KEY: 'k1-0123456789abcdef' }, 'k1-0123456789abcdef'],
  ['a token of access to a host of code', { GH_PAT: 'p4t-0123456789abcdef' }, 'p4t-0123456789abcdef'],
  ['a password that is part of an address', { DB_URL: 'mysql://todo:correct-horse@db/todo' }, 'correct-horse'],
  ['a token that begins with a slash', { API_TOKEN: '/aB3dE5fG7hI9==' }, '/aB3dE5fG7hI9=='],
])('%s is masked by the name of its variable', (_, environment, secret) => {
  expect(createMask(environment).text(`it is ${secret} here`)).toBe('it is *** here')
})

test('a secret is masked as it is written in addresses, in JSON and in headers, and also where another one begins it', () => {
  const mask = createMask({ A_TOKEN: 'pass"word/1', B_TOKEN: 'pass"word/1-extended' })
  for (const text of ['pass"word/1-extended', 'pass%22word%2F1', JSON.stringify({ a: 'pass"word/1' }), Buffer.from('pass"word/1').toString('base64')]) expect(mask.text(text)).not.toMatch(/pass|word|extended|cGFzc/)
})

test('a path that says where a secret is stays', () => {
  expect(createMask({ NPM_TOKEN_FILE: '/run/secrets/npm', PWD: '/home/ann/todo' }).text('/run/secrets/npm /home/ann/todo')).toBe('/run/secrets/npm /home/ann/todo')
})
