import { spawnSync } from 'node:child_process'
import { createCipheriv } from 'node:crypto'
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { compress, gzipLevel, type LayerCompression } from './compress.ts'

const megabyte = 1024 * 1024

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function compressed(bytes: Uint8Array, compression: LayerCompression, pieceBytes = megabyte): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of compress(piecesOf(bytes, pieceBytes), compression)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Text that compresses, noise that does not, and a repetition that only what remembers the block before can use. */
const sampleOf = (size: number): Buffer => {
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(20_000))
  const round = Buffer.concat([noise, Buffer.from('a layer holds many files that are alike\n'.repeat(50))])
  return Buffer.alloc(size, round)
}

describe('compression', () => {
  // None, less than a block, whole blocks of gzip and of zstd, and a byte more.
  test.each([0, 1, 1000, 4 * megabyte, 4 * megabyte + 1, 9 * megabyte, 16 * megabyte + 1])('gives back %d bytes, whoever reads them', async (size) => {
    const bytes = sampleOf(size)
    const gzip = await compressed(bytes, 'gzip')
    expect(gunzipSync(gzip).equals(bytes)).toBe(true)
    const { status, stdout, stderr } = spawnSync('gzip', ['--decompress', '--stdout'], { input: gzip, maxBuffer: 64 * megabyte })
    expect([status, stderr.toString(), stdout.equals(bytes)]).toEqual([0, '', true])
    const zstd = await compressed(bytes, 'zstd')
    if (size > 0) expect(zstdDecompressSync(zstd).equals(bytes)).toBe(true)
  })

  test.each<LayerCompression>(['gzip', 'zstd'])('with %s gives the same bytes however the input comes in pieces', async (compression) => {
    const bytes = sampleOf(9 * megabyte + 7)
    const whole = await compressed(bytes, compression, bytes.length)
    for (const size of [65_521, megabyte]) expect((await compressed(bytes, compression, size)).equals(whole), `pieces of ${size}`).toBe(true)
  })

  test('costs next to nothing for the blocks: each knows the end of the one before', async () => {
    const bytes = sampleOf(16 * megabyte)
    expect((await compressed(bytes, 'gzip')).length).toBeLessThan(gzipSync(bytes, { level: gzipLevel }).length * 1.001 + 200)
  })

  test('ends with the error of its input, and reads no more than it needs where the reader stops', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield sampleOf(5 * megabyte)
      throw new Error('the disk is gone')
    }
    await expect(async () => {
      for await (const _ of compress(failing(), 'gzip')) { /* only read */ }
    }).rejects.toThrow('the disk is gone')
    let read = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += 1
        yield sampleOf(megabyte)
      }
    }
    for await (const piece of compress(endless(), 'gzip')) if (piece.length > 100) break
    expect(read).toBeLessThan(40)
  })
})
