import * as fc from 'fast-check'
import { spawnSync } from 'node:child_process'
import { appendFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { describe, expect, test } from 'vitest'
import { emptyLayout, temporaryDirectory, text } from '../testing/rig.ts'
import { blobPath } from './blob.ts'
import { digestOf } from './digest.ts'
import { knowContents } from './layer-content.ts'
import { orderEntries, type LayerEntry } from './layer-entry.ts'
import { writeLayer, type Layer } from './layer.ts'
import type { Layout } from './layout.ts'

const packFile = fileURLToPath(import.meta.resolve('../testing/pack-file.ts'))
const pack = async (layout: Layout, entries: readonly LayerEntry[]): Promise<Layer> => writeLayer(layout, await knowContents(orderEntries(entries)))
const fileEntry = (path: string, content = path, mode = 0o644): LayerEntry => ({ kind: 'file', path, mode, content: text(content) })
const archiveOf = async (layout: Layout, layer: Layer): Promise<Uint8Array> => gunzipSync(await readFile(blobPath(layout, layer.descriptor.digest)))

const sample: readonly LayerEntry[] = [
  fileEntry('usr/bin/tool', '#!/bin/sh\n', 0o755),
  fileEntry('etc/app.conf', 'a=1\n'),
  { kind: 'symlink', path: 'bin', target: 'usr/bin' },
  { kind: 'directory', path: 'tmp', mode: 0o1777 },
]

describe('a layer', () => {
  test('has the same bytes in any order of entries, on any machine and in any year', async () => {
    const layout = await emptyLayout()
    const layer = await pack(layout, sample)
    expect(await pack(layout, sample.toReversed())).toEqual(layer)
    expect(layer).toEqual({
      descriptor: { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: 'sha256:5360371a80e6d91197457b79debbf16a43bab5680f9b8334d02ec3f98402f00b', size: 223 },
      diffId: 'sha256:0c8af2ecb0a85aa51631df2d7a3a275782c022cdb8efd1f019ac3173acc00f67',
    })
  })

  test('is described by the digests and the size of its blob', async () => {
    const layout = await emptyLayout()
    const layer = await pack(layout, sample)
    const blob = await readFile(blobPath(layout, layer.descriptor.digest))
    expect(digestOf(blob)).toBe(layer.descriptor.digest)
    expect(blob.length).toBe(layer.descriptor.size)
    expect(digestOf(gunzipSync(blob))).toBe(layer.diffId)
  })

  test('has no time and no system in its gzip header', async () => {
    const layout = await emptyLayout()
    const { descriptor } = await pack(layout, sample)
    const blob = await readFile(blobPath(layout, descriptor.digest))
    // RFC 1952: magic, deflate, no flags (no name), no time, no extra flags, unknown system.
    expect(blob.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff')
  })

  test('with zstd has the same bytes too, and holds the same archive', async () => {
    const layout = await emptyLayout()
    const known = await knowContents(orderEntries(sample))
    const layer = await writeLayer(layout, known, { compression: 'zstd' })
    expect(layer).toEqual(await writeLayer(layout, known, { compression: 'zstd' }))
    expect(layer.descriptor).toEqual({ mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: 'sha256:a2784dc177cc2e31fa41c964aae4568136bd073c92e736074426be85054f8848', size: 188 })
    expect(layer.diffId).toBe((await pack(layout, sample)).diffId)
    expect(digestOf(zstdDecompressSync(await readFile(blobPath(layout, layer.descriptor.digest))))).toBe(layer.diffId)
  })

  test('lists parents before what is in them, owned by nobody in particular at no time', async () => {
    const layout = await emptyLayout()
    const headers = (await unpackTar(await archiveOf(layout, await pack(layout, sample)), { strict: true })).map(({ header }) => header)
    expect(headers.map(({ name, type, mode = 0 }) => `${type} ${mode.toString(8)} ${name}`)).toEqual([
      'symlink 777 bin',
      'directory 755 etc/',
      'file 644 etc/app.conf',
      'directory 1777 tmp/',
      'directory 755 usr/',
      'directory 755 usr/bin/',
      'file 755 usr/bin/tool',
    ])
    for (const header of headers) expect(header).toMatchObject({ uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) })
  })

  test('gives back every name, mode and content, however long and in whatever script', async () => {
    const name = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'Z', '0', ' ', '-', '\\', '\n', '"', '\u{feff}'), minLength: 1, maxLength: 120 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('é', '漢', '🚢'), minLength: 1, maxLength: 60 }),
    ).filter((value) => !value.includes('/') && !value.includes('\0') && value !== '.' && !/^\.\.|^\\|\\\.\.|\.\.\\|^[A-Za-z]:\\/.test(value))
      .filter((value) => value.isWellFormed() && Buffer.byteLength(value) <= 255 && !value.startsWith('.wh.'))
    const file = fc.record({ names: fc.array(name, { minLength: 1, maxLength: 6 }), mode: fc.integer({ min: 0, max: 0o7777 }), content: fc.uint8Array({ maxLength: 2000 }) })
    const layout = await emptyLayout()
    await fc.assert(fc.asyncProperty(fc.array(file, { maxLength: 6 }), async (files) => {
      // Below a directory each, so that no file is another's parent.
      const entries = files.map(({ names, mode, content }, index): LayerEntry => ({ kind: 'file', path: `${index}/${names.join('/')}`, mode, content }))
      const read = await unpackTar(await archiveOf(layout, await pack(layout, entries)), { strict: true })
      const found = new Map(read.filter(({ header }) => header.type === 'file').map(({ header, data }) => [header.name, { mode: header.mode, data }]))
      expect(found).toEqual(new Map(files.map(({ mode, content }, index) => [entries[index]!.path, { mode, data: content }])))
    }), { numRuns: 60 })
  })

  test('is read by GNU tar as it was meant', async () => {
    const layout = await emptyLayout()
    const deep = Array.from({ length: 12 }, (_, index) => `a rather long directory name ${index}`).join('/')
    const entries: readonly LayerEntry[] = [
      fileEntry(`${deep}/file`, 'deep'),
      { kind: 'directory', path: `${'d'.repeat(140)}`, mode: 0o700 },
      fileEntry(`ünïcode/${'漢'.repeat(60)}`, 'wide'),
      { kind: 'symlink', path: 'link', target: `${'t'.repeat(150)}/é` },
    ]
    const archive = await archiveOf(layout, await pack(layout, entries))
    const headers = (await unpackTar(archive, { strict: true })).map(({ header }) => header)
    const inRecords = headers.filter(({ pax }) => pax?.['path'] !== undefined || pax?.['linkpath'] !== undefined).map(({ name }) => name)
    // pax: what the old fields cannot hold is in a record, not left to each reader's idea of their encoding.
    expect(inRecords).toEqual(expect.arrayContaining([`${deep}/file`, `${'d'.repeat(140)}/`, 'ünïcode/', 'link']))
    const target = await temporaryDirectory()
    const tar = spawnSync('tar', ['--extract', '--no-same-owner', '--directory', target], { input: archive })
    expect(tar.stderr.toString()).toBe('')
    expect(await readFile(join(target, deep, 'file'), 'utf8')).toBe('deep')
    expect(await readFile(join(target, 'ünïcode', '漢'.repeat(60)), 'utf8')).toBe('wide')
    const listed = spawnSync('tar', ['--list', '--verbose', '--quoting-style=literal', '--full-time', '--utc'], { input: archive }).stdout.toString()
    expect(listed).toContain(`link -> ${'t'.repeat(150)}/é`)
    expect(listed).toContain(`drwx------ 0/0               0 1970-01-01 00:00:00 ${'d'.repeat(140)}/`)
  })

  test('of a large file takes no more memory than one of a small file', { timeout: 120_000 }, async () => {
    const directory = await temporaryDirectory()
    const peakBytes = async (name: string, size: number): Promise<number> => {
      const file = join(directory, name)
      await writeFile(file, '')
      await truncate(file, size)
      const child = spawnSync(process.execPath, [packFile, join(directory, 'oci'), file, String(size)])
      expect(child.stderr.toString()).toBe('')
      return Number(child.stdout.toString()) * 1024
    }
    const small = await peakBytes('small', 16 * 1024 * 1024)
    const large = await peakBytes('large', 256 * 1024 * 1024)
    expect(large - small).toBeLessThan(64 * 1024 * 1024)
  })

  test('is refused while its file is being edited, and leaves nothing behind', async () => {
    const layout = await emptyLayout()
    const file = join(await temporaryDirectory(), 'source')
    await writeFile(file, 'first')
    const known = await knowContents(orderEntries([{ kind: 'file', path: 'source', mode: 0o644, content: { file, size: 5 } }]))
    for (const edit of ['other', 'longer than before', 'x']) {
      await writeFile(file, edit)
      await expect(writeLayer(layout, known)).rejects.toMatchObject({ code: 'file-changed' })
    }
    expect(spawnSync('find', [layout.directory, '-name', '.partial*']).stdout.toString()).toBe('')
    expect(spawnSync('find', [join(layout.directory, 'blobs'), '-type', 'f']).stdout.toString()).toBe('')
  })

  test('does not believe a digest that the caller only claims', async () => {
    const layout = await emptyLayout()
    const file = join(await temporaryDirectory(), 'source')
    await writeFile(file, 'real')
    const content = { file, size: 4, digest: digestOf(text('fake')) }
    await expect(pack(layout, [{ kind: 'file', path: 'a', mode: 0o644, content }])).rejects.toMatchObject({ code: 'file-changed' })
  })

  test('names the file that cannot be read', async () => {
    const layout = await emptyLayout()
    const directory = await temporaryDirectory()
    await mkdir(join(directory, 'folder'))
    spawnSync('mkfifo', [join(directory, 'fifo')])
    for (const name of ['absent', 'folder', 'fifo']) {
      const content = { file: join(directory, name), size: 1 }
      const packing = pack(layout, [{ kind: 'file', path: 'a', mode: 0o644, content }])
      await expect(packing).rejects.toMatchObject({ code: 'file-unreadable', message: expect.stringContaining(name) })
    }
  })

  test('stops when it is told to', async () => {
    const layout = await emptyLayout()
    const file = join(await temporaryDirectory(), 'large')
    for (let piece = 0; piece < 16; piece++) await appendFile(file, Buffer.alloc(1024 * 1024, piece))
    const known = await knowContents(orderEntries([{ kind: 'file', path: 'a', mode: 0o644, content: { file, size: 16 * 1024 * 1024 } }]))
    const stop = new AbortController()
    const packing = writeLayer(layout, known, { signal: stop.signal })
    setImmediate(() => stop.abort(new Error('told to stop')))
    await expect(packing).rejects.toThrow()
    expect(spawnSync('find', [layout.directory, '-name', '.partial*']).stdout.toString()).toBe('')
  })
})
