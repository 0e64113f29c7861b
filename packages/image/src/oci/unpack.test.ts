import { spawnSync } from 'node:child_process'
import { lstat, mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import type { TarEntry } from 'modern-tar'
import { describe, expect, test } from 'vitest'
import { emptyLayout, foreignImage, tarEntry, temporaryDirectory, text, type ForeignOptions } from '../testing/rig.ts'
import { blobPath, writeBlob } from './blob.ts'
import { digestOf, type Digest } from './digest.ts'
import type { Layout } from './layout.ts'
import { readImage } from './manifest.ts'
import { pruneUnpacked, unpack, type UnpackedImage, type UnpackOptions } from './unpack.ts'

interface Unpacked extends UnpackedImage {
  readonly storeDir: string
  readonly layout: Layout
  readonly digest: Digest
}

async function unpackArchives(archives: readonly (readonly TarEntry[])[], options: Partial<UnpackOptions> & ForeignOptions = {}): Promise<Unpacked> {
  const layout = await emptyLayout()
  const storeDir = options.storeDir ?? (await temporaryDirectory())
  const digest = await foreignImage(layout, archives, options)
  const image = await unpack(layout, { digest, storeDir, ...(options.limits === undefined ? {} : { limits: options.limits }) })
  return { ...image, storeDir, layout, digest }
}

/** Every path below a directory with what it is, as one would write it down. */
async function treeOf(root: string): Promise<readonly string[]> {
  const mountPoints = new Set(['dev', 'proc', 'sys', 'tmp', 'etc', 'etc/hosts', 'etc/resolv.conf'])
  // Not readdir's own recursion, which goes through links.
  const found = spawnSync('find', [root, '-mindepth', '1', '-printf', '%P\\0']).stdout.toString().split('\0')
  const paths = found.filter((path) => path !== '' && !mountPoints.has(path)).toSorted()
  return Promise.all(paths.map(async (path) => {
    const facts = await lstat(join(root, path))
    if (facts.isSymbolicLink()) return `${path} -> ${await readlink(join(root, path))}`
    return facts.isDirectory() ? `${path}/` : `${path}: ${await readFile(join(root, path), 'utf8')}`
  }))
}

const directory = (name: string, mode = 0o755): TarEntry => tarEntry({ name: `${name}/`, type: 'directory', mode })
const symlink = (name: string, linkname: string): TarEntry => tarEntry({ name, type: 'symlink', linkname })
const hardLink = (name: string, linkname: string): TarEntry => tarEntry({ name, type: 'link', linkname })

describe('an unpacked image', () => {
  test('is its layers on top of each other', async () => {
    const { root } = await unpackArchives([
      [directory('a'), tarEntry({ name: 'a/one' }, '1'), tarEntry({ name: 'a/two' }, '2'), tarEntry({ name: 'kept' }, 'k')],
      [tarEntry({ name: './a/two' }, 'new'), tarEntry({ name: 'deep/er/file' }, 'd'), symlink('s', 'a/one'), hardLink('h', 'a/two')],
    ])
    expect(await treeOf(root)).toEqual(['a/', 'a/one: 1', 'a/two: new', 'deep/', 'deep/er/', 'deep/er/file: d', 'h: new', 'kept: k', 's -> a/one'])
  })

  test('lacks what a layer deletes from the layers below it', async () => {
    const { root } = await unpackArchives([
      [tarEntry({ name: 'a/one' }, '1'), tarEntry({ name: 'a/two' }, '2'), tarEntry({ name: 'b/three' }, '3'), tarEntry({ name: 'c/four' }, '4')],
      [tarEntry({ name: 'b/new' }, 'n'), tarEntry({ name: 'a/.wh.one' }), tarEntry({ name: 'b/.wh..wh..opq' }), tarEntry({ name: '.wh.c' }), tarEntry({ name: '.wh.absent' })],
    ])
    expect(await treeOf(root)).toEqual(['a/', 'a/two: 2', 'b/', 'b/new: n'])
  })

  test('keeps what a layer brings although it deletes the same name below', async () => {
    const { root } = await unpackArchives([[tarEntry({ name: 'd/old' }, 'o')], [tarEntry({ name: 'd/new' }, 'n'), tarEntry({ name: '.wh.d' })]])
    expect(await treeOf(root)).toEqual(['d/', 'd/new: n'])
  })

  test('has a file where a directory was, and the other way round', async () => {
    const { root } = await unpackArchives([
      [tarEntry({ name: 'a/b' }, '1'), tarEntry({ name: 'c' }, '2'), directory('real'), symlink('d', 'real')],
      [tarEntry({ name: 'a' }, 'file'), directory('c'), tarEntry({ name: 'c/x' }, 'x'), directory('d')],
    ])
    expect(await treeOf(root)).toEqual(['a: file', 'c/', 'c/x: x', 'd/', 'real/'])
  })

  test('follows a link between directories as the kernel would in a container', async () => {
    const { root } = await unpackArchives([[directory('usr'), directory('usr/lib'), symlink('lib', 'usr/lib'), symlink('d/abs', '/usr')], [tarEntry({ name: 'lib/a.so' }, 'so'), tarEntry({ name: 'd/abs/b' }, 'b')]])
    expect(await treeOf(root)).toEqual(['d/', 'd/abs -> ../usr', 'lib -> usr/lib', 'usr/', 'usr/b: b', 'usr/lib/', 'usr/lib/a.so: so'])
  })

  test('has absolute links that mean the same from outside of it', async () => {
    const { root } = await unpackArchives([[tarEntry({ name: 'etc/passwd' }, 'nonroot'), symlink('a/b/users', '/etc/passwd'), symlink('top', '/')]])
    expect(await readlink(join(root, 'a/b/users'))).toBe('../../etc/passwd')
    expect(await readFile(join(root, 'a/b/users'), 'utf8')).toBe('nonroot')
    expect(await readlink(join(root, 'top'))).toBe('.')
  })

  test('has read-only files, no setuid bits, and the modes of its directories', async () => {
    const { root } = await unpackArchives([[tarEntry({ name: 'su', mode: 0o6755 }, 's'), tarEntry({ name: 'data', mode: 0o666 }, 'd'), directory('tmp', 0o1777), directory('sgid', 0o2755)]])
    const modeOf = async (path: string): Promise<string> => ((await stat(join(root, path))).mode & 0o7777).toString(8)
    expect(await modeOf('su')).toBe('555')
    expect(await modeOf('data')).toBe('444')
    expect(await modeOf('tmp')).toBe('1777')
    expect(await modeOf('sgid')).toBe('755')
  })

  test('has the places where a container runtime mounts things', async () => {
    const { root } = await unpackArchives([[symlink('etc/resolv.conf', '../run/resolv.conf')]])
    for (const path of ['dev', 'proc', 'sys', 'tmp']) expect((await lstat(join(root, path))).isDirectory()).toBe(true)
    for (const path of ['etc/hosts', 'etc/resolv.conf']) expect((await lstat(join(root, path))).isFile()).toBe(true)
  })

  test.each([
    ['application/vnd.oci.image.layer.v1.tar+zstd', zstdCompressSync],
    ['application/vnd.oci.image.layer.v1.tar', (bytes: Uint8Array): Uint8Array => bytes],
  ])('may have layers of %s', async (mediaType, compress) => {
    const { root } = await unpackArchives([[tarEntry({ name: 'a' }, '1')]], { mediaType, compress })
    expect(await treeOf(root)).toEqual(['a: 1'])
  })
})

describe('unpacking again', () => {
  test('only looks, and shares layers between images byte for byte', async () => {
    const layout = await emptyLayout()
    const storeDir = await temporaryDirectory()
    const base = [tarEntry({ name: 'base' }, 'large')]
    const first = await unpack(layout, { digest: await foreignImage(layout, [base, [tarEntry({ name: 'app' }, '1')]]), storeDir })
    const digest = await foreignImage(layout, [base, [tarEntry({ name: 'app' }, '2')]])
    const { manifest } = await readImage(layout, digest)
    // The base layer must not be opened a second time: without its blob only the store can provide it.
    await writeFile(blobPath(layout, manifest.layers[0]!.digest), '')
    const second = await unpack(layout, { digest, storeDir })
    expect(second.cached).toBe(false)
    expect((await stat(join(second.root, 'base'))).ino).toBe((await stat(join(first.root, 'base'))).ino)
    await writeFile(blobPath(layout, manifest.layers[1]!.digest), '')
    expect(await unpack(layout, { digest, storeDir })).toMatchObject({ root: second.root, cached: true })
  })

  test('at the same time is one image in the end', async () => {
    const layout = await emptyLayout()
    const storeDir = await temporaryDirectory()
    const digest = await foreignImage(layout, [[tarEntry({ name: 'a' }, '1')], [tarEntry({ name: 'b' }, '2')]])
    const images = await Promise.all(Array.from({ length: 6 }, async () => unpack(layout, { digest, storeDir })))
    expect(new Set(images.map(({ root }) => root)).size).toBe(1)
    expect(await treeOf(images[0]!.root)).toEqual(['a: 1', 'b: 2'])
    expect(await readdir(join(storeDir, 'roots'))).toHaveLength(1)
    expect(await readdir(join(storeDir, 'layers'))).toHaveLength(2)
  })

  test('after a run was killed half way starts clean', async () => {
    const layout = await emptyLayout()
    const storeDir = await temporaryDirectory()
    await mkdir(join(storeDir, 'roots', '.partial-killed', 'a'), { recursive: true })
    await mkdir(join(storeDir, 'layers', '.partial-killed'), { recursive: true })
    const digest = await foreignImage(layout, [[tarEntry({ name: 'a' }, '1')]])
    expect(await treeOf((await unpack(layout, { digest, storeDir })).root)).toEqual(['a: 1'])
  })
})

describe('a hostile archive', () => {
  const outside = 'sensitive'
  test.each<[string, readonly TarEntry[], string]>([
    ['climbs with its names', [tarEntry({ name: '../evil' }, 'x')], 'unsafe-path'],
    ['climbs in the middle of a name', [tarEntry({ name: 'a/../../evil' }, 'x')], 'unsafe-path'],
    ['has an absolute name', [tarEntry({ name: '/tmp/evil' }, 'x')], 'unsafe-path'],
    ['climbs in a pax record', [tarEntry({ name: 'fine', pax: { path: '../evil' } }, 'x')], 'unsafe-path'],
    ['has a NUL in a pax record', [tarEntry({ name: 'fine', pax: { path: 'a\0b' } }, 'x')], 'unsafe-path'],
    ['writes through its own link out of the image', [symlink('a', '../../..'), tarEntry({ name: 'a/evil' }, 'x')], 'unsafe-path'],
    ['has a link that climbs', [symlink('a/b', '../../etc/passwd')], 'unsafe-path'],
    ['has links that climb together', [directory('d'), symlink('d/up', '..'), symlink('esc', 'd/up/../x')], 'unsafe-path'],
    ['has a hard link that climbs', [hardLink('a', '../../etc/passwd')], 'unsafe-path'],
    ['has an absolute hard link', [tarEntry({ name: 'etc/passwd' }), hardLink('a', '/etc/passwd')], 'unsafe-path'],
    ['has a hard link that climbs and comes back', [tarEntry({ name: 'b' }), hardLink('a', '../b')], 'unsafe-path'],
    ['has a hard link to nothing', [hardLink('a', 'absent')], 'unsafe-path'],
    ['has a hard link to a directory', [directory('d'), hardLink('a', 'd')], 'unsafe-path'],
    ['has a character device', [tarEntry({ name: 'null', type: 'character-device' })], 'unsafe-path'],
    ['has a block device', [tarEntry({ name: 'sda', type: 'block-device' })], 'unsafe-path'],
    ['has a FIFO', [tarEntry({ name: 'pipe', type: 'fifo' })], 'unsafe-path'],
    ['deletes the directory above', [tarEntry({ name: '.wh...' })], 'unsafe-path'],
    ['deletes no name', [tarEntry({ name: 'a/.wh.' })], 'unsafe-path'],
    ['makes the root a file', [tarEntry({ name: './', type: 'symlink', linkname: '/etc' })], 'unsafe-path'],
    ['leads through a file', [tarEntry({ name: 'a' }, 'x'), tarEntry({ name: 'a/b' }, 'x')], 'unsafe-path'],
    ['leads through a link to itself', [symlink('a', 'a'), tarEntry({ name: 'a/b' }, 'x')], 'unsafe-path'],
    ['names a path twice', [tarEntry({ name: 'a' }, '1'), tarEntry({ name: './a' }, '2')], 'layer-invalid'],
    ['has a name of 300 bytes', [tarEntry({ name: 'x'.repeat(300), pax: { path: 'x'.repeat(300) } })], 'unsafe-path'],
  ])('that %s is refused, and nothing is left of it', async (_, entries, code) => {
    const storeDir = await temporaryDirectory()
    await writeFile(join(storeDir, 'outside'), outside)
    await expect(unpackArchives([entries], { storeDir })).rejects.toMatchObject({ code })
    expect(await readFile(join(storeDir, 'outside'), 'utf8')).toBe(outside)
    expect(spawnSync('find', [storeDir, '-name', 'evil', '-o', '-name', '.partial*']).stdout.toString()).toBe('')
    expect(await readdir(join(storeDir, 'roots')).catch(() => [])).toEqual([])
  })

  test('that is a bomb is stopped at the limit', async () => {
    const bomb = [tarEntry({ name: 'zeros' }, '0'.repeat(50 * 1024 * 1024))]
    const storeDir = await temporaryDirectory()
    await expect(unpackArchives([bomb], { storeDir, limits: { layerBytes: 1024 * 1024 } })).rejects.toMatchObject({ code: 'too-large' })
    expect(await readdir(join(storeDir, 'layers'))).toEqual([])
  })

  test('with more names than the limit is stopped', async () => {
    const names = Array.from({ length: 20 }, (_, index) => tarEntry({ name: `f${index}` }))
    await expect(unpackArchives([names], { limits: { layerEntries: 10 } })).rejects.toMatchObject({ code: 'too-large' })
  })

  test('with another content than its diffId promises is refused', async () => {
    await expect(unpackArchives([[tarEntry({ name: 'a' }, '1')]], { diffId: digestOf(text('other')) })).rejects.toMatchObject({ code: 'digest-mismatch' })
  })

  test.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ['is no gzip', () => text('not gzip at all'), 'layer-invalid'],
    ['is empty', () => new Uint8Array(), 'layer-invalid'],
    ['is cut in the middle', (bytes) => zstdCompressSync(bytes.subarray(0, 700)), 'layer-invalid'],
    ['has a wrong checksum', (bytes) => zstdCompressSync(bytes.with(0, 98)), 'layer-invalid'],
    ['goes on after its end', (bytes) => zstdCompressSync(Buffer.concat([bytes, Buffer.from('more')])), 'layer-invalid'],
  ])('that %s is refused', async (_, compress, code) => {
    const mediaType = `application/vnd.oci.image.layer.v1.tar+${compress(new Uint8Array(1024)).at(0) === 0x28 ? 'zstd' : 'gzip'}`
    await expect(unpackArchives([[tarEntry({ name: 'a' }, '1')]], { compress, mediaType })).rejects.toMatchObject({ code })
  })

  test('of an unknown kind is refused by its media type', async () => {
    await expect(unpackArchives([[]], { mediaType: 'application/x-rar' })).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('whose blob was swapped for another packing of the same archive is refused', async () => {
    const layout = await emptyLayout()
    const digest = await foreignImage(layout, [[tarEntry({ name: 'a' }, '1')]])
    const layer = blobPath(layout, (await readImage(layout, digest)).manifest.layers[0]!.digest)
    // The last byte of gzip's header names a system: another value, the same archive.
    const bytes = await readFile(layer)
    await writeFile(layer, bytes.fill(bytes[9]! ^ 1, 9, 10))
    await expect(unpack(layout, { digest, storeDir: await temporaryDirectory() })).rejects.toMatchObject({ code: 'digest-mismatch' })
  })

  test('whose manifest was edited is refused', async () => {
    const layout = await emptyLayout()
    const digest = await foreignImage(layout, [[tarEntry({ name: 'a' }, '1')]])
    const manifest = await readFile(blobPath(layout, digest), 'utf8')
    await writeFile(blobPath(layout, digest), manifest.replace('"size":', '"size": '))
    await expect(unpack(layout, { digest, storeDir: await temporaryDirectory() })).rejects.toMatchObject({ code: 'digest-mismatch' })
  })
})

describe('pruning', () => {
  test('removes images that are not to be kept, and the layers that only they had', async () => {
    const layout = await emptyLayout()
    const storeDir = await temporaryDirectory()
    const base = [tarEntry({ name: 'base' }, 'b')]
    const old = await foreignImage(layout, [base, [tarEntry({ name: 'app' }, '1')]])
    const current = await foreignImage(layout, [base, [tarEntry({ name: 'app' }, '2')]])
    await unpack(layout, { digest: old, storeDir })
    const { root } = await unpack(layout, { digest: current, storeDir })
    expect(await pruneUnpacked(layout, storeDir, [current])).toEqual([])
    expect(await pruneUnpacked(layout, storeDir, [current], 0)).toEqual([old])
    expect(await readdir(join(storeDir, 'layers'))).toHaveLength(2)
    expect(await treeOf(root)).toEqual(['app: 2', 'base: b'])
    expect(await writeBlob(layout, 'text/plain', text(''))).toBeDefined()
  })
})
