import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { assemble } from '../assemble.ts'
import { amd64, emptyLayout, isProofMissing, runConfig, temporaryDirectory, text } from '../testing/rig.ts'
import { readBlob } from './blob.ts'
import { mediaTypes, type Descriptor, type Platform } from './descriptor.ts'
import { collectGarbage } from './garbage.ts'
import { assembleIndex } from './image-index.ts'
import { findManifest, removeReference, type Layout } from './layout.ts'
import { readManifest } from './manifest.ts'

const arm64: Platform = { os: 'linux', architecture: 'arm64' }

async function imageFor(layout: Layout, platform: Platform, content = 'x'): Promise<Descriptor> {
  const layers = [{ name: 'app', entries: [{ kind: 'file', path: 'a', mode: 0o644, content: text(content) } as const] }]
  return (await assemble({ layout, cacheDir: await temporaryDirectory(), platform, layers, config: runConfig, created: 0, reference: platform.architecture })).manifest
}

describe('an index', () => {
  test('is the same whatever the order of its images, and leads to each by its platform', async () => {
    const layout = await emptyLayout()
    const [one, two] = [await imageFor(layout, amd64), await imageFor(layout, arm64)]
    const index = await assembleIndex(layout, [two, one], { reference: 'todo:1', annotations: { 'org.opencontainers.image.version': '1' } })
    expect(await assembleIndex(layout, [one, two], { reference: 'todo:1', annotations: { 'org.opencontainers.image.version': '1' } })).toEqual(index)
    expect((await findManifest(layout, 'todo:1'))?.mediaType).toBe(mediaTypes.index)
    expect((await readManifest(layout, index.digest, amd64)).descriptor.digest).toBe(one.digest)
    expect((await readManifest(layout, index.digest, arm64)).descriptor.digest).toBe(two.digest)
    expect(JSON.parse(new TextDecoder().decode(await readBlob(layout, index)))).toMatchObject({ annotations: { 'org.opencontainers.image.version': '1' }, manifests: [{ platform: amd64 }, { platform: arm64 }] })
  })

  test('says of an image what its configuration says, not what the caller says', async () => {
    const layout = await emptyLayout()
    const image = await imageFor(layout, amd64)
    const index = await assembleIndex(layout, [{ ...image, platform: { ...arm64 } }], { reference: 'todo:1' })
    expect((await readManifest(layout, index.digest, amd64)).descriptor.digest).toBe(image.digest)
  })

  test('keeps its images when garbage is collected', async () => {
    const layout = await emptyLayout()
    await assembleIndex(layout, [await imageFor(layout, amd64), await imageFor(layout, arm64)], { reference: 'todo:1' })
    for (const name of ['amd64', 'arm64']) await removeReference(layout, name)
    expect(await collectGarbage(layout, { minimumAgeMs: 0 })).toEqual([])
  })

  test('of no image, or of two for one platform, is refused', async () => {
    const layout = await emptyLayout()
    const [one, two] = [await imageFor(layout, amd64, '1'), await imageFor(layout, amd64, '2')]
    await expect(assembleIndex(layout, [], { reference: 'todo:1' })).rejects.toMatchObject({ code: 'manifest-invalid' })
    await expect(assembleIndex(layout, [one, two], { reference: 'todo:1' })).rejects.toMatchObject({ code: 'manifest-invalid' })
    expect(await findManifest(layout, 'todo:1')).toBeUndefined()
  })

  test.skipIf(isProofMissing('skopeo'))('is copied by skopeo with all its images', async () => {
    const layout = await emptyLayout()
    const index = await assembleIndex(layout, [await imageFor(layout, amd64), await imageFor(layout, arm64)], { reference: 'todo:1' })
    const directory = await temporaryDirectory()
    const copied = spawnSync('skopeo', ['copy', '--all', '--insecure-policy', `oci:${layout.directory}:todo:1`, `oci:${directory}/copy:x`])
    expect(copied.stderr.toString()).toBe('')
    expect((await findManifest({ directory: `${directory}/copy` }, 'x'))?.digest).toBe(index.digest)
  })
})
