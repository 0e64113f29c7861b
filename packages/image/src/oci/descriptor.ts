import { ImageError, quote } from '../error.ts'
import { isDigest, type Digest } from './digest.ts'
import { isRecord, isTextRecord } from './json.ts'

/** Media types that this library writes (OCI image specification, media-types.md). */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstdLayer: 'application/vnd.oci.image.layer.v1.tar+zstd',
  empty: 'application/vnd.oci.empty.v1+json',
} as const

/** What Docker writes in place of the OCI media types; the documents have the same form (image-manifest-v2-2). */
export const dockerMediaTypes = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const

export function isIndexType(mediaType: unknown): boolean {
  return mediaType === mediaTypes.index || mediaType === dockerMediaTypes.index
}

export function isManifestType(mediaType: unknown): boolean {
  return mediaType === mediaTypes.manifest || mediaType === dockerMediaTypes.manifest
}

/** The annotation by which an index names an image (annotations.md). */
export const referenceAnnotation = 'org.opencontainers.image.ref.name'

/** Where an image runs. Only Linux on the two machines that Cloud Run and this library know. */
export interface Platform {
  readonly os: 'linux'
  readonly architecture: 'amd64' | 'arm64'
}

/** What one blob is, how large, and what it hashes to (descriptor.md). `size` in bytes. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Readonly<Record<string, unknown>>
  readonly artifactType?: string
}

/** A descriptor from outside; one that is not well-formed throws `manifest-invalid`. */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isRecord(value)) throw new ImageError('manifest-invalid', `${where} is not a descriptor`)
  const { mediaType, digest, size, annotations, platform, artifactType } = value
  if (typeof mediaType !== 'string') throw new ImageError('manifest-invalid', `${where} has no media type`)
  if (!isDigest(digest)) throw new ImageError('manifest-invalid', `${where} has no sha256 digest, but ${quote(String(digest))}`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new ImageError('manifest-invalid', `${where} has no size`)
  }
  if (annotations !== undefined && !isTextRecord(annotations)) {
    throw new ImageError('manifest-invalid', `${where} has annotations that are not text`)
  }
  return {
    mediaType,
    digest,
    size,
    ...(annotations === undefined ? {} : { annotations }),
    ...(isRecord(platform) ? { platform } : {}),
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
  }
}

export function isPlatform(value: Readonly<Record<string, unknown>> | undefined, platform: Platform): boolean {
  return value?.['os'] === platform.os && value['architecture'] === platform.architecture
}
