import { collectGarbage, isDigest, lockFileName, openLayout, parseLock, pruneStore, type DebianLock } from '@shiplock/image'
import { readFromSnapshot } from '../system/snapshot.ts'
import { hasLayout, imagesOfTarget } from '../system/state-directory.ts'
import { userCache } from '../system/user-cache.ts'
import type { PipelineContext } from './context.ts'
import { imageFailure } from './image-failure.ts'

const dayMs = 24 * 60 * 60 * 1000
/** How long an image stays that no name leads to and no revision of the local target runs. */
const imageDays = 30
/** How long packages and Nodes stay that the lock of this tree does not name: other trees of this user may have locks that do. */
const storeDays = 90

/** Bounds what images leave on the disk. What is removed can be made or fetched again; what could not be is told. */
export async function pruneImages({ state, workspace: { snapshot }, environment }: Pick<PipelineContext, 'state' | 'workspace' | 'environment'>, note: (text: string) => void): Promise<void> {
  const tell = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      const failure = imageFailure(error)
      if (!failure) throw error
      note(`What images left on the disk could not be tidied up: ${failure.message}`)
    }
  }
  if (hasLayout(state)) await tell(async () => collectGarbage(await openLayout(state.layout), { keep: imagesOfTarget(state).filter(isDigest), minimumAgeMs: imageDays * dayMs }))
  await tell(async () => {
    const keep: DebianLock[] = []
    const lock = snapshot.files.has(lockFileName) ? readFromSnapshot(snapshot, lockFileName) : undefined
    if (lock?.ok) keep.push(parseLock(lock.value))
    for (const store of ['debs', 'node']) await pruneStore(userCache(store, environment), { keep, minimumAgeMs: storeDays * dayMs })
  })
}
