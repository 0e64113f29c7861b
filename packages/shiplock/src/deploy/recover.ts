import { fail, ok, type Result } from '@shiplock/findings'
import { undoRelease } from './abandon.ts'
import type { Service } from './cloud-run.ts'
import type { JournalEntry } from './journal.ts'
import { unmark } from './promote.ts'
import { firstReleaseAnnotation } from './release-plan.ts'
import { awaitResponse, readSettled, type Session } from './release-session.ts'
import { revisionName, type WantedRelease } from './template.ts'
import { servingRevisions } from './traffic.ts'

/**
 * Cleans up after a release of this checkout that was killed, before a new one is planned. The journal says what may have
 * been done, the live state what was; where the two do not fit, others have moved on and nothing is touched.
 */
export async function recoverRelease(session: Session, wanted: WantedRelease): Promise<Result<void>> {
  const entry = session.journal.read()
  if (!entry || entry.service !== session.service) return ok(undefined)
  const live = await readSettled(session)
  if (!live.ok) return live
  const service = live.value
  const isOurs = service && (entry.kind === 'create' ? service.annotations[firstReleaseAnnotation] === entry.releaseId : true)
  if (!isOurs) {
    session.journal.close()
    return ok(undefined)
  }
  session.step(`an earlier release of ${entry.candidate} was cut short`)
  const left = await leftover(session, service, entry, wanted)
  if (!left.ok || left.value === 'as-it-is') {
    if (left.ok) session.journal.close()
    return left.ok ? ok(undefined) : left
  }
  const result = await undoRelease(entry, session)
  return result.ok ? ok(undefined) : fail(result.failure)
}

/** Whether what the earlier release left is to be undone. */
async function leftover(
  session: Session,
  service: Service,
  entry: JournalEntry,
  wanted: WantedRelease,
): Promise<Result<'as-it-is' | 'to-undo'>> {
  const percent = servingRevisions(service).get(entry.candidate) ?? 0
  const isPromoted = entry.phase === 'promoting' && percent === 100 && (entry.kind === 'update' || service.invokerIamDisabled)
  if (isPromoted && (await awaitResponse(session, service.uri, !service.invokerIamDisabled)).ok) {
    session.step('it had been probed, has all traffic and answers: it stays')
    const unmarked = entry.kind === 'create' ? await unmark(session, service) : ok(service)
    return unmarked.ok ? ok('as-it-is') : unmarked
  }
  if (entry.kind === 'create') return ok('to-undo')
  // Wanted again, or promoted by somebody else: the plan goes on from the live state.
  const isResumed = percent === 0 && entry.candidate.startsWith(revisionName(wanted))
  return ok(isResumed || (entry.phase === 'creating' && percent > 0) ? 'as-it-is' : 'to-undo')
}
