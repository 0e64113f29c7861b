import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { exportOf, findIndex, readSources, updateIndex } from './node.ts'
import { debPurl } from './sbom/purl.ts'
import { matchComponents } from './match/match-components.ts'
import type { SbomComponent } from './sbom/sbom-component.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shiplock-advisories-'))
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
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const archive = (...records: readonly object[]) => zipSync(Object.fromEntries(records.map((it, n) => [`${n}.json`, new TextEncoder().encode(JSON.stringify(it))])))
const range = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0-1' }] }]
const debian = archive({ id: 'DEBIAN-CVE-2026-1', upstream: ['CVE-2026-1'], affected: [{ package: { ecosystem: 'Debian:13', name: 'glibc' }, ranges: range }, { package: { ecosystem: 'Debian:12', name: 'glibc' }, ranges: range }, { package: { ecosystem: 'npm', name: 'glibc' } }] })
const core = JSON.stringify({ 170: { cve: ['CVE-2026-2'], vulnerable: '26.x', patched: '^26.11.0', affectedEnvironments: ['all'], severity: 'high' } })

const trixie = { id: 'debian', versionId: '13', name: 'Debian GNU/Linux 13 (trixie)' }
const source = { name: 'glibc', version: '1.0-1' }
const libc: SbomComponent = { ref: 'libc6', type: 'library', name: 'libc6', version: '1.0-1', source, purl: debPurl({ name: 'libc6', version: '1.0-1', architecture: 'amd64', source }, trixie), licences: [], hashes: [], locations: [] }
const node: SbomComponent = { ref: 'node', type: 'application', name: 'node', version: '26.10.0', purl: 'pkg:generic/node@26.10.0', licences: [], hashes: [], locations: [] }
const inventory = { components: [libc, node], dependencies: new Map(), distribution: trixie }

test('what is fetched of Debian and of Node is what an image is matched against', async () => {
  await using mirror = await serve((request, response) => response.end(request.url === '/Debian/all.zip' ? debian : core))
  expect(await updateIndex({ family: 'Debian', directory, url: `${mirror.url}/Debian/all.zip` })).toMatchObject({ ok: true, value: { family: 'Debian', isNew: true, advisories: 2, ecosystems: ['Debian:12', 'Debian:13'] } })
  expect(await updateIndex({ family: 'Node.js', directory, url: `${mirror.url}/core.json` })).toMatchObject({ ok: true, value: { family: 'Node.js', advisories: 1, ecosystems: ['Node.js'] } })
  const sources = await readSources([inventory], { directory })
  if (!sources.ok) throw new Error(sources.failure.message)
  const report = matchComponents(inventory, sources.value, Date.now())
  expect(report.vulnerabilities.map(({ id, fixedIn, from }) => [id, fixedIn, from])).toEqual([['CVE-2026-2', '26.11.0', 'Node.js core'], ['DEBIAN-CVE-2026-1', '2.0-1', 'OSV Debian']])
  expect(report.notMatched).toEqual([])
})

test('each family is kept, replaced and cleared away by itself', async () => {
  let body: Uint8Array = debian
  await using mirror = await serve((_request, response) => response.end(body))
  const url = `${mirror.url}/all.zip`
  await updateIndex({ family: 'Debian', directory, url })
  body = archive({ id: 'GHSA-1', affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: range }] })
  await updateIndex({ directory, url })
  await updateIndex({ directory, url })
  expect(readdirSync(directory).map((name) => name.replace(/-[\da-f-]{36}/, '')).toSorted()).toEqual(['debian.json', 'debian.sqlite', 'npm.json', 'npm.sqlite'])
  expect([findIndex(directory)?.ecosystems, findIndex(directory, 'Debian')?.ecosystems, findIndex(directory, 'Alpine')]).toEqual([['npm'], ['Debian:12', 'Debian:13'], undefined])
})

test('without an index, or with one that is too old or from the future, nothing was matched and it is said', async () => {
  const reasonsWith = async (options: object) => {
    const sources = await readSources([inventory], { directory, ...options })
    return sources.ok ? matchComponents(inventory, sources.value, Date.now()).notMatched.map(({ ecosystem }) => ecosystem) : sources.failure
  }
  expect(await reasonsWith({})).toEqual(['Debian:13', 'Node.js'])
  await using mirror = await serve((_request, response) => response.end(debian))
  await updateIndex({ family: 'Debian', directory, url: mirror.url, now: 1000 })
  expect(await reasonsWith({ now: 1000 + 8 * 86_400_000, maxAgeDays: 7 })).toEqual(['Debian:13', 'Node.js'])
  expect(await reasonsWith({ now: 1000 - 2 * 86_400_000 })).toEqual(['Debian:13', 'Node.js'])
  expect(await reasonsWith({ now: 1000 + 6 * 86_400_000, maxAgeDays: 7 })).toEqual(['Node.js'])
})

test.each([
  ['no JSON', 'Node.js', '{'],
  ['JSON of something else', 'Node.js', '{"advisories":[]}'],
  ['npm’s advisories in the place of Debian’s', 'Debian', archive({ id: 'GHSA-1', affected: [{ package: { ecosystem: 'npm', name: 'a' } }] })],
  ['an answer that is longer than any', 'Node.js', core + ' '.repeat(33 * 1024 * 1024)],
] as const)('%s leaves the index as it was', async (_, family, bad) => {
  let body: string | Uint8Array = family === 'Debian' ? debian : core
  await using mirror = await serve((_request, response) => response.end(body))
  expect(await updateIndex({ family, directory, url: mirror.url })).toMatchObject({ ok: true })
  const before = [findIndex(directory, family), readdirSync(directory)]
  body = bad
  expect(await updateIndex({ family, directory, url: mirror.url })).toMatchObject({ ok: false, failure: { reason: 'advisories-unavailable' } })
  expect([findIndex(directory, family), readdirSync(directory)]).toEqual(before)
})

test('exports of other ecosystems are beside npm’s, and a mirror under a name of its own says nothing of them', () => {
  expect(exportOf('Debian', 'https://mirror.example.test/osv/npm/all.zip')).toBe('https://mirror.example.test/osv/Debian/all.zip')
  expect(exportOf('Alpine', 'https://mirror.example.test/npm.zip')).toBeUndefined()
  vi.stubEnv('SHIPLOCK_OSV_EXPORT', 'https://mirror.example.test/npm/all.zip')
  vi.stubEnv('SHIPLOCK_NODE_ADVISORIES', 'https://mirror.example.test/core.json')
  expect([exportOf('npm'), exportOf('Debian'), exportOf('Node.js')]).toEqual(['https://mirror.example.test/npm/all.zip', 'https://mirror.example.test/Debian/all.zip', 'https://mirror.example.test/core.json'])
  vi.stubEnv('SHIPLOCK_OSV_EXPORT', 'https://mirror.example.test/npm.zip')
  return expect(updateIndex({ family: 'Debian', directory })).resolves.toMatchObject({ ok: false, failure: { message: expect.stringContaining('does not end with /npm/all.zip') } })
})

test('in CI an index of the user’s cache counts for the job that fetched it, and for no other', async () => {
  await using server = await serve((_, response) => response.setHeader('etag', '"1"').end(debian))
  vi.stubEnv('XDG_CACHE_HOME', directory)
  vi.stubEnv('SHIPLOCK_ADVISORIES', undefined)
  const cache = join(directory, 'shiplock/advisories')
  const job = (id: string) => {
    vi.stubEnv('CI', 'true')
    vi.stubEnv('GITHUB_RUN_ID', id)
  }
  vi.stubEnv('CI', '')
  expect((await updateIndex({ family: 'Debian', url: server.url })).ok).toBe(true)
  expect(findIndex(undefined, 'Debian')).toBeDefined()
  // Nobody knows who wrote it: a job of a pull request may share the cache.
  job('1')
  expect(findIndex(undefined, 'Debian')).toBeUndefined()
  expect((await readSources([inventory])).ok && (await readSources([inventory]))).toMatchObject({ value: [] })
  expect(await updateIndex({ family: 'Debian', url: server.url })).toMatchObject({ ok: true, value: { isNew: true } })
  expect(findIndex(undefined, 'Debian')).toBeDefined()
  job('2')
  expect(findIndex(undefined, 'Debian')).toBeUndefined()
  // A CI that does not say which job runs proves nothing; whoever names a folder answers for it.
  vi.stubEnv('GITHUB_RUN_ID', undefined)
  expect(findIndex(undefined, 'Debian')).toBeUndefined()
  vi.stubEnv('SHIPLOCK_ADVISORIES', cache)
  expect(findIndex(undefined, 'Debian')).toBeDefined()
})
