import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testArchive, today } from '../testing/debian-archive.ts'
import { temporaryDirectory } from '../testing/rig.ts'
import { baseLayer } from './base-layer.ts'
import { lockBytes } from './lock.ts'
import { pruneStore } from './prune-store.ts'
import { resolveDebian } from './resolve.ts'
import { fetchDebs, readDeb } from './store.ts'

const script = (name: string): string => join(import.meta.dirname, '../testing', name)

async function filled() {
  const archive = await testArchive({ main: [{ name: 'aa', files: { 'etc/a': '1' } }, { name: 'bb', files: { 'etc/b': '2' } }] })
  const { parts, mirrors } = archive
  const resolve = async (packages: readonly string[]) => resolveDebian({ suite: 'trixie', architectures: ['amd64'], packages, mirrors, now: today, parts })
  const [lock, smaller] = [await resolve(['aa', 'bb']), await resolve(['aa'])]
  const store = join(await temporaryDirectory(), 'store')
  const fill = async (): Promise<void> => {
    await fetchDebs(lock, 'amd64', { store, mirrors, parts })
    await baseLayer(lock, 'amd64', { store })
  }
  return { archive, lock, smaller, store, fill }
}

describe('a store that is tidied up', () => {
  test('loses what no lock needs and what was left unfinished, and nothing else', async () => {
    const { lock, smaller, store, fill } = await filled()
    await fill()
    await baseLayer(smaller, 'amd64', { store })
    await writeFile(join(store, '.partial-1'), 'half')
    await writeFile(join(store, 'notes.txt'), 'not ours')
    expect(await pruneStore(store, { keep: [smaller] })).toEqual([])
    const before = await readdir(store)
    const kept = ['notes.txt', `${smaller.packages.amd64![0]!.sha256}.deb`]
    const removed = await pruneStore(store, { keep: [smaller], minimumAgeMs: 0 })
    expect(removed).toContain('.partial-1')
    expect(removed).toContain(`${lock.packages.amd64![1]!.sha256}.deb`)
    const after = await readdir(store)
    expect(after).toEqual(before.filter((name) => !removed.includes(name)))
    expect(after).toEqual(expect.arrayContaining(kept))
    expect(after.filter((name) => name.startsWith('base-'))).toHaveLength(1)
    await expect(baseLayer(smaller, 'amd64', { store, trust: 'digest' })).resolves.toBeDefined()
  })

  test('keeps what was used a short while ago', async () => {
    const { store } = await filled()
    await mkdir(store)
    for (const [name, age] of [['new', 60], ['old', 7200]] as const) {
      const file = join(store, `.partial-${name}`)
      await writeFile(file, '')
      const time = new Date(Date.now() - age * 1000)
      await utimes(file, time, time)
    }
    expect(await pruneStore(store, { keep: [] })).toEqual(['.partial-old'])
  })

  test('keeps what a build used a short while ago, however long ago it was fetched', async () => {
    const { archive: { mirrors, parts }, lock, store, fill } = await filled()
    await fill()
    const time = new Date(Date.now() - 7_200_000)
    for (const name of await readdir(store)) await utimes(join(store, name), time, time)
    await fetchDebs(lock, 'amd64', { store, mirrors, parts })
    await baseLayer(lock, 'amd64', { store })
    expect(await pruneStore(store, { keep: [] })).toEqual([])
  })
})

test('a store is whole wherever a build was killed', { timeout: 300_000 }, async () => {
  const { archive, smaller: lock, store } = await filled()
  const directory = await temporaryDirectory()
  const lockFile = join(directory, 'lock')
  await writeFile(lockFile, lockBytes(lock))
  await fetchDebs(lock, 'amd64', { store, mirrors: archive.mirrors, parts: archive.parts })
  const plain = async (of: string) => (await baseLayer(lock, 'amd64', { store: of })).map((entry) => (entry.kind === 'file' ? { ...entry, content: [...(entry.content as Uint8Array)] } : entry))
  const expected = await plain(store)
  const attempt = async (killAt: number): Promise<boolean> => {
    const disturbed = join(directory, String(killAt))
    const child = spawn(process.execPath, ['--import', script('kill-at.ts'), script('fetch-once.ts'), lockFile, disturbed, archive.mirror.address], { env: { ...process.env, KILL_AT: String(killAt) }, stdio: 'inherit' })
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    expect(signal ?? code).toBeOneOf(['SIGKILL', 0])
    const names = await readdir(disturbed).catch((): string[] => [])
    for (const locked of lock.packages.amd64!) if (names.includes(`${locked.sha256}.deb`)) await readDeb(disturbed, locked)
    await fetchDebs(lock, 'amd64', { store: disturbed, mirrors: archive.mirrors, parts: archive.parts })
    expect(await plain(disturbed)).toEqual(expected)
    await pruneStore(disturbed, { keep: [lock], minimumAgeMs: 0 })
    expect((await readdir(disturbed)).toSorted()).toEqual((await readdir(store)).toSorted())
    return signal === 'SIGKILL'
  }
  let killAt = 1
  while ((await Promise.all([attempt(killAt), attempt(killAt + 1)])).every(Boolean)) killAt += 2
  expect(killAt).toBeGreaterThan(12)
})
