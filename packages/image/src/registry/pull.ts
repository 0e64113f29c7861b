import { ImageError, quote } from '../error.ts'
import { hostPlatform } from '../node.ts'
import { writeBlob } from '../oci/blob.ts'
import { isIndexType, type Descriptor, type Platform } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { addManifest, type Layout } from '../oci/layout.ts'
import { manifestFor, readImage, readManifest } from '../oci/manifest.ts'
import { referrerIn, type Referrer } from '../oci/referrers.ts'
import { openRegistry, type Registry, type RegistryOptions } from './client.ts'
import { downloadBlob } from './download.ts'
import { fetchManifest } from './manifests.ts'
import { parseReference } from './reference.ts'
import { listRemoteReferrers } from './remote-referrers.ts'

export interface PullOptions extends RegistryOptions {
  /** Which image of an index: this machine's unless said otherwise. */
  readonly platform?: Platform
  /** The name of the image in the layout. Without one it is not listed, and a collection of garbage takes it some time later. */
  readonly name?: string
  /** What all blobs of the image may have together. Bytes. */
  readonly maxBytes?: number
  readonly blobsAtOnce?: number
}

export interface PulledImage {
  readonly manifest: Descriptor
  /** The index that the manifest was chosen from, where the reference led to one. */
  readonly index?: Descriptor
  readonly platform: Platform
}

const defaultMaxBytes = 16 * 1024 ** 3
/** What may refer to one image, and how large each may be: hostile registries have no end. */
const maxReferrers = 1000
const maxReferrerBytes = 256 * 1024 ** 2

/**
 * Pulls an image from a registry into a layout. Every document and blob is proved by its digest before it gets its name; what
 * the layout has already is not fetched again.
 */
export async function pullImage(layout: Layout, reference: string, options: PullOptions = {}): Promise<PulledImage> {
  const { registry: host, repository, tag, digest } = parseReference(reference)
  const { platform = hostPlatform(), name, maxBytes = defaultMaxBytes, blobsAtOnce = 3 } = options
  using registry = await openRegistry(host, options)
  const first = (await fetchManifest(registry, repository, digest ?? tag!))!
  await writeBlob(layout, first.descriptor.mediaType, first.bytes)
  const isIndex = isIndexType(first.descriptor.mediaType)
  if (isIndex) {
    const chosen = (await fetchManifest(registry, repository, manifestFor(first.value['manifests'], first.descriptor.digest, platform)))!
    await writeBlob(layout, chosen.descriptor.mediaType, chosen.bytes)
  }
  const { descriptor, config, layers } = await readManifest(layout, first.descriptor.digest, platform)
  await downloadAll(registry, repository, layout, { blobs: [config, ...layers], maxBytes, blobsAtOnce })
  const image = await readImage(layout, descriptor.digest)
  const manifest = { ...descriptor, platform: { ...image.config.platform } }
  if (name !== undefined) await addManifest(layout, manifest, { reference: name, needs: [config, ...layers] })
  return { manifest, platform: image.config.platform, ...(isIndex ? { index: first.descriptor } : {}) }
}

/** Pulls what refers to a manifest of the same repository into the layout, so that `listReferrers` finds it there. */
export async function pullReferrers(
  layout: Layout,
  reference: string,
  subject: Digest,
  { artifactType, ...options }: RegistryOptions & { readonly artifactType?: string } = {},
): Promise<readonly Referrer[]> {
  const { registry: host, repository } = parseReference(reference)
  using registry = await openRegistry(host, options)
  const listed = await listRemoteReferrers(registry, repository, subject)
  if (listed.length > maxReferrers) throw new ImageError('too-large', `More than ${maxReferrers} manifests refer to ${subject} in ${quote(host)}`)
  const pulled: Referrer[] = []
  for (const { digest, artifactType: said } of listed) {
    // A registry may not say what it is; what it says it is not is not fetched.
    if (artifactType !== undefined && said !== undefined && said !== artifactType) continue
    const { descriptor, bytes, value } = (await fetchManifest(registry, repository, digest))!
    const referrer = referrerIn(value, descriptor, subject)
    if (referrer === undefined) throw new ImageError('registry-invalid', `${quote(host)} says that ${digest} refers to ${subject}, which it does not`)
    if (artifactType !== undefined && referrer.artifactType !== artifactType) continue
    await writeBlob(layout, descriptor.mediaType, bytes)
    const { config, layers } = await readManifest(layout, digest)
    await downloadAll(registry, repository, layout, { blobs: [config, ...layers], maxBytes: maxReferrerBytes, blobsAtOnce: 1 })
    await addManifest(layout, { ...descriptor, artifactType: referrer.artifactType }, { needs: [config, ...layers] })
    pulled.push(referrer)
  }
  return pulled.toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
}

interface Download {
  readonly blobs: readonly Descriptor[]
  readonly maxBytes: number
  readonly blobsAtOnce: number
}

/** A few blobs at a time, the largest first; one that fails lets those that have begun end before it is thrown. */
async function downloadAll(registry: Registry, repository: string, layout: Layout, { blobs, maxBytes, blobsAtOnce }: Download): Promise<void> {
  const different = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()].toSorted((a, b) => b.size - a.size)
  const bytes = different.reduce((sum, { size }) => sum + size, 0)
  if (bytes > maxBytes) throw new ImageError('too-large', `The image has ${bytes} bytes, the limit is ${maxBytes}`)
  await eachOf(different, blobsAtOnce, async (blob) => downloadBlob(registry, repository, layout, blob))
}

/** Works on a few items at a time. The first failure stops what has not begun, and is thrown once what has begun has ended. */
export async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const todo = items.values()
  let isFailed = false
  const worker = async (): Promise<void> => {
    for (const item of todo) {
      if (isFailed) return
      try {
        await work(item)
      } catch (error) {
        isFailed = true
        throw error
      }
    }
  }
  const results = await Promise.allSettled(Array.from({ length: atOnce }, worker))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
