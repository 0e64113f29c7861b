import { randomUUID } from 'node:crypto'
import { fail, ok, type CanaryRecord, type CanaryStep, type ReleaseRecord, type Result, type StageFailure, unreachable } from '@shiplock/findings'
import { isNoSpace } from '../system/files.ts'
import { undoRelease } from './abandon.ts'
import { candidateOf, makeCandidate, type Candidate, type Deploy } from './candidate.ts'
import { changesOf, type ReleaseChanges } from './changes.ts'
import type { Canary } from './canary/watch.ts'
import type { Service } from './cloud-run.ts'
import type { JournalEntry } from './journal.ts'
import { climb, openService, shiftTraffic, undisturbedService } from './promote.ts'
import { recoverRelease } from './recover.ts'
import { planRelease, type ReleasePlan } from './release-plan.ts'
import { awaitResponse, openSession, readSettled, type ReleaseOptions, type ReleaseTarget, type Session } from './release-session.ts'
import type { WantedRelease } from './template.ts'
import { servingRevisions } from './traffic.ts'

export type { Candidate }

/** Why a release ended, and in what state it left the service; without `record` nothing had been touched. */
export interface ReleaseFailure {
  readonly failure: StageFailure
  readonly record?: ReleaseRecord
}

/** What a release would do now, without doing any of it. */
export async function previewRelease(target: ReleaseTarget, wanted: WantedRelease, options: ReleaseOptions): Promise<Result<ReleaseChanges>> {
  const session = openSession(target, wanted.service, options)
  const live = await session.api.getService(session.service)
  if (!live.ok) return live
  const revisions = live.value ? await session.api.listRevisions(session.service) : ok([])
  if (!revisions.ok) return revisions
  const plan = planRelease(live.value, revisions.value, wanted)
  return plan.ok ? ok(changesOf(plan.value, live.value, revisions.value, wanted)) : plan
}

/** Notes the stable revision, makes the candidate beside it without traffic, and waits until it is ready; else undoes what it did. */
export async function deployCandidate(
  target: ReleaseTarget,
  wanted: WantedRelease,
  options: ReleaseOptions,
): Promise<Result<Candidate, ReleaseFailure>> {
  const session = openSession(target, wanted.service, options)
  const recovered = await recoverRelease(session, wanted)
  if (!recovered.ok) return fail({ failure: recovered.failure })
  const live = await readSettled(session)
  if (!live.ok) return fail({ failure: live.failure })
  const revisions = live.value ? await session.api.listRevisions(session.service) : ok([])
  if (!revisions.ok) return fail({ failure: revisions.failure })
  const plan = planRelease(live.value, revisions.value, wanted)
  if (!plan.ok) return fail({ failure: plan.failure })
  const releaseId = randomUUID()
  const deploy: Deploy = { session, wanted, plan: plan.value, releaseId }

  if (live.value && plan.value.kind === 'unchanged') {
    session.step(`${plan.value.stable} serves what is wanted: nothing to do`)
    return ok(candidateOf(deploy, live.value, plan.value.stable))
  }
  const entry = entryOf(session, plan.value, releaseId)
  const noted = note(session, entry)
  if (!noted.ok) return fail({ failure: noted.failure })
  const made = await makeCandidate(deploy, live.value)
  return made.ok ? made : fail(await undone(session, entry, made.failure))
}

/**
 * Gives the candidate all traffic, by name, and proves it by the state and by a response; with a canary step by step, as long
 * as it is no worse than the stable revision. Whatever goes wrong, in doubt too, the stable revision has all traffic again.
 */
export async function promoteCandidate(
  target: ReleaseTarget,
  candidate: Candidate,
  options: ReleaseOptions,
  canary?: Canary,
): Promise<Result<ReleaseRecord, ReleaseFailure>> {
  const session = openSession(target, candidate.service, options, candidate.steps)
  const { plan, revision } = candidate
  if (plan.kind === 'unchanged') {
    const answer = await awaitResponse(session, candidate.uri, candidate.isClosed)
    return answer.ok
      ? ok(recordOf(session, candidate.plan, 'unchanged', candidate.uri))
      : fail({ failure: answer.failure, record: recordOf(session, plan, 'unchanged') })
  }
  const entry = entryOf(session, plan, candidate.releaseId)
  const live = await undisturbedService(session, candidate)
  if (!live.ok) return fail(await yielded(session, entry, live.failure))
  const promoting: JournalEntry = { ...entry, phase: 'promoting' }
  const noted = note(session, promoting)
  if (!noted.ok) return fail(await undone(session, entry, noted.failure))
  const steps: CanaryStep[] = []
  const served = await serve(session, candidate, live.value, canary && { canary, onStep: (step) => steps.push(step) })
  // At a first release there is nothing to compare with.
  const watched: { canary?: CanaryRecord } = canary && plan.kind === 'update' ? { canary: { source: canary.source.name, steps } } : {}
  if (!served.ok) {
    const { failure, record } = await undone(session, promoting, served.failure)
    return fail({ failure, ...(record && { record: { ...record, ...watched } }) })
  }
  session.journal.close()
  session.step(`${revision} serves everything`)
  return ok({ ...recordOf(session, plan, 'promoted', served.value.uri), ...watched })
}

function serve(session: Session, candidate: Candidate, live: Service, watching: { canary: Canary; onStep: (step: CanaryStep) => void } | undefined): Promise<Result<Service>> {
  const { plan } = candidate
  switch (plan.kind) {
    case 'create':
      return openService(session, candidate, live)
    case 'update':
      return watching ? climb(session, candidate, live, plan.stable, watching.canary, watching.onStep) : shiftTraffic(session, candidate, live, plan.stable)
    case 'unchanged':
      throw new Error('nothing is to be promoted where nothing changed')
    default:
      return unreachable(plan)
  }
}

/** Ends a release whose candidate is not wanted after all: the stable revision keeps the traffic, the candidate goes. */
export async function abandonCandidate(
  target: ReleaseTarget,
  candidate: Candidate,
  why: string,
  options: ReleaseOptions,
): Promise<Result<ReleaseRecord, ReleaseFailure>> {
  const session = openSession(target, candidate.service, options, candidate.steps)
  const { plan } = candidate
  if (plan.kind === 'unchanged') return ok(recordOf(session, plan, 'unchanged', candidate.uri))
  session.step(`gave up ${candidate.revision}: ${why}`)
  const result = await undoRelease(entryOf(session, plan, candidate.releaseId), session)
  return result.ok
    ? ok(recordOf(session, plan, result.value))
    : fail({ failure: result.failure, record: recordOf(session, plan, 'rollback-failed') })
}

function entryOf(session: Session, plan: Exclude<ReleasePlan, { kind: 'unchanged' }>, releaseId: string): JournalEntry
function entryOf(session: Session, plan: ReleasePlan, releaseId: string): JournalEntry
function entryOf(session: Session, plan: ReleasePlan, releaseId: string): JournalEntry {
  if (plan.kind === 'unchanged') throw new Error('a release that changes nothing has no journal')
  return {
    version: 1,
    releaseId,
    service: session.service,
    kind: plan.kind,
    phase: 'creating',
    candidate: plan.candidate,
    ...(plan.kind === 'update' && { stable: plan.stable }),
  }
}

function note(session: Session, entry: JournalEntry): Result<void> {
  try {
    session.journal.write(entry)
    return ok(undefined)
  } catch (error) {
    if (!isNoSpace(error)) throw error
    return fail({
      reason: 'no-space',
      message: 'the disk is full: the journal of the release cannot be written',
      hint: 'make room and run again; the traffic was not touched',
    })
  }
}

/** The end of a release that was overtaken. Where the other one promoted the same revision, it is theirs, and stays. */
async function yielded(session: Session, entry: JournalEntry, failure: StageFailure): Promise<ReleaseFailure> {
  const live = failure.reason === 'deploy-in-progress' ? await session.api.getService(session.service) : undefined
  const isTheirs =
    live?.ok === true && live.value !== undefined && servingRevisions(live.value).has(entry.candidate) && entry.kind === 'update'
  if (!isTheirs) return undone(session, entry, failure)
  session.step(failure.message)
  session.journal.close()
  return { failure, record: recordFrom(session, { stable: entry.stable, candidate: entry.candidate }, 'kept-stable') }
}

async function undone(session: Session, entry: JournalEntry, failure: StageFailure): Promise<ReleaseFailure> {
  session.step(failure.message)
  const result = await undoRelease(entry, session)
  const plan = { stable: entry.stable, candidate: entry.candidate }
  if (result.ok) return { failure, record: recordFrom(session, plan, result.value) }
  const detail = [failure.message, failure.detail, result.failure.detail].filter((text) => text !== undefined).join('\n')
  return { failure: { ...result.failure, detail }, record: recordFrom(session, plan, 'rollback-failed') }
}

const recordOf = (session: Session, plan: ReleasePlan, result: ReleaseRecord['result'], uri?: string): ReleaseRecord =>
  recordFrom(
    session,
    { ...(plan.kind !== 'create' && { stable: plan.stable }), ...(plan.kind !== 'unchanged' && { candidate: plan.candidate }) },
    result,
    uri,
  )

function recordFrom(
  session: Session,
  { stable, candidate }: { readonly stable?: string | undefined; readonly candidate?: string },
  result: ReleaseRecord['result'],
  uri?: string,
): ReleaseRecord {
  const service = session.service.slice(session.service.lastIndexOf('/') + 1)
  return {
    service,
    target: session.target.name,
    ...(uri && { uri }),
    ...(stable !== undefined && { stable }),
    ...(candidate !== undefined && { candidate }),
    result,
    steps: session.steps,
  }
}
