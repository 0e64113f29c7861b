import * as fc from 'fast-check'
import { join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nameOf, parentOf, safePath } from './safe-path.ts'

describe('a path inside an image', () => {
  test.each([
    ['etc/passwd', 'etc/passwd'],
    ['./etc//passwd', 'etc/passwd'],
    ['app/', 'app'],
    ['./', ''],
    ['a b/ünï…/漢字', 'a b/ünï…/漢字'],
    ['...', '...'],
    ['usr/lib/systemd/system/system-systemd\\x2dcryptsetup.slice', 'usr/lib/systemd/system/system-systemd\\x2dcryptsetup.slice'],
  ])('%j is kept as %j', (path, kept) => {
    expect(safePath(path)).toBe(kept)
  })

  test.each([
    ['../etc', 'climbs'],
    ['a/../../b', 'climbs'],
    ['a/..', 'climbs'],
    ['..\\..\\windows', 'climbs'],
    ['a\\..\\..\\b', 'climbs'],
    ['/etc/passwd', 'absolute'],
    ['\\etc', 'absolute'],
    ['C:\\windows', 'absolute'],
    ['c:/windows', 'absolute'],
    ['etc/pass\0wd', 'NUL'],
    ['\ud800', 'Unicode'],
    ['x'.repeat(256), '255 bytes'],
    ['ü'.repeat(128), '255 bytes'],
    ['abc/'.repeat(1100), '4096 bytes'],
  ])('%j is refused', (path, why) => {
    expect(() => safePath(path)).toThrow(expect.objectContaining({ code: 'unsafe-path', message: expect.stringContaining(why) }))
  })

  test('stays below the directory that it is joined to, whatever the text', () => {
    const hostile = fc.string({ unit: fc.constantFrom('.', '..', '/', '\\', 'a', '\0', 'C:', ' ', 'é'), maxLength: 30 })
    fc.assert(fc.property(hostile, (path) => {
      let safe: string
      try {
        safe = safePath(path)
      } catch {
        return
      }
      expect(`${normalize(join('/image', safe))}/`).toMatch(/^\/image\//)
    }), { numRuns: 2000 })
  })

  test('has a parent and a name', () => {
    expect(parentOf('a/b/c')).toBe('a/b')
    expect(parentOf('a')).toBe('')
    expect(nameOf('a/b/c')).toBe('c')
    expect(nameOf('a')).toBe('a')
  })
})
