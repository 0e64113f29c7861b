import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { packTar, type TarEntry } from 'modern-tar'
import { describe, expect, test } from 'vitest'
import { blobPath, listBlobs, writeBlob } from './oci/blob.ts'
import { mediaTypes } from './oci/descriptor.ts'
import { digestOf, type Digest } from './oci/digest.ts'
import { readImageFiles } from './oci/image-files.ts'
import { imageConfigBytes } from './oci/image-config.ts'
import { addManifest, findManifest, listManifests, type Layout } from './oci/layout.ts'
import { readManifest } from './oci/manifest.ts'
import { addReferrer } from './oci/referrers.ts'
import { openImage, type OpenedImage } from './open-image.ts'
import { pushImage } from './registry/push.ts'
import { amd64, emptyLayout, foreignImage, runConfig, tarEntry, temporaryDirectory, text } from './testing/rig.ts'
import { startRegistry } from './testing/registry-server.ts'

async function archive(entries: readonly TarEntry[], compress = (bytes: Uint8Array): Uint8Array => bytes): Promise<string> {
  const file = join(await temporaryDirectory(), 'image.tar')
  await writeFile(file, compress(await packTar(entries)))
  return file
}

async function filesOf({ layout, manifest }: OpenedImage): Promise<readonly string[]> {
  const files: string[] = []
  for await (const { path, content } of readImageFiles(layout, manifest, () => true)) files.push(`${path}: ${new TextDecoder().decode(await content())}`)
  return files
}

test('a folder that is named like an image of a registry is not taken for it', async () => {
  const directory = await temporaryDirectory()
  const before = process.cwd()
  process.chdir(directory)
  try {
    await mkdir('registry.example.test/team/todo', { recursive: true })
    await expect(openImage('registry.example.test/team/todo', { layout: await emptyLayout() })).rejects.toMatchObject({ code: 'reference-invalid', hint: expect.stringContaining('./registry.example.test/team/todo') })
    await expect(openImage('./registry.example.test/team/todo', { layout: await emptyLayout() })).rejects.not.toMatchObject({ code: 'reference-invalid' })
  } finally {
    process.chdir(before)
  }
})

const json = (value: unknown): string => JSON.stringify(value)

interface Saved {
  readonly config: Uint8Array
  readonly layers: readonly Uint8Array[]
}

async function saved(contents: readonly string[] = ['1', '2']): Promise<Saved> {
  const layers = await Promise.all(contents.map(async (content, index) => packTar([tarEntry({ name: `f${index}` }, content)])))
  const config = imageConfigBytes({ platform: amd64, created: 0, run: runConfig, layers: layers.map((layer) => ({ diffId: digestOf(layer), history: { createdBy: 'test' } })) })
  return { config, layers }
}

const entry = (name: string, bytes: Uint8Array): TarEntry => ({ header: { type: 'file', name, size: bytes.length, mtime: new Date(0) }, body: bytes })

/** The archive as old versions of Docker write it: a folder for each layer, and the manifest last. */
async function dockerEntries({ config, layers }: Saved, change: Record<string, unknown> = {}): Promise<readonly TarEntry[]> {
  const name = `${digestOf(config).slice(7)}.json`
  return [
    ...layers.flatMap((layer, index) => [tarEntry({ name: `l${index}/`, type: 'directory' }), tarEntry({ name: `l${index}/VERSION` }, '1.0'), entry(`l${index}/layer.tar`, layer)]),
    entry(name, config),
    tarEntry({ name: 'repositories' }, '{}'),
    tarEntry({ name: 'manifest.json' }, json([{ Config: name, RepoTags: ['todo:1'], Layers: layers.map((_, index) => `l${index}/layer.tar`), ...change }])),
  ]
}

/** A layout as a tar. */
async function layoutEntries(layout: Layout): Promise<readonly TarEntry[]> {
  const blobs = await Promise.all((await listBlobs(layout)).map(async (digest) => entry(`blobs/sha256/${digest.slice(7)}`, await readFile(blobPath(layout, digest)))))
  const documents = await Promise.all(['oci-layout', 'index.json'].map(async (name) => entry(name, await readFile(join(layout.directory, name)))))
  return [...blobs, ...documents]
}

async function smallImage(content = 'x'): Promise<{ readonly layout: Layout; readonly digest: Digest }> {
  const layout = await emptyLayout()
  return { layout, digest: await foreignImage(layout, [[tarEntry({ name: 'a' }, content)]]) }
}

describe('an image in a layout', () => {
  test('is opened where it is, by its name, its digest, or because it is the only one', async () => {
    const { layout, digest } = await smallImage()
    await addReferrer(layout, (await readManifest(layout, digest)).descriptor, { artifactType: 'a/b', blobs: [] })
    const other = await emptyLayout()
    for (const source of ['', ':foreign', `@${digest}`].map((end) => `${layout.directory}${end}`).flatMap((source) => [source, `oci:${source}`])) {
      const opened = await openImage(source, { layout: other })
      expect(opened).toEqual({ layout, manifest: expect.objectContaining({ digest, platform: amd64 }), platform: amd64, from: 'layout' })
    }
    expect(await listBlobs(other)).toEqual([])
  })

  test('of which there are two must be named', async () => {
    const { layout, digest } = await smallImage()
    await addManifest(layout, { ...(await readManifest(layout, digest)).descriptor }, { reference: 'same' })
    expect((await openImage(layout.directory, { layout })).manifest.digest).toBe(digest)
    await foreignImage(layout, [[tarEntry({ name: 'b' }, 'y')]])
    await expect(openImage(layout.directory, { layout })).rejects.toMatchObject({ code: 'reference-unknown', hint: expect.stringContaining('"foreign"') })
    await expect(openImage(`${layout.directory}:absent`, { layout })).rejects.toMatchObject({ code: 'reference-unknown' })
    expect((await openImage(`${layout.directory}:same`, { layout })).manifest.digest).toBe(digest)
  })

  test('is chosen from an index by the platform', async () => {
    const { layout, digest } = await smallImage()
    const manifests = [{ ...(await readManifest(layout, digest)).descriptor, platform: amd64 }]
    const index = await writeBlob(layout, mediaTypes.index, text(json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })))
    await addManifest(layout, index, { reference: 'all' })
    expect(await openImage(`${layout.directory}:all`, { layout, platform: amd64 })).toMatchObject({ manifest: { digest }, index: { digest: index.digest } })
    await expect(openImage(`${layout.directory}:all`, { layout, platform: { os: 'linux', architecture: 'arm64' } })).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('that lacks a blob is refused', async () => {
    const { layout, digest } = await smallImage()
    await rm(blobPath(layout, (await readManifest(layout, digest)).layers[0]!.digest))
    await expect(openImage(layout.directory, { layout })).rejects.toMatchObject({ code: 'blob-missing' })
  })

  test('in a directory that is no layout is refused', async () => {
    await expect(openImage(await temporaryDirectory(), { layout: await emptyLayout() })).rejects.toMatchObject({ code: 'layout-invalid' })
    await expect(openImage('oci:/absent/place', { layout: await emptyLayout() })).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})

describe('an image in an archive', () => {
  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([['as it is', (bytes) => bytes], ['with gzip', gzipSync], ['with zstd', zstdCompressSync]])('of docker save, packed %s, is brought into the layout', async (_, compress) => {
    const image = await saved()
    const layout = await emptyLayout()
    const opened = await openImage(await archive(await dockerEntries(image), compress), { layout, name: 'mine' })
    expect(await filesOf(opened)).toEqual(['f0: 1', 'f1: 2'])
    expect(opened).toMatchObject({ layout, platform: amd64, from: 'archive' })
    expect((await findManifest(layout, 'mine'))?.digest).toBe(opened.manifest.digest)
    const { config, layers } = await readManifest(layout, opened.manifest.digest)
    expect(config.digest).toBe(digestOf(image.config))
    expect(layers.map(({ digest }) => digest)).toEqual(image.layers.map(digestOf))
  })

  test('of docker save whose layers are compressed, linked or used twice is opened', async () => {
    const { layers: [layer] } = await saved(['1'])
    const config = imageConfigBytes({ platform: amd64, created: 0, run: runConfig, layers: Array.from({ length: 4 }, () => ({ diffId: digestOf(layer!), history: { createdBy: 'test' } })) })
    const file = await archive([
      entry('x.tar.gz', gzipSync(layer!)), entry('z.tar', zstdCompressSync(layer!)),
      tarEntry({ name: 'id/layer.tar', type: 'symlink', linkname: '../x.tar.gz' }), tarEntry({ name: 'hard.tar', type: 'link', linkname: 'id/layer.tar' }),
      entry('config', config),
      tarEntry({ name: 'manifest.json' }, json([{ Config: 'config', RepoTags: null, Layers: ['x.tar.gz', 'id/layer.tar', 'hard.tar', 'z.tar'] }])),
    ])
    const opened = await openImage(file, { layout: await emptyLayout() })
    expect(await filesOf(opened)).toEqual(['f0: 1'])
  })

  test('of docker save may have large layers after small files', async () => {
    const content = 'x'.repeat(9 * 1024 * 1024)
    const opened = await openImage(await archive(await dockerEntries(await saved([content, '2']))), { layout: await emptyLayout() })
    expect(await filesOf(opened)).toEqual([`f0: ${content}`, 'f1: 2'])
  })

  test('of an OCI layout is the same image, digest for digest', async () => {
    const { layout, digest } = await smallImage()
    const home = await emptyLayout()
    const file = await archive(await layoutEntries(layout))
    for (const source of [file, `${file}:foreign`, `oci-archive:${file}`, `${file}@${digest}`]) {
      const opened = await openImage(source, { layout: home })
      expect(opened.manifest.digest).toBe(digest)
      expect(await filesOf(opened)).toEqual(['a: x'])
    }
    expect(await listManifests(home)).toEqual([])
  })

  test('of new versions of Docker, which is both, is found by its full name', async () => {
    const { layout, digest } = await smallImage()
    const { descriptor, config, layers } = await readManifest(layout, digest)
    const entries = (await layoutEntries(layout)).filter(({ header }) => header.name !== 'index.json')
    const blob = (of: Digest): string => `blobs/sha256/${of.slice(7)}`
    const index = { schemaVersion: 2, manifests: [{ ...descriptor, annotations: { 'io.containerd.image.name': 'docker.io/library/todo:1', 'org.opencontainers.image.ref.name': '1' } }] }
    const file = await archive([...entries, tarEntry({ name: 'index.json' }, json(index)), tarEntry({ name: 'manifest.json' }, json([{ Config: blob(config.digest), RepoTags: ['todo:1'], Layers: layers.map((layer) => blob(layer.digest)) }]))])
    expect((await openImage(`${file}:docker.io/library/todo:1`, { layout: await emptyLayout() })).manifest.digest).toBe(digest)
  })

  test('is named where there are several', async () => {
    const [one, two] = [await saved(['1']), await saved(['2', '3'])]
    const name = (image: Saved): string => `${digestOf(image.config).slice(7)}.json`
    const file = await archive([
      entry('a.tar', one.layers[0]!), entry('b.tar', two.layers[0]!), entry('c.tar', two.layers[1]!), entry(name(one), one.config), entry(name(two), two.config),
      tarEntry({ name: 'manifest.json' }, json([{ Config: name(one), RepoTags: ['one:1'], Layers: ['a.tar'] }, { Config: name(two), RepoTags: ['two:1', 'two:2'], Layers: ['b.tar', 'c.tar'] }])),
    ])
    expect(await filesOf(await openImage(`${file}:two:2`, { layout: await emptyLayout() }))).toEqual(['f0: 2', 'f1: 3'])
    await expect(openImage(file, { layout: await emptyLayout() })).rejects.toMatchObject({ code: 'reference-unknown', hint: expect.stringContaining('"two:1"') })
    await expect(openImage(`${file}:three`, { layout: await emptyLayout() })).rejects.toMatchObject({ code: 'reference-unknown' })
  })
})

describe('an image in a registry', () => {
  test('is pulled', async () => {
    const registry = await startRegistry()
    const { layout, digest } = await smallImage()
    const options = { credentials: async () => undefined }
    await pushImage(layout, digest, `${registry.host}/a:1`, options)
    for (const source of [`${registry.host}/a:1`, `docker://${registry.host}/a:1`]) {
      const opened = await openImage(source, { layout: await emptyLayout(), ...options })
      expect(opened).toMatchObject({ manifest: { digest }, from: 'registry', platform: amd64 })
    }
  })

  test('must have a name that is one', async () => {
    await expect(openImage('No Such Thing', { layout: await emptyLayout() })).rejects.toMatchObject({ code: 'reference-invalid' })
  })
})

describe('a hostile archive', () => {
  async function refused(entries: readonly TarEntry[], compress?: (bytes: Uint8Array) => Uint8Array): Promise<unknown> {
    const layout = await emptyLayout()
    const error = await openImage(await archive(entries, compress), { layout, name: 'mine' }).then(() => undefined, (reason: unknown) => reason)
    expect(await listManifests(layout)).toEqual([])
    return error
  }

  test.each<[string, TarEntry, string]>([
    ['climbs with a name', tarEntry({ name: '../evil' }, 'x'), 'unsafe-path'],
    ['has an absolute name', tarEntry({ name: '/etc/cron.d/evil' }, 'x'), 'unsafe-path'],
    ['has a device', tarEntry({ name: 'null', type: 'character-device' }), 'unsafe-path'],
    ['has a FIFO', tarEntry({ name: 'pipe', type: 'fifo' }), 'unsafe-path'],
    ['has a link that climbs', tarEntry({ name: 'l0/x', type: 'symlink', linkname: '../../etc/shadow' }), 'unsafe-path'],
    ['has an absolute link', tarEntry({ name: 'x', type: 'symlink', linkname: '/etc/shadow' }), 'unsafe-path'],
    ['has a hard link that climbs', tarEntry({ name: 'x', type: 'link', linkname: '../x' }), 'unsafe-path'],
    ['has a name twice', tarEntry({ name: './l0/layer.tar' }, 'other'), 'image-archive-invalid'],
    ['has a second manifest', tarEntry({ name: 'manifest.json' }, '[]'), 'image-archive-invalid'],
    ['has a blob that is not what its name says', tarEntry({ name: `blobs/sha256/${'0'.repeat(64)}` }, 'x'), 'digest-mismatch'],
    ['has an index that is too large', tarEntry({ name: 'index.json' }, ' '.repeat(5 * 1024 * 1024)), 'too-large'],
  ])('that %s is refused', async (_, evil, code) => {
    expect(await refused([...(await dockerEntries(await saved())), evil])).toMatchObject({ code })
  })

  test.each<[string, (image: Saved) => Record<string, unknown>, string]>([
    ['names a configuration that is not there', () => ({ Config: 'absent.json' }), 'image-archive-invalid'],
    ['names a configuration outside', () => ({ Config: '../../etc/passwd' }), 'unsafe-path'],
    ['names a layer that is not there', () => ({ Layers: ['l0/layer.tar', 'absent'] }), 'image-archive-invalid'],
    ['names a layer outside', () => ({ Layers: ['/etc/passwd', 'l1/layer.tar'] }), 'unsafe-path'],
    ['names a directory as a layer', () => ({ Layers: ['l0/layer.tar', 'l1'] }), 'image-archive-invalid'],
    ['swaps its layers', () => ({ Layers: ['l1/layer.tar', 'l0/layer.tar'] }), 'digest-mismatch'],
    ['leaves a layer out', () => ({ Layers: ['l0/layer.tar'] }), 'config-invalid'],
    ['has layers that are no list', () => ({ Layers: 'l0/layer.tar' }), 'image-archive-invalid'],
    ['has a configuration that is no name', () => ({ Config: 7 }), 'image-archive-invalid'],
  ])('whose manifest %s is refused', async (_, change, code) => {
    const image = await saved()
    expect(await refused(await dockerEntries(image, change(image)))).toMatchObject({ code })
  })

  test('whose configuration was edited is refused', async () => {
    const image = await saved()
    const entries = await dockerEntries(image)
    const edited = entries.map((one) => (one.header.name.endsWith('.json') && one.header.name !== 'manifest.json' ? entry(one.header.name, Buffer.from(new TextDecoder().decode(image.config).replace('65532', '00000'))) : one))
    expect(await refused(edited)).toMatchObject({ code: 'digest-mismatch' })
  })

  test.each<[string, readonly TarEntry[]]>([
    ['is empty', []],
    ['has neither form', [tarEntry({ name: 'etc/passwd' }, 'x')]],
    ['has an index alone', [tarEntry({ name: 'index.json' }, '{}')]],
    ['has an index that is none', [tarEntry({ name: 'oci-layout' }, '{}'), tarEntry({ name: 'index.json' }, '[]')]],
    ['has a manifest that is no list', [tarEntry({ name: 'manifest.json' }, '{}')]],
    ['has a manifest that is no JSON', [tarEntry({ name: 'manifest.json' }, '[')]],
  ])('that %s is refused', async (_, entries) => {
    expect(await refused(entries)).toMatchObject({ code: 'image-archive-invalid' })
  })

  test('with links in a circle is refused', async () => {
    const { config } = await saved(['1'])
    expect(await refused([
      tarEntry({ name: 'a', type: 'symlink', linkname: 'b' }), tarEntry({ name: 'b', type: 'symlink', linkname: 'a' }), entry('config', config),
      tarEntry({ name: 'manifest.json' }, json([{ Config: 'config', Layers: ['a'] }])),
    ])).toMatchObject({ code: 'unsafe-path' })
  })

  test('that is cut in the middle, or no tar at all, is refused', async () => {
    const entries = await dockerEntries(await saved())
    expect(await refused(entries, (bytes) => bytes.subarray(0, 1500))).toMatchObject({ code: 'image-archive-invalid' })
    expect(await refused(entries, (bytes) => gzipSync(bytes).subarray(0, 200))).toMatchObject({ code: 'image-archive-invalid' })
    expect(await refused([], () => text('no tar'))).toMatchObject({ code: 'image-archive-invalid' })
  })

  test('that lacks a blob of its image is refused', async () => {
    const { layout, digest } = await smallImage()
    const [layer] = (await readManifest(layout, digest)).layers
    const entries = (await layoutEntries(layout)).filter(({ header }) => !header.name.includes(layer!.digest.slice(7)))
    expect(await refused(entries)).toMatchObject({ code: 'blob-missing' })
  })
})
