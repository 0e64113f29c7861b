import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LayerEntry } from '../oci/layer-entry.ts'
import { testArchive, today } from '../testing/debian-archive.ts'
import { controlOf, type DebPlan } from '../testing/deb-file.ts'
import { tarEntry, temporaryDirectory } from '../testing/rig.ts'
import { baseLayer, type BaseLayerOptions } from './base-layer.ts'
import type { DebianArchitecture } from './suites.ts'
import type { DebianLock } from './lock.ts'
import { resolveDebian } from './resolve.ts'
import { fetchDebs } from './store.ts'
import { trimRules } from './trim.ts'

interface Base {
  readonly lock: DebianLock
  readonly store: string
  readonly layer: (options?: Partial<BaseLayerOptions>) => Promise<readonly LayerEntry[]>
}

async function baseOf(packages: readonly DebPlan[], architecture: DebianArchitecture = 'amd64'): Promise<Base> {
  const { parts, mirrors } = await testArchive({ main: packages })
  const names = packages.map(({ name = 'hello' }) => name)
  const lock = await resolveDebian({ suite: 'trixie', architectures: [architecture], packages: names, mirrors, now: today, parts })
  const store = await temporaryDirectory()
  await fetchDebs(lock, architecture, { store, mirrors, parts })
  return { lock, store, layer: async (options = {}) => baseLayer(lock, architecture, { store, ...options }) }
}

const contentOf = (entries: readonly LayerEntry[], path: string): string | undefined => {
  const entry = entries.find((candidate) => candidate.path === path)
  return entry?.kind === 'file' ? new TextDecoder().decode(entry.content as Uint8Array) : undefined
}
const pathsOf = (entries: readonly LayerEntry[]): readonly string[] => entries.map(({ path }) => path).toSorted()
const shown = (entries: readonly LayerEntry[]): readonly string[] => entries.map((entry) => {
  switch (entry.kind) {
    case 'file': return `${entry.mode.toString(8)} ${entry.path}`
    case 'directory': return `${entry.mode.toString(8)} ${entry.path}/`
    case 'symlink': return `${entry.path} -> ${entry.target}`
  }
}).toSorted()

/** What is in every base layer, whatever its packages. */
const always = [
  '1777 tmp/', '644 etc/group', '644 etc/nsswitch.conf', '644 etc/passwd', '755 usr/bin/', '755 usr/lib/', '755 usr/lib64/', '755 usr/sbin/',
  'bin -> usr/bin', 'lib -> usr/lib', 'lib64 -> usr/lib64', 'sbin -> usr/sbin',
]

describe('a base layer', () => {
  test('has the packages, trimmed, with what scanners and licences need', async () => {
    const doc = 'usr/share/doc/hello'
    const { layer } = await baseOf([{
      files: {
        'etc/hello.conf': 'greet = yes\n', 'usr/lib/x86_64-linux-gnu/libhello.so.1': 'so', 'usr/bin/hello': '#!', 'usr/sbin/hellod': '#!', 'bin/sh': '#!',
        [`${doc}/copyright`]: 'GPL', [`${doc}/changelog.Debian.gz`]: 'x', [`${doc}/examples/copyright`]: 'x', 'usr/share/man/man1/hello.1.gz': 'x',
        'usr/share/lintian/overrides/hello': 'x', 'usr/lib/x86_64-linux-gnu/gconv/UTF-32.so': 'x', 'usr/share/gdb/a': 'x', 'usr/share/manual': 'kept',
      },
      entries: [tarEntry({ name: './usr/share/doc/other', type: 'symlink', linkname: 'hello', size: 0 })],
      md5sums: 'd41d8cd98f00b204e9800998ecf8427e  etc/hello.conf\n',
    }])
    const entries = await layer()
    expect(shown(entries).filter((line) => !always.includes(line))).toEqual([
      '644 etc/hello.conf',
      '644 usr/lib/x86_64-linux-gnu/libhello.so.1',
      '644 usr/share/doc/hello/copyright',
      '644 usr/share/manual',
      '644 var/lib/dpkg/status.d/hello',
      '644 var/lib/dpkg/status.d/hello.md5sums',
      'usr/share/doc/other -> hello',
    ])
    expect(contentOf(entries, 'var/lib/dpkg/status.d/hello')).toBe(controlOf({}))
    expect(contentOf(entries, 'var/lib/dpkg/status.d/hello.md5sums')).toBe('d41d8cd98f00b204e9800998ecf8427e  etc/hello.conf\n')
  })

  test('has a user that may do nothing, names that are looked up, and merged /usr', async () => {
    const { layer } = await baseOf([{ files: { 'etc/passwd': 'root::0:0::/:/bin/sh\n' } }])
    const entries = await layer()
    expect(shown(entries)).toEqual([...always, '644 var/lib/dpkg/status.d/hello'].toSorted())
    expect(contentOf(entries, 'etc/passwd')).toContain('nonroot:x:65532:65532:')
    expect(contentOf(entries, 'etc/passwd')).not.toContain('/bin/sh')
    const arm = await baseOf([{ architecture: 'arm64', files: { 'lib/ld-linux-aarch64.so.1': 'x' } }], 'arm64')
    expect(pathsOf(await arm.layer())).toEqual(expect.arrayContaining(['lib', 'usr/lib/ld-linux-aarch64.so.1']))
    expect(pathsOf(await arm.layer())).not.toContain('lib64')
  })

  test('has all certificates in one file, in the order of their names, each on lines of its own', async () => {
    const at = 'usr/share/ca-certificates/mozilla'
    const { layer } = await baseOf([{ name: 'ca-certificates', architecture: 'all', files: { [`${at}/B.crt`]: 'BBB', [`${at}/A.crt`]: 'AAA\n\n', [`${at}/README`]: 'x' } }])
    const entries = await layer()
    expect(contentOf(entries, 'etc/ssl/certs/ca-certificates.crt')).toBe('AAA\nBBB\n')
    expect(pathsOf(entries).filter((path) => path.startsWith('usr/share'))).toEqual([])
  })

  test('lets nobody write but into /tmp, and nobody become another user', async () => {
    const { layer } = await baseOf([{ entries: [
      tarEntry({ name: './var/tmp/', type: 'directory', mode: 0o1777 }), tarEntry({ name: './var/mail/', type: 'directory', mode: 0o2775 }),
      tarEntry({ name: './usr/lib/helper', mode: 0o4777 }, 'x'), tarEntry({ name: './root/', type: 'directory', mode: 0o700 }),
    ] }])
    expect(shown(await layer()).filter((line) => !always.includes(line))).toEqual(['644 var/lib/dpkg/status.d/hello', '700 root/', '755 usr/lib/helper', '755 var/mail/', '755 var/tmp/'])
  })

  test('is refused where two packages have one file', async () => {
    const { layer } = await baseOf([{ name: 'aa', files: { 'etc/x': '1' } }, { name: 'bb', files: { 'etc/x': '1' } }])
    await expect(layer()).rejects.toMatchObject({ code: 'package-invalid', message: expect.stringContaining('"etc/x" of bb') })
    const directory = tarEntry({ name: './etc/', type: 'directory', mode: 0o755 })
    const shared = await baseOf([{ name: 'aa', entries: [directory] }, { name: 'bb', entries: [directory] }])
    await expect(shared.layer()).resolves.toBeDefined()
  })

  test.each([['Package', 'other'], ['Version', '9.9-9'], ['Architecture', 'arm64']])('is refused where a package has another %s than the lock says', async (field, value) => {
    const { lock, store, layer } = await baseOf([{ control: controlOf({}).replace(new RegExp(`^${field}: .*$`, 'm'), `${field}: ${value}`) }])
    expect(lock.packages.amd64![0]).toMatchObject({ name: 'hello', version: '1.0-1' })
    await expect(layer()).rejects.toMatchObject({ code: 'package-invalid', message: expect.stringContaining(value) })
    expect((await readdir(store)).filter((name) => name.startsWith('base-'))).toEqual([])
  })

  test('is the same the second time, from what was unpacked the first time', async () => {
    const { store, layer } = await baseOf([{ files: { 'etc/a': '1', 'etc/b': '' }, entries: [tarEntry({ name: './etc/c', type: 'symlink', linkname: 'a', size: 0 })] }])
    const first = await layer()
    for (const name of await readdir(store)) if (name.endsWith('.deb')) await rm(join(store, name))
    const plain = (entries: readonly LayerEntry[]) => entries.map((entry) => (entry.kind === 'file' ? { ...entry, content: new TextDecoder().decode(entry.content as Uint8Array) } : entry))
    expect(plain(await layer())).toEqual(plain(first))
    await expect(layer({ trust: 'digest' })).rejects.toMatchObject({ code: 'package-not-stored' })
  })

  test('is unpacked again where what was remembered is damaged', async () => {
    const { store, layer } = await baseOf([{ files: { 'etc/a': 'sound' } }])
    await layer()
    const [remembered] = (await readdir(store)).filter((name) => name.startsWith('base-')).map((name) => join(store, name))
    const sound = await readFile(remembered!)
    const edited = Buffer.from(sound)
    edited[sound.length - 1]! ^= 1
    for (const damaged of [edited, sound.subarray(0, -1), sound.subarray(0, 20), new Uint8Array()]) {
      await writeFile(remembered!, damaged)
      expect(contentOf(await layer(), 'etc/a')).toBe('sound')
      expect(await readFile(remembered!)).toEqual(sound)
    }
  })

  test('is trimmed by rules that each say why', () => {
    for (const { why } of trimRules) expect(why.length).toBeGreaterThan(10)
  })

  test('is left when the caller says so', async () => {
    const { layer } = await baseOf([{}])
    await expect(layer({ signal: AbortSignal.abort(new Error('told to stop')) })).rejects.toThrow('told to stop')
  })
})
