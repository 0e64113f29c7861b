import { join } from 'node:path'
import { aptMirrors, defaultPackages, lockBytes, lockFileName, parseLock, updateLock, type LockUpdate } from '@shiplock/image'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { writeAtomically } from '../system/files.ts'
import { readFromSnapshot } from '../system/snapshot.ts'
import { userCache } from '../system/user-cache.ts'
import type { PipelineContext } from './context.ts'
import { imageFailure } from './image-failure.ts'

/** Asks Debian's signed archive for the newest versions of the packages, and writes them into the lock of the tree. */
export async function updateImageLock({ workspace: { snapshot }, config: { image }, environment }: PipelineContext, signal: AbortSignal): Promise<Result<LockUpdate, StageFailure>> {
  const before = snapshot.files.has(lockFileName) ? readFromSnapshot(snapshot, lockFileName) : undefined
  if (before?.ok === false) return before
  try {
    const update = await updateLock(before && parseLock(before.value), {
      suite: image.suite,
      architectures: ['amd64', 'arm64'],
      packages: [...defaultPackages(image.suite), ...image.packages],
      mirrors: await aptMirrors(),
      now: new Date(),
      store: userCache('debs', environment),
      signal,
    })
    writeAtomically(join(snapshot.root, lockFileName), lockBytes(update.lock), { durable: true })
    return ok(update)
  } catch (error) {
    const failure = imageFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}
