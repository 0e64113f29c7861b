import { createHash } from 'node:crypto'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { ruleOfAlias } from '../checks/registry.ts'
import type { Store } from '../engine/cache.ts'
import { findWaiverComments, mayWaive, waiverWords, type WaiverComment } from '../policy/waiver-comments.ts'
import type { PastTree } from '../system/merge-base.ts'
import type { Mask } from '../system/masking.ts'
import { readFromSnapshot, treeChanged, type Snapshot } from '../system/snapshot.ts'
import { perFile } from './per-file.ts'

/** Larger files are generated or data; comments in them do not waive. */
const largestFile = 2 * 1024 * 1024

/** The waiver comments of the tree; a file that has not changed since they were last looked for is not read again. */
export async function commentsOfTree(snapshot: Snapshot, { toolVersion, store, mask }: { readonly toolVersion: string; readonly store?: Store; readonly mask: Mask }): Promise<Result<readonly WaiverComment[], StageFailure>> {
  const paths = [...snapshot.files].filter(([, { mode, size }]) => mode !== 'symlink' && size <= largestFile).map(([path]) => path)
  let changed: string | undefined
  const examine = async (stale: readonly string[]) => {
    const found = new Map<string, readonly WaiverComment[]>()
    for (const path of stale) {
      const content = readFromSnapshot(snapshot, path)
      if (!content.ok) changed = path
      found.set(path, content.ok ? mask.value(await commentsIn(path, content.value)) : [])
    }
    // Nothing of it is remembered.
    if (changed !== undefined) throw new ChangedError(changed)
    return found
  }
  try {
    return ok(await perFile({ check: 'policy', key: `${toolVersion}\0waiver comments 2`, paths, snapshot, ...(store && { store }), examine }))
  } catch (error) {
    if (error instanceof ChangedError) return fail(treeChanged(error.path))
    throw error
  }
}

class ChangedError extends Error {
  readonly path: string

  constructor(path: string) {
    super(`${path} was edited`)
    this.path = path
  }
}

/** The waiver comments as they were in a commit; `own` are those of the tree, where the same files have the same. */
export async function commentsAt(base: PastTree, snapshot: Snapshot, own: readonly WaiverComment[]): Promise<readonly WaiverComment[]> {
  const found: WaiverComment[] = []
  const byPath = Map.groupBy(own, ({ path }) => path)
  for (const [path, content] of base.filesWith(waiverWords)) {
    if (content.length > largestFile) continue
    const isSame = snapshot.files.get(path)?.digest === createHash('sha256').update(content).digest('hex')
    if (isSame) found.push(...(byPath.get(path) ?? []))
    else found.push(...(await commentsIn(path, content)))
  }
  return found
}

async function commentsIn(path: string, content: Uint8Array): Promise<readonly WaiverComment[]> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  return mayWaive(path, bytes) ? findWaiverComments(path, bytes.toString('utf8'), ruleOfAlias) : []
}
