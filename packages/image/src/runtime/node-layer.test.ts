import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { packTar, type TarEntry } from 'modern-tar'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../oci/digest.ts'
import { elfFile } from '../testing/elf-file.ts'
import { amd64, tarEntry, temporaryDirectory, text } from '../testing/rig.ts'
import { nodeLayer } from './node-layer.ts'

const integrityOf = (bytes: Uint8Array, algorithm = 'sha512'): string => `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`
const program = elfFile({ interpreter: '/lib64/ld-linux-x86-64.so.2' })
const nodeEntry: TarEntry = { header: { name: 'package/bin/node', size: program.length, type: 'file', mode: 0o755 }, body: program }

async function fileOf(bytes: Uint8Array): Promise<string> {
  const file = join(await temporaryDirectory(), 'file')
  await writeFile(file, bytes)
  return file
}

async function packageOf(entries: readonly TarEntry[] = [tarEntry({ name: 'package/package.json' }, '{}'), nodeEntry]): Promise<{ readonly tgz: string; readonly integrity: string; readonly store: string }> {
  const bytes = gzipSync(await packTar(entries))
  return { tgz: await fileOf(bytes), integrity: integrityOf(bytes), store: join(await temporaryDirectory(), 'store') }
}

describe('the layer with Node', () => {
  test.each(['sha512', 'sha256'])('has the binary that is pinned by its %s', async (algorithm) => {
    const file = await fileOf(program)
    const digest = digestOf(program)
    expect(await nodeLayer({ file, integrity: integrityOf(program, algorithm) }, amd64)).toEqual({
      entries: [{ kind: 'file', path: 'usr/local/bin/node', mode: 0o755, content: { file, size: program.length, digest } }],
      digest,
      size: program.length,
    })
  })

  test('has the binary out of a package of npm, taken out once', async () => {
    const pinned = await packageOf()
    const { entries, digest } = await nodeLayer(pinned, amd64)
    const [name, ...rest] = await readdir(pinned.store)
    expect(rest).toEqual([])
    expect(digest).toBe(digestOf(program))
    expect(await readFile(join(pinned.store, name!))).toEqual(Buffer.from(program))
    await writeFile(pinned.tgz, 'no longer there')
    expect(await nodeLayer(pinned, amd64)).toMatchObject({ entries, digest })
    const { tgz: _, ...stored } = pinned
    expect(await nodeLayer(stored, amd64)).toMatchObject({ entries, digest })
    await expect(nodeLayer({ ...stored, store: await temporaryDirectory() }, amd64)).rejects.toMatchObject({ code: 'package-not-stored' })
  })

  test('is refused where the hash is another, and nothing is kept', async () => {
    const other = integrityOf(text('other'))
    await expect(nodeLayer({ file: await fileOf(program), integrity: other }, amd64)).rejects.toMatchObject({ code: 'digest-mismatch', message: expect.stringContaining(other) })
    const pinned = await packageOf()
    await expect(nodeLayer({ ...pinned, integrity: other }, amd64)).rejects.toMatchObject({ code: 'digest-mismatch' })
    expect(await readdir(pinned.store)).toEqual([])
    for (const integrity of ['', 'sha1-x', 'sha512-x', `${integrityOf(program)} ${other}`, integrityOf(program).replace('sha512', 'md5')]) {
      await expect(nodeLayer({ file: await fileOf(program), integrity }, amd64), integrity).rejects.toMatchObject({ code: 'digest-mismatch' })
    }
  })

  test('is refused where the binary is for another machine, or is none', async () => {
    const arm = elfFile({ machine: 'arm64' })
    await expect(nodeLayer({ file: await fileOf(arm), integrity: integrityOf(arm) }, amd64)).rejects.toMatchObject({ code: 'platform-mismatch' })
    await expect(nodeLayer({ file: await fileOf(arm), integrity: integrityOf(arm) }, { os: 'linux', architecture: 'arm64' })).resolves.toBeDefined()
    const script = text('#!/bin/sh\n')
    await expect(nodeLayer({ file: await fileOf(script), integrity: integrityOf(script) }, amd64)).rejects.toMatchObject({ code: 'not-elf' })
    await expect(nodeLayer({ file: '/absent/node', integrity: integrityOf(script) }, amd64)).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  test.each<[string, readonly TarEntry[], string]>([
    ['without it', [tarEntry({ name: 'package/package.json' }, '{}')], 'layer-invalid'],
    ['with a link in its place', [tarEntry({ name: 'package/bin/node', type: 'symlink', linkname: '/bin/sh', size: 0 })], 'layer-invalid'],
    ['with it somewhere else', [tarEntry({ name: 'package/lib/bin/node' }, 'x')], 'layer-invalid'],
  ])('is refused where the package is one %s', async (_, entries, code) => {
    const pinned = await packageOf(entries)
    await expect(nodeLayer(pinned, amd64)).rejects.toMatchObject({ code })
    expect(await readdir(pinned.store)).toEqual([])
  })

  test('is refused where the package is no archive, though pinned so', async () => {
    for (const bytes of [text('x'), gzipSync('x'.repeat(600)), gzipSync(await packTar([nodeEntry])).subarray(0, 40)]) {
      const store = await temporaryDirectory()
      await expect(nodeLayer({ tgz: await fileOf(bytes), integrity: integrityOf(bytes), store }, amd64)).rejects.toMatchObject({ code: 'layer-invalid' })
      expect(await readdir(store)).toEqual([])
    }
  })
})
