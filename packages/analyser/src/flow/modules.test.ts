import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { judge, withoutSecrets } from '../findings.ts'
import { linkModules } from './modules.ts'

/** Files by path, with what each of them imports. */
const linked = (files: Readonly<Record<string, readonly string[]>>, manifests: Readonly<Record<string, object>> = {}, nodes: Readonly<Record<string, number>> = {}) =>
  linkModules(
    Object.entries(files).map(([path, imports]) => ({ path, imports: imports.map((specifier) => ({ specifier })), nodes: nodes[path] ?? 1 })),
    new Map(Object.entries(manifests).map(([path, manifest]) => [path, JSON.stringify(manifest)])),
  )

test('packages that do not import one another are programs of their own; files of one package are together', () => {
  const { units } = linked(
    { 'tool.js': [], 'a/index.js': ['b'], 'a/other.js': [], 'a/lib/deep/x.js': [], 'b/index.js': [], 'c/index.js': ['not-here'], 'c/more.js': [] },
    { 'a/package.json': { name: 'a' }, 'a/lib/package.json': { type: 'module' }, 'b/package.json': { name: 'b' }, 'c/package.json': { name: 'c' } },
  )
  expect(units).toEqual([['a/index.js', 'a/lib/deep/x.js', 'a/other.js', 'b/index.js'], ['c/index.js', 'c/more.js'], ['tool.js']])
})

test('what is imported for its types alone is of the same program, but not loaded', () => {
  const { units, loaded } = linkModules([{ path: 'a/x.ts', imports: [{ specifier: '../b/y', isType: true }], nodes: 1 }, { path: 'b/y.ts', imports: [], nodes: 1 }], new Map([['a/package.json', '{"name":"a"}'], ['b/package.json', '{"name":"b"}']]))
  expect([units, [...loaded].filter((path) => path === 'b/y.ts')]).toEqual([[['a/x.ts', 'b/y.ts']], []])
})

test('of two packages of one name the nearer one is meant', () => {
  const manifests = { 'one/app/package.json': { name: 'app' }, 'one/log/package.json': { name: 'log' }, 'two/app/package.json': { name: 'app2' }, 'two/log/package.json': { name: 'log' } }
  const { resolve } = linked({ 'one/app/x.js': ['log'], 'one/log/index.js': [], 'two/app/x.js': ['log'], 'two/log/index.js': [] }, manifests)
  expect([resolve('log', 'one/app/x.js'), resolve('log', 'two/app/x.js'), resolve('log', 'elsewhere.js')]).toEqual(['one/log/index.js', 'two/log/index.js', 'one/log/index.js'])
})

test('what is said of one program does not show the secret that another one holds, nor its beginning', () => {
  const secret = 'kept-by-nobody'
  const texts = new Map([['a.js', `require('express')().get('/', (req) => require('child_process').exec('curl -u ${secret} ' + req.query.at))\n`]])
  const other = new Map([['b.js', `new (require('pg').Pool)({ host: 'db.example.test', user: 'shop', password: '${secret}' })\n`]])
  const { findings } = judge(analyse(texts, new Map()), texts)
  const { secrets } = judge(analyse(other, new Map()), other)
  expect(JSON.stringify(findings)).toContain(secret)
  const shown = JSON.stringify(withoutSecrets(findings, secrets))
  expect(shown).toContain('curl -u *** ')
  expect(shown).not.toContain('kept')
  const [cut] = withoutSecrets([{ ...findings[0]!, snippet: 'curl -u kept-by-' }], secrets)
  expect(cut!.snippet).toBe('curl -u ***')
})

test('a program that is too large is parted between packages, a package only where it is too large alone, whatever the order of the files', () => {
  const manifests = { 'a/package.json': { name: 'a' }, 'b/package.json': { name: 'b' }, 'c/package.json': { name: 'c' } }
  const imports: Record<string, readonly string[]> = { 'a/x.js': ['b'], 'a/y.js': [], 'b/index.js': ['c'], 'c/index.js': [], 'c/x.js': ['./y'], 'c/y.js': [] }
  const nodes = { 'a/x.js': 75_000, 'a/y.js': 75_000, 'b/index.js': 75_000, 'c/index.js': 100_000, 'c/x.js': 100_000, 'c/y.js': 100_000 }
  const { units, parted, resolve } = linked(imports, manifests, nodes)
  expect([units, parted]).toEqual([[['a/x.js', 'a/y.js', 'b/index.js'], ['c/index.js', 'c/x.js'], ['c/y.js']], 2])
  expect(resolve('c', 'b/index.js')).toBe('c/index.js')
  const backwards = Object.fromEntries(Object.entries(imports).toReversed())
  expect(linked(backwards, manifests, nodes).units).toEqual(units)
})
