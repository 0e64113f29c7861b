import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredEntry, StoredLayer } from './layer-store.ts'
import { mergeLayers, type TreeDirectory } from './merge-layers.ts'

/** Every path of a tree with what is there. */
function flat(tree: TreeDirectory, prefix = ''): ReadonlyMap<string, string> {
  const paths = new Map<string, string>()
  for (const [name, node] of tree.children) {
    const path = `${prefix}${name}`
    paths.set(path, node.kind === 'file' ? node.source ?? '' : node.kind)
    if (node.kind === 'directory') for (const [below, what] of flat(node, `${path}/`)) paths.set(below, what)
  }
  return paths
}

/** The same by the letter of layer.md, on a plain list of paths: slow and obvious. */
function byTheLetter(layers: readonly StoredLayer[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>()
  const removeBelow = (prefix: string): void => {
    for (const name of paths.keys()) if (prefix === '' || name.startsWith(`${prefix}/`)) paths.delete(name)
  }
  for (const { directory, entries } of layers) {
    for (const entry of entries) {
      if (entry.kind === 'opaque' && (entry.path === '' || paths.get(entry.path) === 'directory')) removeBelow(entry.path)
      if (entry.kind === 'whiteout') {
        removeBelow(entry.path)
        paths.delete(entry.path)
      }
    }
    for (const entry of entries) {
      if (entry.kind === 'whiteout' || entry.kind === 'opaque') continue
      const names = entry.path.split('/')
      for (let depth = 1; depth < names.length; depth++) paths.set(names.slice(0, depth).join('/'), 'directory')
      if (entry.kind !== 'directory') removeBelow(entry.path)
      paths.set(entry.path, entry.kind === 'file' ? `${directory}/${entry.file}` : entry.kind)
    }
  }
  return paths
}

const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
const kind = fc.constantFrom('file', 'directory', 'whiteout', 'opaque')

/** Random layers in which nothing leads through a file, which is refused and tested elsewhere. */
const layers = fc.array(fc.uniqueArray(fc.tuple(path, kind), { selector: ([name]) => name, maxLength: 8 }), { minLength: 1, maxLength: 4 })
  .map((list) => list.map((entries, layer): StoredLayer => ({
    directory: `layer${layer}`,
    entries: entries.map(([name, what], index): StoredEntry =>
      what === 'file' ? { kind: what, path: name, mode: 0o444, file: String(index) }
        : what === 'directory' ? { kind: what, path: name, mode: 0o755 }
          : { kind: what as 'whiteout' | 'opaque', path: name }),
  })))

describe('merged layers', () => {
  test('are what the specification says, whatever is put, replaced and deleted', () => {
    let compared = 0
    fc.assert(fc.property(layers, (list) => {
      let merged: ReadonlyMap<string, string>
      try {
        merged = flat(mergeLayers(list))
      } catch {
        return
      }
      compared++
      expect(merged).toEqual(byTheLetter(list))
    }), { numRuns: 3000 })
    expect(compared).toBeGreaterThan(500)
  })

  test('of hard links are one file, also where a later layer replaces one of its names', () => {
    const tree = mergeLayers([
      { directory: 'l0', entries: [{ kind: 'file', path: 'a', mode: 0o444, file: '0' }, { kind: 'link', path: 'b', target: 'a' }] },
      { directory: 'l1', entries: [{ kind: 'file', path: 'a', mode: 0o444, file: '0' }, { kind: 'link', path: 'c', target: 'b' }] },
    ])
    expect(flat(tree)).toEqual(new Map([['a', 'l1/0'], ['b', 'l0/0'], ['c', 'l0/0']]))
  })
})
