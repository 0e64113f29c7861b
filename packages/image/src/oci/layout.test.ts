import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { emptyLayout, foreignImage, temporaryDirectory, tarEntry, text } from '../testing/rig.ts'
import { buildSmallImage } from '../testing/small-image.ts'
import { blobPath, readBlob, verifyBlob, writeBlob } from './blob.ts'
import { mediaTypes, referenceAnnotation, type Descriptor } from './descriptor.ts'
import { collectGarbage } from './garbage.ts'
import { addManifest, createLayout, findManifest, listManifests, openLayout, removeReference, type Layout } from './layout.ts'
import { readImage } from './manifest.ts'

const script = (name: string): string => fileURLToPath(import.meta.resolve(`../testing/${name}`))
const namesIn = async (layout: Layout): Promise<readonly (string | undefined)[]> =>
  (await listManifests(layout)).map((manifest) => manifest.annotations?.[referenceAnnotation])
const someManifest = async (layout: Layout): Promise<Descriptor> => writeBlob(layout, mediaTypes.manifest, text('{"schemaVersion":2}'))

describe('a layout', () => {
  test('begins empty, as the specification wants it', async () => {
    const { directory } = await emptyLayout()
    expect(await readFile(join(directory, 'oci-layout'), 'utf8')).toBe('{"imageLayoutVersion":"1.0.0"}')
    expect(JSON.parse(await readFile(join(directory, 'index.json'), 'utf8'))).toEqual({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] })
  })

  test('that is there is opened and not emptied', async () => {
    const layout = await emptyLayout()
    await addManifest(layout, await someManifest(layout), { reference: 'todo:1' })
    expect(await namesIn(await createLayout(layout.directory))).toEqual(['todo:1'])
    expect(await namesIn(await openLayout(layout.directory))).toEqual(['todo:1'])
  })

  test.each([
    ['is missing', undefined, undefined],
    ['has no version file', undefined, '{"schemaVersion":2,"manifests":[]}'],
    ['has another version', '{"imageLayoutVersion":"2.0.0"}', '{"schemaVersion":2,"manifests":[]}'],
    ['has no index', '{"imageLayoutVersion":"1.0.0"}', undefined],
    ['has half an index', '{"imageLayoutVersion":"1.0.0"}', '{"schemaVersion":2,"mani'],
    ['has an index of another kind', '{"imageLayoutVersion":"1.0.0"}', '{"schemaVersion":1,"manifests":[]}'],
    ['has an index of no objects', '{"imageLayoutVersion":"1.0.0"}', '[]'],
  ])('that %s is refused', async (_, version, index) => {
    const directory = join(await temporaryDirectory(), 'oci')
    await mkdir(directory)
    if (version !== undefined) await writeFile(join(directory, 'oci-layout'), version)
    if (index !== undefined) await writeFile(join(directory, 'index.json'), index)
    await expect(openLayout(directory)).rejects.toMatchObject({ code: 'layout-invalid' })
  })

  test.each([
    [{ digest: 'sha256:../../etc/passwd', size: 1, mediaType: 'a' }],
    [{ digest: `sha512:${'0'.repeat(128)}`, size: 1, mediaType: 'a' }],
    [{ digest: `sha256:${'0'.repeat(64)}`, size: -1, mediaType: 'a' }],
    [{ digest: `sha256:${'0'.repeat(64)}`, size: '1', mediaType: 'a' }],
    [{ digest: `sha256:${'0'.repeat(64)}`, size: 1 }],
    [null],
  ])('whose index lists %j is refused', async (descriptor) => {
    const { directory } = await emptyLayout()
    await writeFile(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }))
    await expect(openLayout(directory)).rejects.toMatchObject({ code: 'manifest-invalid' })
  })
})

describe('a blob', () => {
  test('is read back, and refused once it was damaged', async () => {
    const layout = await emptyLayout()
    const blob = await writeBlob(layout, 'text/plain', text('cargo'))
    expect(await readBlob(layout, blob)).toEqual(Buffer.from('cargo'))
    await verifyBlob(layout, blob)
    for (const damage of ['carg0', 'cargo and more', '']) {
      await writeFile(blobPath(layout, blob.digest), damage)
      await expect(readBlob(layout, blob)).rejects.toMatchObject({ code: 'digest-mismatch' })
      await expect(verifyBlob(layout, blob)).rejects.toMatchObject({ code: 'digest-mismatch' })
    }
    await rm(blobPath(layout, blob.digest))
    await expect(readBlob(layout, blob)).rejects.toMatchObject({ code: 'blob-missing' })
    await expect(verifyBlob(layout, blob)).rejects.toMatchObject({ code: 'blob-missing' })
  })

  test('with another size than promised is refused although its digest is right', async () => {
    const layout = await emptyLayout()
    const blob = await writeBlob(layout, 'text/plain', text('cargo'))
    await expect(readBlob(layout, { ...blob, size: 6 })).rejects.toMatchObject({ code: 'digest-mismatch' })
    await expect(verifyBlob(layout, { ...blob, size: 6 })).rejects.toMatchObject({ code: 'digest-mismatch' })
  })

  test('that is damaged is written anew by the next build that needs it', async () => {
    const layout = await emptyLayout()
    const blob = await writeBlob(layout, 'text/plain', text('cargo'))
    await writeFile(blobPath(layout, blob.digest), 'carg')
    await writeBlob(layout, 'text/plain', text('cargo'))
    await verifyBlob(layout, blob)
  })

  test('that is too large for a document is not read into memory', async () => {
    const layout = await emptyLayout()
    const blob = await writeBlob(layout, 'text/plain', new Uint8Array(5 * 1024 * 1024))
    await expect(readBlob(layout, blob)).rejects.toMatchObject({ code: 'too-large' })
  })
})

describe('a name in a layout', () => {
  test('leads to its manifest, moves to another and can be taken away', async () => {
    const layout = await emptyLayout()
    const first = await someManifest(layout)
    const second = await writeBlob(layout, mediaTypes.manifest, text('{"schemaVersion":2,"layers":[]}'))
    await addManifest(layout, first, { reference: 'todo:1' })
    await addManifest(layout, first, { reference: 'todo:latest' })
    await addManifest(layout, second, { reference: 'todo:latest' })
    expect((await findManifest(layout, 'todo:1'))?.digest).toBe(first.digest)
    expect((await findManifest(layout, 'todo:latest'))?.digest).toBe(second.digest)
    expect(await removeReference(layout, 'todo:1')).toBe(true)
    expect(await removeReference(layout, 'todo:1')).toBe(false)
    expect(await namesIn(layout)).toEqual(['todo:latest'])
  })

  test.each(['', 'a b', '../x', 'a//b', '-a', 'a:', 'ä', 'a\nb', 'x'.repeat(256)])('%j is none', async (reference) => {
    const layout = await emptyLayout()
    await expect(addManifest(layout, await someManifest(layout), { reference })).rejects.toMatchObject({ code: 'reference-invalid' })
  })

  test.each(['todo', 'todo:1.2.0', 'europe-west1-docker.pkg.dev/p/r/todo:1', 'a--b', 'todo@x+1'])('%j is one', async (reference) => {
    const layout = await emptyLayout()
    await addManifest(layout, await someManifest(layout), { reference })
    expect(await namesIn(layout)).toEqual([reference])
  })

  test('is not given to an image that lacks a blob', async () => {
    const layout = await emptyLayout()
    const manifest = await someManifest(layout)
    const lost = await writeBlob(layout, mediaTypes.layer, text('lost'))
    await rm(blobPath(layout, lost.digest))
    await expect(addManifest(layout, manifest, { reference: 'a', needs: [lost] })).rejects.toMatchObject({ code: 'blob-missing' })
    expect(await namesIn(layout)).toEqual([])
  })
})

describe('several processes with one layout', () => {
  test('lose none of the names that each of them gives', { timeout: 120_000 }, async () => {
    const layout = await emptyLayout()
    const { digest, size } = await someManifest(layout)
    const prefixes = ['a', 'b', 'c']
    const count = 40
    const children = await Promise.all(prefixes.map(async (prefix) => {
      const child = spawn(process.execPath, [script('add-names.ts'), layout.directory, digest, String(size), prefix, String(count)], { stdio: ['pipe', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      return child
    }))
    const ended = children.map(async (child) => once(child, 'exit'))
    for (const child of children) child.stdin.write('go\n')
    expect((await Promise.all(ended)).map(([code]: unknown[]) => code)).toEqual([0, 0, 0])
    const expected = prefixes.flatMap((prefix) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`))
    expect(await namesIn(layout)).toEqual(expected.toSorted())
  })

  test('find it whole wherever one of them was killed', { timeout: 300_000 }, async () => {
    const directory = await temporaryDirectory()
    const isKilledAt = async (killAt: number, into: string): Promise<boolean> => {
      const env = { ...process.env, KILL_AT: String(killAt) }
      const child = spawn(process.execPath, ['--import', script('kill-at.ts'), script('build-once.ts'), into, 'second'], { env, stdio: 'inherit' })
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
      expect(signal ?? code).toBeOneOf(['SIGKILL', 0])
      return signal === 'SIGKILL'
    }
    const before = join(directory, 'before')
    await buildSmallImage(before, 'first')
    const { digest } = await buildSmallImage(join(directory, 'undisturbed'), 'second')

    const attempt = async (killAt: number): Promise<boolean> => {
      const disturbed = join(directory, String(killAt))
      await cp(before, disturbed, { recursive: true })
      const isKilled = await isKilledAt(killAt, disturbed)
      const layout = await openLayout(join(disturbed, 'oci'))
      expect((await namesIn(layout))[0]).toBe('image-first')
      for (const manifest of await listManifests(layout)) {
        for (const layer of (await readImage(layout, manifest.digest)).manifest.layers) await verifyBlob(layout, layer)
      }
      // Whatever the dead left, the next one builds the same image, runs the right files, and can tidy up.
      const again = await buildSmallImage(disturbed, 'second')
      expect(again.digest).toBe(digest)
      expect(await readFile(join(again.root, 'app'), 'utf8')).toBe('second')
      await collectGarbage(layout, { minimumAgeMs: 0 })
      expect((await readdir(layout.directory)).filter((name) => name.startsWith('.partial'))).toEqual([])
      expect(await namesIn(layout)).toEqual(['image-first', 'image-second'])
      return isKilled
    }
    let killAt = 1
    while ((await Promise.all([attempt(killAt), attempt(killAt + 1)])).every(Boolean)) killAt += 2
    expect(killAt).toBeGreaterThan(25)
  })
})

describe('collecting garbage', () => {
  test('takes what no image needs, and nothing else', async () => {
    const layout = await emptyLayout()
    const kept = await foreignImage(layout, [[tarEntry({ name: 'kept' }, 'kept')]])
    const dropped = await foreignImage(layout, [[tarEntry({ name: 'dropped' }, 'dropped')]])
    await addManifest(layout, { mediaType: mediaTypes.manifest, digest: kept, size: (await readImage(layout, kept)).manifest.descriptor.size }, { reference: 'kept' })
    await removeReference(layout, 'foreign')
    const loose = await writeBlob(layout, 'text/plain', text('loose'))
    const wanted = await writeBlob(layout, 'text/plain', text('wanted'))
    await writeFile(join(layout.directory, '.partial-of-a-killed-run'), 'half')
    const { manifest, config } = await readImage(layout, dropped)

    const removed = await collectGarbage(layout, { keep: [wanted.digest], minimumAgeMs: 0 })
    expect(removed.toSorted()).toEqual([dropped, loose.digest, manifest.config.digest, manifest.layers[0]!.digest].toSorted())
    expect(config.diffIds).toHaveLength(1)
    const image = await readImage(layout, kept)
    await verifyBlob(layout, image.manifest.layers[0]!)
    await verifyBlob(layout, wanted)
    await expect(readFile(join(layout.directory, '.partial-of-a-killed-run'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('leaves alone what another process may just be building', async () => {
    const layout = await emptyLayout()
    const fresh = await writeBlob(layout, 'text/plain', text('fresh'))
    expect(await collectGarbage(layout)).toEqual([])
    await verifyBlob(layout, fresh)
  })
})
