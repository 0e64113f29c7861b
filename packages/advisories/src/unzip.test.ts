import { zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { exportLimits, unzip } from './unzip.ts'

const archive = zipSync({ 'a.json': new Uint8Array(100_000), 'b.json': new Uint8Array([1, 2, 3]) })

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test('files arrive whole, in whatever pieces the archive comes', async () => {
  for (const size of [1, 7, 100_000]) {
    const files: [string, number][] = []
    await unzip(inPieces(archive, size), (name, bytes) => files.push([name, bytes.length]))
    expect(files).toEqual([['a.json', 100_000], ['b.json', 3]])
  }
})

test.for([{ files: 1 }, { file: 50_000 }, { total: 100_001 }, { archive: 50 }])('more than %j is not taken', async (limit) => {
  await expect(unzip(inPieces(archive, 64), () => undefined, { ...exportLimits, ...limit })).rejects.toThrow(/more than|larger/)
})
