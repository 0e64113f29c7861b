import { ImageError, quote } from '../error.ts'
import { readBlob, writeBlob } from './blob.ts'
import { isIndexType, isManifestType, mediaTypes, parseDescriptor, type Descriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { isRecord, parseJson } from './json.ts'
import { addManifest, listManifests, removeManifests, type Layout } from './layout.ts'
import { manifestBytes } from './manifest.ts'

/** An artifact about an image: an attestation, a signature, an SBOM (manifest.md, "Guidelines for Artifact Usage"). */
export interface Artifact {
  /** A media type that says what kind of artifact it is, e.g. application/vnd.dev.sigstore.bundle.v0.3+json. */
  readonly artifactType: string
  readonly blobs: readonly {
    readonly mediaType: string
    readonly bytes: Uint8Array
    readonly annotations?: Readonly<Record<string, string>>
  }[]
  readonly annotations?: Readonly<Record<string, string>>
}

/** A manifest that refers to another, as the referrers API of the distribution specification describes it. */
export interface Referrer extends Descriptor {
  readonly artifactType: string
  /** Those of the manifest itself. */
  readonly annotations: Readonly<Record<string, string>>
}

/** RFC 6838: what a media type may be made of. */
const mediaTypePattern = /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}$/

/**
 * Stores an artifact in the layout, beside the manifest that it is about. The same artifact about the same subject is the
 * same manifest, listed once. `readManifest` reads it back: its layers are the blobs.
 */
export async function addReferrer(layout: Layout, subject: Descriptor, artifact: Artifact): Promise<Referrer> {
  const { artifactType, annotations = {} } = artifact
  for (const type of [artifactType, ...artifact.blobs.map((blob) => blob.mediaType)]) checkMediaType(type)
  const empty = await writeBlob(layout, mediaTypes.empty, new TextEncoder().encode('{}'))
  const blobs: Descriptor[] = []
  for (const { mediaType, bytes, annotations: own } of artifact.blobs) {
    blobs.push({ ...(await writeBlob(layout, mediaType, bytes)), ...(own === undefined ? {} : { annotations: own }) })
  }
  const bytes = manifestBytes({
    config: empty,
    // The specification wants at least one layer, the empty one where there is nothing to say.
    layers: blobs.length === 0 ? [empty] : blobs,
    annotations,
    artifactType,
    // Names and platforms are how somebody listed the subject; they are not what the artifact is about.
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
  })
  const manifest = { ...(await writeBlob(layout, mediaTypes.manifest, bytes)), artifactType, annotations }
  await addManifest(layout, manifest, { needs: [empty, ...blobs] })
  return manifest
}

/** What refers to the manifest with a digest, in a fixed order; of one kind alone where `artifactType` is given. */
export async function listReferrers(layout: Layout, subject: Digest, artifactType?: string): Promise<readonly Referrer[]> {
  const found = new Map<Digest, Referrer>()
  for (const manifest of await listManifests(layout)) {
    const referrer = await readReferrer(layout, manifest, subject)
    if (referrer !== undefined && (artifactType === undefined || referrer.artifactType === artifactType)) found.set(referrer.digest, referrer)
  }
  return [...found.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
}

/** Takes referrers of a manifest out of the index, of one kind, those for which `isOver` says so. Their blobs stay until garbage is collected. */
export async function removeReferrers(layout: Layout, subject: Digest, isOver: (referrer: Referrer) => Promise<boolean>, artifactType: string): Promise<void> {
  const over = new Set<Digest>()
  for (const referrer of await listReferrers(layout, subject, artifactType)) if (await isOver(referrer)) over.add(referrer.digest)
  if (over.size > 0) await removeManifests(layout, over)
}

/** What a listed manifest says of itself where it refers to `subject`. What the index says of it is not believed. */
async function readReferrer(layout: Layout, { mediaType, digest, size }: Descriptor, subject: Digest): Promise<Referrer | undefined> {
  if (!isManifestType(mediaType) && !isIndexType(mediaType)) return undefined
  const value = parseJson(await readBlob(layout, { digest, size }), 'manifest-invalid', `The manifest ${digest}`)
  return referrerIn(value, { mediaType, digest, size }, subject)
}

/** The description of a manifest where it refers to `subject`, `undefined` where it does not. */
export function referrerIn(value: unknown, descriptor: Descriptor, subject: Digest): Referrer | undefined {
  const where = `The manifest ${descriptor.digest}`
  if (!isRecord(value)) throw new ImageError('manifest-invalid', `${where} is not an object`)
  const { subject: named, config, artifactType, annotations } = value
  if (named === undefined || parseDescriptor(named, `The subject of the manifest ${descriptor.digest}`).digest !== subject) return undefined
  const type = typeof artifactType === 'string' && artifactType !== '' ? artifactType : isRecord(config) ? config['mediaType'] : ''
  return {
    ...descriptor,
    artifactType: typeof type === 'string' ? type : '',
    annotations: parseDescriptor({ ...descriptor, annotations }, where).annotations ?? {},
  }
}

function checkMediaType(type: string): void {
  if (!mediaTypePattern.test(type)) throw new ImageError('manifest-invalid', `${quote(type)} is not a media type`)
}
