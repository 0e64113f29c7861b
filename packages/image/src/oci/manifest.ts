import { ImageError } from '../error.ts'
import { readBlob } from './blob.ts'
import { isIndexType, isManifestType, isPlatform, mediaTypes, parseDescriptor, type Descriptor, type Platform } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { parseImageConfig, type ImageConfig } from './image-config.ts'
import { canonicalJson, isRecord, parseJson } from './json.ts'
import type { Layout } from './layout.ts'

/** What an image consists of (manifest.md), or an artifact that is packed like one: its layers are then its blobs. */
export interface Manifest {
  /** The manifest's own descriptor. */
  readonly descriptor: Descriptor
  readonly config: Descriptor
  /** The lowest first. */
  readonly layers: readonly Descriptor[]
  readonly annotations: Readonly<Record<string, string>>
  /** What kind of artifact it is, where it is no image. */
  readonly artifactType?: string
  /** The manifest that this one is about. */
  readonly subject?: Descriptor
}

/** The bytes of a manifest: same input, same bytes. */
export function manifestBytes({ config, layers, annotations, artifactType, subject }: Omit<Manifest, 'descriptor'>): Uint8Array {
  return canonicalJson({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  })
}

/**
 * The manifest with a digest, verified. Where the digest is an index's, the manifest for `platform` in it. What Docker
 * writes in place of the OCI media types has the same form and is read as well.
 */
export async function readManifest(layout: Layout, digest: Digest, platform?: Platform): Promise<Manifest> {
  const bytes = await readBlob(layout, { digest })
  const value = parseJson(bytes, 'manifest-invalid', `The manifest ${digest}`)
  if (!isRecord(value) || value['schemaVersion'] !== 2) throw new ImageError('manifest-invalid', `${digest} is not a manifest`)
  const mediaType = mediaTypeOf(value, digest)
  if (isIndexType(mediaType)) {
    return readManifest(layout, manifestFor(value['manifests'], digest, platform), platform)
  }
  if (typeof mediaType !== 'string' || !isManifestType(mediaType)) {
    throw new ImageError('unsupported', `${digest} is not an image manifest, its media type is ${JSON.stringify(mediaType)}`)
  }
  if (!Array.isArray(value['layers'])) throw new ImageError('manifest-invalid', `The manifest ${digest} has no layers`)
  const descriptor = { mediaType, digest, size: bytes.length }
  const { artifactType, subject } = value
  return {
    descriptor,
    config: parseDescriptor(value['config'], `The configuration in the manifest ${digest}`),
    layers: value['layers'].map((layer: unknown, position) => parseDescriptor(layer, `Layer ${position} in the manifest ${digest}`)),
    annotations: parseDescriptor({ ...descriptor, annotations: value['annotations'] }, `The manifest ${digest}`).annotations ?? {},
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(subject === undefined ? {} : { subject: parseDescriptor(subject, `The subject of the manifest ${digest}`) }),
  }
}

/** What kind of document it is. One that could be read as either kind is refused: others might read the other one. */
export function mediaTypeOf(value: Readonly<Record<string, unknown>>, digest: Digest): unknown {
  if (value['manifests'] !== undefined && (value['layers'] !== undefined || value['config'] !== undefined)) {
    throw new ImageError('manifest-invalid', `${digest} is an index and a manifest at once`)
  }
  return value['mediaType'] ?? (value['manifests'] === undefined ? mediaTypes.manifest : mediaTypes.index)
}

export function manifestFor(value: unknown, digest: Digest, platform: Platform | undefined): Digest {
  if (!Array.isArray(value)) throw new ImageError('manifest-invalid', `The index ${digest} has no manifests`)
  const manifests = value.map((item: unknown, position) => parseDescriptor(item, `Entry ${position} of the index ${digest}`))
  const fitting = manifests.filter((manifest) => platform !== undefined && isPlatform(manifest.platform, platform))
  const chosen = fitting[0]
  // An index inside an index is legal and of no use; refusing it also ends any cycle.
  if (chosen === undefined || fitting.length > 1 || isIndexType(chosen.mediaType)) {
    const wanted = platform === undefined ? 'no platform was asked for' : `not exactly one is for ${platform.os}/${platform.architecture}`
    throw new ImageError('unsupported', `${digest} is an index of ${manifests.length} manifests, and ${wanted}`)
  }
  return chosen.digest
}

/** The configuration of the image whose manifest has a digest. */
export async function readImageConfig(layout: Layout, digest: Digest, platform?: Platform): Promise<ImageConfig> {
  return (await readImage(layout, digest, platform)).config
}

/** A manifest and its configuration, which agree on the number of layers. */
export async function readImage(
  layout: Layout,
  digest: Digest,
  platform?: Platform,
): Promise<{ readonly manifest: Manifest; readonly config: ImageConfig }> {
  const manifest = await readManifest(layout, digest, platform)
  const config = parseImageConfig(await readBlob(layout, manifest.config))
  if (config.diffIds.length !== manifest.layers.length) {
    throw new ImageError(
      'config-invalid',
      `The image ${digest} has ${manifest.layers.length} layers, its configuration ${config.diffIds.length}`,
    )
  }
  return { manifest, config }
}
