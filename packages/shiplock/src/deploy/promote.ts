import { fail, ok, type Result } from '@shiplock/findings'
import type { CanaryStep } from '@shiplock/findings'
import type { Candidate } from './candidate.ts'
import { nothingCounted, type RevisionCounts } from './canary/measure.ts'
import { givenUp, watchStep, type Canary } from './canary/watch.ts'
import type { Service } from './cloud-run.ts'
import { firstReleaseAnnotation } from './release-plan.ts'
import { askService, awaitResponse, finished, settleTimeout, writeService, type Session } from './release-session.ts'
import { withServed } from './served.ts'
import { isServedAs, pinnedTraffic, servingRevisions, splitTraffic } from './traffic.ts'

/** The service, if it is as the release left it. */
export async function undisturbedService(session: Session, { generation }: Pick<Service, 'generation'>): Promise<Result<Service>> {
  const live = await finished(session, undefined, 0)
  if (!live.ok || live.value.generation === generation) return live
  const { lastModifier, updateTime, name } = live.value
  return fail({
    reason: 'deploy-in-progress',
    message: `${name} was changed${lastModifier && ` by ${lastModifier}`}${updateTime && ` at ${updateTime}`}, after its candidate was made`,
    hint: 'another deploy is under way, or somebody changed it by hand: let it end, then run again',
  })
}

/** One traffic write: the candidate gets everything, by name, and loses its tag. */
export async function shiftTraffic(session: Session, { revision }: Candidate, live: Service, stable: string): Promise<Result<Service>> {
  session.step(`traffic from ${stable} to ${revision}`)
  const service = await writeService(session, live, { traffic: pinnedTraffic(live, revision), annotations: withServed(live, revision, [stable]) }, settleTimeout(session))
  return service.ok ? provenToServe(session, service.value, revision) : service
}

/**
 * Gives the candidate its traffic step by step, each after the last has been watched and found good. `onStep` gets each step
 * when it is decided, the one that ends the canary among them; the failure says why it ended.
 */
export async function climb(session: Session, candidate: Candidate, live: Service, stable: string, canary: Canary, onStep: (step: CanaryStep) => void): Promise<Result<Service>> {
  const { revision } = candidate
  const { options, target } = session
  let [service, stableBefore]: [Service, RevisionCounts] = [live, nothingCounted]
  for (const percent of canary.profile.steps) {
    // Opened first: a source that cannot be read must not be found out about by users.
    const window = await canary.source.open([stable, revision], options.signal)
    if (options.signal.aborted) return fail(givenUp(percent, options.signal))
    if (!window.ok) return window
    const unchanged = await undisturbedService(session, service)
    if (!unchanged.ok) return unchanged
    const shifted = percent === 100 ? await shiftTraffic(session, candidate, unchanged.value, stable) : await giveShare(session, revision, unchanged.value, stable, percent)
    if (!shifted.ok) return shifted
    service = shifted.value
    // At 100% the tag is gone, and whoever asks the service asks the candidate.
    const uri = percent === 100 ? service.uri : candidate.uri
    const token = service.invokerIamDisabled ? undefined : await target.identityToken(new URL(uri).origin)
    if (token && !token.ok) return token
    const watched = await watchStep({
      canary,
      percent,
      stable,
      candidate: revision,
      window: window.value,
      stableBefore,
      send: (path) => askService(session, new URL(path, uri).href, token?.value),
      signal: options.signal,
      elapsedMs: options.elapsedMs,
      onLook: (share, looks) => options.onLook?.(share, looks),
    })
    if (!watched.ok) return watched
    const { step, stableCounts } = watched.value
    stableBefore = stableCounts
    onStep(step)
    session.step(`${percent}%: ${step.decision.answer}, ${step.decision.why}`)
    if (!step.decision.isPassed) {
      return fail({ reason: 'canary-refused', message: `${revision} was given up at ${percent}% of the traffic: ${step.decision.why}`, hint: 'see the graph of both revisions in the report, and the log of the candidate: shiplock logs' })
    }
  }
  const unchanged = await undisturbedService(session, service)
  return unchanged.ok ? ok(unchanged.value) : unchanged
}

/** One traffic write: the candidate gets a share, beside its tag. */
async function giveShare(session: Session, revision: string, live: Service, stable: string, percent: number): Promise<Result<Service>> {
  const traffic = splitTraffic(live, stable, revision, percent)
  const service = await writeService(session, live, { traffic }, settleTimeout(session))
  if (!service.ok || isServedAs(service.value, traffic)) return service
  const found = [...servingRevisions(service.value)].map(([name, share]) => `${name} ${share}%`).join(', ')
  return fail({ reason: 'target-refused', message: `the traffic was written, but is on ${found || 'nothing'}` })
}

/** The end of a first release. The mark that lets the release remove its service goes last, when all is proven. */
export async function openService(session: Session, { revision, isPublic }: Candidate, live: Service): Promise<Result<Service>> {
  const closed = await provenToServe(session, live, revision)
  if (!closed.ok || !isPublic) return closed.ok ? unmark(session, live) : closed
  session.step('opening the service to the public')
  const written = await writeService(session, live, { invokerIamDisabled: true }, settleTimeout(session))
  const opened = written.ok ? await provenToServe(session, written.value, revision) : written
  return opened.ok ? unmark(session, opened.value) : opened
}

/** From here on the service is not a release's to remove. */
export function unmark(session: Session, service: Service): Promise<Result<Service>> {
  const [serving = ''] = servingRevisions(service).keys()
  const { [firstReleaseAnnotation]: _, ...annotations } = withServed(service, serving)
  return writeService(session, service, { annotations }, settleTimeout(session))
}

/** Proof that the revision has all traffic: what the API says, and an answer of the service. */
export async function provenToServe(session: Session, service: Service, revision: string): Promise<Result<Service>> {
  const serving = servingRevisions(service)
  if (serving.size !== 1 || serving.get(revision) !== 100) {
    const found = [...serving].map(([name, percent]) => `${name} ${percent}%`).join(', ')
    return fail({ reason: 'target-refused', message: `the traffic was written, but is on ${found || 'nothing'}` })
  }
  const answer = await awaitResponse(session, service.uri, !service.invokerIamDisabled)
  return answer.ok ? ok(service) : answer
}
