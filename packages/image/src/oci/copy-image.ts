import { hasBlob, readBlobPieces, writeBlobStream } from './blob.ts'
import type { Descriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { addManifest, type Layout } from './layout.ts'
import { readManifest } from './manifest.ts'
import { listReferrers } from './referrers.ts'

/** Copies an image from one layout into another under `name`, with what refers to it. Each blob is verified on the way. */
export async function copyImage(from: Layout, digest: Digest, { to, name }: { readonly to: Layout; readonly name: string }): Promise<void> {
  const image = await copyManifest(from, digest, to)
  await addManifest(to, image.descriptor, { reference: name, needs: image.needs })
  for (const referrer of await listReferrers(from, image.descriptor.digest)) {
    const { needs } = await copyManifest(from, referrer.digest, to)
    await addManifest(to, referrer, { needs })
  }
}

async function copyManifest(from: Layout, digest: Digest, to: Layout): Promise<{ readonly descriptor: Descriptor; readonly needs: readonly Descriptor[] }> {
  const { descriptor, config, layers } = await readManifest(from, digest)
  const needs = [config, ...layers]
  for (const blob of [...needs, descriptor]) {
    if (await hasBlob(to, blob)) continue
    await writeBlobStream(to, (write) => write(readBlobPieces(from, blob)), blob)
  }
  return { descriptor, needs }
}
