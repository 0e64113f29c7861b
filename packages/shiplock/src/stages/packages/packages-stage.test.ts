import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNpmRegistry, type NpmRegistry } from '../../testing/npm-registry.ts'
import type { Manager } from './lock.ts'
import { PackagesRig, published } from './packages-rig.test-data.ts'

let registry: NpmRegistry
beforeAll(async () => {
  registry = await startNpmRegistry(published)
})
afterAll(() => registry[Symbol.asyncDispose]())

const managers: readonly Manager[] = ['npm', 'pnpm', 'yarn', 'yarn-classic']

const service = { name: 'service', version: '1.0.0', private: true, dependencies: { greeting: '^1.0.0', '@acme/scoped': '3.0.0' }, optionalDependencies: { 'for-windows': '1.0.0' }, devDependencies: { 'only-tests': '1.0.0', subject: '2.0.0' } }

const runs = (directory: string, script: string) => execFileSync(process.execPath, ['-e', script], { cwd: directory, encoding: 'utf8' }).trim()

test.each(managers)('%s: production packages enter as files that Node runs, and nothing that a package manager wrote for itself', async (manager) => {
  using rig = new PackagesRig(registry, manager)
  rig.writeAll({ 'package.json': service })
  await rig.lock(manager)
  const packages = await rig.packages()
  const paths = packages.files.map(({ path }) => path)
  expect(packages.packages.map(({ path, name, version }) => [path, `${name}@${version}`])).toEqual(expect.arrayContaining([['app/node_modules/greeting', 'greeting@1.0.0'], ['app/node_modules/@acme/scoped', '@acme/scoped@3.0.0']]))
  expect(packages.packages.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual(['@acme/scoped@3.0.0', 'greeting@1.0.0', 'subject@1.0.0'])
  expect(packages.packages.every(({ integrity }) => integrity !== undefined)).toBe(true)
  expect(paths.filter((path) => /node_modules\/\./.test(path))).toEqual([])
  expect(paths).toContain('app/node_modules/greeting/.hidden')
  expect(packages.files.find(({ path }) => path === 'app/node_modules/greeting/cli.js')?.isExecutable).toBe(true)
  expect(paths.filter((path) => path.endsWith('/ran'))).toEqual([])
  expect(existsSync('/tmp/ran')).toBe(false)
  rig.unpack(packages, join(rig.home, 'image'))
  expect(runs(join(rig.home, 'image/app'), "import('@acme/scoped').then((it) => console.log(require('greeting'), it.default))")).toBe('hello world scoped')
  // A second install on another day, from the archives that are there, gives the same.
  expect(await rig.packages()).toEqual(packages)
})

const workspaces = {
  'package.json': { name: 'root', private: true, workspaces: ['services/*', 'packages/*'], dependencies: { 'only-tests': '1.0.0' } },
  'pnpm-workspace.yaml': "packages: ['services/*', 'packages/*']\n",
  'services/web/package.json': { name: '@acme/web', version: '1.0.0', dependencies: { '@acme/lib': '1.0.0', subject: '2.0.0' } },
  'services/other/package.json': { name: '@acme/other', version: '1.0.0', dependencies: { '@acme/scoped': '3.0.0' } },
  'packages/lib/package.json': { name: '@acme/lib', version: '1.0.0', main: 'lib.js', dependencies: { greeting: '1.0.0' } },
  'packages/lib/lib.js': "module.exports = 'lib says ' + require('greeting')\n",
  'packages/lib/.env': 'TOKEN=x\n',
}

test.each(managers)('%s: a service that is a workspace gets what it needs, its workspaces as files of the tree, and nothing of others', async (manager) => {
  using rig = new PackagesRig(registry, manager)
  rig.writeAll(workspaces)
  if (manager === 'pnpm' || manager === 'yarn') rig.write('services/web/package.json', rig.read('services/web/package.json').replace('"@acme/lib":"1.0.0"', '"@acme/lib":"workspace:*"'))
  await rig.lock(manager)
  const packages = await rig.packages({ directory: 'services/web' })
  const paths = packages.files.map(({ path }) => path)
  expect(packages.packages.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual(['greeting@1.0.0', 'subject@1.0.0', 'subject@2.0.0'])
  expect(paths.filter((path) => path.startsWith('workspaces/') && !path.includes('node_modules'))).toEqual(['workspaces/packages/lib/lib.js', 'workspaces/packages/lib/package.json'])
  expect(paths.filter((path) => path.includes('other'))).toEqual([])
  rig.unpack(packages, join(rig.home, 'image'))
  mkdirSync(join(rig.home, 'image/app/dist'), { recursive: true })
  expect(runs(join(rig.home, 'image/app/dist'), "console.log(require('@acme/lib'), require('subject'))")).toBe('lib says hello world universe')
})

test('behind the wall and without one the same packages enter', async () => {
  using rig = new PackagesRig(registry, 'npm')
  rig.writeAll({ 'package.json': service })
  await rig.lock('npm')
  expect(await rig.packages({ confinement: { kind: 'unconfined', why: 'a test' } })).toEqual(await rig.packages())
})

test('only what decides which packages there are is in the fingerprint', async () => {
  using rig = new PackagesRig(registry, 'npm')
  rig.writeAll({ 'package.json': service })
  await rig.lock('npm')
  const inputs = async () => (await rig.stage()).inputs
  const first = await inputs()
  writeFileSync(join(rig.root, 'server.js'), 'a change of the service')
  rig.write('package.json', JSON.stringify({ ...service, scripts: { build: 'tsc' } }))
  expect(await inputs()).toBe(first)
  rig.write('package-lock.json', `${rig.read('package-lock.json')} `)
  expect(await inputs()).not.toBe(first)
})
