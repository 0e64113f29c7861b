import { spawnSync } from 'node:child_process'
import { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { emptyLayout, foreignImage, isProofMissing, tarEntry, temporaryDirectory, text } from '../testing/rig.ts'
import { blobPath, listBlobs, readBlob, verifyBlob, writeBlob } from './blob.ts'
import { mediaTypes, referenceAnnotation, type Descriptor } from './descriptor.ts'
import { collectGarbage } from './garbage.ts'
import { addManifest, findManifest, listManifests, removeReference, type Layout } from './layout.ts'
import { readManifest } from './manifest.ts'
import { addReferrer, listReferrers, type Artifact } from './referrers.ts'

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const bundle: Artifact = { artifactType: bundleType, blobs: [{ mediaType: bundleType, bytes: text('{"a":1}') }], annotations: { kind: 'provenance' } }

async function imageIn(layout: Layout, content = 'x'): Promise<Descriptor> {
  return (await readManifest(layout, await foreignImage(layout, [[tarEntry({ name: 'a' }, content)]]))).descriptor
}

/** Makes everything in a layout old enough to be collected, except what is named. */
async function age(layout: Layout): Promise<void> {
  for (const digest of await listBlobs(layout)) await utimes(blobPath(layout, digest), 0, 0)
}

describe('a referrer', () => {
  test('is a manifest with an empty configuration, the artifact as its layers and the image as its subject', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    const referrer = await addReferrer(layout, { ...image, platform: { os: 'linux' }, annotations: { [referenceAnnotation]: 'foreign' } }, bundle)
    const manifest = await readManifest(layout, referrer.digest)
    expect(manifest).toMatchObject({
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', size: 2 },
      artifactType: bundleType,
      annotations: { kind: 'provenance' },
    })
    expect(manifest.subject).toEqual(image)
    expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([bundleType])
    expect(await readBlob(layout, manifest.layers[0]!)).toEqual(Buffer.from('{"a":1}'))
  })

  test('is found by its subject and its kind, with what its manifest says', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    const other = await imageIn(layout, 'other')
    const first = await addReferrer(layout, image, bundle)
    const second = await addReferrer(layout, image, { artifactType: 'application/spdx+json', blobs: [{ mediaType: 'application/spdx+json', bytes: text('{}'), annotations: { of: 'it' } }] })
    await addReferrer(layout, other, bundle)
    expect(await listReferrers(layout, image.digest)).toEqual([first, second].toSorted((a, b) => (a.digest < b.digest ? -1 : 1)))
    expect(await listReferrers(layout, image.digest, bundleType)).toEqual([first])
    expect(first).toMatchObject({ mediaType: mediaTypes.manifest, artifactType: bundleType, annotations: { kind: 'provenance' } })
    expect((await readManifest(layout, second.digest)).layers[0]!.annotations).toEqual({ of: 'it' })
    expect(await listReferrers(layout, first.digest)).toEqual([])
  })

  test('added twice is there once, and leaves the names of images alone', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    expect(await addReferrer(layout, image, bundle)).toEqual(await addReferrer(layout, image, bundle))
    expect(await listReferrers(layout, image.digest)).toHaveLength(1)
    expect(await listManifests(layout)).toHaveLength(2)
    expect((await findManifest(layout, 'foreign'))?.digest).toBe(image.digest)
  })

  test('cannot take the name of an image with an annotation', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    await addReferrer(layout, image, { ...bundle, annotations: { [referenceAnnotation]: 'foreign' } })
    expect((await listManifests(layout)).filter(({ annotations }) => annotations?.[referenceAnnotation] === 'foreign').map(({ digest }) => digest)).toEqual([image.digest])
  })

  test('with nothing to store has the empty layer that the specification wants', async () => {
    const layout = await emptyLayout()
    const { digest } = await addReferrer(layout, await imageIn(layout), { artifactType: bundleType, blobs: [] })
    expect((await readManifest(layout, digest)).layers).toMatchObject([{ mediaType: mediaTypes.empty, size: 2 }])
  })

  test('without an artifactType is of its configuration’s kind', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    const config = await writeBlob(layout, 'application/vnd.old.artifact', text('{}'))
    const old = await writeBlob(layout, mediaTypes.manifest, text(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [], subject: image })))
    await addManifest(layout, old, {})
    expect(await listReferrers(layout, image.digest)).toEqual([{ ...old, artifactType: 'application/vnd.old.artifact', annotations: {} }])
  })

  test('is described by its manifest, whatever the index says of it', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    const referrer = await addReferrer(layout, image, bundle)
    const index = join(layout.directory, 'index.json')
    const lie = (await listManifests(layout)).map((manifest) => (manifest.digest === referrer.digest ? { ...manifest, artifactType: 'application/other', annotations: { kind: 'approval' } } : manifest))
    await writeFile(index, JSON.stringify({ schemaVersion: 2, manifests: lie }))
    expect(await listReferrers(layout, image.digest)).toEqual([referrer])
  })

  test('that was edited makes the list fail rather than shrink', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    const referrer = await addReferrer(layout, image, bundle)
    await writeFile(blobPath(layout, referrer.digest), '{}'.padEnd(referrer.size))
    await expect(listReferrers(layout, image.digest)).rejects.toMatchObject({ code: 'digest-mismatch' })
    await rm(blobPath(layout, referrer.digest))
    await expect(listReferrers(layout, image.digest)).rejects.toMatchObject({ code: 'blob-missing' })
  })

  test.each(['', 'json', 'a/b c', 'a/b\n', 'a/b; charset=utf-8', '../x'])('of the kind %j is refused', async (artifactType) => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    await expect(addReferrer(layout, image, { ...bundle, artifactType })).rejects.toMatchObject({ code: 'manifest-invalid' })
    await expect(addReferrer(layout, image, { ...bundle, blobs: [{ mediaType: artifactType, bytes: text('') }] })).rejects.toMatchObject({ code: 'manifest-invalid' })
  })

  test.skipIf(isProofMissing('skopeo'))('does not keep skopeo from the image', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    await addReferrer(layout, image, bundle)
    const copied = spawnSync('skopeo', ['copy', '--insecure-policy', `oci:${layout.directory}:foreign`, `oci:${await temporaryDirectory()}/copy:x`])
    expect(copied.stderr.toString()).toBe('')
    expect(copied.status).toBe(0)
  })
})

describe('collecting garbage', () => {
  test('keeps what refers to an image that stays, and what refers to that', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    const about = await addReferrer(layout, image, bundle)
    const aboutThat = await addReferrer(layout, about, { ...bundle, annotations: { kind: 'signature' } })
    await age(layout)
    expect(await collectGarbage(layout, { minimumAgeMs: 1000 })).toEqual([])
    expect((await listReferrers(layout, image.digest)).map(({ digest }) => digest)).toEqual([about.digest])
    expect((await listReferrers(layout, about.digest)).map(({ digest }) => digest)).toEqual([aboutThat.digest])
    for (const blob of (await readManifest(layout, aboutThat.digest)).layers) await verifyBlob(layout, blob)
  })

  test('takes an image without a name together with what refers to it', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    const about = await addReferrer(layout, image, bundle)
    await addReferrer(layout, about, bundle)
    await removeReference(layout, 'foreign')
    await age(layout)
    await collectGarbage(layout, { minimumAgeMs: 1000 })
    expect(await listManifests(layout)).toEqual([])
    expect(await listBlobs(layout)).toEqual([])
  })

  test('keeps what refers to an image that is to be kept without a name', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    const about = await addReferrer(layout, image, bundle)
    await removeReference(layout, 'foreign')
    await age(layout)
    await collectGarbage(layout, { keep: [image.digest], minimumAgeMs: 1000 })
    expect((await listReferrers(layout, image.digest)).map(({ digest }) => digest)).toEqual([about.digest])
  })

  test('leaves alone a fresh referrer whose image is not in the index yet', async () => {
    const layout = await emptyLayout()
    const image = await imageIn(layout)
    await removeReference(layout, 'foreign')
    await age(layout)
    const about = await addReferrer(layout, image, bundle)
    await collectGarbage(layout, { minimumAgeMs: 1000 * 60 })
    expect(await listReferrers(layout, image.digest)).toEqual([about])
    for (const blob of (await readManifest(layout, about.digest)).layers) await verifyBlob(layout, blob)
  })
})
