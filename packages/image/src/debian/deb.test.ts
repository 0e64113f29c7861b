import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import { packTar, type TarEntry } from 'modern-tar'
import { describe, expect, test } from 'vitest'
import { ImageError } from '../error.ts'
import { arFile, controlOf, debFile, type DebPlan } from '../testing/deb-file.ts'
import { tarEntry, text } from '../testing/rig.ts'
import { readAr } from './ar.ts'
import { decompress } from './decompress.ts'
import { defaultDebLimits, unpackDeb, type DebLimits, type UnpackedDeb } from './deb.ts'

const unpack = async (plan: DebPlan, limits?: DebLimits): Promise<UnpackedDeb> => unpackDeb(await debFile(plan), 'the package', limits === undefined ? {} : { limits })
const shown = ({ entries }: UnpackedDeb): readonly string[] => entries.map((entry) => {
  switch (entry.kind) {
    case 'file': return `${entry.mode.toString(8)} ${entry.path} ${new TextDecoder().decode(entry.bytes)}`
    case 'directory': return `${entry.mode.toString(8)} ${entry.path}/`
    case 'symlink': return `${entry.path} -> ${entry.target}`
  }
})
const link = (name: string, linkname: string, type: 'symlink' | 'link' = 'symlink'): TarEntry => tarEntry({ name, type, linkname, size: 0 })

/** What `echo hello | xz` writes. */
const xz = Buffer.from('/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAFaGVsbG8KAAAApWCX8ZT2/eAAAR4GwS+kHR+2830BAAAAAARZWg==', 'base64')

const control = gzipSync(await packTar([tarEntry({ name: './control' }, controlOf({}))]))
const empty = gzipSync(await packTar([]))

describe('a package', () => {
  test('is unpacked with its control file, its sums and its files', async () => {
    const entries = [tarEntry({ name: './etc/', type: 'directory', mode: 0o755 }), link('./etc/link', 'hello')]
    const deb = await unpack({ files: { 'etc/hello': 'hi\n' }, entries, md5sums: '764efa883dda1e11db47671c4a3bbd9e  etc/hello\n' })
    expect(shown(deb)).toEqual(['644 etc/hello hi\n', '755 etc/', 'etc/link -> hello'])
    expect([deb.control, deb.md5sums, deb.fields.get('version')]).toEqual([controlOf({}), '764efa883dda1e11db47671c4a3bbd9e  etc/hello\n', '1.0-1'])
    expect((await unpack({})).md5sums).toBeUndefined()
  })

  test.each<[string, (tar: Uint8Array) => Uint8Array]>([
    ['data.tar.gz', gzipSync],
    ['data.tar.zst', zstdCompressSync],
    ['data.tar', (tar) => tar],
  ])('may have its files in %s', async (dataName, compress) => {
    expect(shown(await unpack({ files: { a: '1' }, dataName, compress }))).toEqual(['644 a 1'])
  })

  test('has them in xz as a rule, whose bombs and halves are refused; the next one is unpacked all the same', async () => {
    const read = async (bytes: Uint8Array, maxBytes: number): Promise<string> => {
      let all = ''
      for await (const piece of decompress(bytes, { compression: '.xz', maxBytes, code: 'package-invalid', what: 'it' })) all += new TextDecoder().decode(piece)
      return all
    }
    for (let length = 0; length < xz.length; length += 7) await expect(read(xz.subarray(0, length), 100), String(length)).rejects.toMatchObject({ code: 'package-invalid' })
    await expect(read(xz, 5)).rejects.toMatchObject({ code: 'too-large' })
    for await (const _ of decompress(xz, { compression: '.xz', maxBytes: 100, code: 'package-invalid', what: 'it' })) break
    expect(await read(xz, 6)).toBe('hello\n')
  })

  test('loses setuid, setgid and, but for directories, sticky bits', async () => {
    const entries = [
      tarEntry({ name: './usr/', type: 'directory', mode: 0o2775 }),
      tarEntry({ name: './tmp/', type: 'directory', mode: 0o1777 }),
      tarEntry({ name: './usr/su', mode: 0o4755 }, 'x'),
      tarEntry({ name: './usr/wall', mode: 0o3755 }, 'x'),
    ]
    expect(shown(await unpack({ entries }))).toEqual(['775 usr/', '1777 tmp/', '755 usr/su x', '755 usr/wall x'])
  })

  test('has in /usr what an older one has in the root', async () => {
    const entries = [tarEntry({ name: './lib/', type: 'directory' }), tarEntry({ name: './lib/x/a', mode: 0o644 }, 'x'), link('./lib64/ld.so', '/lib/x/a'), link('./library/b', 'c')]
    expect(shown(await unpack({ entries })).toSorted()).toEqual(['644 usr/lib/x/a x', '755 lib/', 'library/b -> c', 'usr/lib64/ld.so -> /lib/x/a'])
  })

  test('has hard links as files of their own', async () => {
    expect(shown(await unpack({ files: { a: '1' }, entries: [link('./b', './a', 'link')] }))).toEqual(['644 a 1', '644 b 1'])
  })

  test.each<[string, readonly TarEntry[]]>([
    ['a path that climbs', [tarEntry({ name: './../etc/passwd' }, 'x')]],
    ['an absolute path', [tarEntry({ name: '/etc/passwd' }, 'x')]],
    ['a path with a backslash that climbs', [tarEntry({ name: './a\\..\\..\\b' }, 'x')]],
    ['a link out of the root', [link('./etc/a', '../../outside')]],
    ['an absolute link out of the root', [link('./etc/a', '/../outside')]],
    ['a link to nothing', [link('./a', '')]],
    ['a device', [tarEntry({ name: './dev/null', type: 'character-device' })]],
    ['a disk', [tarEntry({ name: './dev/sda', type: 'block-device' })]],
    ['a pipe', [tarEntry({ name: './pipe', type: 'fifo' })]],
    ['a hard link to what it does not bring', [link('./a', './etc/shadow', 'link')]],
    ['a hard link that climbs', [link('./a', '../../etc/shadow', 'link')]],
    ['a hard link to a link', [link('./a', '/etc/shadow'), link('./b', './a', 'link')]],
    ['a path through a link of its own', [link('./a', '/etc'), tarEntry({ name: './a/passwd' }, 'x')]],
    ['a path through a file of its own', [tarEntry({ name: './a' }, 'x'), tarEntry({ name: './a/b' }, 'x')]],
    ['a root that is a file', [tarEntry({ name: '.' }, 'x')]],
  ])('with %s is refused', async (_, entries) => {
    await expect(unpack({ entries })).rejects.toMatchObject({ code: 'unsafe-path' })
  })

  test('that has a path twice is refused', async () => {
    const a = tarEntry({ name: './a' }, 'x')
    const directory = tarEntry({ name: './d/', type: 'directory' })
    await expect(unpack({ entries: [a, a] })).rejects.toMatchObject({ code: 'package-invalid' })
    await expect(unpack({ entries: [a, link('./a', 'b')] })).rejects.toMatchObject({ code: 'package-invalid' })
    await expect(unpack({ entries: [tarEntry({ name: './lib/a' }, 'x'), tarEntry({ name: './usr/lib/a' }, 'y')] })).rejects.toMatchObject({ code: 'package-invalid' })
    await expect(unpack({ entries: [a, link('./b', './a', 'link'), tarEntry({ name: './b' }, 'y')] })).rejects.toMatchObject({ code: 'package-invalid' })
    await expect(unpack({ entries: [directory, directory] })).resolves.toBeDefined()
  })

  test('that is a bomb is refused: in bytes, in paths, in its control archive', async () => {
    const zeros = '0'.repeat(100_000)
    await expect(unpack({ files: { a: zeros } }, { ...defaultDebLimits, dataBytes: 50_000 })).rejects.toMatchObject({ code: 'too-large' })
    await expect(unpack({ md5sums: zeros }, { ...defaultDebLimits, controlBytes: 50_000 })).rejects.toMatchObject({ code: 'too-large' })
    await expect(unpack({ files: { a: '', b: '', c: '' } }, { ...defaultDebLimits, entries: 2 })).rejects.toMatchObject({ code: 'too-large' })
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024))
    await expect(unpack({ dataName: 'data.tar.zst', compress: () => bomb }, { ...defaultDebLimits, dataBytes: 1024 * 1024 })).rejects.toMatchObject({ code: 'too-large' })
  })

  test.each<[string, Readonly<Record<string, Uint8Array>> | Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['no archive', text('#!/bin/sh\n')],
    ['no members', arFile({})],
    ['another format', arFile({ 'debian-binary': text('3.0\n') })],
    ['another first member', arFile({ 'data.tar.gz': gzipSync(''), 'debian-binary': text('2.0\n') })],
    ['no data', arFile({ 'debian-binary': text('2.0\n'), 'control.tar.gz': control })],
    ['no control archive', arFile({ 'debian-binary': text('2.0\n'), 'data.tar.gz': empty })],
    ['no control file', arFile({ 'debian-binary': text('2.0\n'), 'control.tar.gz': empty, 'data.tar.gz': empty })],
    ['an unknown compression', arFile({ 'debian-binary': text('2.0\n'), 'control.tar.gz': control, 'data.tar.bz2': text('BZh') })],
  ])('that is %s is refused', async (_, bytes) => {
    await expect(unpackDeb(bytes as Uint8Array, 'the package')).rejects.toMatchObject({ code: 'package-invalid' })
  })

  test('whose data are no archive of what they are said to be is refused', async () => {
    for (const compress of [deflateSync, () => text('x'), () => gzipSync('x'.repeat(600)), (tar: Uint8Array) => gzipSync(tar).subarray(0, -12)]) {
      await expect(unpack({ files: { a: '1' }, compress })).rejects.toMatchObject({ code: 'package-invalid' })
    }
    await expect(unpack({ control: 'no field\n' })).rejects.toMatchObject({ code: 'package-invalid' })
  })

  test('that is edited anywhere is unpacked or refused, never more', { timeout: 120_000 }, async () => {
    const whole = await debFile({ files: { 'etc/a': 'x'.repeat(300), b: '2' }, entries: [link('./c', 'b')] })
    const stored = await debFile({ files: { 'etc/a': 'x', b: '2' }, entries: [link('./c', 'b')], dataName: 'data.tar', compress: (tar) => tar })
    const edit = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 })
    const edited = (bytes: Uint8Array) => edit.map((edits) => {
      const copy = Uint8Array.from(bytes)
      for (const [position, value] of edits) copy[position % copy.length] = value
      return copy
    })
    const cut = fc.nat(whole.length).map((length) => whole.subarray(0, length))
    await fc.assert(fc.asyncProperty(fc.oneof(edited(whole), edited(stored), cut), async (bytes) => {
      try {
        for (const { path } of (await unpackDeb(bytes, 'the package')).entries) expect(path).not.toMatch(/^\/|(?:^|\/)\.\.(?:\/|$)/)
      } catch (error) {
        if (!(error instanceof ImageError)) throw error
      }
    }), { numRuns: 400 })
  })
})

describe('an ar archive', () => {
  test('has the members that were written into it', () => {
    const member = fc.tuple(fc.stringMatching(/^[a-z][a-z.-]{0,14}$/), fc.uint8Array({ maxLength: 20 }))
    fc.assert(fc.property(fc.uniqueArray(member, { selector: ([name]) => name, maxLength: 5 }), (members) => {
      expect(readAr(arFile(Object.fromEntries(members)), 'it').map(({ name, bytes }) => [name, [...bytes]])).toEqual(Object.entries(Object.fromEntries(members)).map(([name, bytes]) => [name, [...bytes]]))
    }))
  })

  test('that is cut, or says what cannot be, is refused', () => {
    const whole = arFile({ aa: text('12345678') })
    for (let length = 9; length < whole.length; length++) expect(() => readAr(whole.subarray(0, length), 'it')).toThrow(ImageError)
    expect(() => readAr(Buffer.from(Buffer.from(whole).toString().replace('8         `', '99        `')), 'it')).toThrow(expect.objectContaining({ code: 'package-invalid' }))
    expect(() => readAr(arFile(Object.fromEntries(Array.from({ length: 33 }, (_, number) => [`m${number}`, text('')]))), 'it')).toThrow('more than 32 members')
  })
})
