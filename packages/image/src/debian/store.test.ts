import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mirrorOf, testArchive, today, type Answer, type TestArchive, type TestArchivePlan } from '../testing/debian-archive.ts'
import { temporaryDirectory, text } from '../testing/rig.ts'
import type { DebianLock, LockedPackage } from './lock.ts'
import { resolveDebian } from './resolve.ts'
import { fetchDebs, readDeb, type Fetched, type Fetching } from './store.ts'

const names = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff']

interface Rig {
  readonly archive: TestArchive
  readonly lock: DebianLock
  readonly store: string
  readonly fetch: (change?: Partial<Fetching>) => Promise<Fetched>
}

async function rig(plan: TestArchivePlan = {}): Promise<Rig> {
  const archive = await testArchive({ main: names.map((name) => ({ name })), security: [{ name: 'ff', version: '1.0-1+deb13u1' }], ...plan })
  const { parts, mirrors } = archive
  const store = join(await temporaryDirectory(), 'store')
  const lock = await resolveDebian({ suite: 'trixie', architectures: ['amd64'], packages: names, mirrors, now: today, parts })
  return { archive, lock, store, fetch: async (change = {}) => fetchDebs(lock, 'amd64', { store, mirrors, parts, rounds: 2, pauseMs: 1, ...change }) }
}

const pool = (answer: Answer) => (path: string): Answer => (path.startsWith('pool/main/c') ? answer : undefined)
const packageOf = ({ lock }: Rig, name: string): LockedPackage => lock.packages.amd64!.find((locked) => locked.name === name)!

describe('the store of packages', () => {
  test('has each package of a lock by its digest, fetched once', async () => {
    const all = await rig()
    const told: string[] = []
    const bytes = all.lock.packages.amd64!.reduce((sum, { size }) => sum + size, 0)
    expect(await all.fetch({ onProgress: ({ name }) => told.push(name) })).toEqual({ fetched: 6, stored: 0, bytes })
    expect(told.toSorted()).toEqual(names)
    expect(await readdir(all.store)).toEqual(all.lock.packages.amd64!.map(({ sha256 }) => `${sha256}.deb`).toSorted())
    expect(Buffer.from(await readDeb(all.store, packageOf(all, 'ff'))).equals(all.archive.files.get(packageOf(all, 'ff').path)!)).toBe(true)
    expect(await all.fetch()).toEqual({ fetched: 0, stored: 6, bytes: 0 })
  })

  test('needs no network for what it has, and names what it lacks without one', async () => {
    const all = await rig()
    const offline = async (): Promise<Fetched> => fetchDebs(all.lock, 'amd64', { store: all.store })
    await expect(offline()).rejects.toMatchObject({ code: 'package-not-stored', message: expect.stringContaining('aa 1.0-1') })
    await all.fetch()
    const before = all.archive.mirror.asked.length
    expect(await offline()).toEqual({ fetched: 0, stored: 6, bytes: 0 })
    expect(all.archive.mirror.asked).toHaveLength(before)
  })

  test('has what the archive no longer has; a package that it lacks is named with the way out', async () => {
    const all = await rig()
    all.archive.files.delete(packageOf(all, 'cc').path)
    await expect(all.fetch()).rejects.toMatchObject({ code: 'package-gone', message: expect.stringContaining('cc 1.0-1'), hint: expect.stringContaining('shiplock image build --update') })
    const other = await mirrorOf((path) => (path === packageOf(all, 'cc').path ? new Uint8Array(packageOf(all, 'cc').size) : undefined))
    await expect(all.fetch({ mirrors: { main: [all.archive.mirror.address, other.address], security: [] } })).rejects.toMatchObject({ code: 'digest-mismatch' })
  })

  test.each<[string, (sound: Uint8Array) => Answer, string]>([
    ['edited', (sound) => Uint8Array.from(sound, (byte, position) => (position === 100 ? byte ^ 1 : byte)), 'digest-mismatch'],
    ['another one', () => text('!<arch>\n'), 'digest-mismatch'],
    ['longer', (sound) => Buffer.concat([sound, text('x')]), 'digest-mismatch'],
    ['empty', () => new Uint8Array(), 'digest-mismatch'],
    ['cut off', (sound) => (response) => response.writeHead(200, { 'content-length': sound.length }).write(sound.subarray(0, 50), () => response.destroy()), 'archive-unreachable'],
    ['slow for ever', (sound) => (response) => response.writeHead(200, { 'content-length': sound.length }).write(sound.subarray(0, 50)), 'archive-unreachable'],
  ])('takes no package that is %s, and keeps nothing of it', async (_, answer, code) => {
    const all = await rig()
    const { path, sha256 } = packageOf(all, 'cc')
    const bad = await mirrorOf(pool(answer(all.archive.files.get(path)!)))
    // The bad one says of all others that it does not have them.
    const mirrors = { main: [bad.address], security: [bad.address] }
    const only = async (change: Partial<Fetching>): Promise<Fetched> => fetchDebs({ ...all.lock, packages: { amd64: [packageOf(all, 'cc')] } }, 'amd64', { store: all.store, parts: all.archive.parts, rounds: 1, idleMs: 1000, ...change })
    await expect(only({ mirrors })).rejects.toMatchObject({ code })
    expect(await readdir(all.store)).toEqual([])
    await expect(only({ mirrors: { main: [bad.address, all.archive.mirror.address], security: [] } })).resolves.toMatchObject({ fetched: 1 })
    expect(await readdir(all.store)).toEqual([`${sha256}.deb`])
  })

  test('stops reading where a package is longer than promised', async () => {
    const all = await rig()
    const { promise: closed, resolve } = Promise.withResolvers<boolean>()
    const bad = await mirrorOf(pool((response) => {
      response.on('close', () => resolve(response.writableFinished))
      response.writeHead(200).end(Buffer.alloc(64 * 1024 * 1024))
    }))
    const lock = { ...all.lock, packages: { amd64: [packageOf(all, 'cc')] } }
    const fetching = fetchDebs(lock, 'amd64', { store: all.store, mirrors: { main: [bad.address], security: [] }, parts: all.archive.parts, rounds: 1 })
    await expect(fetching).rejects.toMatchObject({ code: 'digest-mismatch' })
    expect(await closed).toBe(false)
  })

  test('that is damaged fetches what is damaged again, and gives nothing damaged to anybody', async () => {
    const all = await rig()
    await all.fetch()
    const [cc, dd] = [packageOf(all, 'cc'), packageOf(all, 'dd')]
    const file = ({ sha256 }: LockedPackage): string => join(all.store, `${sha256}.deb`)
    await writeFile(file(cc), new Uint8Array(cc.size))
    await truncate(file(dd), 10)
    await expect(readDeb(all.store, cc)).rejects.toMatchObject({ code: 'digest-mismatch' })
    await expect(readDeb(all.store, dd)).rejects.toMatchObject({ code: 'digest-mismatch' })
    await writeFile(file(dd), new Uint8Array(dd.size + 1))
    await expect(readDeb(all.store, dd)).rejects.toMatchObject({ code: 'too-large' })
    expect(await all.fetch()).toMatchObject({ fetched: 2, stored: 4 })
    await expect(readDeb(all.store, cc)).resolves.toHaveLength(cc.size)
  })

  test('may be filled by two at once', async () => {
    const all = await rig()
    await Promise.all([all.fetch(), all.fetch(), all.fetch()])
    expect((await readdir(all.store)).filter((name) => !name.endsWith('.deb'))).toEqual([])
    await expect(fetchDebs(all.lock, 'amd64', { store: all.store })).resolves.toMatchObject({ stored: 6 })
  })

  test('is left without a trace of what was broken off', async () => {
    const all = await rig({ answer: pool(() => undefined) })
    const stop = new AbortController()
    const fetching = all.fetch({ signal: stop.signal, onProgress: ({ name }) => {
      if (name === 'cc') setImmediate(() => stop.abort(new Error('told to stop')))
    } })
    await expect(fetching).rejects.toThrow('told to stop')
    expect((await readdir(all.store)).filter((name) => !name.endsWith('.deb'))).toEqual([])
  })

  test('has nothing for a lock of another architecture, or of a part that is not known', async () => {
    const all = await rig()
    await expect(fetchDebs(all.lock, 'arm64', { store: all.store, mirrors: all.archive.mirrors })).rejects.toMatchObject({ code: 'lock-invalid' })
    await expect(all.fetch({ parts: all.archive.parts.slice(0, 1) })).rejects.toMatchObject({ code: 'lock-invalid', message: expect.stringContaining('trixie-security') })
  })
})
