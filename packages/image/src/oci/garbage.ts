import { join } from 'node:path'
import { isTemporary, list, look, remove } from '../node.ts'
import { blobPath, listBlobs, readBlob } from './blob.ts'
import { ImageError } from '../error.ts'
import type { Descriptor } from './descriptor.ts'
import { isDigest, type Digest } from './digest.ts'
import { isRecord, parseJson } from './json.ts'
import { listManifests, locked, nameIn, writeIndex, type Layout } from './layout.ts'

/**
 * Removes blobs that no manifest in the index leads to, except `keep` and what they lead to. What refers to a manifest that
 * stays (`addReferrer`) stays with it; a referrer whose subject goes leaves the index too. Blobs and unfinished files used
 * less than `minimumAgeMs` ago stay: an image that is being built is not in the index yet.
 */
export async function collectGarbage(
  layout: Layout,
  { keep = [], minimumAgeMs = 3_600_000 }: { readonly keep?: readonly Digest[]; readonly minimumAgeMs?: number } = {},
): Promise<readonly Digest[]> {
  return locked(layout, async () => {
    const listed = await listManifests(layout)
    const reachable = await keepReferrers(layout, listed, { keep, minimumAgeMs })
    const kept = listed.filter((manifest) => reachable.has(manifest.digest))
    // First the index, so that a collection that is killed half way leaves none that lists what is gone.
    if (kept.length < listed.length) await writeIndex(layout, kept)
    const removed: Digest[] = []
    for (const digest of await listBlobs(layout)) {
      if (!reachable.has(digest) && (await isOld(blobPath(layout, digest), minimumAgeMs))) {
        await remove(blobPath(layout, digest))
        removed.push(digest)
      }
    }
    for (const name of await list(layout.directory)) {
      const path = join(layout.directory, name)
      if (isTemporary(name) && (await isOld(path, minimumAgeMs))) await remove(path)
    }
    return removed
  })
}

async function isOld(path: string, minimumAgeMs: number): Promise<boolean> {
  const facts = await look(path)
  return facts !== undefined && facts.ageMs >= minimumAgeMs
}

/** Everything that stays: what named manifests and `keep` lead to, and what refers to any of it, directly or not. */
async function keepReferrers(
  layout: Layout,
  listed: readonly Descriptor[],
  { keep, minimumAgeMs }: { readonly keep: readonly Digest[]; readonly minimumAgeMs: number },
): Promise<ReadonlySet<Digest>> {
  const reached = new Set<Digest>()
  let waiting: { readonly digest: Digest; readonly subject: Digest }[] = []
  for (const manifest of listed) {
    const subject = nameIn(manifest) === undefined ? await subjectOf(layout, manifest.digest) : undefined
    const isWeak = subject !== undefined && (await isOld(blobPath(layout, manifest.digest), minimumAgeMs))
    if (isWeak) waiting.push({ digest: manifest.digest, subject })
    else await reach(layout, [manifest.digest], reached)
  }
  await reach(layout, keep, reached)
  for (;;) {
    const referring = waiting.filter(({ subject }) => reached.has(subject))
    if (referring.length === 0) return reached
    await reach(layout, referring.map(({ digest }) => digest), reached)
    waiting = waiting.filter(({ digest }) => !reached.has(digest))
  }
}

async function subjectOf(layout: Layout, digest: Digest): Promise<Digest | undefined> {
  const document = await readDocument(layout, digest)
  const subject = isRecord(document) && isRecord(document['subject']) ? document['subject']['digest'] : undefined
  return isDigest(subject) ? subject : undefined
}

async function reach(layout: Layout, from: readonly Digest[], reached: Set<Digest>): Promise<void> {
  const todo = [...from]
  for (let digest = todo.pop(); digest !== undefined; digest = todo.pop()) {
    if (reached.has(digest)) continue
    reached.add(digest)
    const document = await readDocument(layout, digest)
    // A subject does not belong to what refers to it: an attestation keeps no image.
    todo.push(...mentioned(isRecord(document) ? { ...document, subject: undefined } : document))
  }
}

/** A document in the layout; blobs that are no small JSON document (layers) or are absent are none. */
async function readDocument(layout: Layout, digest: Digest): Promise<unknown> {
  try {
    return parseJson(await readBlob(layout, { digest }), 'manifest-invalid', digest)
  } catch (error) {
    if (error instanceof ImageError && error.code !== 'digest-mismatch') return undefined
    throw error
  }
}

/** Every digest that a document mentions. */
function mentioned(value: unknown): readonly Digest[] {
  if (Array.isArray(value)) return value.flatMap(mentioned)
  if (!isRecord(value)) return []
  const own = value['digest']
  return [...(isDigest(own) ? [own] : []), ...Object.values(value).flatMap(mentioned)]
}
