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

test('an archive that was cut between two files, or before its list of them, is not taken', async () => {
  const list = Buffer.from(archive).indexOf('PK\u0001\u0002', 0, 'latin1')
  const second = Buffer.from(archive).indexOf('PK\u0003\u0004', 4, 'latin1')
  for (const end of [second, list, archive.length - 22, archive.length - 1]) await expect(unzip(inPieces(archive.subarray(0, end), 64), () => undefined)).rejects.toThrow(/ends before its list of files/)
  const swapped = Buffer.from(archive)
  swapped.writeUInt16LE(3, archive.length - 12)
  await expect(unzip(inPieces(swapped, 64), () => undefined)).rejects.toThrow('the archive lists 3 files and has 2')
})

test('more files than the short record can count are counted by the long one', async () => {
  const short = Buffer.from(archive)
  short.writeUInt16LE(0xff_ff, archive.length - 12)
  const long = Buffer.alloc(56 + 20)
  long.write('PK\u0006\u0006', 0, 'latin1')
  long.writeBigUInt64LE(2n, 32)
  long.write('PK\u0006\u0007', 56, 'latin1')
  const whole = Buffer.concat([short.subarray(0, -22), long, short.subarray(-22)])
  const names: string[] = []
  await unzip(inPieces(whole, 64), (name) => names.push(name))
  expect(names).toEqual(['a.json', 'b.json'])
})

test.for([{ files: 1 }, { file: 50_000 }, { total: 100_001 }, { archive: 50 }])('more than %j is not taken', async (limit) => {
  await expect(unzip(inPieces(archive, 64), () => undefined, { ...exportLimits, ...limit })).rejects.toThrow(/more than|larger/)
})
