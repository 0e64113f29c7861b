import fc from 'fast-check'
import semver from 'semver'
import { expect, test } from 'vitest'
import { newestIn } from './newest.ts'

const most = 999_999_999

test.for([
  ['1.2.3', '1.2.3'],
  ['=1.2.3', '1.2.3'],
  ['^1.2.3', `1.${most}.${most}`],
  ['~1.2.3', `1.2.${most}`],
  ['<2.0.0', `1.${most}.${most}`],
  ['<=2.0.0', '2.0.0'],
  ['>=1 <1.5.2', '1.5.1'],
  ['^1.0.0 || ^3.0.0', `3.${most}.${most}`],
  ['*', `${most}.${most}.${most}`],
  ['', `${most}.${most}.${most}`],
  ['>=1', `${most}.${most}.${most}`],
  ['^0.0.3', '0.0.3'],
  ['latest', undefined],
  ['<0.0.0', undefined],
  ['github:a/b', undefined],
] as const)('the newest of %j is %s', ([range, newest]) => {
  expect(newestIn(range)).toBe(newest)
})

test('no version that satisfies a range is newer', () => {
  const version = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((parts) => parts.join('.'))
  const comparator = fc.tuple(fc.constantFrom('', '^', '~', '<', '<=', '>', '>='), version).map((parts) => parts.join(''))
  const range = fc.array(fc.array(comparator, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }).map((sets) => sets.map((set) => set.join(' ')).join(' || '))
  fc.assert(
    fc.property(range, version, (asked, at) => {
      fc.pre(semver.satisfies(at, asked))
      const newest = newestIn(asked)
      expect(newest).toBeDefined()
      expect(semver.gte(newest ?? '0.0.0', at)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
