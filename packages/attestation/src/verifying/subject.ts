import { hexOf, type Digest } from '../digest.ts'
import type { ResourceDescriptor } from '../statement/shape.ts'
import { configMediaType, diffIdsAnnotation, type ImageContent, type Statement } from '../statement/statement.ts'

/** How a statement names the image at hand; `undefined` where it does not. Names count for nothing, only digests do. */
export function subjectMatch({ subject }: Statement, digest: Digest, content: ImageContent | undefined): 'manifest' | 'content' | undefined {
  if (subject.some((item) => hasDigest(item, digest))) return 'manifest'
  return content !== undefined && subject.some((item) => isConfiguration(item, content)) ? 'content' : undefined
}

/** The configuration by digest, and what each of its layers unpacks to, spelled out. */
function isConfiguration(item: ResourceDescriptor, { config, diffIds }: ImageContent): boolean {
  const stated = item.annotations?.[diffIdsAnnotation]
  return item.mediaType === configMediaType && hasDigest(item, config) && Array.isArray(stated) && diffIds.length > 0 && stated.length === diffIds.length && diffIds.every((diffId, position) => stated[position] === diffId)
}

function hasDigest({ digest }: ResourceDescriptor, wanted: Digest): boolean {
  return digest !== undefined && Object.hasOwn(digest, 'sha256') && digest['sha256'] === hexOf(wanted)
}
