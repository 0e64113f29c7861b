import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { emptyLayout, foreignImage, tarEntry, text } from '../testing/rig.ts'
import { blobPath, verifyBlob } from './blob.ts'
import { copyImage } from './copy-image.ts'
import { assembleIndex } from './image-index.ts'
import { findManifest, type Layout } from './layout.ts'
import { readManifest } from './manifest.ts'
import { addReferrer, listReferrers } from './referrers.ts'

async function smallImage() {
  const layout: Layout = await emptyLayout()
  const digest = await foreignImage(layout, [[tarEntry({ name: 'a' }, 'a')]])
  return { layout, manifest: (await readManifest(layout, digest)).descriptor }
}

test('a copy has every blob, the name that it is given, and what refers to the image', async () => {
  const { layout, manifest } = await smallImage()
  await addReferrer(layout, manifest, { artifactType: 'text/plain', blobs: [{ mediaType: 'text/plain', bytes: text('proof') }] })
  const to = await emptyLayout()
  await copyImage(layout, manifest.digest, { to, name: 'copy:1' })
  expect((await findManifest(to, 'copy:1'))?.digest).toBe(manifest.digest)
  const { config, layers } = await readManifest(to, manifest.digest)
  for (const blob of [config, ...layers]) await verifyBlob(to, blob)
  expect((await listReferrers(to, manifest.digest)).map(({ digest }) => digest)).toEqual((await listReferrers(layout, manifest.digest)).map(({ digest }) => digest))
})

test('a copy of an index has all of its images, and what refers to them', async () => {
  const { layout, manifest } = await smallImage()
  await addReferrer(layout, manifest, { artifactType: 'text/plain', blobs: [{ mediaType: 'text/plain', bytes: text('proof') }] })
  const index = await assembleIndex(layout, [manifest], { reference: 'index:1' })
  const to = await emptyLayout()
  await copyImage(layout, index.digest, { to, name: 'copy:1' })
  expect((await findManifest(to, 'copy:1'))?.digest).toBe(index.digest)
  const { config, layers } = await readManifest(to, index.digest, { os: 'linux', architecture: 'amd64' })
  for (const blob of [config, ...layers]) await verifyBlob(to, blob)
  expect(await listReferrers(to, manifest.digest)).toHaveLength(1)
})

test('a blob that is damaged is not copied, and the image gets no name', async () => {
  const { layout, manifest } = await smallImage()
  const [layer] = (await readManifest(layout, manifest.digest)).layers
  const file = blobPath(layout, layer!.digest)
  await writeFile(file, (await readFile(file)).toReversed())
  const to = await emptyLayout()
  await expect(copyImage(layout, manifest.digest, { to, name: 'copy:1' })).rejects.toMatchObject({ code: 'digest-mismatch' })
  expect(await findManifest(to, 'copy:1')).toBeUndefined()
})
