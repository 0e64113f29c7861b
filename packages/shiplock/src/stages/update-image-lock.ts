import { join } from 'node:path'
import { aptMirrors, confirmLock, defaultPackages, lockBytes, lockFileName, parseLock, updateLock, type LockedPackage, type LockUpdate } from '@shiplock/image'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { writeAtomically } from '../system/files.ts'
import { readFromSnapshot } from '../system/snapshot.ts'
import { userCache } from '../system/user-cache.ts'
import type { PipelineContext } from './context.ts'
import { imageFailure } from './image-failure.ts'
import { pinNode } from './pinned-node.ts'

const architectures = ['amd64', 'arm64'] as const

export interface ImageLockUpdate extends LockUpdate {
  /** Where another Node is pinned than before. */
  readonly node?: { readonly from?: string; readonly to: string }
}

/** Asks Debian's signed archive for the newest versions of the packages, pins Node, and writes both into the lock of the tree. */
export async function updateImageLock(context: PipelineContext, work: { readonly signal: AbortSignal; readonly progress: (text: string) => void }): Promise<Result<ImageLockUpdate, StageFailure>> {
  const { workspace: { snapshot }, config: { image }, environment } = context
  const before = snapshot.files.has(lockFileName) ? readFromSnapshot(snapshot, lockFileName) : undefined
  if (before?.ok === false) return before
  try {
    const now = new Date()
    const old = before && parseLock(before.value)
    const node = await pinNode(old?.node, image.node ?? process.versions.node, architectures, context, { ...work, now })
    if (!node.ok) return node
    const mirrors = await aptMirrors()
    if (old) {
      const { contradicted: [edited] } = await confirmLock(old, { mirrors, now, signal: work.signal })
      if (edited) return fail(lockWasEdited(edited))
    }
    const update = await updateLock(old, {
      suite: image.suite,
      architectures,
      packages: [...defaultPackages(image.suite), ...image.packages],
      mirrors,
      now,
      store: userCache('debs', environment),
      signal: work.signal,
    })
    const lock = { ...update.lock, node: node.value }
    writeAtomically(join(snapshot.root, lockFileName), lockBytes(lock), { durable: true })
    return ok({ ...update, lock, ...(old?.node?.version !== node.value.version && { node: { ...(old?.node && { from: old.node.version }), to: node.value.version } }) })
  } catch (error) {
    const failure = imageFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}

/** An update would write over the only trace of it. */
const lockWasEdited = ({ name, version, architecture }: LockedPackage): StageFailure => ({
  reason: 'archive-refused',
  message: `${lockFileName} names ${name} ${version} (${architecture}) otherwise than Debian's signed archive does: somebody edited it`,
  hint: `see who changed it (\`git log -p ${lockFileName}\`); remove it and run again for one that is Debian's`,
})
