import { describe, expect, test } from 'vitest'
import { text } from '../testing/rig.ts'
import { orderEntries, type LayerEntry } from './layer-entry.ts'

const fileEntry = (path: string): LayerEntry => ({ kind: 'file', path, mode: 0o644, content: text('') })

describe('the entries of a layer', () => {
  test('come sorted, with the parents that nobody named', () => {
    const ordered = orderEntries([fileEntry('b/c/d'), fileEntry('a'), { kind: 'directory', path: 'b', mode: 0o700 }])
    expect(ordered.map((entry) => [entry.path, entry.kind === 'symlink' ? undefined : entry.mode])).toEqual([
      ['a', 0o644],
      ['b', 0o700],
      ['b/c', 0o755],
      ['b/c/d', 0o644],
    ])
  })

  test.each<[string, readonly LayerEntry[], string]>([
    ['one path twice', [fileEntry('a'), fileEntry('a')], 'layer-invalid'],
    ['one path twice in two spellings', [fileEntry('a/b'), fileEntry('./a//b')], 'layer-invalid'],
    ['a file inside a file', [fileEntry('a'), fileEntry('a/b')], 'unsafe-path'],
    ['a file through a link of the same layer', [{ kind: 'symlink', path: 'a', target: '/etc' }, fileEntry('a/passwd')], 'unsafe-path'],
    ['a climbing path', [fileEntry('../a')], 'unsafe-path'],
    ['an absolute path', [fileEntry('/a')], 'unsafe-path'],
    ['the root', [{ kind: 'directory', path: './', mode: 0o755 }], 'unsafe-path'],
    ['a name that would delete', [fileEntry('a/.wh.b')], 'unsafe-path'],
    ['a directory name that would delete', [fileEntry('.wh.a/b')], 'unsafe-path'],
    ['a link to nothing', [{ kind: 'symlink', path: 'a', target: '' }], 'unsafe-path'],
    ['a link to a NUL', [{ kind: 'symlink', path: 'a', target: 'b\0' }], 'unsafe-path'],
    ['an impossible mode', [{ kind: 'directory', path: 'a', mode: 0o100755 }], 'layer-invalid'],
    ['a mode that is no number', [{ kind: 'directory', path: 'a', mode: Number.NaN }], 'layer-invalid'],
  ])('%s is refused', (_, entries, code) => {
    expect(() => orderEntries(entries)).toThrow(expect.objectContaining({ code }))
  })
})
