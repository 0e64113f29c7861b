import fc from 'fast-check'
import { expect, test } from 'vitest'
import { apkOrder } from './apk-version.ts'

/** Each older than the next. */
const ascending = ['0.9', '1.0_alpha', '1.0_alpha2', '1.0_beta', '1.0_pre', '1.0_rc1', '1.0_rc1-r1', '1.0', '1.0-r1', '1.0-r2', '1.0-r10', '1.0_git20240101', '1.0_p1', '1.0_p1~0a-r1', '1.0_p1~0b-r0', '1.0a', '1.0b', '1.0.1', '1.01', '1.1', '1.2.3', '1.2.10', '1.10', '2.0', '10.0', '20240101']

test('versions of Alpine are in the order that its package manager has them in', () => {
  const shuffled = ascending.toSorted((a, b) => (a < b ? -1 : 1))
  expect(shuffled.toSorted(apkOrder.compare)).toEqual(ascending)
})

test.each(['', 'a', '1.0-1', '1.0_x', '1.0.', '-r1', '1'.repeat(300), '1.0\n'])('%j is no version, and after all that are', (text) => {
  expect(apkOrder.isVersion(text)).toBe(false)
  expect(apkOrder.compare(text, '999')).toBe(1)
})

test('two versions are in one order, and three in a row', () => {
  const suffix = fc.constantFrom('', '_alpha', '_rc2', '_p1', '_git20240101')
  const version = fc.tuple(fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }), fc.constantFrom('', 'a', 'b'), suffix, fc.nat(3)).map(([numbers, letter, end, revision]) => `${numbers.join('.')}${letter}${end}-r${revision}`)
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(apkOrder.compare(a, b))).toBe(-Math.sign(apkOrder.compare(b, a)) + 0)
      expect(apkOrder.compare(a, a)).toBe(0)
      const [x, y, z] = [a, b, c].toSorted(apkOrder.compare)
      expect(apkOrder.compare(x!, z!)).toBeLessThanOrEqual(0)
      expect(apkOrder.compare(x!, y!)).toBeLessThanOrEqual(0)
    }),
  )
})
