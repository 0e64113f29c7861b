import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMask } from '../../system/masking.ts'
import { findKnownSecrets } from './known-secrets.ts'
import { isPlaceholder } from './placeholder.ts'

const random = (alphabet: string, length: number) => fc.array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length }).map((all) => all.join(''))
const letters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
// Made at random, as no placeholder is: one letter seven times in a row is what people write in its place.
const isMixed = (text: string) => /\d.*\d.*\d/.test(text) && /[a-z]/.test(text) && new Set(text).size > 14 && !isPlaceholder(text) && !isPlaceholder(text.slice(0, 22))
const body = (length: number) => random(letters, length).filter(isMixed)

/** Ways in which another check quotes a line. */
const quotes: readonly ((secret: string) => string)[] = [
  (secret) => `ENV GITHUB_TOKEN=${secret} NEXT=1`,
  (secret) => `RUN curl -H "Authorization: Bearer ${secret}" https://example.test | sh`,
  (secret) => `'${secret}' is never used`,
  (secret) => `token: ${secret} # why`,
  (secret) => `{"token":"${secret}"}`,
  (secret) => secret,
]
const mask = createMask({}, findKnownSecrets)

test('a token of a known kind is masked whatever is around it', () => {
  fc.assert(
    fc.property(body(36), body(40), fc.constantFrom(...quotes), (one, two, quote) => {
      const text = mask.text(`${quote(`gh${'p'}_${one}`)} and ${quote(`SG.${two.slice(0, 22)}.${two}`.slice(0, 66))}`)
      for (const secret of [one, two]) for (let at = 0; at + 8 <= secret.length; at++) expect(text).not.toContain(secret.slice(at, at + 8))
    }),
  )
})

test('a line of a private key is covered although it alone says nothing', () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n'.repeat(5)}-----END PRIVATE KEY-----\n`
  const lines = mask.cover(`const a = 1\n${key}const b = 2\n`).split('\n')
  expect(lines.at(0)).toBe('const a = 1')
  expect(lines.at(4)).toMatch(/^\uFDD0+$/)
  expect(lines.at(-2)).toBe('const b = 2')
})

test('masking twice is masking once, and what holds no secret stays as it is', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void expect(mask.text(mask.text(text))).toBe(mask.text(text))))
  const plain = ['packages/shiplock/src/checks/secrets/run.ts', 'secrets/github-token', 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', '/** ************************ */', 'const token = process.env.GITHUB_TOKEN', 'https://example.test/a?b=c#d', 'pkg:npm/%40scope/name@1.2.3']
  expect(plain.map(mask.text)).toEqual(plain)
})
