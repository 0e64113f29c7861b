import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isProofMissing } from '../testing/rig.ts'
import { compareVersions, isDebianVersion } from './version.ts'

/** Few characters, so that two versions often begin alike: that is where orders differ. */
const piece = fc.string({ unit: fc.constantFrom('0', '1', '9', '00', '10', 'a', 'Z', '.', '+', '~', '~~', 'rc', 'deb'), maxLength: 6 })
const version = fc.tuple(fc.constantFrom('', '0:', '1:', '12:'), fc.constantFrom('0', '1', '01', '10'), piece, fc.option(piece, { nil: undefined }))
  .map(([epoch, first, rest, revision]) => `${epoch}${first}${rest}${revision === undefined || revision === '' ? '' : `-${revision}`}`)

/** One shell for all pairs: dpkg compares two versions a process. */
function orderOfDpkg(pairs: readonly (readonly [string, string])[]): readonly number[] {
  const script = 'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done'
  const { stdout, stderr, status } = spawnSync('sh', ['-c', script], { input: pairs.map((pair) => `${pair.join(' ')}\n`).join('') })
  expect([status, stderr.toString()]).toEqual([0, ''])
  return stdout.toString().trim().split('\n').map(Number)
}

describe('the order of versions', () => {
  test.skipIf(isProofMissing('dpkg'))('is that of dpkg', () => {
    const pairs = fc.sample(fc.tuple(version, version), { numRuns: 400 })
    expect(pairs.map(([a, b]) => Math.sign(compareVersions(a, b)))).toEqual(orderOfDpkg(pairs))
  })

  test.each([
    ['1.0', '1.0-0', 0],
    ['0:1.0', '1.0', 0],
    ['1.0', '01.00', 0],
    ['1:0.1', '2.0', 1],
    ['1.0~rc1', '1.0', -1],
    ['1.0~~', '1.0~', -1],
    ['1.0-1', '1.0-1+deb13u1', -1],
    ['1.0-1+deb13u9', '1.0-1+deb13u10', -1],
    ['1.0+', '1.0a', 1],
    ['99999999999999999999998', '99999999999999999999999', -1],
    ['1:2:3', '1:2:4', -1],
  ])('of %s and %s', (a, b, order) => {
    expect(Math.sign(compareVersions(a, b))).toBe(order)
    expect(Math.sign(compareVersions(b, a))).toBe(order === 0 ? 0 : -order)
  })

  test('is an order: what is sorted in pairs is sorted', () => {
    fc.assert(fc.property(version, version, version, (a, b, c) => {
      const [low, middle, high] = [a, b, c].toSorted(compareVersions) as [string, string, string]
      return compareVersions(low, middle) <= 0 && compareVersions(middle, high) <= 0 && compareVersions(low, high) <= 0
    }))
  })

  test.each(['', 'a1', '1 2', '1:', ':1', '-1', '1-', '1_2', '1\n', '1:1-', '2:a', '１', '1'.repeat(300), 'x:1', '1:2-3 '])('has no place for %j', (text) => {
    expect(isDebianVersion(text)).toBe(false)
    if (text.length < 300) expect(() => compareVersions(text, '1')).toThrow(TypeError)
  })
})
