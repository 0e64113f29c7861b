import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startNpmRegistry, type NpmRegistry } from '../../testing/npm-registry.ts'
import type { Manager } from './lock.ts'
import { PackagesRig, published } from './packages-rig.test-data.ts'

let registry: NpmRegistry
beforeAll(async () => {
  registry = await startNpmRegistry(published)
})
afterEach(() => {
  registry.interrupt = undefined
})
afterAll(() => registry[Symbol.asyncDispose]())

const service = { name: 'service', version: '1.0.0', dependencies: { greeting: '1.0.0' } }

/** What npm's lock file says of the service, changed as whoever wrote the tree likes. */
const lockOf = (change: (packages: Record<string, Record<string, unknown>>) => void = () => {}) => {
  const of = (name: string, version: string, more: object = {}): Record<string, unknown> => ({ version, resolved: `${registry.url}/${name}/-/${name}-${version}.tgz`, integrity: registry.integrityOf(name, version), ...more })
  const packages = { '': { ...service }, 'node_modules/greeting': of('greeting', '1.0.0', { dependencies: { subject: '^1.0.0' }, hasInstallScript: true, bin: { greet: 'cli.js' } }), 'node_modules/subject': of('subject', '1.0.0') }
  change(packages)
  return { name: 'service', version: '1.0.0', lockfileVersion: 3, requires: true, packages }
}

async function failureOf(rig: PackagesRig, directory?: string) {
  const result = await rig.run(directory === undefined ? {} : { directory })
  return result.ok ? 'it was installed' : `${result.failure.reason}: ${result.failure.message}`
}

test.each<[string, Record<string, string | object> | (() => Record<string, string | object>), string]>([
  ['no lock file', { 'package.json': service }, 'packages-not-installed: there is no lock file to install from'],
  ['lock files of two package managers', () => ({ 'package.json': service, 'package-lock.json': lockOf(), 'yarn.lock': '' }), 'packages-not-installed: the root has lock files of npm and yarn'],
  ['a lock file of Bun', { 'package.json': service, 'bun.lock': '{}' }, 'packages-not-installed: bun.lock is of Bun, which is not known to install without running what it installs'],
  ['a lock file that is no JSON', { 'package.json': service, 'package-lock.json': '{' }, 'packages-not-installed: package-lock.json: '],
  ['a lock file that is out of step', () => ({ 'package.json': { ...service, dependencies: { greeting: '1.0.0', subject: '*' } }, 'package-lock.json': lockOf() }), 'packages-not-installed: package-lock.json is not of this package.json: subject is * asked for, and not locked'],
  ['a package from git', () => ({ 'package.json': service, 'package-lock.json': lockOf((it) => (it['node_modules/subject']!['resolved'] = 'git+ssh://git@git.example/subject.git#0123456789012345678901234567890123456789')) }), 'packages-not-installed: from git, which would run code on the way: subject@1.0.0'],
  ['a package from a file', () => ({ 'package.json': service, 'package-lock.json': lockOf((it) => (it['node_modules/subject']!['resolved'] = 'file:../../subject.tgz')) }), 'packages-not-installed: from a file, or from an address without TLS: subject@1.0.0'],
  ['a package from an address without TLS', () => ({ 'package.json': service, 'package-lock.json': lockOf((it) => (it['node_modules/subject']!['resolved'] = 'http://registry.example/subject/-/subject-1.0.0.tgz')) }), 'packages-not-installed: from a file, or from an address without TLS: subject@1.0.0'],
  ['a package without a hash', () => ({ 'package.json': service, 'package-lock.json': lockOf((it) => delete it['node_modules/subject']!['integrity']) }), 'packages-not-installed: package-lock.json has no hash of subject@1.0.0'],
  ['a range that makes a package manager run a program', { 'package.json': { ...service, dependencies: { greeting: 'exec:./make.js' } }, 'yarn.lock': '__metadata:\n  version: 8\n\n"greeting@exec:./make.js":\n  version: 1.0.0\n  resolution: "greeting@exec:./make.js"\n  checksum: 10c0/00\n' }, 'packages-not-installed: package.json asks for greeting (exec:./make.js), which is neither of a registry nor a workspace'],
  ['a patch of something from git', { 'package.json': { ...service, dependencies: { greeting: 'patch:greeting@git%2Bssh%3A//x#./p.patch' } }, 'yarn.lock': '__metadata:\n  version: 8\n\n"greeting@patch:greeting@git%2Bssh%3A//x#./p.patch":\n  version: 1.0.0\n  resolution: "greeting@patch:greeting@npm%3A1.0.0#./p.patch::version=1.0.0"\n  checksum: 10c0/00\n' }, 'packages-not-installed: package.json asks for greeting (patch:greeting@git%2Bssh%3A//x#./p.patch), which is neither of a registry nor a workspace'],
])('%s is refused by name before anything is asked of anybody', async (_, files, message) => {
  using rig = new PackagesRig(registry, 'npm')
  rig.writeAll(typeof files === 'function' ? files() : files)
  const asked = registry.asked.length
  expect(await failureOf(rig)).toContain(message)
  expect(registry.asked.length).toBe(asked)
})

test('a service that the lock file does not speak of is refused', async () => {
  using rig = new PackagesRig(registry, 'npm')
  rig.writeAll({ 'package.json': service, 'package-lock.json': lockOf(), 'other/package.json': { name: 'other', dependencies: { subject: '1.0.0' } } })
  expect(await failureOf(rig, 'other')).toBe('packages-not-installed: package-lock.json does not speak of other')
})

test('a package that is not what its hash says is not installed', async () => {
  using rig = new PackagesRig(registry, 'npm')
  rig.writeAll({ 'package.json': service, 'package-lock.json': lockOf() })
  registry.interrupt = (request, response) => {
    if (!request.url?.includes('/subject-1.0.0.tgz')) return false
    response.end(registry.tarballOf('subject', '2.0.0'))
    return true
  }
  const result = await rig.run()
  expect(result).toMatchObject({ ok: false, failure: { reason: 'packages-not-installed', detail: expect.stringContaining('EINTEGRITY') } })
})

test('a registry that is down is told of, with what the package manager says', async () => {
  using rig = new PackagesRig(registry, 'npm')
  rig.writeAll({ 'package.json': service, 'package-lock.json': lockOf() })
  registry.interrupt = (_, response) => {
    response.writeHead(403).end('{}')
    return true
  }
  expect(await rig.run()).toMatchObject({ ok: false, failure: { reason: 'packages-not-installed', message: 'npm could not install what package-lock.json names', detail: expect.stringContaining('403') } })
})

const hooks = "require('node:fs').writeFileSync('/tmp/hook-ran', ''); module.exports = { hooks: {} }\n"

/** What each package manager would run, or be sent elsewhere by, if it were shown the tree. */
const traps: Readonly<Record<Manager, Readonly<Record<string, string>>>> = {
  npm: { '.npmrc': 'registry=http://127.0.0.1:9\nscript-shell=/nonexistent\nignore-scripts=false\ngit=./hook.cjs\ncache=./stolen\ncafile=./no-such.pem\n' },
  pnpm: { '.npmrc': 'registry=http://127.0.0.1:9\nglobal-pnpmfile=./hook.cjs\n', '.pnpmfile.cjs': hooks, '.pnpmfile.mjs': hooks },
  yarn: { '.yarnrc.yml': 'yarnPath: ./hook.cjs\nplugins:\n  - path: ./hook.cjs\n    spec: "./hook.cjs"\nnpmRegistryServer: "http://127.0.0.1:9"\nenableScripts: true\n', '.npmrc': 'registry=http://127.0.0.1:9\n' },
  'yarn-classic': { '.yarnrc': 'yarn-path "./hook.cjs"\nregistry "http://127.0.0.1:9"\n--install.ignore-scripts false\n', '.npmrc': 'registry=http://127.0.0.1:9\n' },
}

test.each(Object.keys(traps) as Manager[])('%s: what the tree says of registries, hooks, plugins and programs is not heard, behind the wall or without one', async (manager) => {
  using rig = new PackagesRig(registry, manager)
  rig.writeAll({ 'package.json': service })
  await rig.lock(manager)
  const hostile = { ...service, scripts: { preinstall: 'touch /tmp/hook-ran', 'pnpm:devPreinstall': 'touch /tmp/hook-ran', prepare: 'touch /tmp/hook-ran' }, packageManager: `${manager.replace('-classic', '')}@0.0.1`, devEngines: { packageManager: { name: 'none', version: '0.0.1' } } }
  rig.writeAll({ 'package.json': hostile, 'hook.cjs': hooks, ...traps[manager] })
  if (manager === 'pnpm') {
    const settings = existsSync(join(rig.root, 'pnpm-workspace.yaml')) ? rig.read('pnpm-workspace.yaml') : ''
    rig.write('pnpm-workspace.yaml', `${settings}\npnpmfile: ./hook.cjs\nglobalPnpmfile: ./hook.cjs\nstoreDir: ./stolen\nscriptShell: ./hook.cjs\nregistry: http://127.0.0.1:9\nnodeVersion: 0.0.1\nmodulesDir: ../elsewhere\n`)
  }
  const walled = await rig.packages()
  expect(walled.packages.map(({ name }) => name).toSorted()).toEqual(['greeting', 'subject'])
  expect(await rig.packages({ confinement: { kind: 'unconfined', why: 'a test' } })).toEqual(walled)
  expect(existsSync('/tmp/hook-ran')).toBe(false)
})

test('a package manager that the tree brings is none', async () => {
  using rig = new PackagesRig(registry, 'npm')
  rig.writeAll({ 'package.json': service, 'package-lock.json': lockOf() })
  rig.write('node_modules/.bin/npm', '#!/bin/sh\necho 11.0.0\ntouch /tmp/hook-ran\n', { isExecutable: true })
  rig.environment = { ...rig.environment, PATH: join(rig.root, 'node_modules/.bin') }
  expect(await failureOf(rig)).toBe('tool-missing: package-lock.json is of npm, which is not on PATH outside of the repository')
})

test('a token of the user goes to the registry that it is for, by the file or the variable that names it, and to no other', async () => {
  const others: (string | undefined)[] = []
  const other = createServer((request, response) => (others.push(request.headers.authorization), response.end(registry.tarballOf('subject', '1.0.0'))))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  try {
    using rig = new PackagesRig(registry, 'npm')
    rig.writeAll({ 'package.json': service, 'package-lock.json': lockOf((it) => (it['node_modules/subject']!['resolved'] = `${elsewhere}/subject-1.0.0.tgz`)) })
    writeFileSync(join(rig.home, '.npmrc'), `registry=${registry.url}/\n//${new URL(registry.url).host}/:_authToken=\${SHIPLOCK_TEST_TOKEN}\n`)
    rig.environment = { PATH: process.env['PATH'], HOME: rig.home, SHIPLOCK_TEST_TOKEN: 'a-token-of-the-user', OTHER_SECRET: 'not handed over' }
    rig.write('.npmrc', `//${new URL(elsewhere).host}/:_authToken=\${SHIPLOCK_TEST_TOKEN}\n`)
    const before = registry.asked.length
    await rig.packages()
    expect(registry.asked.slice(before).map(({ authorization }) => authorization)).toContain('Bearer a-token-of-the-user')
    expect(others.length).toBeGreaterThan(0)
    expect(others.filter((it) => it !== undefined)).toEqual([])
  } finally {
    other.closeAllConnections()
    other.close()
  }
})

/** A program in the place of the package manager: what a wrong or a hostile one leaves is found out. */
function fake(rig: PackagesRig, script: string): void {
  const bin = join(rig.home, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\nif [ "$1" = --version ]; then echo 11.0.0; exit; fi\n${script}\n`)
  chmodSync(join(bin, 'npm'), 0o755)
  rig.environment = { ...rig.environment, PATH: `${bin}:/usr/bin:/bin` }
}

const greeting = `mkdir -p node_modules/greeting; echo '{"name":"greeting","version":"1.0.0"}' > node_modules/greeting/package.json`

test.each([
  ['another package than the lock file has', `mkdir -p node_modules/greeting; echo '{"name":"greeting","version":"6.6.6"}' > node_modules/greeting/package.json`, 'packages-not-installed: app/node_modules/greeting was installed as greeting@6.6.6, which package-lock.json does not have'],
  ['a package without a name', `mkdir -p node_modules/greeting; echo '[' > node_modules/greeting/package.json`, 'packages-not-installed: app/node_modules/greeting was installed as a package without a name, which package-lock.json does not have'],
  ['a link inside of a package', `${greeting}; ln -s /etc/passwd node_modules/greeting/passwd`, 'packages-not-installed: node_modules/greeting/passwd is a link to somewhere else'],
  ['a package that is a link out of the tree', 'mkdir node_modules; ln -s /etc node_modules/greeting', 'packages-not-installed: node_modules/greeting is a link to somewhere else'],
  ['a package that is a link to no workspace', 'mkdir -p node_modules lib; ln -s ../lib node_modules/greeting', 'packages-not-installed: app/node_modules/greeting leads to lib, which is no workspace'],
  ['a package that is a link to nothing', 'mkdir node_modules; ln -s ../nowhere node_modules/greeting', 'packages-not-installed: node_modules/greeting is a link to somewhere else'],
])('%s is refused by name', async (_, script, message) => {
  using rig = new PackagesRig(registry, 'npm')
  rig.writeAll({ 'package.json': service, 'package-lock.json': lockOf() })
  fake(rig, script)
  expect(await failureOf(rig)).toBe(message)
})

test('what a package manager can see and write is its copy and its cache: no home, no tree, no bit that makes root', async () => {
  using rig = new PackagesRig(registry, 'npm')
  rig.writeAll({ 'package.json': service, 'package-lock.json': lockOf(), 'secret.txt': 'of the tree' })
  writeFileSync(join(rig.home, 'private'), 'of the user')
  fake(rig, `${greeting}; touch node_modules/greeting/run; chmod 6755 node_modules/greeting/run; (ls "${rig.root}/secret.txt" "${rig.home}/private" secret.txt; ls -A "$HOME") > node_modules/greeting/seen.txt 2>/dev/null`)
  const { files } = await rig.packages()
  const seen = files.find(({ path }) => path === 'app/node_modules/greeting/seen.txt')
  expect(readFileSync(join(rig.home, 'blobs', seen!.digest.slice(0, 2), seen!.digest), 'utf8')).toBe('.npmrc\n')
  expect(files.find(({ path }) => path.endsWith('/run'))).toMatchObject({ isExecutable: true })
})

test('a workspace that has to be built first is refused, and what it publishes is all that enters', async () => {
  using rig = new PackagesRig(registry, 'npm')
  const lib = { name: 'lib', version: '1.0.0', main: 'dist/index.js', files: ['dist', 'data/*.json'] }
  rig.writeAll({ 'package.json': { private: true, workspaces: ['web', 'lib'] }, 'web/package.json': { name: 'web', version: '1.0.0', dependencies: { lib: '1.0.0' } }, 'lib/package.json': lib, 'lib/src/index.ts': '' })
  await rig.lock('npm')
  expect(await failureOf(rig, 'web')).toBe('packages-not-installed: the service needs the workspace lib, which begins with dist/index.js, and that is not in the tree: it has to be built first')
  rig.writeAll({ 'lib/dist/index.js': '', 'lib/data/a.json': '{}', 'lib/data/b.txt': '' })
  symlinkSync('/etc/passwd', join(rig.root, 'lib/dist/passwd'))
  const { files, links } = await rig.packages({ directory: 'web' })
  expect(files.map(({ path }) => path)).toEqual(['workspaces/lib/data/a.json', 'workspaces/lib/dist/index.js', 'workspaces/lib/package.json'])
  expect(links).toEqual([{ path: 'node_modules/lib', target: '../workspaces/lib' }])
})

test('a package whose archive holds a link or leads out of its folder brings neither', async () => {
  using rig = new PackagesRig(registry, 'npm')
  const header = { size: 0, mode: 0o644, mtime: new Date(0) }
  const manifest = JSON.stringify({ name: 'subject', version: '1.0.0' })
  const archive = gzipSync(await packTar([
    { header: { ...header, name: 'package/package.json', size: manifest.length }, body: manifest },
    { header: { ...header, name: 'package/passwd', type: 'symlink', linkname: '/etc/passwd' } },
    { header: { ...header, name: 'package/../../../escaped' } },
  ]))
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`
  rig.writeAll({ 'package.json': service, 'package-lock.json': lockOf((it) => (it['node_modules/subject']!['integrity'] = integrity)) })
  registry.interrupt = (request, response) => {
    if (!request.url?.includes('/subject-1.0.0.tgz')) return false
    response.end(archive)
    return true
  }
  const { files } = await rig.packages()
  expect(files.map(({ path }) => path).filter((path) => /passwd|escaped/.test(path))).toEqual([])
})
