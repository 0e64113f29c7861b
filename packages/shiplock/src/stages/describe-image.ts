import { catalogue, cycloneDx, examine, isFollowed, isWanted, spdx, type Catalogue, type CatalogueOptions } from '@shiplock/advisories/sbom'
import { readImageConfig, readImageFiles, readManifest, type Digest, type Layout } from '@shiplock/image'
import { packageVersion } from '../system/own-version.ts'

export interface Describing extends Omit<CatalogueOptions, 'image'> {
  /** What people call it. */
  readonly name: string
  readonly signal?: AbortSignal
}

/** What the files of an image say is in it, whoever built it. Throws what `imageFailure` explains. */
export async function describeImage(layout: Layout, digest: Digest, { name, signal, ...options }: Describing): Promise<Catalogue> {
  const [manifest, config] = [await readManifest(layout, digest), await readImageConfig(layout, digest)]
  const files = readImageFiles(layout, { digest: manifest.descriptor.digest }, isWanted, { examine, follows: isFollowed, ...(signal && { signal }) })
  return catalogue(files, {
    ...options,
    image: {
      name,
      digest: manifest.descriptor.digest,
      architecture: config.platform.architecture === 'arm64' ? 'arm64' : 'amd64',
      ...(config.created !== undefined && { created: config.created }),
      layers: manifest.layers.map((layer, position) => ({ digest: layer.digest, diffId: config.diffIds[position] ?? '' })),
    },
  })
}

export const sbomFormats = ['cyclonedx', 'cyclonedx-1.7', 'spdx'] as const
export type SbomFormat = (typeof sbomFormats)[number]

/** The catalogue as a document of others. The same catalogue gives the same bytes. */
export function sbomDocument(it: Catalogue, format: SbomFormat): Uint8Array {
  const tool = { name: 'shiplock', version: packageVersion() }
  return format === 'spdx' ? spdx(it, { tool }) : cycloneDx(it, { version: format === 'cyclonedx-1.7' ? '1.7' : '1.6', tool })
}
