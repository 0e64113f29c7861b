import { ImageError, quote } from '../error.ts'
import { maxDocumentBytes } from '../oci/blob.ts'
import { dockerMediaTypes, isIndexType, isManifestType, mediaTypes, type Descriptor } from '../oci/descriptor.ts'
import { digestOf, isDigest, type Digest } from '../oci/digest.ts'
import { isRecord, parseJson } from '../oci/json.ts'
import { mediaTypeOf } from '../oci/manifest.ts'
import type { Registry } from './client.ts'
import { pullScope, pushScope } from './scope.ts'

const acceptedTypes = [mediaTypes.index, mediaTypes.manifest, dockerMediaTypes.index, dockerMediaTypes.manifest].join(', ')

/** A manifest or index as a registry gave it, its digest already proved where it was asked for by digest. */
export interface FetchedManifest {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
  readonly value: Readonly<Record<string, unknown>>
}

/** Fetches a manifest or index by tag or digest; `undefined` where the registry has none and `optional` is set. */
export async function fetchManifest(registry: Registry, repository: string, reference: string, { optional = false } = {}): Promise<FetchedManifest | undefined> {
  const what = `the manifest ${reference} of ${repository}`
  const { status, headers, bytes } = await registry.requestDocument({
    method: 'GET', path: `${repository}/manifests/${reference}`, headers: { accept: acceptedTypes },
    scopes: [pullScope(repository)], expect: optional ? [200, 404] : [200], what,
  }, maxDocumentBytes)
  if (status === 404) return undefined
  const digest = digestOf(bytes)
  const promised = [isDigest(reference) ? reference : undefined, headers.get('docker-content-digest')]
  if (promised.some((other) => other !== undefined && other !== digest)) {
    throw new ImageError('digest-mismatch', `${quote(registry.host)} answered to ${what} with a document that hashes to ${digest}, not to what it promised`)
  }
  const value = parseJson(bytes, 'manifest-invalid', `What ${quote(registry.host)} answered to ${what}`)
  if (!isRecord(value) || value['schemaVersion'] !== 2) throw new ImageError('manifest-invalid', `${quote(registry.host)} answered to ${what} with no manifest`)
  const mediaType = mediaTypeOf(value, digest)
  if (typeof mediaType !== 'string' || !(isIndexType(mediaType) || isManifestType(mediaType))) {
    throw new ImageError('unsupported', `${digest} is not an image, its media type is ${quote(String(mediaType))}`)
  }
  const said = headers.get('content-type')?.split(';')[0]?.trim()
  if (said !== undefined && said !== mediaType && isKnownType(said)) {
    throw new ImageError('registry-invalid', `${quote(registry.host)} calls ${digest} ${quote(said)}, the document itself says ${quote(mediaType)}`)
  }
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes, value }
}

function isKnownType(mediaType: string): boolean {
  return isIndexType(mediaType) || isManifestType(mediaType)
}

/**
 * Stores a manifest or index under a tag or its digest. True where the registry says that it will list the manifest among
 * the referrers of its subject (distribution-spec, "Pushing Manifests with Subject").
 */
export async function putManifest(
  registry: Registry,
  repository: string,
  { reference, descriptor, bytes }: { readonly reference: string; readonly descriptor: { readonly mediaType: string; readonly digest: Digest }; readonly bytes: Uint8Array },
): Promise<boolean> {
  const answer = await registry.request({
    method: 'PUT', path: `${repository}/manifests/${reference}`, headers: { 'content-type': descriptor.mediaType },
    body: { size: bytes.length, pieces: () => [bytes] }, scopes: [pushScope(repository)], expect: [201], what: `the new manifest ${reference} of ${repository}`,
  })
  answer.drop()
  const stored = answer.headers.get('docker-content-digest')
  if (stored !== undefined && stored !== descriptor.digest) {
    throw new ImageError('digest-mismatch', `${quote(registry.host)} stored ${quote(stored)} in place of ${descriptor.digest}`)
  }
  return answer.headers.has('oci-subject')
}
