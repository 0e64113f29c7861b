import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readInstalled, resolveInstalled, type InstalledPackage } from './installed-npm.ts'

const manifest = (value: unknown) => readInstalled('app/node_modules/a/package.json', JSON.stringify(value))

describe('the package.json of an installed package', () => {
  test('says what it is, under which licence and what it asks for', () => {
    expect(manifest({ name: '@s/a', version: '1.0.0', license: 'MIT', description: 'd', author: 'A <a@example.test> (https://example.test)', dependencies: { b: '^1' }, optionalDependencies: { c: '1' }, peerDependencies: { d: '*' }, devDependencies: { e: '1' } })).toEqual({
      ok: true,
      value: { folder: 'app/node_modules/a', name: '@s/a', version: '1.0.0', purl: 'pkg:npm/%40s/a@1.0.0', licences: ['MIT'], description: 'd', author: 'A', depends: ['b', 'c', 'd'] },
    })
  })

  test.each([
    [{ license: { type: 'BSD-2-Clause' } }, ['BSD-2-Clause']],
    [{ licenses: [{ type: 'MIT' }, { type: 'Apache-2.0' }] }, ['MIT', 'Apache-2.0']],
    [{ license: 'SEE LICENSE IN LICENSE.md' }, ['SEE LICENSE IN LICENSE.md']],
    [{ license: 'UNLICENSED' }, []],
    [{}, []],
  ])('names licences as packages of any age do: %j', (fields, licences) => {
    expect(manifest({ name: 'a', version: '1.0.0', ...fields })).toMatchObject({ ok: true, value: { licences } })
  })

  test('that names no package is none, and one that says half is told', () => {
    expect(manifest({ type: 'module' })).toEqual({ ok: true, value: undefined })
    expect(manifest({ name: 'a' })).toEqual({ ok: false, failure: 'it has no version' })
    expect(manifest({ name: '../a', version: '1' })).toEqual({ ok: false, failure: 'its name or version is none' })
    expect(manifest({ name: 'a', version: '1'.repeat(300) })).toEqual({ ok: false, failure: 'its name or version is none' })
    expect(readInstalled('node_modules/a/package.json', '{')).toMatchObject({ ok: false })
    expect(readInstalled('node_modules/a/package.json', '\uFEFF{"name":"a","version":"1.0.0"}')).toMatchObject({ ok: true, value: { name: 'a' } })
  })

  test('may hold anything', () => {
    fc.assert(fc.property(fc.json(), (text) => {
      readInstalled('node_modules/a/package.json', text)
    }))
  })
})

const at = (folder: string, depends: readonly string[] = []): InstalledPackage => ({ folder, name: folder.slice(folder.lastIndexOf('node_modules/') + 13), version: '1.0.0', purl: '', licences: [], depends })

describe('what an installed package needs', () => {
  test('is what Node would load: the nearest upwards', () => {
    const needs = resolveInstalled([at('app/node_modules/a', ['b', '@s/c', 'absent']), at('app/node_modules/b'), at('app/node_modules/a/node_modules/b', ['@s/c']), at('app/node_modules/@s/c', ['b']), at('node_modules/b')])
    expect(Object.fromEntries(needs)).toEqual({
      'app/node_modules/a': ['app/node_modules/a/node_modules/b', 'app/node_modules/@s/c'],
      'app/node_modules/a/node_modules/b': ['app/node_modules/@s/c'],
      'app/node_modules/@s/c': ['app/node_modules/b'],
      'app/node_modules/b': [],
      'node_modules/b': [],
    })
  })

  test('may lead in circles', () => {
    expect(Object.fromEntries(resolveInstalled([at('node_modules/a', ['b']), at('node_modules/b', ['a', 'b'])]))).toEqual({ 'node_modules/a': ['node_modules/b'], 'node_modules/b': ['node_modules/a', 'node_modules/b'] })
  })

  test('is the only one of a name where pnpm’s links are not seen, and not one of two', () => {
    const needs = resolveInstalled([at('node_modules/.pnpm/a@1.0.0/node_modules/a', ['b', 'c']), at('node_modules/.pnpm/b@1.0.0/node_modules/b'), at('node_modules/.pnpm/c@1.0.0/node_modules/c'), at('node_modules/.pnpm/c@2.0.0/node_modules/c')])
    expect(needs.get('node_modules/.pnpm/a@1.0.0/node_modules/a')).toEqual(['node_modules/.pnpm/b@1.0.0/node_modules/b'])
  })
})
