import { ImageError } from '../error.ts'
import { writeBlob } from './blob.ts'
import { mediaTypes, type Descriptor } from './descriptor.ts'
import { canonicalJson } from './json.ts'
import { addManifest, type Layout } from './layout.ts'
import { readImage } from './manifest.ts'

/**
 * Joins images of one thing for several machines under one name (image-index.md). Each image's platform is read from its
 * configuration, so that an index cannot promise another; two for one platform are `manifest-invalid`.
 */
export async function assembleIndex(
  layout: Layout,
  images: readonly Descriptor[],
  { reference, annotations = {} }: { readonly reference: string; readonly annotations?: Readonly<Record<string, string>> },
): Promise<Descriptor> {
  const members: Descriptor[] = []
  const needs: Descriptor[] = []
  for (const { digest } of images) {
    const { manifest, config } = await readImage(layout, digest)
    members.push({ ...manifest.descriptor, platform: { ...config.platform } })
    needs.push(manifest.descriptor, manifest.config, ...manifest.layers)
  }
  const sorted = members.toSorted((a, b) => (platformName(a) < platformName(b) ? -1 : 1))
  if (sorted.length === 0) throw new ImageError('manifest-invalid', 'An index needs at least one image')
  const twice = sorted.find((member, position) => position > 0 && platformName(member) === platformName(sorted[position - 1]!))
  if (twice !== undefined) throw new ImageError('manifest-invalid', `Two images of the index are for ${platformName(twice)}`)
  const index = await writeBlob(layout, mediaTypes.index, canonicalJson({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: sorted,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }))
  await addManifest(layout, index, { reference, needs })
  return index
}

function platformName({ platform }: Descriptor): string {
  return `${String(platform?.['os'])}/${String(platform?.['architecture'])}`
}
