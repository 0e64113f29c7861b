import { expect, test } from 'vitest'
import { strengthOf } from './integrity.ts'

test.for([
  ['sha512-AAAA==', 'strong'],
  ['sha1-AAAA= sha512-AAAA==', 'strong'],
  [`10c0/${'0a'.repeat(64)}`, 'strong'],
  ['0a'.repeat(64), 'strong'],
  ['sha1-AAAA=', 'weak'],
  ['md5-AAAA', 'weak'],
  ['0a'.repeat(20), 'weak'],
  ['', undefined],
  ['sha512-', undefined],
  ['sha512', undefined],
  ['none', undefined],
  ['sha9-AAAA', undefined],
] as const)('the integrity %j is %s', ([integrity, strength]) => {
  expect(strengthOf(integrity)).toBe(strength)
})
