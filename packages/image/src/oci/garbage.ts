import { join } from 'node:path'
import { isTemporary, list, look, remove } from '../node.ts'
import { blobPath, listBlobs, readBlob } from './blob.ts'
import { ImageError } from '../error.ts'
import { isDigest, type Digest } from './digest.ts'
import { isRecord, parseJson } from './json.ts'
import { listManifests, locked, type Layout } from './layout.ts'

/**
 * Removes blobs that no manifest in the index leads to, except `keep` and what they lead to. Blobs and unfinished files
 * used less than `minimumAgeMs` ago stay: an image that is being built is not in the index yet.
 */
export async function collectGarbage(
  layout: Layout,
  { keep = [], minimumAgeMs = 3_600_000 }: { readonly keep?: readonly Digest[]; readonly minimumAgeMs?: number } = {},
): Promise<readonly Digest[]> {
  return locked(layout, async () => {
    const listed = (await listManifests(layout)).map((manifest) => manifest.digest)
    const reachable = await reach(layout, [...listed, ...keep])
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

async function reach(layout: Layout, from: readonly Digest[]): Promise<ReadonlySet<Digest>> {
  const reached = new Set<Digest>()
  const todo = [...from]
  for (let digest = todo.pop(); digest !== undefined; digest = todo.pop()) {
    if (reached.has(digest)) continue
    reached.add(digest)
    todo.push(...(await digestsIn(layout, digest)))
  }
  return reached
}

/** Every digest that a document mentions. Blobs that are no small JSON document (layers) or are absent mention none. */
async function digestsIn(layout: Layout, digest: Digest): Promise<readonly Digest[]> {
  let document: unknown
  try {
    document = parseJson(await readBlob(layout, { digest }), 'manifest-invalid', digest)
  } catch (error) {
    if (error instanceof ImageError && error.code !== 'digest-mismatch') return []
    throw error
  }
  return mentioned(document)
}

function mentioned(value: unknown): readonly Digest[] {
  if (Array.isArray(value)) return value.flatMap(mentioned)
  if (!isRecord(value)) return []
  const own = value['digest']
  return [...(isDigest(own) ? [own] : []), ...Object.values(value).flatMap(mentioned)]
}
