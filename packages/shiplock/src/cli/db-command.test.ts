import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { dbUpdateCommand } from './db-command.ts'

let directory = ''
let printed = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shiplock-advisories-'))
  vi.stubEnv('SHIPLOCK_ADVISORIES', directory)
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

/** A mirror with OSV's exports and Node's own advisories; what is not in `without` is there. */
async function mirror(...without: readonly string[]): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const family = (request.url ?? '').split('/')[1] ?? ''
    if (without.includes(family)) return void response.writeHead(404).end()
    if (family === 'core.json') return void response.end(JSON.stringify({ 1: { cve: ['CVE-2026-1'], vulnerable: '20.x' } }))
    const ecosystem = { npm: 'npm', Debian: 'Debian:13', Alpine: 'Alpine:v3.21' }[family] ?? ''
    response.end(zipSync({ '1.json': new TextEncoder().encode(JSON.stringify({ id: 'X-1', affected: [{ package: { ecosystem, name: 'a' } }] })) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  vi.stubEnv('SHIPLOCK_NODE_ADVISORIES', `${url}/core.json`)
  return {
    url: `${url}/npm/all.zip`,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const families = () => readdirSync(directory).filter((name) => name.endsWith('.json')).toSorted()

test('an update fetches what is known of everything that an image may hold', async () => {
  await using at = await mirror()
  expect(await dbUpdateCommand({ url: at.url })).toBe(0)
  expect(families()).toEqual(['alpine.json', 'debian.json', 'node.js.json', 'npm.json'])
  expect(printed.split('\n')).toEqual(['npm: the index is new', 'Debian: the index is new', 'Alpine: the index is new', 'Node.js: the index is new', ''].map((line) => (line === '' ? '' : expect.stringContaining(`${line}, 1 advisories, sha256:`))))
})

test('of several sources one that fails is told, and the others are fetched', async () => {
  await using at = await mirror('Debian')
  await expect(dbUpdateCommand({ url: at.url, format: 'json' })).rejects.toMatchObject({ exitCode: 3, failure: { message: expect.stringContaining('Debian/all.zip answers with 404') } })
  expect(families()).toEqual(['alpine.json', 'node.js.json', 'npm.json'])
  expect(printed.trim().split('\n').map((line) => JSON.parse(line).family)).toEqual(['npm', 'Alpine', 'Node.js'])
})

test('some alone are fetched where that is asked', async () => {
  await using at = await mirror()
  expect(await dbUpdateCommand({ url: at.url, only: ['Debian', 'Node.js'] })).toBe(0)
  expect(families()).toEqual(['debian.json', 'node.js.json'])
})

test('a mirror of npm’s export under a name of its own is of npm alone', async () => {
  await using at = await mirror()
  expect(await dbUpdateCommand({ url: at.url.replace('/all.zip', '/export.zip'), only: ['npm', 'Debian'] })).toBe(0)
  expect(families()).toEqual(['npm.json'])
})
