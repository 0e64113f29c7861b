import { ImageError, quote } from '../error.ts'
import { maxDocumentBytes } from '../oci/blob.ts'
import { mediaTypes, parseDescriptor, type Descriptor } from '../oci/descriptor.ts'
import { digestOf, hexOf, type Digest } from '../oci/digest.ts'
import { canonicalJson, isRecord, parseJson } from '../oci/json.ts'
import type { Referrer } from '../oci/referrers.ts'
import type { Registry } from './client.ts'
import { fetchManifest, putManifest } from './manifests.ts'
import { pullScope } from './scope.ts'

const maxPages = 50

/** What a registry says refers to a manifest: by the referrers API, or where it has none by the index tagged for it. */
export async function listRemoteReferrers(registry: Registry, repository: string, subject: Digest): Promise<readonly Descriptor[]> {
  const what = `the referrers of ${subject} in ${repository}`
  const found = new Map<Digest, Descriptor>()
  let path: string | undefined = `${repository}/referrers/${subject}`
  for (let page = 0; path !== undefined; page++) {
    if (page === maxPages) throw new ImageError('too-large', `${quote(registry.host)} lists ${what} on more than ${maxPages} pages`)
    const { status, headers, bytes } = await registry.requestDocument({
      method: 'GET', path, headers: { accept: mediaTypes.index }, scopes: [pullScope(repository)], expect: [200, 404], what,
    }, maxDocumentBytes)
    if (status === 404) {
      if (page === 0) return taggedReferrers(registry, repository, subject)
      throw new ImageError('registry-invalid', `${quote(registry.host)} does not have the next page of ${what}, which it named`)
    }
    const value = parseJson(bytes, 'registry-invalid', what)
    for (const descriptor of descriptorsIn(value, what)) found.set(descriptor.digest, descriptor)
    path = nextPage(registry, headers.get('link'))
  }
  return [...found.values()]
}

/** RFC 8288: `<url>; rel="next"`, relative to the registry. */
function nextPage(registry: Registry, link: string | undefined): string | undefined {
  const next = link === undefined ? undefined : /<([^>]*)>\s*;\s*rel="?next"?/i.exec(link)?.[1]
  if (next === undefined) return undefined
  if (!next.startsWith('/') || next.startsWith('//')) throw new ImageError('registry-invalid', `${quote(registry.host)} names the next page ${quote(next)}, which is not its own`)
  return next
}

/** distribution-spec, "Referrers Tag Schema". */
export function referrersTag(subject: Digest): string {
  return `sha256-${hexOf(subject)}`
}

async function taggedReferrers(registry: Registry, repository: string, subject: Digest): Promise<readonly Descriptor[]> {
  const index = await fetchManifest(registry, repository, referrersTag(subject), { optional: true })
  return index === undefined ? [] : descriptorsIn(index.value, `the referrers of ${subject}`)
}

function descriptorsIn(value: unknown, what: string): readonly Descriptor[] {
  if (!isRecord(value) || !Array.isArray(value['manifests'])) throw new ImageError('registry-invalid', `The list of ${what} is not an index`)
  return value['manifests'].map((item: unknown, position) => parseDescriptor(item, `Entry ${position} of ${what}`))
}

/**
 * Lists a referrer in the index that is tagged for its subject, for a registry without the referrers API. Nothing locks that
 * tag, so it is read again: where somebody else's write took ours away, it is written once more.
 */
export async function tagReferrer(registry: Registry, repository: string, subject: Digest, { mediaType, digest, size, artifactType, annotations }: Referrer): Promise<void> {
  const own: Descriptor = { mediaType, digest, size, artifactType, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) }
  for (let attempt = 1; attempt <= registry.attempts; attempt++) {
    const listed = await taggedReferrers(registry, repository, subject)
    if (listed.some((other) => other.digest === digest)) return
    const manifests = [...listed, own].toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
    const bytes = canonicalJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })
    await putManifest(registry, repository, { reference: referrersTag(subject), descriptor: { mediaType: mediaTypes.index, digest: digestOf(bytes) }, bytes })
    if (attempt > 1) await registry.pause(attempt - 1)
  }
  if ((await taggedReferrers(registry, repository, subject)).some((other) => other.digest === digest)) return
  throw new ImageError('registry-failed', `${quote(registry.host)} does not keep ${digest} among the referrers of ${subject}`)
}
