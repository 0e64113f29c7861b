import { execFile, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { askRegistry, findIndex, lookUp, updateIndex } from '@shiplock/advisories/node'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findInstalled } from '../../system/installed.ts'
import { createCheckRig, type CheckRig } from '../../testing/check-fixtures.ts'
import dependencies from './index.ts'

const lock = (version: string) => JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies: { a: '^1.0.0' } }, 'node_modules/a': { version, integrity: 'sha512-x' } } })
const record = { id: 'TEST-1', summary: 'flaw', affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.0' }] }] }] }
const archive = (...records: unknown[]) => zipSync(Object.fromEntries(records.map((it, n) => [`${n}.json`, new TextEncoder().encode(JSON.stringify(it))])))

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shiplock-advisories-'))
  vi.stubEnv('SHIPLOCK_ADVISORIES', directory)
  vi.stubEnv('NPM_CONFIG_REGISTRY', 'http://127.0.0.1:9/')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

async function serve(listener: RequestListener): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function write({ root }: CheckRig, version: string) {
  writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { a: '^1.0.0' } }))
  writeFileSync(join(root, 'package-lock.json'), lock(version))
}

test('what was found without advisories is said, and leaves the commit undecided, never provisional', async ({ signal }) => {
  await using silent = await serve(() => undefined)
  vi.stubEnv('NPM_CONFIG_REGISTRY', silent.url)
  await using rig = await createCheckRig(undefined)
  write(rig, '1.0.0')
  writeFileSync(join(rig.root, 'package.json'), '{}')
  const { outcome } = await rig.run(dependencies, { signal })
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'tool-failed', detail: expect.stringContaining('dependencies/out-of-step') } })
})

test('without an index the registry is asked, with names and versions alone', async ({ signal }) => {
  const asked: unknown[] = []
  await using registry = await serve((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk)).on('end', () => {
      asked.push([request.method, request.url, JSON.parse(body), request.headers.authorization])
      response.end(JSON.stringify({ a: [{ id: 1, url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc', title: 'flaw', severity: 'high', vulnerable_versions: '<1.2.0' }] }))
    })
  })
  vi.stubEnv('NPM_CONFIG_REGISTRY', `${registry.url}/npm/`)
  await using rig = await createCheckRig(undefined)
  write(rig, '1.0.0')
  const { outcome } = await rig.run(dependencies, { signal })
  expect(asked).toEqual([['POST', '/npm/-/npm/v1/security/advisories/bulk', { a: ['1.0.0'] }, undefined]])
  expect(outcome).toMatchObject({ kind: 'completed', findings: [{ rule: 'dependencies/vulnerable', severity: 'high', message: 'a@1.0.0: flaw (GHSA-aaaa-bbbb-cccc)', fix: expect.stringContaining('1.2.0, which is in the range') }] })
})

test.for([[404, '{}'], [200, '{"error":"no such thing"}'], [200, '<html>'], [200, '[]']] as const)('a registry that answers %s %s has not answered', async ([status, body], { signal }) => {
  await using registry = await serve((_request, response) => response.writeHead(status).end(body))
  vi.stubEnv('NPM_CONFIG_REGISTRY', registry.url)
  await using rig = await createCheckRig(undefined)
  write(rig, '1.2.0')
  expect((await rig.run(dependencies, { signal })).outcome).toMatchObject({ kind: 'failed', failure: { reason: 'advisories-unavailable' } })
})

test('an .npmrc of the repository does not choose who is asked', async ({ signal }) => {
  await using liar = await serve((_request, response) => response.end('{}'))
  await using rig = await createCheckRig(undefined)
  write(rig, '1.0.0')
  writeFileSync(join(rig.root, '.npmrc'), `registry=${liar.url}\n`)
  expect((await rig.run(dependencies, { signal })).outcome).toMatchObject({ kind: 'failed' })
})

test('started by npm, the address that npm had from an .npmrc of the repository is not asked', async ({ signal }) => {
  let isAsked = false
  await using liar = await serve((_request, response) => {
    isAsked = true
    response.end('{}')
  })
  const home = mkdtempSync(join(tmpdir(), 'shiplock-home-'))
  writeFileSync(join(home, '.npmrc'), 'registry=http://127.0.0.1:9/\n')
  for (const [name, value] of Object.entries({ HOME: home, npm_lifecycle_event: 'c', npm_config_registry: liar.url, npm_config_userconfig: join(home, 'none'), NPM_CONFIG_REGISTRY: undefined, NPM_CONFIG_USERCONFIG: undefined })) vi.stubEnv(name, value)
  await using rig = await createCheckRig(undefined)
  write(rig, '1.0.0')
  expect((await rig.run(dependencies, { signal })).outcome).toMatchObject({ kind: 'failed', failure: { reason: 'advisories-unavailable' } })
  expect(isAsked).toBe(false)
  rmSync(home, { recursive: true })
})

test('an index is made from an export, used, kept where nothing changed, and not believed when it is old', async ({ signal }) => {
  let requests = 0
  await using mirror = await serve((request, response) => {
    requests += 1
    if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304).end()
    response.setHeader('etag', '"1"').end(archive(record))
  })
  expect(await updateIndex({ url: mirror.url })).toMatchObject({ ok: true, value: { isNew: true, advisories: 1 } })
  expect(await updateIndex({ url: mirror.url })).toMatchObject({ ok: true, value: { isNew: false } })
  expect(requests).toBe(2)
  await using rig = await createCheckRig(undefined)
  write(rig, '1.0.0')
  const context = { root: rig.root, files: { paths: [], has: () => false, isLink: () => false, size: () => 0, text: async () => '' }, installed: async () => undefined, findProgram: () => undefined, inherited: {}, run: async () => ({ kind: 'failed' as const, failure: { reason: 'tool-missing' as const, message: 'nothing runs here' } }) }
  const options = dependencies.options.parse({})
  expect((await rig.run(dependencies, { signal })).outcome).toMatchObject({ kind: 'completed', findings: [{ rule: 'dependencies/vulnerable' }] })
  expect(await dependencies.tools?.(context, options)).toEqual({ advisories: `osv ${findIndex()?.digest}` })
  expect(await updateIndex({ url: mirror.url, now: Date.now() - 9 * 24 * 3600 * 1000 })).toMatchObject({ ok: true })
  expect((await rig.run(dependencies, { signal })).outcome).toMatchObject({ kind: 'failed', failure: { message: expect.stringContaining('9 days old, which is over the limit of 7 days') } })
  expect(await dependencies.tools?.(context, options)).toEqual({ advisories: expect.stringMatching(/^registry /) })
})

test('an export that is cut, damaged or empty leaves the index as it was', async () => {
  const whole = archive(record)
  let body: Uint8Array = whole
  await using mirror = await serve((_request, response) => response.end(body))
  expect(await updateIndex({ url: mirror.url })).toMatchObject({ ok: true })
  const before = findIndex()
  for (body of [whole.subarray(0, 40), archive(), new TextEncoder().encode('not a zip'), zipSync({ 'a.json': new TextEncoder().encode('{') })])
    expect(await updateIndex({ url: mirror.url })).toMatchObject({ ok: false, failure: { reason: 'advisories-unavailable' } })
  expect(findIndex()).toEqual(before)
  expect(readdirSync(directory).toSorted()).toEqual([before?.file.slice(directory.length + 1), 'npm.json'])
  expect(readFileSync(join(directory, 'npm.json'), 'utf8')).toContain(before?.digest)
})

/** What is found without any advisory there is, by rule and place. */
async function found(rig: CheckRig, options: object, signal: AbortSignal): Promise<string[]> {
  await using registry = await serve((_request, response) => response.end('{}'))
  vi.stubEnv('NPM_CONFIG_REGISTRY', registry.url)
  const { outcome } = await rig.run(dependencies, { options, signal })
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome))
  return outcome.findings.map(({ rule, severity, location, message }) => `${location?.path} ${rule.slice('dependencies/'.length)} ${severity}: ${message}`)
}

function put({ root }: CheckRig, files: Readonly<Record<string, string | object>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
}

const asking = { dependencies: { a: '^1.0.0' } }

test('a package.json that no lock file speaks of is told: loudly where there is none, quietly below one', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  put(rig, { 'package.json': asking, 'package-lock.json': lock('1.0.0'), 'examples/one/package.json': asking, 'docs/package.json': {}, 'examples/two/package.json': asking, 'examples/two/bun.lockb': 'binary' })
  expect(await found(rig, {}, signal)).toEqual([
    'examples/one/package.json lock-file-missing low: examples/one/package.json asks for 1 packages and the lock file above does not speak of it: what they bring with them was not looked at',
    expect.stringMatching(/^examples\/two\/bun\.lockb unreadable high: .* it is binary/),
  ])
  rmSync(join(rig.root, 'package-lock.json'))
  expect((await found(rig, {}, signal)).filter((it) => it.includes('lock-file-missing'))).toEqual([expect.stringMatching(/^examples\/one\/package\.json lock-file-missing high/), expect.stringMatching(/^package\.json lock-file-missing high/)])
  expect((await rig.run(dependencies, { options: { exclude: ['**'] }, signal })).outcome).toMatchObject({ kind: 'skipped', reason: expect.stringContaining('leaves out every file') })
})

test('without a lock file a range is vulnerable where nothing in it is free of the flaw', async ({ signal }) => {
  const asked: unknown[] = []
  await using registry = await serve((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk)).on('end', () => {
      asked.push(JSON.parse(body))
      const advisory = (vulnerable_versions: string) => [{ id: 1, url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc', title: 'flaw', severity: 'low', vulnerable_versions }]
      response.end(JSON.stringify({ exact: advisory('<1.2.0'), fixed: advisory('<1.2.0'), never: advisory('<2.0.0'), any: advisory('>=0') }))
    })
  })
  vi.stubEnv('NPM_CONFIG_REGISTRY', registry.url)
  await using rig = await createCheckRig(undefined)
  put(rig, { 'package.json': { dependencies: { exact: '1.1.0', fixed: '^1.0.0', alias: 'npm:never@^1.0.0', any: '*', tag: 'latest' } } })
  const { outcome } = await rig.run(dependencies, { signal })
  expect(asked).toEqual([{ exact: ['1.1.0'], fixed: ['1.999999999.999999999'], never: ['1.999999999.999999999'], any: ['999999999.999999999.999999999'] }])
  expect(outcome.kind === 'completed' ? outcome.findings.filter(({ rule }) => rule === 'dependencies/vulnerable').map(({ message, confidence }) => [message, confidence]).toSorted() : []).toEqual([
    ['any *, without a lock file, takes no version that is not affected: flaw (GHSA-aaaa-bbbb-cccc)', 'medium'],
    ['exact 1.1.0, without a lock file, is affected: flaw (GHSA-aaaa-bbbb-cccc)', 'high'],
    ['never ^1.0.0, without a lock file, takes no version that is not affected: flaw (GHSA-aaaa-bbbb-cccc)', 'medium'],
  ])
  // So that a waiver there too is of one flaw and of one component.
  expect(outcome.kind === 'completed' ? outcome.findings.flatMap(({ purl, advisory }) => (advisory ? [`${purl} ${advisory.id}`] : [])).toSorted() : []).toEqual(['pkg:npm/any GHSA-aaaa-bbbb-cccc', 'pkg:npm/exact@1.1.0 GHSA-aaaa-bbbb-cccc', 'pkg:npm/never GHSA-aaaa-bbbb-cccc'])
})

test('a lock file and a package.json of 65 MiB are not read', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  put(rig, { 'package-lock.json': ' '.repeat(65 * 1024 * 1024), 'package.json': ' '.repeat(65 * 1024 * 1024) })
  expect(await found(rig, {}, signal)).toEqual(['package-lock.json unreadable high: package-lock.json: it is larger than 64 MiB', 'package.json unreadable high: package.json: it is larger than 64 MiB'])
})

const pnpmLock = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.0.0\npackages:\n  a@1.0.0:\n    resolution: {integrity: sha512-a}\n  '@x/b@2.0.0':\n    resolution: {integrity: sha512-b}\n  c@3.0.0:\n    resolution: {integrity: sha512-c}\nsnapshots:\n  a@1.0.0:\n    dependencies:\n      '@x/b': 2.0.0\n      c: 3.0.0\n  '@x/b@2.0.0': {}\n  c@3.0.0: {}\n"

test('a licence that the lock file does not tell is the one of the very version that is installed, or unknown', async ({ signal }) => {
  await using rig = await createCheckRig(undefined, { packages: false })
  put(rig, { 'package.json': asking, 'pnpm-lock.yaml': pnpmLock, '.gitignore': 'node_modules\n' })
  const unknown = (names: string) => `pnpm-lock.yaml licence-unknown medium: pnpm-lock.yaml does not tell the licence of ${names}, and no node_modules here does`
  expect(await found(rig, {}, signal)).toEqual([])
  expect(await found(rig, { licences: ['MIT'] }, signal)).toEqual([unknown('@x/b@2.0.0, a@1.0.0, c@3.0.0')])
  put(rig, {
    'node_modules/a/package.json': { version: '1.0.0', license: 'MIT' },
    'node_modules/.pnpm/@x+b@2.0.0/node_modules/@x/b/package.json': { version: '2.0.0', licenses: [{ type: 'AGPL-3.0-only' }, 'MIT'] },
    'node_modules/c/package.json': { version: '2.9.0', license: 'MIT' },
    'node_modules/a/node_modules/c/package.json': { version: '3.0.0', license: { type: 'AGPL-3.0-only' } },
  })
  expect(await found(rig, { licences: ['MIT'] }, signal)).toEqual(['pnpm-lock.yaml licence medium: c@3.0.0 is licensed under AGPL-3.0-only'])
  expect(await found(rig, { deniedLicences: ['AGPL-3.0-only'] }, signal)).toEqual(['pnpm-lock.yaml licence medium: c@3.0.0 is licensed under AGPL-3.0-only'])
})

test('a licence is not read through a link that leads out, nor from a huge file, and what is installed is part of what the result depends on', async ({ signal }) => {
  await using rig = await createCheckRig(undefined, { packages: false })
  put(rig, { 'package.json': asking, 'pnpm-lock.yaml': pnpmLock, '.gitignore': 'node_modules\n', 'node_modules/c/package.json': JSON.stringify({ version: '3.0.0', license: 'MIT', pad: 'x'.repeat(2 * 1024 * 1024) }) })
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ version: '1.0.0', license: 'MIT' }))
  symlinkSync(directory, join(rig.root, 'node_modules/a'))
  mkdirSync(join(rig.root, 'node_modules/@x/b'), { recursive: true })
  writeFileSync(join(directory, 'b.json'), JSON.stringify({ version: '2.0.0', license: 'MIT' }))
  symlinkSync(join(directory, 'b.json'), join(rig.root, 'node_modules/@x/b/package.json'))
  expect(await found(rig, { licences: ['MIT'] }, signal)).toEqual([expect.stringContaining('licence of @x/b@2.0.0, a@1.0.0, c@3.0.0')])
  const context = { root: rig.root, installed: findInstalled(rig.root), findProgram: () => undefined, inherited: {}, run: () => Promise.reject(new Error('nothing is run here')), files: { paths: ['pnpm-lock.yaml'], has: () => true, isLink: () => false, size: () => 0, text: async () => pnpmLock } }
  const of = async (options: object) => (await dependencies.tools?.(context, dependencies.options.parse(options)))?.['licences']
  const before = await of({ licences: ['MIT'] })
  rmSync(join(rig.root, 'node_modules/c'), { recursive: true })
  put(rig, { 'node_modules/c/package.json': { version: '3.0.0', license: 'MIT' } })
  expect(await of({ licences: ['MIT'] })).not.toBe(before)
  expect(await of({})).toBeUndefined()
})

test('with registries named every other host is told, and names that are meant are not', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  const entry = (host: string) => ({ version: '1.0.0', resolved: `https://${host}/lodahs/-/lodahs-1.0.0.tgz`, integrity: 'sha512-x' })
  put(rig, { 'package.json': { dependencies: { lodahs: '1.0.0' } }, 'package-lock.json': { lockfileVersion: 3, packages: { '': { dependencies: { lodahs: '1.0.0' } }, 'node_modules/lodahs': entry('one.example.test') } } })
  expect(await found(rig, {}, signal)).toEqual(['package-lock.json confusable-name medium: lodahs is one slip of the keyboard away from lodash'])
  expect(await found(rig, { allowNames: ['lodahs'], registries: ['two.example.test'] }, signal)).toEqual(['package-lock.json other-registry high: from one.example.test: lodahs@1.0.0, which is none of two.example.test'])
  put(rig, { '.npmrc': 'registry=https://three.example.test/' })
  expect(await found(rig, { allowNames: ['lodahs'], registries: ['one.example.test'] }, signal)).toEqual([])
})

test('an export whose bytes are not those that were sent is not taken', async () => {
  const body = archive(record)
  let hash = createHash('md5').update(body).digest('base64')
  await using mirror = await serve((_request, response) => response.setHeader('x-goog-hash', `crc32c=AAAA==, md5=${hash}`).end(body))
  expect(await updateIndex({ url: mirror.url })).toMatchObject({ ok: true })
  const before = findIndex()
  hash = createHash('md5').update('other').digest('base64')
  expect(await updateIndex({ url: mirror.url })).toMatchObject({ ok: false, failure: { message: expect.stringContaining('did not arrive as it was sent') } })
  expect(findIndex()).toEqual(before)
})

test('an update leaves alone what another one may be writing, and removes what one that was killed has left', async () => {
  await using mirror = await serve((_request, response) => response.end(archive(record)))
  for (const name of ['.partial-young', 'npm-young.sqlite', '.partial-old', 'npm-old.sqlite']) writeFileSync(join(directory, name), '')
  for (const name of ['.partial-old', 'npm-old.sqlite']) utimesSync(join(directory, name), new Date(0), new Date(0))
  const first = await updateIndex({ url: mirror.url })
  const second = await updateIndex({ url: mirror.url })
  const name = second.ok ? basename(second.value.file) : ''
  expect(first).toMatchObject({ ok: true })
  expect(readdirSync(directory).toSorted()).toEqual(['.partial-young', 'npm-young.sqlite', name, 'npm.json'].toSorted())
})

test('of many updates at once each leaves an index that can be read', async () => {
  await using mirror = await serve((_request, response) => response.end(archive(record)))
  const results = await Promise.all(Array.from({ length: 8 }, () => updateIndex({ url: mirror.url })))
  expect(results.filter(({ ok }) => !ok)).toEqual([])
  const index = findIndex()
  expect(index && lookUp(index, ['a'])).toMatchObject({ ok: true, value: new Map([['a', [{ id: 'TEST-1' }]]]) })
})

test('an update that is interrupted leaves the index as it was and nothing half written', async () => {
  let isSlow = false
  const body = archive(record)
  await using mirror = await serve((_request, response) => (isSlow ? void response.write(body.subarray(0, 60)) : void response.end(body)))
  expect(await updateIndex({ url: mirror.url })).toMatchObject({ ok: true })
  const before = [findIndex(), readdirSync(directory)]
  isSlow = true
  const stop = new AbortController()
  const update = updateIndex({ url: mirror.url, signal: stop.signal })
  setTimeout(() => stop.abort(), 50)
  expect(await update).toMatchObject({ ok: false, failure: { reason: 'advisories-unavailable' } })
  expect([findIndex(), readdirSync(directory)]).toEqual(before)
})

test('an index from the future is not believed', async ({ signal }) => {
  await using mirror = await serve((_request, response) => response.end(archive(record)))
  expect(await updateIndex({ url: mirror.url, now: Date.now() + 3 * 24 * 3600 * 1000 })).toMatchObject({ ok: true })
  await using rig = await createCheckRig(undefined)
  write(rig, '1.2.0')
  expect((await rig.run(dependencies, { signal })).outcome).toMatchObject({ kind: 'failed', failure: { message: expect.stringContaining('made in the future') } })
})

const unshare = ['unshare', '--mount', 'sh', '-c'] as const
const canMount = spawnSync(unshare[0], [...unshare.slice(1), 'mount -t tmpfs none /mnt']).status === 0

test.runIf(canMount)('a disk that is full is told as that', async () => {
  const big = archive(...Array.from({ length: 40 }, (_, n) => ({ ...record, id: `TEST-${n}`, summary: randomBytes(30_000).toString('hex') })))
  await using mirror = await serve((_request, response) => response.end(big))
  const program = `import { updateIndex } from '@shiplock/advisories/node'; console.log(JSON.stringify(await updateIndex({ url: '${mirror.url}', directory: '/mnt/index' })))`
  const { stdout } = await promisify(execFile)(unshare[0], [...unshare.slice(1), 'mount -t tmpfs -o size=1m none /mnt && exec "$0" --input-type=module -e "$1"', process.execPath, program], { cwd: import.meta.dirname })
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, failure: { reason: 'no-space', message: expect.stringContaining('the disk is full') } })
})

test.each(['file:///srv/osv/all.zip', '../osv/all.zip', 'ftp://mirror.example.test/all.zip', ''])('an update from what is no address of http says so: %s', async (url) => {
  expect(await updateIndex({ url })).toMatchObject({ ok: false, failure: { message: `${url} is no address of http or https` } })
})

test('an update that failed does not send to the update', async () => {
  const result = await updateIndex({ url: 'http://127.0.0.1:9/all.zip' })
  expect(result.ok ? '' : result.failure.hint).toContain('--url')
  expect(result.ok ? '' : result.failure.hint).not.toContain('db update')
})

test('a registry that has no advisories to give is not asked again for an hour, and that is no pass', async () => {
  const components = [{ name: 'a', version: '1.0.0' }]
  const requests: number[] = []
  const answer = { status: 404 }
  await using registry = await serve((_, response) => {
    requests.push(answer.status)
    response.writeHead(answer.status).end('{}')
  })
  const now = Date.now()
  const ask = (later = 0, url = registry.url) => askRegistry(components, { registry: url, now: now + later, findProgram: () => undefined })
  const minute = 60_000
  expect(await ask()).toMatchObject({ ok: false })
  expect(await ask(30 * minute)).toMatchObject({ ok: false, failure: { reason: 'advisories-unavailable', message: expect.stringContaining('30 min ago') } })
  expect(requests).toHaveLength(1)
  // Neither from the future, nor for another registry, nor for longer.
  await ask(-minute)
  await ask(minute, `${registry.url}/other/`)
  expect(requests).toHaveLength(3)
  answer.status = 200
  expect(await ask(61 * minute)).toMatchObject({ ok: true })
})

test.each([401, 403, 429, 500, 503])('what a registry does not give now it is asked for again: %d', async (status) => {
  let requests = 0
  await using registry = await serve((_, response) => {
    requests++
    response.writeHead(status).end()
  })
  for (const _ of [1, 2]) expect(await askRegistry([{ name: 'a', version: '1.0.0' }], { registry: registry.url, findProgram: () => undefined })).toMatchObject({ ok: false })
  expect(requests).toBe(2)
})
