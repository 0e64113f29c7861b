import { readFile, writeFile } from 'node:fs/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import type { TarEntry } from 'modern-tar'
import { describe, expect, test } from 'vitest'
import { emptyLayout, foreignImage, tarEntry, temporaryDirectory, text, type ForeignOptions } from '../testing/rig.ts'
import { blobPath } from './blob.ts'
import { mediaTypes } from './descriptor.ts'
import { digestOf } from './digest.ts'
import { readImageFiles, type ReadFilesOptions } from './image-files.ts'
import type { Layout } from './layout.ts'
import { readImage } from './manifest.ts'
import { unpack } from './unpack.ts'

const directory = (name: string, mode = 0o755): TarEntry => tarEntry({ name, type: 'directory', mode })
const symlink = (name: string, linkname: string): TarEntry => tarEntry({ name, type: 'symlink', linkname })
const hardLink = (name: string, linkname: string): TarEntry => tarEntry({ name, type: 'link', linkname })

async function filesOf(
  archives: readonly (readonly TarEntry[])[],
  { wants = () => true, ...options }: ForeignOptions & ReadFilesOptions & { readonly wants?: (path: string) => boolean } = {},
): Promise<readonly string[]> {
  const layout = await emptyLayout()
  return read(layout, await foreignImage(layout, archives, options), wants, options)
}

async function read(layout: Layout, digest: `sha256:${string}`, wants: (path: string) => boolean, options: ReadFilesOptions = {}): Promise<readonly string[]> {
  const { manifest } = await readImage(layout, digest)
  const files: string[] = []
  for await (const { path, content, layer, size } of readImageFiles(layout, { digest }, wants, options)) {
    const bytes = await content()
    expect(bytes.length).toBe(size)
    files.push(`${path}: ${new TextDecoder().decode(bytes)} (${manifest.layers.findIndex((other) => other.digest === layer.digest)})`)
  }
  return files
}

describe('the files of an image', () => {
  test('come by the name of a symlink to their folder where somebody looks for them there, and once', async () => {
    const layers = [[tarEntry({ name: 'opt/dpkg/status' }, 's'), tarEntry({ name: 'opt/other' }, 'o'), symlink('var/lib/dpkg', '../../../opt/dpkg'), symlink('lib', 'usr/lib'), tarEntry({ name: 'usr/lib/db' }, 'd')]]
    const wants = (path: string) => /^(?:var\/lib\/dpkg\/status|(?:usr\/)?lib\/db)$/.test(path)
    expect(await filesOf(layers, { wants })).toEqual(['usr/lib/db: d (0)'])
    expect(await filesOf(layers, { wants, follows: () => true })).toEqual(['usr/lib/db: d (0)', 'var/lib/dpkg/status: s (0)'])
  })

  test('end where links lead in circles, and are refused where they lead to too much', async () => {
    const circle = [[symlink('a/again', '.'), symlink('a/up', '/'), tarEntry({ name: 'a/file' }, 'f')]]
    expect((await filesOf(circle, { follows: () => true })).filter((it) => it.startsWith('a/file'))).toEqual(['a/file: f (0)'])
    const many = [[...Array.from({ length: 40 }, (_, index) => symlink(`l${index}`, '/')), tarEntry({ name: 'file' }, 'f')]]
    await expect(filesOf(many, { follows: () => true })).rejects.toMatchObject({ code: 'too-large' })
  })

  test('are those of the merged root, each with the layer that its bytes come from', async () => {
    expect(await filesOf([
      [tarEntry({ name: 'a/one' }, '1'), tarEntry({ name: 'a/two' }, '2'), tarEntry({ name: 'b' }, 'b'), tarEntry({ name: 'c/old' }, 'o')],
      [tarEntry({ name: 'a/one' }, 'new'), tarEntry({ name: '.wh.b' }), tarEntry({ name: 'c/.wh..wh..opq' }), tarEntry({ name: 'c/new' }, 'n')],
    ])).toEqual(['a/one: new (1)', 'a/two: 2 (0)', 'c/new: n (1)'])
  })

  test('are only those that are wanted', async () => {
    const archives = [[tarEntry({ name: 'var/lib/dpkg/status' }, 's'), tarEntry({ name: 'bin/x' }, 'x'), tarEntry({ name: 'app/package.json' }, '{}')]]
    expect(await filesOf(archives, { wants: (path) => path.endsWith('/package.json') || path.startsWith('var/lib/dpkg/') })).toEqual(['app/package.json: {} (0)', 'var/lib/dpkg/status: s (0)'])
  })

  test('are found behind symlinks and hard links, although what these lead to was not asked for', async () => {
    expect(await filesOf([
      [tarEntry({ name: 'usr/lib/os-release' }, 'debian'), tarEntry({ name: 'real' }, 'r'), symlink('lib', 'usr/lib')],
      [symlink('etc/os-release', '../usr/lib/os-release'), hardLink('linked', 'real'), symlink('absolute', '/lib/os-release')],
    ], { wants: (path) => ['etc/os-release', 'linked', 'absolute'].includes(path) })).toEqual(['absolute: debian (0)', 'etc/os-release: debian (0)', 'linked: r (0)'])
  })

  test('that are examined are read while they are unpacked, and again only under a name that is not', async () => {
    const layout = await emptyLayout()
    const digest = await foreignImage(layout, [
      [tarEntry({ name: 'bin/tool' }, 'program'), tarEntry({ name: 'real/other' }, 'other'), symlink('bin/linked', '../real/other'), symlink('etc/config', '../bin/tool')],
    ])
    const reads: string[] = []
    const examine = ({ path, size }: { readonly path: string; readonly size: number }) =>
      path.startsWith('bin/')
        ? async (pieces: AsyncIterable<Uint8Array>) => {
            reads.push(path)
            let letters = 0
            for await (const piece of pieces) letters += piece.length
            return { letters, isWhole: letters === size }
          }
        : undefined
    const found: unknown[] = []
    for await (const { path, size, examined, content } of readImageFiles(layout, { digest }, (path) => path.startsWith('bin/') || path.startsWith('etc/'), { examine })) {
      found.push([path, size, examined ?? new TextDecoder().decode(await content())])
      if (examined) await expect(content()).rejects.toThrow('not kept')
    }
    expect(found).toEqual([
      ['bin/linked', 5, 'other'],
      ['bin/tool', 7, { letters: 7, isWhole: true }],
      ['etc/config', 7, 'program'],
    ])
    expect(reads).toEqual(['bin/tool'])
  })

  test('keep the bytes of a hard link when the first name is replaced later', async () => {
    expect(await filesOf([[tarEntry({ name: 'a' }, 'first'), hardLink('b', 'a')], [tarEntry({ name: 'a' }, 'second')]])).toEqual(['a: second (1)', 'b: first (0)'])
  })

  test('come under their real paths where a directory is a symlink', async () => {
    expect(await filesOf([[tarEntry({ name: 'usr/bin/node' }, 'n'), symlink('bin', 'usr/bin'), symlink('usr/self', '.')]])).toEqual(['usr/bin/node: n (0)'])
  })

  test('do not include what a link leads to nowhere, round in a circle, or to a directory', async () => {
    expect(await filesOf([[symlink('a', 'b'), symlink('b', 'a'), symlink('gone', 'absent'), directory('d'), symlink('to-d', 'd')]])).toEqual([])
  })

  test('are looked for inside the image alone, wherever a link climbs', async () => {
    expect(await filesOf([[tarEntry({ name: 'etc/passwd' }, 'of the image'), symlink('a/up', '../../../../etc/passwd'), symlink('proc', '../proc')]])).toEqual(['a/up: of the image (0)', 'etc/passwd: of the image (0)'])
  })

  test('may lie beside devices and pipes, which only hide what was there', async () => {
    expect(await filesOf([[tarEntry({ name: 'dev/null' }, 'file'), tarEntry({ name: 'a' }, '1')], [tarEntry({ name: 'dev/null', type: 'character-device' }), tarEntry({ name: 'pipe', type: 'fifo' })]])).toEqual(['a: 1 (0)'])
  })

  test('have absolute names in some archives, and twice the same name in others: the later one counts', async () => {
    expect(await filesOf([[tarEntry({ name: '/app/a' }, '1'), tarEntry({ name: 'b' }, 'x'), tarEntry({ name: './b' }, 'y'), hardLink('c', '/app/a')]])).toEqual(['app/a: 1 (0)', 'b: y (0)', 'c: 1 (0)'])
  })

  test('have their permission bits and the digests of their layer', async () => {
    const layout = await emptyLayout()
    const digest = await foreignImage(layout, [[tarEntry({ name: 'su', mode: 0o4755 }, 's')]])
    const { manifest, config } = await readImage(layout, digest)
    for await (const file of readImageFiles(layout, { digest }, () => true)) {
      expect(file).toMatchObject({ path: 'su', mode: 0o4755, layer: { digest: manifest.layers[0]!.digest, diffId: config.diffIds[0] } })
    }
    expect.assertions(1)
  })

  test('that are large come in pieces', async () => {
    const layout = await emptyLayout()
    const large = 'x'.repeat(3 * 1024 * 1024 + 1)
    const digest = await foreignImage(layout, [[tarEntry({ name: 'large' }, large)]])
    const sizes: number[] = []
    for await (const file of readImageFiles(layout, { digest }, () => true)) for await (const piece of file.pieces()) sizes.push(piece.length)
    expect(sizes).toEqual([1024 * 1024, 1024 * 1024, 1024 * 1024, 1])
  })

  test('that are large come whole after small ones that nobody wants', async () => {
    const small = Array.from({ length: 20 }, (_, index) => tarEntry({ name: `small${index}` }, 'x'.repeat(index * 100)))
    const large = 'y'.repeat(5 * 1024 * 1024)
    for (const mediaType of ['application/vnd.oci.image.layer.v1.tar', mediaTypes.layer]) {
      const compress = mediaType === mediaTypes.layer ? gzipSync : (bytes: Uint8Array): Uint8Array => bytes
      expect(await filesOf([[...small, tarEntry({ name: 'large' }, large), ...small.slice(0, 1).map(() => tarEntry({ name: 'last' }, 'z'))]], { mediaType, compress, wants: (path) => path === 'large' || path === 'last' }))
        .toEqual([`large: ${large} (0)`, 'last: z (0)'])
    }
  })

  test.each<[string, ForeignOptions]>([
    ['zstd', { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', compress: zstdCompressSync }],
    ['zstd in two frames and one to be skipped', { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', compress: (bytes) => Buffer.concat([zstdCompressSync(bytes.subarray(0, 700)), Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]), zstdCompressSync(bytes.subarray(700))]) }],
    ['no compression', { mediaType: 'application/vnd.oci.image.layer.v1.tar', compress: (bytes) => bytes }],
    ['Docker’s gzip', { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }],
  ])('may lie in layers of %s', async (_, options) => {
    expect(await filesOf([[tarEntry({ name: 'a' }, '1')]], options)).toEqual(['a: 1 (0)'])
  })

  test('are the same that unpacking gives, whatever the layers do', async () => {
    const name = fc.constantFrom('a', 'b', 'a/b', 'a/c', 'd/e/f', 'd/e')
    const entry = fc.oneof(
      fc.record({ name, body: fc.string({ maxLength: 3 }) }).map(({ name, body }) => tarEntry({ name }, body)),
      name.map((path) => directory(path)),
      name.map((path) => tarEntry({ name: path.replace(/([^/]+)$/, '.wh.$1') })),
      name.map((path) => tarEntry({ name: `${path}/.wh..wh..opq` })),
      fc.record({ name, to: name }).map(({ name, to }) => symlink(name, `/${to}`)),
    )
    const layer = fc.uniqueArray(entry, { selector: ({ header }) => header.name.replace(/\/$/, ''), maxLength: 6 })
    await fc.assert(fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 3 }), async (archives) => {
      const layout = await emptyLayout()
      const digest = await foreignImage(layout, archives)
      const unpacked = await unpack(layout, { digest, storeDir: await temporaryDirectory() }).catch((error: unknown) => error)
      if (unpacked instanceof Error) {
        await expect(read(layout, digest, () => true)).rejects.toMatchObject({ code: (unpacked as { code?: string }).code })
        return
      }
      const { root } = unpacked as { root: string }
      for await (const file of readImageFiles(layout, { digest }, () => true)) {
        expect(await readFile(`${root}/${file.path}`)).toEqual(Buffer.from(await file.content()))
      }
    }), { numRuns: 60 })
  })
})

describe('files are not read of an image', () => {
  test.each<[string, readonly TarEntry[], string]>([
    ['that climbs with its names', [tarEntry({ name: 'a/../../evil' }, 'x')], 'unsafe-path'],
    ['that climbs from an absolute name', [tarEntry({ name: '/../evil' }, 'x')], 'unsafe-path'],
    ['whose hard link climbs', [hardLink('a', '../../etc/passwd')], 'unsafe-path'],
    ['whose hard link leads to nothing', [hardLink('a', 'absent')], 'unsafe-path'],
    ['that leads through a file', [tarEntry({ name: 'a' }, 'x'), tarEntry({ name: 'a/b' }, 'x')], 'unsafe-path'],
    ['that deletes no name', [tarEntry({ name: 'a/.wh.' })], 'unsafe-path'],
  ])('%s', async (_, entries, code) => {
    await expect(filesOf([entries])).rejects.toMatchObject({ code })
  })

  test.each<[string, ReadFilesOptions['limits']]>([
    ['a layer that is too large', { layerBytes: 10_000 }],
    ['too many entries', { layerEntries: 2 }],
    ['more that is wanted than the limit', { wantedBytes: 40 }],
  ])('with %s', async (_, limits) => {
    const archive = [1, 2, 3].map((index) => tarEntry({ name: `f${index}` }, 'x'.repeat(20)))
    const archives = [[...archive, tarEntry({ name: 'zeros' }, '0'.repeat(20_000))]]
    await expect(filesOf(archives, { limits: limits!, wants: (path) => path.startsWith('f') })).rejects.toMatchObject({ code: 'too-large' })
    expect(await filesOf(archives, { limits: { wantedBytes: 60 }, wants: (path) => path.startsWith('f') })).toHaveLength(3)
  })

  test('whose layer was edited, before any file has come', async () => {
    const layout = await emptyLayout()
    const digest = await foreignImage(layout, [[tarEntry({ name: 'a' }, '1')], [tarEntry({ name: 'b' }, '2')]])
    const { manifest } = await readImage(layout, digest)
    await writeFile(blobPath(layout, manifest.layers[1]!.digest), new Uint8Array(manifest.layers[1]!.size))
    await expect(read(layout, digest, () => true)).rejects.toMatchObject({ code: expect.stringMatching(/layer-invalid|digest-mismatch/) })
  })

  test('that holds another archive than its configuration promises', async () => {
    await expect(filesOf([[tarEntry({ name: 'a' }, '1')]], { diffId: digestOf(text('other')) })).rejects.toMatchObject({ code: 'digest-mismatch' })
  })

  test('when the caller has stopped', async () => {
    await expect(filesOf([[tarEntry({ name: 'a' }, '1')]], { signal: AbortSignal.abort(new Error('told to stop')) })).rejects.toThrow('told to stop')
  })
})
