import { expect, test } from 'vitest'
import { isAllowedLicence } from './licences.ts'

test.for([
  ['MIT', ['MIT'], [], true],
  ['(MIT OR GPL-3.0-only)', ['MIT'], [], true],
  ['MIT AND GPL-3.0-only', ['MIT'], [], false],
  ['MIT AND GPL-3.0-only', ['MIT', 'GPL-3.0-only'], [], true],
  ['GPL-2.0-only WITH Classpath-exception-2.0', ['GPL-2.0-only'], [], false],
  ['GPL-2.0-only WITH Classpath-exception-2.0', ['GPL-2.0-only WITH Classpath-exception-2.0'], [], true],
  ['SEE LICENSE IN LICENSE.md', ['MIT'], [], false],
  ['SEE LICENSE IN LICENSE.md', ['SEE LICENSE IN LICENSE.md'], [], true],
  ['MIT', ['MIT', 'Our licence'], [], true],
  ['MIT', [], ['AGPL-3.0-only'], true],
  ['AGPL-3.0', [], ['AGPL-3.0-only'], false],
  ['AGPL-3.0-only', [], ['AGPL-3.0'], false],
  ['AGPL-3.0-only WITH Classpath-exception-2.0', [], ['AGPL-3.0-only'], false],
  ['GPL-3.0+', [], ['GPL-3.0-or-later'], false],
  ['MIT OR AGPL-3.0-only', [], ['AGPL-3.0-only'], true],
  ['MIT AND AGPL-3.0-only', [], ['AGPL-3.0-only'], false],
  ['MIT', ['MIT'], ['MIT'], false],
  ['UNLICENSED', [], ['UNLICENSED'], false],
  ['no expression', [], ['MIT'], false],
] as [string, string[], string[], boolean][])('%s, with %j allowed and %j denied: %s', ([expression, licences, deniedLicences, isAllowed]) => {
  expect(isAllowedLicence(expression, { licences, deniedLicences })).toBe(isAllowed)
})

test('alternatives that multiply and brackets without end are answered', () => {
  const policy = { licences: ['MIT'], deniedLicences: [] }
  expect(isAllowedLicence(Array.from({ length: 40 }, () => '(ISC OR MIT)').join(' AND '), policy)).toBe(true)
  expect(isAllowedLicence('('.repeat(1_000_000), policy)).toBe(false)
})
