import fc from 'fast-check'
import { expect, test } from 'vitest'
import { purlOf } from './component.ts'
import { lockFileNames, readLockFile, type Manifest, type Manifests } from './lock-file.ts'
import { readManifest } from './manifest.ts'

const manifest = (value: object): Manifest => {
  const read = readManifest(JSON.stringify(value))
  if (!read.ok) throw new Error(read.failure)
  return read.value
}

async function read(name: string, text: string, manifests: Manifests = new Map()) {
  const lock = await readLockFile(name, text, manifests)
  if (!lock.ok) throw new Error(lock.failure)
  return lock.value
}

const npm = (packages: object) => JSON.stringify({ lockfileVersion: 3, packages }, null, 2)

test('package URLs are written as their specification says', () => {
  expect(purlOf('lodash', '4.17.21')).toBe('pkg:npm/lodash@4.17.21')
  expect(purlOf('@angular/animation', '12.3.1')).toBe('pkg:npm/%40angular/animation@12.3.1')
  expect(purlOf('a', '1.0.0+build')).toBe('pkg:npm/a@1.0.0%2Bbuild')
})

test('npm: nested folders, workspaces, aliases, development and the shortest path', async () => {
  const { components } = await read(
    'package-lock.json',
    npm({
      '': { name: 'root', workspaces: ['packages/*'], devDependencies: { tool: '^1.0.0' } },
      'packages/a': { name: '@x/a', version: '1.0.0', dependencies: { alias: 'npm:real@^2.0.0', b: '^1.0.0' } },
      'node_modules/@x/a': { resolved: 'packages/a', link: true },
      'packages/a/node_modules/b': { version: '1.5.0', integrity: 'sha512-b', dependencies: { deep: '*' } },
      'node_modules/alias': { name: 'real', version: '2.1.0', integrity: 'sha512-r', optionalDependencies: { deep: '~3.0.0' } },
      'node_modules/b': { version: '2.0.0', integrity: 'sha512-b2' },
      'node_modules/deep': { version: '3.0.1', integrity: 'sha512-d' },
      'node_modules/tool': { version: '1.0.0', integrity: 'sha512-t', dependencies: { b: '^2.0.0' } },
      'node_modules/orphan': { version: '1.0.0' },
    }),
  )
  expect(components.map(({ purl, path, isDev, isOptional }) => [purl, path.join(' > '), isDev, isOptional])).toEqual([
    ['pkg:npm/b@1.5.0', 'b@1.5.0', false, false],
    ['pkg:npm/real@2.1.0', 'real@2.1.0', false, false],
    ['pkg:npm/b@2.0.0', 'tool@1.0.0 > b@2.0.0', true, false],
    ['pkg:npm/deep@3.0.1', 'real@2.1.0 > deep@3.0.1', false, false],
    ['pkg:npm/tool@1.0.0', 'tool@1.0.0', true, false],
    ['pkg:npm/orphan@1.0.0', '', false, false],
  ])
  expect(components.find(({ name }) => name === 'deep')?.ranges.toSorted()).toEqual(['*', '~3.0.0'])
})

test('pnpm 8 writes keys with a slash and peers in brackets', async () => {
  const { components, outOfStep } = await read(
    'pnpm-lock.yaml',
    "lockfileVersion: '6.0'\ndependencies:\n  a:\n    specifier: ^1.0.0\n    version: 1.0.0(b@2.0.0)\npackages:\n  /a@1.0.0(b@2.0.0):\n    resolution: {integrity: sha512-a}\n    dependencies:\n      '@x/b': 2.0.0\n  /@x/b@2.0.0:\n    resolution: {integrity: sha512-b}\n    requiresBuild: true\n",
    new Map([['', manifest({ dependencies: { a: '^1.0.0' } })]]),
  )
  expect(components.map(({ purl, path, line, hasInstallScript }) => [purl, path, line, hasInstallScript])).toEqual([
    ['pkg:npm/a@1.0.0', ['a@1.0.0'], 7, false],
    ['pkg:npm/%40x/b@2.0.0', ['a@1.0.0', '@x/b@2.0.0'], 11, true],
  ])
  expect(outOfStep).toEqual([])
})

test('a classic yarn.lock knows aliases, git sources and the SHA-1 of old archives', async () => {
  const { components } = await read(
    'yarn.lock',
    '# yarn lockfile v1\n\n\n"alias@npm:real@^2.0.0":\n  version "2.1.0"\n  resolved "https://registry.example.test/real/-/real-2.1.0.tgz#0123456789abcdef0123456789abcdef01234567"\n\n"fork@github:a/fork":\n  version "1.0.0"\n  resolved "https://codeload.github.com/a/fork/tar.gz/0123"\n',
    new Map([['', manifest({ dependencies: { alias: 'npm:real@^2.0.0', fork: 'github:a/fork' } })]]),
  )
  expect(components.map(({ purl, source, integrity, path }) => [purl, source, integrity, path])).toEqual([
    ['pkg:npm/real@2.1.0', 'registry', '0123456789abcdef0123456789abcdef01234567', ['real@2.1.0']],
    ['pkg:npm/fork@1.0.0', 'git', undefined, ['fork@1.0.0']],
  ])
})

test('packages named as prototypes are packages like any other', async () => {
  const text = '{"lockfileVersion":3,"packages":{"":{"dependencies":{"__proto__":"1","constructor":"1"}},"node_modules/__proto__":{"version":"1.0.0","dependencies":{"constructor":"1"}},"node_modules/constructor":{"version":"1.0.0","dependencies":{"__proto__":"1"}}}}'
  const { components } = await read('package-lock.json', text)
  expect(components.map(({ purl }) => purl)).toEqual(['pkg:npm/__proto__@1.0.0', 'pkg:npm/constructor@1.0.0'])
  expect(Object.prototype).not.toHaveProperty('version')
})

test('a circle of a thousand packages ends, and paths stay short enough to read', async () => {
  const packages = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`node_modules/p${n}`, { version: '1.0.0', dependencies: { [`p${(n + 1) % 1000}`]: '1' } }]))
  const { components } = await read('package-lock.json', npm({ '': { dependencies: { p0: '1' } }, ...packages }))
  expect(Math.max(...components.map(({ path }) => path.length))).toBe(50)
})

test('deep nesting, aliases that multiply and huge files are a sentence, not a crash', async () => {
  const bomb = `lockfileVersion: '9.0'\na: &a [x, x]\n${Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [*${n === 0 ? 'a' : `b${n - 1}`}, *${n === 0 ? 'a' : `b${n - 1}`}]`).join('\n')}\n`
  expect(await readLockFile('pnpm-lock.yaml', bomb, new Map())).toMatchObject({ ok: true, value: { components: [] } })
  const nested = '['.repeat(200_000)
  for (const [name, text] of [['pnpm-lock.yaml', nested], ['package-lock.json', nested], ['bun.lock', nested], ['yarn.lock', nested], ['package-lock.json', ' '.repeat(65 * 1024 * 1024)]] as const)
    expect(await readLockFile(name, text, new Map())).toMatchObject({ ok: false, failure: expect.any(String) })
})

test('whatever is in a lock file, reading it answers', async () => {
  const words = fc.constantFrom('packages', '', 'node_modules/a', 'importers', '.', 'a@1.0.0', '/a@1', 'dependencies', 'version', 'resolved', 'snapshots', '__proto__', 'name', 'workspaces', 'link', 'a')
  const value = fc.letrec((tie) => ({ any: fc.oneof({ depthSize: 'small' }, fc.string(), words, fc.constantFrom(null, true, 3), fc.array(tie('any')), fc.dictionary(words, tie('any'))) })).any
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...lockFileNames), value, fc.string(), async (name, packages, junk) => {
      for (const text of [JSON.stringify({ lockfileVersion: name === 'pnpm-lock.yaml' ? '9.0' : 3, packages, importers: packages, snapshots: packages, workspaces: packages }), junk]) {
        expect(typeof (await readLockFile(name, text, new Map([['', manifest({ dependencies: { a: '^1.0.0' } })]]))).ok).toBe('boolean')
      }
    }),
  )
})

test('pnpm: peers that it installed and what an override rewrote are not out of step, and an older range is', async () => {
  const text = "lockfileVersion: '9.0'\noverrides:\n  b: 2.0.0\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.0.0\n      b:\n        specifier: 2.0.0\n        version: 2.0.0\n      p:\n        specifier: ^1.0.0\n        version: 1.0.0\n"
  const { outOfStep } = await read('pnpm-lock.yaml', text, new Map([['', manifest({ dependencies: { a: '^1.1.0', b: '^1.0.0' }, peerDependencies: { p: '^1.0.0' } })]]))
  expect(outOfStep).toEqual([{ workspace: '', name: 'a', range: '^1.1.0', locked: '^1.0.0' }])
})

test('Bun: a package of the same scope is not what a package brings for itself', async () => {
  const lock = JSON.stringify({ lockfileVersion: 1, workspaces: { '': { dependencies: { '@x/a': '^1.0.0' } } }, packages: { '@x/a': ['@x/a@1.0.0', '', { dependencies: { b: '^2.0.0' } }, 'sha512-a'], '@x/b': ['@x/b@1.0.0', '', {}, 'sha512-b'], b: ['b@2.0.0', '', {}, 'sha512-b'] } })
  const { components } = await read('bun.lock', lock)
  expect(components.map(({ purl, path, askedAs }) => [purl, path.join(' > '), askedAs])).toEqual([
    ['pkg:npm/%40x/a@1.0.0', '@x/a@1.0.0', undefined],
    ['pkg:npm/%40x/b@1.0.0', '', undefined],
    ['pkg:npm/b@2.0.0', '@x/a@1.0.0 > b@2.0.0', undefined],
  ])
})

test('pnpm 11 writes what it needs itself into a document in front, and both are read', async () => {
  const text = "---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    packageManagerDependencies:\n      pnpm:\n        specifier: 11.0.0\n        version: 11.0.0\npackages:\n  pnpm@11.0.0:\n    resolution: {integrity: sha512-p}\nsnapshots:\n  pnpm@11.0.0: {}\n---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.0.0\npackages:\n  a@1.0.0:\n    resolution: {integrity: sha512-a}\nsnapshots:\n  a@1.0.0: {}\n"
  const { components, outOfStep } = await read('pnpm-lock.yaml', text, new Map([['', manifest({ dependencies: { a: '^1.0.0' } })]]))
  expect(components.map(({ purl, path }) => [purl, path.length])).toEqual([['pkg:npm/pnpm@11.0.0', 0], ['pkg:npm/a@1.0.0', 1]])
  expect(outOfStep).toEqual([])
  expect(await readLockFile('pnpm-lock.yaml', "---\nlockfileVersion: '9.0'\n".repeat(9), new Map())).toMatchObject({ ok: false, failure: 'it has 9 documents' })
})

test('npm: a package in the place of another is told, unless an alias or an override put it there', async () => {
  const text = npm({ '': { dependencies: { a: '^1.0.0', b: 'npm:real-b@^1.0.0', c: '^1.0.0' } }, 'node_modules/a': { name: 'evil', version: '1.0.0' }, 'node_modules/b': { name: 'real-b', version: '1.0.0' }, 'node_modules/c': { name: 'real-c', version: '1.0.0' } })
  const { components } = await read('package-lock.json', text, new Map([['', manifest({ dependencies: { a: '^1.0.0', b: 'npm:real-b@^1.0.0', c: '^1.0.0' }, overrides: { d: { c: 'npm:real-c@1.0.0' } } })]]))
  expect(components.map(({ name, askedAs }) => [name, askedAs])).toEqual([['evil', 'a'], ['real-b', undefined], ['real-c', undefined]])
})

test('npm: who says it comes inside another archive has a package above that brings it, and no address of its own', async () => {
  const text = npm({ '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a', bundleDependencies: ['b'] }, 'node_modules/a/node_modules/b': { version: '1.0.0', inBundle: true }, 'node_modules/a/node_modules/b/node_modules/c': { version: '1.0.0', inBundle: true }, 'node_modules/d': { version: '1.0.0', inBundle: true }, 'node_modules/a/node_modules/e': { version: '1.0.0', inBundle: true, resolved: 'https://evil.example.test/e.tgz' } })
  const { components } = await read('package-lock.json', text)
  expect(components.map(({ name, isBundled }) => [name, isBundled])).toEqual([['a', false], ['b', true], ['c', true], ['d', false], ['e', false]])
})

test('a lock file or package.json that says one thing twice is not read', async () => {
  const twice = (name: string) => ({ ok: false, failure: `it has the key "${name}" twice, so that it depends on the reader what it says` })
  expect(await readLockFile('package-lock.json', '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"},"node_modules/a":{"version":"6.6.6"}}}', new Map())).toEqual(twice('node_modules/a'))
  expect(await readLockFile('bun.lock', '{"lockfileVersion":1,"packages":{"a":["a@1.0.0"],"a":["evil@1.0.0"]}}', new Map())).toEqual(twice('a'))
  expect(await readLockFile('yarn.lock', 'a@^1.0.0:\n  version "1.0.0"\n\n"a@^1.0.0":\n  version "6.6.6"\n', new Map())).toEqual(twice('a@^1.0.0'))
  expect(await readLockFile('pnpm-lock.yaml', "lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {}\n  'a@1.0.0': {}\n", new Map())).toEqual(twice('a@1.0.0'))
  expect(readManifest('{"dependencies":{"a":"1"},"dependencies":{"b":"1"}}')).toEqual(twice('dependencies'))
})
