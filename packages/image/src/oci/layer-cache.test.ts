import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { emptyLayout, temporaryDirectory, text } from '../testing/rig.ts'
import { blobPath, verifyBlob } from './blob.ts'
import { collectGarbage } from './garbage.ts'
import { buildLayer, layerKey } from './layer-cache.ts'
import { knowContents } from './layer-content.ts'
import { orderEntries, type LayerEntry } from './layer-entry.ts'

const entries: readonly LayerEntry[] = [
  { kind: 'file', path: 'a', mode: 0o644, content: text('a') },
  { kind: 'symlink', path: 'b', target: 'a' },
  { kind: 'directory', path: 'c', mode: 0o755 },
]

const keyOf = async (list: readonly LayerEntry[]): Promise<string> => layerKey(await knowContents(orderEntries(list)))

describe('a layer that was packed before', () => {
  test('is not packed again', async () => {
    const layout = await emptyLayout()
    const cacheDir = await temporaryDirectory()
    const first = await buildLayer(layout, entries, { cacheDir })
    const blob = blobPath(layout, first.descriptor.digest)
    const before = await stat(blob)
    const second = await buildLayer(layout, entries.toReversed(), { cacheDir })
    expect(first.cached).toBe(false)
    expect(second).toEqual({ ...first, cached: true })
    expect((await stat(blob)).ino).toBe(before.ino)
  })

  test.each<[string, readonly LayerEntry[]]>([
    ['a content', [{ kind: 'file', path: 'a', mode: 0o644, content: text('b') }, ...entries.slice(1)]],
    ['a mode', [{ kind: 'file', path: 'a', mode: 0o600, content: text('a') }, ...entries.slice(1)]],
    ['a path', [{ kind: 'file', path: 'A', mode: 0o644, content: text('a') }, ...entries.slice(1)]],
    ['a target', [entries[0]!, { kind: 'symlink', path: 'b', target: 'c' }, entries[2]!]],
    ['a kind', [entries[0]!, { kind: 'directory', path: 'b', mode: 0o755 }, entries[2]!]],
    ['a path less', entries.slice(1)],
  ])('is packed again when %s differs', async (_, changed) => {
    expect(await keyOf(changed)).not.toBe(await keyOf(entries))
  })

  test('is packed again with another compression, and both are remembered', async () => {
    const layout = await emptyLayout()
    const cacheDir = await temporaryDirectory()
    const pack = async (compression: 'gzip' | 'zstd'): Promise<unknown> => {
      const { cached, descriptor } = await buildLayer(layout, entries, { cacheDir, compression })
      return [cached, descriptor.mediaType.split('+')[1]]
    }
    expect([await pack('gzip'), await pack('zstd'), await pack('gzip'), await pack('zstd')]).toEqual([[false, 'gzip'], [false, 'zstd'], [true, 'gzip'], [true, 'zstd']])
  })

  test('is packed again when a file is edited in place, size and time unchanged', async () => {
    const layout = await emptyLayout()
    const cacheDir = await temporaryDirectory()
    const file = join(cacheDir, 'source')
    await writeFile(file, 'one')
    await utimes(file, 1, 1)
    const source: readonly LayerEntry[] = [{ kind: 'file', path: 'a', mode: 0o644, content: { file, size: 3 } }]
    const first = await buildLayer(layout, source, { cacheDir })
    await writeFile(file, 'two')
    await utimes(file, 1, 1)
    const second = await buildLayer(layout, source, { cacheDir })
    expect(second.cached).toBe(false)
    expect(second.diffId).not.toBe(first.diffId)
  })

  test('is packed again when its blob is gone, cut short, or (on request) damaged', async () => {
    const layout = await emptyLayout()
    const cacheDir = await temporaryDirectory()
    const first = await buildLayer(layout, entries, { cacheDir })
    const blob = blobPath(layout, first.descriptor.digest)
    const bytes = await readFile(blob)

    await collectGarbage(layout, { minimumAgeMs: 0 })
    expect(await buildLayer(layout, entries, { cacheDir })).toEqual(first)
    await writeFile(blob, bytes.subarray(1))
    expect(await buildLayer(layout, entries, { cacheDir })).toEqual(first)
    await writeFile(blob, bytes.toReversed())
    expect(await buildLayer(layout, entries, { cacheDir, trust: 'digest' })).toEqual(first)
    await verifyBlob(layout, first.descriptor)
  })

  test.each(['', 'null', '{"diffId":"x"}', '{"diffId', '{"descriptor":{},"diffId":"sha256:00"}'])('is packed again when its record says %j', async (damage) => {
    const layout = await emptyLayout()
    const cacheDir = await temporaryDirectory()
    const first = await buildLayer(layout, entries, { cacheDir })
    const [record] = await readdir(join(cacheDir, 'layers'))
    await writeFile(join(cacheDir, 'layers', record!), damage)
    expect(await buildLayer(layout, entries, { cacheDir })).toEqual(first)
    expect(await buildLayer(layout, entries, { cacheDir })).toEqual({ ...first, cached: true })
  })

  test('is safe from the collector of garbage once it is used again', async () => {
    const layout = await emptyLayout()
    const cacheDir = await temporaryDirectory()
    const { descriptor } = await buildLayer(layout, entries, { cacheDir })
    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400
    await utimes(blobPath(layout, descriptor.digest), twoDaysAgo, twoDaysAgo)
    await buildLayer(layout, entries, { cacheDir })
    expect(await collectGarbage(layout)).toEqual([])
  })
})
