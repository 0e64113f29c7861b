import { readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { addReferrer, collectGarbage, createLayout, findManifest, addManifest, listReferrers, readBlob, readManifest, writeBlob, type Descriptor, type Layout } from '@shiplock/image'
import { expect, test } from 'vitest'
import { bundleMediaType } from './dsse.ts'
import { attachBundle, attachedBundles } from './layout.ts'
import { predicateTypes } from './statement/statement.ts'
import { codesOf, digestOf, image, jsonBytes, newSigner, provenance, temporaryDirectory, trustIn, verdict, verify } from './testing/rig.ts'

async function layoutWithImage(): Promise<{ readonly layout: Layout; readonly manifest: Descriptor }> {
  const layout = await createLayout(join(await temporaryDirectory(), 'oci'))
  const config = await writeBlob(layout, 'application/vnd.oci.image.config.v1+json', jsonBytes({ os: 'linux' }))
  const manifest = await writeBlob(layout, 'application/vnd.oci.image.manifest.v1+json', jsonBytes({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: [] }))
  await addManifest(layout, manifest, { reference: 'todo:1' })
  return { layout, manifest }
}

test('what was attached to an image is found by its digest and proves it', async () => {
  const { layout, manifest } = await layoutWithImage()
  const signer = await newSigner()
  const subject = { ...image, digest: manifest.digest }
  const bundles = [await provenance(signer, {}, subject), await verdict(signer, {}, subject)]
  await attachBundle(layout, manifest, bundles[0]!, predicateTypes.provenance)
  await attachBundle(layout, manifest, bundles[1]!, predicateTypes.verificationSummary)
  const found = await attachedBundles(layout, manifest.digest)
  expect(found.map(digestOf).toSorted()).toEqual(bundles.map(digestOf).toSorted())
  expect(await verify(trustIn([signer]), found, { digest: manifest.digest })).toMatchObject({ admitted: true })
})

test('a referrer is what cosign looks for, and says nothing that depends on the day', async () => {
  const { layout, manifest } = await layoutWithImage()
  const bundle = await provenance(await newSigner())
  const referrer = await attachBundle(layout, manifest, bundle, predicateTypes.provenance)
  expect(JSON.parse(new TextDecoder().decode(await readBlob(layout, referrer)))).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 },
    layers: [{
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', digest: digestOf(bundle), size: bundle.length,
      annotations: { 'org.opencontainers.image.title': `${digestOf(bundle).replace(':', '-')}.sigstore.json` },
    }],
    subject: { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.size },
    annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope', 'dev.sigstore.bundle.predicateType': 'https://slsa.dev/provenance/v1' },
  })
})

test('the same bundle is attached once, and stays when garbage is collected', async () => {
  const { layout, manifest } = await layoutWithImage()
  const bundle = await provenance(await newSigner())
  const first = await attachBundle(layout, manifest, bundle, predicateTypes.provenance)
  const index = await readFile(join(layout.directory, 'index.json'), 'utf8')
  expect(await attachBundle(layout, manifest, bundle, predicateTypes.provenance)).toEqual(first)
  expect(await readFile(join(layout.directory, 'index.json'), 'utf8')).toBe(index)
  await collectGarbage(layout, { minimumAgeMs: 0 })
  expect(await attachedBundles(layout, manifest.digest)).toHaveLength(1)
  expect((await findManifest(layout, 'todo:1'))?.digest).toBe(manifest.digest)
})

test('an image is not proven by what is attached to another', async () => {
  const { layout, manifest } = await layoutWithImage()
  const other = await writeBlob(layout, manifest.mediaType, jsonBytes({ ...(await readManifest(layout, manifest.digest)), schemaVersion: 2 }))
  await attachBundle(layout, other, await provenance(await newSigner()), predicateTypes.provenance)
  expect(await attachedBundles(layout, manifest.digest)).toEqual([])
})

test('a bundle of another image that somebody attaches to this one is found, and refused', async () => {
  const { layout, manifest } = await layoutWithImage()
  const signer = await newSigner()
  await attachBundle(layout, manifest, await provenance(signer), predicateTypes.provenance)
  const verification = await verify(trustIn([signer]), await attachedBundles(layout, manifest.digest), { digest: manifest.digest })
  expect(codesOf(verification)).toContain('wrong-subject')
})

test('a referrer without a bundle is not passed over', async () => {
  const { layout, manifest } = await layoutWithImage()
  await addReferrer(layout, manifest, { artifactType: bundleMediaType, blobs: [] })
  expect(await listReferrers(layout, manifest.digest)).toHaveLength(1)
  const bundles = await attachedBundles(layout, manifest.digest)
  expect(codesOf(await verify(trustIn([await newSigner()]), bundles, { digest: manifest.digest }))).toContain('malformed')
})

test('a large SBOM is read back, and one that is absurdly large is refused', async () => {
  const { layout, manifest } = await layoutWithImage()
  const bundle = new Uint8Array(8 * 1024 * 1024)
  await attachBundle(layout, manifest, bundle, predicateTypes.sbom)
  expect((await attachedBundles(layout, manifest.digest)).map(({ length }) => length)).toEqual([bundle.length])
  await truncate(join(layout.directory, 'blobs', ...digestOf(bundle).split(':')), 33 * 1024 * 1024)
  await expect(attachedBundles(layout, manifest.digest)).rejects.toMatchObject({ code: 'too-large' })
})

test('so many bundles that they would fill the memory are refused before they are read', async () => {
  const { layout, manifest } = await layoutWithImage()
  const { descriptor, ...referrer } = await readManifest(layout, (await attachBundle(layout, manifest, jsonBytes({}), predicateTypes.sbom)).digest)
  const layers = Array.from({ length: 5 }, () => ({ ...referrer.layers[0], size: 30 * 1024 * 1024 }))
  const many = await writeBlob(layout, descriptor.mediaType, jsonBytes({ schemaVersion: 2, mediaType: descriptor.mediaType, ...referrer, layers }))
  await addManifest(layout, many, { reference: 'many' })
  await expect(attachedBundles(layout, manifest.digest)).rejects.toMatchObject({ code: 'too-large', message: expect.stringContaining('together') })
})
