import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Service } from './cloud-run.ts'
import type { JournalEntry } from './journal.ts'
import { firstReleaseAnnotation } from './release-plan.ts'
import { awaitResponse, finished, readSettled, settleTimeout, undisturbed, writeService, type Session } from './release-session.ts'
import { servedRevisions, withoutServed } from './served.ts'
import { servingRevisions, trafficWithout } from './traffic.ts'

const mostAttempts = 5

/**
 * Undoes a release, whatever it had done: the stable revision has all traffic, or the service that the release made is
 * gone. One traffic write, read back and checked by a real response. Does not listen to the signal. `rollback-failed`
 * where it cannot be done or proven; the journal stays then, and the next run tries again.
 */
export async function undoRelease(release: JournalEntry, interrupted: Session): Promise<Result<'kept-stable' | 'removed'>> {
  const session = undisturbed(interrupted)
  const undone = release.kind === 'create' ? await removeService(session, release) : await giveBack(session, release)
  if (!undone.ok) {
    session.step(`could not undo: ${undone.failure.message}`)
    return undone
  }
  // A service that was never seen may still come of a request whose answer was lost: the journal knows it as ours.
  if (undone.value !== 'not-made') session.journal.close()
  return ok(undone.value === 'not-made' ? 'removed' : undone.value)
}

async function giveBack(session: Session, release: JournalEntry): Promise<Result<'kept-stable'>> {
  const { candidate, stable = '' } = release
  const served = await withoutCandidate(session, release, stable)
  if (!served.ok) return fail(rollbackFailed(session, stable, served.failure))
  const serving = [...servingRevisions(served.value).keys()].join(', ')
  if (servingRevisions(served.value).has(candidate)) {
    return fail(rollbackFailed(session, stable, { reason: 'target-refused', message: `${candidate} still has traffic` }))
  }
  const answer = await awaitResponse(session, served.value.uri, !served.value.invokerIamDisabled)
  if (!answer.ok) return fail(rollbackFailed(session, stable, answer.failure))
  session.step(`all traffic is on ${serving}, which answers ${answer.value}`)
  await deleteCandidate(session, candidate)
  return ok('kept-stable')
}

/** Takes the candidate out of the traffic. */
async function withoutCandidate(session: Session, { candidate, phase }: JournalEntry, stable: string): Promise<Result<Service>> {
  return unlessOvertaken(async () => {
    const live = await session.api.getService(session.service)
    if (!live.ok) return live
    if (!live.value) return fail({ reason: 'target-refused', message: `${session.service} is gone` })
    if (phase === 'creating' && servingRevisions(live.value).has(candidate)) {
      return fail({
        reason: 'target-refused',
        message: `${candidate} was given traffic, but not by this release, so it was not taken away`,
      })
    }
    const traffic = trafficWithout(live.value, candidate, stable)
    const change = traffic && { traffic, ...(servedRevisions(live.value).includes(candidate) && { annotations: withoutServed(live.value, candidate) }) }
    return change ? writeService(session, live.value, change, settleTimeout(session)) : finished(session, undefined, 0)
  })
}

/** Again where somebody wrote between reading and writing: an undo must not lose to them. */
async function unlessOvertaken<T>(attempt: () => Promise<Result<T>>): Promise<Result<T>> {
  for (let left = mostAttempts; ; left--) {
    const result = await attempt()
    if (result.ok || result.failure.reason !== 'deploy-in-progress' || left === 1) return result
  }
}

/** The newest revision cannot be deleted on Cloud Run; without traffic and tag it costs nothing and serves nobody. */
async function deleteCandidate(session: Session, candidate: string): Promise<void> {
  const operation = await session.api.deleteRevision(`${session.service}/revisions/${candidate}`)
  if (operation.ok && !operation.value) return
  const deleted = operation.ok && operation.value ? await session.api.waitOperation(operation.value, settleTimeout(session)) : operation
  session.step(deleted.ok ? `deleted ${candidate}` : `left ${candidate} without traffic: ${deleted.failure.message}`)
}

/** Deletes the service of a first release: only where it says that this release made it, and has not finished. */
async function removeService(session: Session, release: JournalEntry): Promise<Result<'removed' | 'not-made'>> {
  const removed = await unlessOvertaken(async (): Promise<Result<'removed' | 'not-made'>> => {
    const live = await session.api.getService(session.service)
    if (!live.ok || !live.value) return live.ok ? ok('not-made') : live
    if (live.value.annotations[firstReleaseAnnotation] !== release.releaseId) {
      return fail({ reason: 'target-refused', message: 'it is not the one that this release made' })
    }
    const operation = await session.api.deleteService(session.service, live.value.etag)
    const deleted = operation.ok && operation.value ? await session.api.waitOperation(operation.value, settleTimeout(session)) : operation
    return deleted.ok ? ok('removed') : deleted
  })
  if (!removed.ok || removed.value === 'not-made') return removed.ok ? removed : fail(removalFailed(session, removed.failure))
  const after = await readSettled(session)
  if (!after.ok || after.value) return fail(removalFailed(session, { reason: 'target-refused', message: 'it is still there' }))
  session.step('removed the service that this release had made')
  return removed
}

const rollbackFailed = (session: Session, stable: string, cause: StageFailure): StageFailure => ({
  reason: 'rollback-failed',
  message: `it is not certain that ${stable} has all traffic of ${session.service}: ${cause.message}`,
  hint: `look at the service now; give all traffic to ${stable} by hand where it has not`,
  ...(cause.detail !== undefined && { detail: cause.detail }),
})

const removalFailed = (session: Session, cause: StageFailure): StageFailure => ({
  reason: 'rollback-failed',
  message: `the service of a first release that failed could not be removed: ${cause.message}`,
  hint: `delete ${session.service} by hand`,
})
