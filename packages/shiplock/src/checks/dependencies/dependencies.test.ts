import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findIndex, updateIndex } from '@shiplock/advisories/node'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createCheckRig, type CheckRig } from '../../testing/check-fixtures.ts'
import dependencies from './index.ts'

const lock = (version: string) => JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies: { a: '^1.0.0' } }, 'node_modules/a': { version, integrity: 'sha512-x' } } })
const record = { id: 'TEST-1', summary: 'flaw', affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.0' }] }] }] }
const archive = (...records: unknown[]) => zipSync(Object.fromEntries(records.map((it, n) => [`${n}.json`, new TextEncoder().encode(JSON.stringify(it))])))

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shiplock-advisories-'))
  vi.stubEnv('SHIPLOCK_ADVISORIES', directory)
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9/')
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
  vi.stubEnv('npm_config_registry', silent.url)
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
  vi.stubEnv('npm_config_registry', `${registry.url}/npm/`)
  await using rig = await createCheckRig(undefined)
  write(rig, '1.0.0')
  const { outcome } = await rig.run(dependencies, { signal })
  expect(asked).toEqual([['POST', '/npm/-/npm/v1/security/advisories/bulk', { a: ['1.0.0'] }, undefined]])
  expect(outcome).toMatchObject({ kind: 'completed', findings: [{ rule: 'dependencies/vulnerable', severity: 'high', message: 'a@1.0.0: flaw (GHSA-aaaa-bbbb-cccc)', fix: expect.stringContaining('1.2.0, which is in the range') }] })
})

test.for([[404, '{}'], [200, '{"error":"no such thing"}'], [200, '<html>'], [200, '[]']] as const)('a registry that answers %s %s has not answered', async ([status, body], { signal }) => {
  await using registry = await serve((_request, response) => response.writeHead(status).end(body))
  vi.stubEnv('npm_config_registry', registry.url)
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
