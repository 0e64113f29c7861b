/** Keeping attestations beside the image that they are about, in its OCI layout. */
import { addReferrer, ImageError, listReferrers, readBlob, readManifest, type Descriptor, type Digest, type Layout, type Referrer } from '@shiplock/image'
import { bundleArtifact } from './artifact.ts'
import { bundleMediaType, maxBundleBytes } from './dsse.ts'

export { bundleArtifact } from './artifact.ts'

/** More than any image needs; somebody who attaches so much wants the verifier to run out of memory. */
export const maxAttachedBytes = 4 * maxBundleBytes

/** Stores a bundle in the layout as a referrer of the image's manifest. The same bundle is stored once. */
export async function attachBundle(layout: Layout, image: Descriptor, bundle: Uint8Array, predicateType: string): Promise<Referrer> {
  return addReferrer(layout, image, bundleArtifact(bundle, predicateType))
}

/**
 * Whatever refers to a manifest and calls itself a Sigstore bundle, for `verifyAttestations`: nothing in it is proven, and
 * nothing is left out, so that what is malformed is refused there by name. Throws `ImageError` where the layout is damaged, and
 * `too-large` where a bundle or all of them together are.
 */
export async function attachedBundles(layout: Layout, image: Digest): Promise<readonly Uint8Array[]> {
  const blobs: Descriptor[] = []
  for (const { digest } of await listReferrers(layout, image, bundleMediaType)) blobs.push(...(await readManifest(layout, digest)).layers)
  const size = blobs.reduce((sum, blob) => sum + blob.size, 0)
  if (size > maxAttachedBytes) throw new ImageError('too-large', `The attestations of ${image} have ${size} bytes together, where ${maxAttachedBytes} are allowed`)
  const bundles: Uint8Array[] = []
  for (const blob of blobs) bundles.push(await readBlob(layout, blob, maxBundleBytes))
  return bundles
}
