import { hasBlob, readBlob, readBlobPieces, writeBlobStream } from './blob.ts'
import { isIndexType, parseDescriptor, type Descriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { isRecord, parseJson } from './json.ts'
import { addManifest, type Layout } from './layout.ts'
import { mediaTypeOf, readManifest } from './manifest.ts'
import { listReferrers } from './referrers.ts'

/** Copies an image, or an index with all its images, from one layout into another under `name`, with what refers to them. Each blob is verified on the way. */
export async function copyImage(from: Layout, digest: Digest, { to, name }: { readonly to: Layout; readonly name: string }): Promise<void> {
  const index = await indexAt(from, digest)
  const images: Copied[] = []
  for (const member of index?.members ?? [digest]) images.push(await copyManifest(from, member, to))
  if (index) await copyBlob(from, index.descriptor, to)
  const needs = images.flatMap((image) => [image.descriptor, ...image.needs])
  await addManifest(to, index?.descriptor ?? images[0]!.descriptor, { reference: name, needs })
  for (const subject of new Set([digest, ...images.map(({ descriptor }) => descriptor.digest)])) {
    for (const referrer of await listReferrers(from, subject)) {
      const copied = await copyManifest(from, referrer.digest, to)
      await addManifest(to, referrer, { needs: copied.needs })
    }
  }
}

interface Copied {
  readonly descriptor: Descriptor
  readonly needs: readonly Descriptor[]
}

async function copyManifest(from: Layout, digest: Digest, to: Layout): Promise<Copied> {
  const { descriptor, config, layers } = await readManifest(from, digest)
  const needs = [config, ...layers]
  for (const blob of [...needs, descriptor]) await copyBlob(from, blob, to)
  return { descriptor, needs }
}

async function copyBlob(from: Layout, blob: Descriptor, to: Layout): Promise<void> {
  if (!(await hasBlob(to, blob))) await writeBlobStream(to, (write) => write(readBlobPieces(from, blob)), blob)
}

/** The images of an index; undefined where the digest is another document's. */
async function indexAt(layout: Layout, digest: Digest): Promise<{ readonly descriptor: Descriptor; readonly members: readonly Digest[] } | undefined> {
  const bytes = await readBlob(layout, { digest })
  const document = parseJson(bytes, 'manifest-invalid', digest)
  const mediaType = isRecord(document) ? mediaTypeOf(document, digest) : undefined
  if (!isRecord(document) || typeof mediaType !== 'string' || !isIndexType(mediaType) || !Array.isArray(document['manifests'])) return undefined
  const members = document['manifests'].map((item: unknown, position) => parseDescriptor(item, `Entry ${position} of the index ${digest}`).digest)
  return { descriptor: { mediaType, digest, size: bytes.length }, members }
}
