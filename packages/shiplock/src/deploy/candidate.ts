import { fail, ok, unreachable, type Digest, type Result, type StageFailure } from '@shiplock/findings'
import { readyCondition, type Service } from './cloud-run.ts'
import { firstReleaseAnnotation, type ReleasePlan } from './release-plan.ts'
import { finished, writeService, type ReleaseStep, type Session } from './release-session.ts'
import type { WantedRelease } from './template.ts'
import { candidateTag } from './traffic.ts'

/** A revision that is ready and that nobody is shown yet, to be probed and then promoted or abandoned. Survives JSON. */
export interface Candidate {
  readonly plan: ReleasePlan
  readonly releaseId: string
  readonly service: string
  readonly revision: string
  readonly digest: Digest
  /** Where it can be probed. */
  readonly uri: string
  /** Whether requests need the target's identity token. */
  readonly isClosed: boolean
  readonly isPublic: boolean
  /** Of the service as the release left it: another number later means that somebody else was there. */
  readonly generation: string
  readonly steps: readonly ReleaseStep[]
}

/** What making a candidate needs to know. */
export interface Deploy {
  readonly session: Session
  readonly wanted: WantedRelease
  readonly plan: ReleasePlan
  readonly releaseId: string
}

/** Does what the plan says, up to a revision that is ready and gets no requests but by its tag, or with a token. */
export async function makeCandidate(deploy: Deploy, live: Service | undefined): Promise<Result<Candidate>> {
  const { session, plan, wanted, releaseId } = deploy
  const readyTimeoutMs = session.options.readyTimeoutMs ?? 300_000
  switch (plan.kind) {
    case 'create': {
      session.step(`first release: making ${wanted.service}, closed, with ${plan.candidate}`)
      const annotations = { [firstReleaseAnnotation]: releaseId }
      const body = { template: plan.template, traffic: plan.during, annotations, invokerIamDisabled: false, ingress: wanted.ingress ?? 'INGRESS_TRAFFIC_ALL' }
      const operation = await session.api.createService(session.target.parent, wanted.service, body)
      if (!operation.ok) return operation
      return ready(deploy, plan.candidate, await finished(session, operation.value, readyTimeoutMs))
    }
    case 'update': {
      session.step(`${plan.stable} serves; ${plan.template ? 'making' : 'using'} ${plan.candidate} beside it, without traffic`)
      const change = { ...(plan.template && { template: plan.template }), traffic: plan.during }
      return ready(deploy, plan.candidate, await writeService(session, live!, change, readyTimeoutMs))
    }
    case 'unchanged':
      throw new Error('nothing is to be made where nothing changed')
    default:
      return unreachable(plan)
  }
}

async function ready(deploy: Deploy, name: string, written: Result<Service>): Promise<Result<Candidate>> {
  const { session } = deploy
  const isReady = await readyRevision(session, name, written)
  if (!isReady.ok) return isReady
  const candidate = candidateOf(deploy, isReady.value, name)
  if (candidate.uri === '')
    return fail({ reason: 'target-refused', message: `${session.service} does not say where ${name} can be reached` })
  session.step(`${name} is ready at ${candidate.uri}`)
  return ok(candidate)
}

/** The service if its revision is ready; where it is not, why, in the words of the revision. */
export async function readyRevision(session: Session, name: string, written: Result<Service>): Promise<Result<Service>> {
  const revision = await session.api.getRevision(`${session.service}/revisions/${name}`)
  const condition = revision.ok && revision.value ? readyCondition(revision.value) : undefined
  if (condition?.state === 'CONDITION_FAILED') return fail(notReady(name, condition.message))
  if (!written.ok) return written
  if (!revision.ok) return revision
  if (condition?.state !== 'CONDITION_SUCCEEDED')
    return fail(notReady(name, condition?.message || `the state of the revision is ${condition?.state || 'unknown'}`))
  return written
}

function notReady(revision: string, message: string): StageFailure {
  const [first = '', ...rest] = message.split('\n')
  const detail = rest.join('\n').trim()
  return {
    reason: 'revision-not-ready',
    message: `${revision} did not start: ${first}`,
    hint: 'start the image by hand with the same environment; it must listen on $PORT',
    ...(detail && { detail }),
  }
}

/** The revision as the next stages are told of it. */
export function candidateOf({ session, wanted, plan, releaseId }: Deploy, service: Service, revision: string): Candidate {
  const tagged = service.trafficStatuses.find((target) => target.tag === candidateTag && target.revision === revision)
  return {
    plan,
    releaseId,
    service: wanted.service,
    revision,
    digest: wanted.image.digest,
    uri: plan.kind === 'update' ? (tagged?.uri ?? '') : service.uri,
    isClosed: !service.invokerIamDisabled,
    isPublic: wanted.isPublic,
    generation: service.generation,
    steps: session.steps,
  }
}
