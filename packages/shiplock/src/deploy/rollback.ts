import { fail, ok, type Digest, type Result } from '@shiplock/findings'
import { readyCondition, type Revision, type Service } from './cloud-run.ts'
import { provenToServe } from './promote.ts'
import { openSession, readSettled, settleTimeout, undisturbed, writeService, type ReleaseOptions, type ReleaseStep, type ReleaseTarget, type Session } from './release-session.ts'
import { servedRevisions, withServed } from './served.ts'
import { pinnedTraffic, servingRevisions } from './traffic.ts'

export interface Rollback {
  /** What had traffic before, with its percent. */
  readonly from: readonly { readonly revision: string; readonly percent: number }[]
  readonly to: string
  readonly steps: readonly ReleaseStep[]
}

/** Whether an image may serve again; its failure says why not. */
export type Admit = (digest: Digest) => Promise<Result<void>>

/**
 * Gives all traffic to a revision that was good before: the one that is named, else the one that served before what serves now.
 * One traffic write on the service as it is, whoever else is at work on it, read back and checked by a response. Nothing is
 * built and nothing made. `rollback-failed` where it was written and cannot be proven.
 */
export async function rollBack(target: ReleaseTarget, service: string, wanted: string | undefined, admit: Admit, options: ReleaseOptions): Promise<Result<Rollback>> {
  const session = openSession(target, service, options)
  const live = await session.api.getService(session.service)
  if (!live.ok) return live
  if (!live.value) return fail({ reason: 'no-stable-revision', message: `there is no service ${service} on ${target.name}`, hint: 'deploy it first' })
  const to = wanted === undefined ? previousRevision(live.value) : ok(wanted)
  if (!to.ok) return to
  const revision = await session.api.getRevision(`${session.service}/revisions/${to.value}`)
  if (!revision.ok) return revision
  const usable = usableRevision(live.value, to.value, revision.value)
  if (!usable.ok) return usable
  const admitted = await admit(usable.value)
  if (!admitted.ok) return admitted
  const from = [...servingRevisions(live.value)].map(([name, percent]) => ({ revision: name, percent }))
  // From here on a second Ctrl-C must not leave it half done.
  const shifted = await shiftBack(undisturbed(session), to.value)
  if (!shifted.ok) return shifted
  session.step(`all traffic is on ${to.value}, which answers`)
  return ok({ from, to: to.value, steps: session.steps })
}

/** What was good before what serves now. Fails closed where that cannot be told. */
function previousRevision(service: Service): Result<string> {
  const serving = servingRevisions(service)
  const served = servedRevisions(service)
  const [newest] = served
  // In the middle of a canary the way back is what was good last, not what was good before that.
  const previous = serving.size > 1 ? newest : served[served.findIndex((name) => serving.has(name)) + 1]
  const isKnown = previous !== undefined && [...serving.keys()].some((name) => served.includes(name))
  if (isKnown) return ok(previous)
  const now = [...serving].map(([name, percent]) => `${name} ${percent}%`).join(', ') || 'nothing'
  return fail({
    reason: 'no-stable-revision',
    message: `it is not known what served well before ${now}`,
    hint: served.length > 1 ? `name one: shiplock rollback ${served.find((name) => !serving.has(name)) ?? ''}` : 'name a revision: shiplock status lists them',
  })
}

function usableRevision(service: Service, name: string, revision: Revision | undefined): Result<Digest> {
  if (!revision) return fail({ reason: 'target-refused', message: `there is no revision ${name}`, hint: `these served before: ${servedRevisions(service).join(', ') || 'none'}` })
  const condition = readyCondition(revision)
  if (condition?.state === 'CONDITION_FAILED') return fail({ reason: 'revision-not-ready', message: `${name} cannot serve: ${condition.message}` })
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(revision.containers[0]?.image ?? '')?.[1]
  if (digest === undefined) return fail({ reason: 'image-invalid', message: `${name} names its image without a digest, so that nobody can say what would run` })
  return ok(digest as Digest)
}

const mostAttempts = 5

async function shiftBack(session: Session, to: string): Promise<Result<Service>> {
  for (let left = mostAttempts; ; left--) {
    const live = await readSettled(session)
    if (!live.ok) return live
    if (!live.value) return fail({ reason: 'target-refused', message: `${session.service} was deleted meanwhile` })
    session.step(`all traffic to ${to}`)
    const written = await writeService(session, live.value, { traffic: pinnedTraffic(live.value, to), annotations: withServed(live.value, to) }, settleTimeout(session))
    // A deploy that writes at the same moment loses: it finds that the service is not as it left it.
    if (!written.ok && written.failure.reason === 'deploy-in-progress' && left > 1) continue
    const proven = written.ok ? await provenToServe(session, written.value, to) : written
    if (proven.ok) return proven
    return fail({
      reason: 'rollback-failed',
      message: `it is not certain that ${to} has all traffic of ${session.service}: ${proven.failure.message}`,
      hint: 'look at the service now, and name another revision: shiplock rollback REVISION',
      ...(proven.failure.detail !== undefined && { detail: proven.failure.detail }),
    })
  }
}
