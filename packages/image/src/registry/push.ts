import { ImageError } from '../error.ts'
import { readBlob } from '../oci/blob.ts'
import { isIndexType, parseDescriptor, type Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { isRecord, parseJson } from '../oci/json.ts'
import type { Layout } from '../oci/layout.ts'
import { mediaTypeOf, readManifest } from '../oci/manifest.ts'
import { listReferrers, type Referrer } from '../oci/referrers.ts'
import { openRegistry, type Registry, type RegistryOptions } from './client.ts'
import { putManifest } from './manifests.ts'
import { eachOf } from './pull.ts'
import { parseReference } from './reference.ts'
import { tagReferrer } from './remote-referrers.ts'
import { uploadBlob, type Uploaded, type UploadOptions } from './upload.ts'

export interface PushOptions extends RegistryOptions, UploadOptions {
  /** Whether what refers to the image in the layout goes along (it does unless said otherwise). */
  readonly referrers?: boolean
  readonly blobsAtOnce?: number
}

export interface PushedImage {
  /** The digest of the manifest or index, by which the registry now has it. */
  readonly digest: Digest
  readonly referrers: readonly Referrer[]
  /** How many blobs were sent, mounted, or there already. */
  readonly blobs: Readonly<Record<Uploaded, number>>
}

interface Pushing {
  readonly registry: Registry
  readonly repository: string
  readonly layout: Layout
  readonly options: PushOptions
  readonly blobs: Record<Uploaded, number>
}

/**
 * Pushes an image, or an index with all its images, from the layout to a registry. The tag comes last: whoever finds the
 * image by its name finds all of it, and what refers to it.
 */
export async function pushImage(layout: Layout, digest: Digest, reference: string, options: PushOptions = {}): Promise<PushedImage> {
  const { registry: host, repository, tag, digest: expected } = parseReference(reference)
  if (expected !== undefined && expected !== digest) throw new ImageError('digest-mismatch', `${digest} cannot be pushed under the digest ${expected}`)
  using registry = await openRegistry(host, options)
  const pushing: Pushing = { registry, repository, layout, options, blobs: { there: 0, mounted: 0, sent: 0 } }
  const manifests = await pushTree(pushing, digest)
  const referrers = options.referrers === false ? [] : await pushReferrersOf(pushing, manifests)
  if (tag !== undefined) {
    const { descriptor, bytes } = await documentOf(layout, digest)
    await putManifest(registry, repository, { reference: tag, descriptor, bytes })
  }
  return { digest, referrers, blobs: pushing.blobs }
}

/** Pushes what refers to a manifest in the layout to where the manifest is, e.g. an attestation that was made later. */
export async function pushReferrers(layout: Layout, subject: Digest, reference: string, options: PushOptions = {}): Promise<readonly Referrer[]> {
  const { registry: host, repository } = parseReference(reference)
  using registry = await openRegistry(host, options)
  return pushReferrersOf({ registry, repository, layout, options, blobs: { there: 0, mounted: 0, sent: 0 } }, [subject])
}

/** Blobs first, then the manifests by digest, an index after what it lists; the digests of all of them. */
async function pushTree(pushing: Pushing, digest: Digest): Promise<readonly Digest[]> {
  const { descriptor, bytes, value } = await documentOf(pushing.layout, digest)
  if (!isIndexType(descriptor.mediaType)) {
    await pushManifest(pushing, descriptor, bytes)
    return [digest]
  }
  const members = Array.isArray(value['manifests']) ? value['manifests'] : []
  const pushed: Digest[] = []
  for (const [position, member] of members.entries()) {
    const { digest: own, mediaType } = parseDescriptor(member, `Entry ${position} of the index ${digest}`)
    if (isIndexType(mediaType)) throw new ImageError('unsupported', `The index ${digest} holds another index`)
    pushed.push(...(await pushTree(pushing, own)))
  }
  await putManifest(pushing.registry, pushing.repository, { reference: digest, descriptor, bytes })
  return [...pushed, digest]
}

async function pushManifest({ registry, repository, layout, options, blobs }: Pushing, descriptor: Descriptor, bytes: Uint8Array): Promise<boolean> {
  const { config, layers } = await readManifest(layout, descriptor.digest)
  const different = [...new Map([config, ...layers].map((blob) => [blob.digest, blob])).values()]
  await eachOf(different, options.blobsAtOnce ?? 3, async (blob) => {
    blobs[await uploadBlob(registry, repository, layout, blob, options)] += 1
  })
  return putManifest(registry, repository, { reference: descriptor.digest, descriptor, bytes })
}

async function pushReferrersOf(pushing: Pushing, subjects: readonly Digest[]): Promise<readonly Referrer[]> {
  const { registry, repository, layout } = pushing
  const pushed: Referrer[] = []
  for (const subject of subjects) {
    for (const referrer of await listReferrers(layout, subject)) {
      const isListed = await pushManifest(pushing, referrer, await readBlob(layout, referrer))
      if (!isListed) await tagReferrer(registry, repository, subject, referrer)
      // What is about a referrer, such as a signature over an attestation, belongs to the image too.
      pushed.push(referrer, ...(await pushReferrersOf(pushing, [referrer.digest])))
    }
  }
  return pushed
}

interface Document {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
  readonly value: Readonly<Record<string, unknown>>
}

async function documentOf(layout: Layout, digest: Digest): Promise<Document> {
  const bytes = await readBlob(layout, { digest })
  const value = parseJson(bytes, 'manifest-invalid', `The manifest ${digest}`)
  if (!isRecord(value)) throw new ImageError('manifest-invalid', `${digest} is not a manifest`)
  const mediaType = mediaTypeOf(value, digest)
  if (typeof mediaType !== 'string') throw new ImageError('manifest-invalid', `${digest} has no media type`)
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes, value }
}
