import { fail, ok, type Result } from '@shiplock/findings'
import type { Candidate } from './candidate.ts'
import type { Service } from './cloud-run.ts'
import { firstReleaseAnnotation } from './release-plan.ts'
import { awaitResponse, finished, settleTimeout, writeService, type Session } from './release-session.ts'
import { pinnedTraffic, servingRevisions } from './traffic.ts'

/** The service, if it is as the release left it. */
export async function undisturbedService(session: Session, { generation }: Candidate): Promise<Result<Service>> {
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
  const service = await writeService(session, live, { traffic: pinnedTraffic(live, revision) }, settleTimeout(session))
  return service.ok ? provenToServe(session, service.value, revision) : service
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
  const { [firstReleaseAnnotation]: _, ...annotations } = service.annotations
  return writeService(session, service, { annotations }, settleTimeout(session))
}

/** Proof that the revision has all traffic: what the API says, and an answer of the service. */
async function provenToServe(session: Session, service: Service, revision: string): Promise<Result<Service>> {
  const serving = servingRevisions(service)
  if (serving.size !== 1 || serving.get(revision) !== 100) {
    const found = [...serving].map(([name, percent]) => `${name} ${percent}%`).join(', ')
    return fail({ reason: 'target-refused', message: `the traffic was written, but is on ${found || 'nothing'}` })
  }
  const answer = await awaitResponse(session, service.uri, !service.invokerIamDisabled)
  return answer.ok ? ok(service) : answer
}
