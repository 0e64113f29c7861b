import fc from 'fast-check'
import { expect, test } from 'vitest'
import { locate } from './locate.ts'

const files = new Set(['main.tf', 'a b/c.tf', '100%.tf', 'etc/passwd'])
const place = (path: string, more = {}) => locate({ rule: 'r', message: 'm', path, ...more }, '/copy', (it) => files.has(it))

test('absolute, relative and percent-encoded paths and file URLs lead to the file of the tree', () => {
  for (const path of ['main.tf', './main.tf', '/copy/main.tf', 'file:///copy/main.tf', 'x/../main.tf']) expect(place(path)).toEqual({ path: 'main.tf' })
  expect(place('a%20b/c.tf')).toEqual({ path: 'a b/c.tf' })
  expect(place('100%.tf')).toEqual({ path: '100%.tf' })
})

test('a path that leads out of the tree is no place', () => {
  for (const path of ['/etc/passwd', '../main.tf', '/copy/../main.tf', 'file:///etc/passwd', 'https://x.example/main.tf', '..%2Fmain.tf', '%E0%A4%A', 'main.tf\0', '']) expect(place(path)).toBeUndefined()
})

test('where a leading slash is the root of the tree, it leads there', () => {
  expect(place('/main.tf')).toBeUndefined()
  expect(place('/main.tf', { isRooted: true })).toEqual({ path: 'main.tf' })
  expect(place('/../main.tf', { isRooted: true })).toBeUndefined()
})

test('numbers that are no positions are left out', () => {
  expect(place('main.tf', { startLine: 0, endLine: 3 })).toEqual({ path: 'main.tf' })
  expect(place('main.tf', { startLine: 3, endLine: 2, startColumn: 4, endColumn: 4 })).toEqual({ path: 'main.tf', startLine: 3, startColumn: 4 })
  expect(place('main.tf', { startLine: 3, startColumn: 4, endColumn: 9 })).toEqual({ path: 'main.tf', startLine: 3, startColumn: 4, endLine: 3, endColumn: 9 })
})

test('whatever it is told, the place is a file of the tree with positions, or none', () => {
  const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Infinity, NaN, 2 ** 53))
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...files).map((path) => `/copy/${path}`)), number, number, number, number, (path, startLine, startColumn, endLine, endColumn) => {
      const found = place(path, { startLine, startColumn, endLine, endColumn })
      if (!found) return
      expect(files.has(found.path)).toBe(true)
      for (const value of [found.startLine, found.startColumn, found.endLine, found.endColumn]) if (value !== undefined) expect(Number.isSafeInteger(value) && value >= 1).toBe(true)
      if (found.endLine !== undefined) expect(found.endLine).toBeGreaterThanOrEqual(found.startLine ?? Infinity)
    }),
  )
})
