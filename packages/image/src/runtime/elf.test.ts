import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ImageError } from '../error.ts'
import { openFile } from '../node.ts'
import { elfFile } from '../testing/elf-file.ts'
import { nodeBinary } from '../testing/rig.ts'
import { readElf, type ByteSource, type ElfFacts } from './elf.ts'

/** Bytes, followed by as many zeros as one likes; it objects to a reader who wants much at once. */
const sourceOf = (bytes: Uint8Array, zeros = 0): ByteSource => ({
  async read(offset, length) {
    expect(length).toBeLessThanOrEqual(64 * 1024)
    const piece = Buffer.alloc(Math.max(0, Math.min(length, bytes.length + zeros - offset)))
    piece.set(bytes.subarray(offset, offset + length))
    return piece
  },
})
const read = async (bytes: Uint8Array): Promise<ElfFacts> => readElf(sourceOf(bytes), 'the file')

describe('an ELF file', () => {
  test('says what the loader needs to know', async () => {
    const plan = { machine: 'arm64', interpreter: '/lib/ld-linux-aarch64.so.1', needed: ['libc.so.6', 'libm.so.6'], runPath: '$ORIGIN/../lib:/opt/lib' } as const
    expect(await read(elfFile(plan))).toEqual({
      machine: 'arm64',
      interpreter: '/lib/ld-linux-aarch64.so.1',
      needed: ['libc.so.6', 'libm.so.6'],
      runPath: ['$ORIGIN/../lib', '/opt/lib'],
    })
  })

  test('has an RPATH only where it has no RUNPATH', async () => {
    expect((await read(elfFile({ rPath: '/old' }))).runPath).toEqual(['/old'])
    expect((await read(elfFile({ rPath: '/old', runPath: '/new' }))).runPath).toEqual(['/new'])
  })

  test('without dynamic parts needs nothing', async () => {
    const bytes = elfFile({}).slice(0, 64)
    new DataView(bytes.buffer).setUint16(56, 0, true)
    expect(await read(bytes)).toEqual({ machine: 'amd64', needed: [], runPath: [] })
  })

  test('is the Node that this repository ships', async () => {
    await using file = await openFile(nodeBinary())
    const facts = await readElf(file, 'node')
    expect(facts.needed).toEqual(expect.arrayContaining(['libc.so.6', 'libatomic.so.1', 'libstdc++.so.6']))
    expect(facts.interpreter).toMatch(/^\/lib(64)?\/ld-linux-/)
  })

  test.each<[string, (bytes: Uint8Array<ArrayBuffer>, view: DataView) => unknown]>([
    ['is 32-bit', (bytes) => (bytes[4] = 1)],
    ['is big-endian', (bytes) => (bytes[5] = 2)],
    ['is for another machine', (_, view) => view.setUint16(18, 8, true)],
    ['has 65,535 segments', (_, view) => view.setUint16(56, 65_535, true)],
    ['has segments of no size', (_, view) => view.setUint16(54, 0, true)],
    ['has its segments far behind its end', (_, view) => view.setBigUint64(32, 1n << 60n, true)],
    ['has segments of 65,535 bytes', (_, view) => view.setUint16(54, 65_535, true)],
    ['has a dynamic section of 2^40 bytes', (_, view) => view.setBigUint64(64 + 56 + 32, 1n << 40n, true)],
    ['has its strings in no segment', (_, view) => view.setBigUint64(64 + 16, 0x9999_9999n, true)],
  ])('that %s is refused', async (_, damage) => {
    const bytes = Uint8Array.from(elfFile({ needed: ['libc.so.6'], interpreter: '/lib/ld.so' }))
    damage(bytes, new DataView(bytes.buffer))
    await expect(read(bytes)).rejects.toMatchObject({ code: 'not-elf' })
    await expect(readElf(sourceOf(bytes, 2 ** 45), 'the file')).rejects.toMatchObject({ code: 'not-elf' })
  })

  test('that is cut or made of anything is read or refused, never more', async () => {
    const whole = elfFile({ needed: ['libc.so.6'], interpreter: '/lib/ld.so', runPath: '/x' })
    const cut = fc.nat(whole.length).map((length) => whole.slice(0, length))
    const noise = fc.uint8Array({ maxLength: 300 })
    const edited = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 12 }).map((edits) => {
      const bytes = Uint8Array.from(whole)
      for (const [at, value] of edits) bytes[at] = value
      return bytes
    })
    await fc.assert(fc.asyncProperty(fc.oneof(cut, noise, edited), fc.constantFrom(0, 2 ** 45), async (bytes, zeros) => {
      try {
        await readElf(sourceOf(bytes, zeros), 'the file')
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError)
        expect(error).toMatchObject({ code: 'not-elf' })
      }
    }), { numRuns: 3000 })
  })
})
