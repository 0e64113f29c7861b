import { fail, ok, type Result } from '@shiplock/findings'
import type { Service, TrafficTarget } from './cloud-run.ts'

/** The traffic tag under which a candidate can be reached before it serves. */
export const candidateTag = 'candidate'

const latestType = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST'
const revisionType = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION'

/** Which revisions get requests now, with their percent; an entry of 0% is only a tag. Sums entries of one revision. */
export function servingRevisions(service: Service): ReadonlyMap<string, number> {
  const serving = new Map<string, number>()
  for (const { type, revision, percent } of service.trafficStatuses) {
    if (percent === 0) continue
    // The status of a LATEST entry may leave out which revision that is.
    const name = revision || (type === latestType ? service.latestReadyRevision : '')
    serving.set(name, (serving.get(name) ?? 0) + percent)
  }
  return serving
}

/** The one revision that serves everything. Fails closed: where it cannot be told, nothing may be touched. */
export function stableRevision(service: Service): Result<string> {
  const serving = servingRevisions(service)
  const [only] = serving
  if (only && serving.size === 1 && only[0] !== '' && only[1] === 100) return ok(only[0])
  const found = [...serving].map(([name, percent]) => `${name || '(unnamed)'} ${percent}%`).join(', ')
  return fail({
    reason: 'no-stable-revision',
    message: found === '' ? `no revision of ${service.name} serves` : `the traffic of ${service.name} is not on one revision: ${found}`,
    hint: 'give 100% of the traffic to the revision that shall stay if the new one is no good, then run again',
  })
}

/** All traffic to `serving`; `tagged` can be reached by its tag only. Tags that others gave are kept. */
export function pinnedTraffic(service: Service, serving: string, tagged?: string): TrafficTarget[] {
  const candidate = tagged === undefined ? [] : [{ type: revisionType, revision: tagged, percent: 0, tag: candidateTag }]
  return [{ type: revisionType, revision: serving, percent: 100 }, ...candidate, ...foreignTags(service)]
}

/** `percent` of the requests to `candidate`, which keeps its tag, and the others to `stable`. */
export function splitTraffic(service: Service, stable: string, candidate: string, percent: number): TrafficTarget[] {
  return [
    { type: revisionType, revision: stable, percent: 100 - percent },
    { type: revisionType, revision: candidate, percent, tag: candidateTag },
    ...foreignTags(service),
  ]
}

/**
 * The traffic without `candidate`: what it got goes to `stable`. Undefined where it gets nothing and is not tagged, so that
 * there is nothing to write.
 */
export function trafficWithout(service: Service, candidate: string, stable: string): TrafficTarget[] | undefined {
  const latest = [service.latestReadyRevision, service.template.revision]
  // A tag that follows the latest revision is somebody else's; requests that follow it are ours to take back.
  const isCandidate = ({ type, revision, percent }: TrafficTarget) =>
    type === latestType ? percent > 0 && latest.includes(candidate) : revision === candidate
  const isServed = [...service.traffic, ...service.trafficStatuses].some((target) => target.percent > 0 && isCandidate(target))
  if (isServed) return pinnedTraffic(service, stable).filter((target) => target.percent > 0 || !isCandidate(target))
  return service.traffic.some(isCandidate) ? service.traffic.filter((target) => !isCandidate(target)) : undefined
}

/** Whether requests go where `traffic`, which names its revisions, wants them. */
export function isServedAs(service: Service, traffic: readonly TrafficTarget[]): boolean {
  const wanted = traffic.filter(({ percent }) => percent > 0)
  const serving = servingRevisions(service)
  return wanted.length === serving.size && wanted.every(({ revision = '', percent }) => serving.get(revision) === percent)
}

/** Whether two lists ask for the same, in any order. */
export function isSameTraffic(a: readonly TrafficTarget[], b: readonly TrafficTarget[]): boolean {
  return keyOf(a) === keyOf(b)
}

const keyOf = (targets: readonly TrafficTarget[]) =>
  targets
    .map(({ type, revision = '', percent, tag = '' }) => `${type} ${revision} ${percent} ${tag}`)
    .toSorted()
    .join('\n')

const foreignTags = (service: Service): TrafficTarget[] =>
  service.traffic
    .filter(({ tag }) => tag !== undefined && tag !== '' && tag !== candidateTag)
    .map(({ type, revision, tag }) => ({
      type,
      percent: 0,
      ...(revision !== undefined && { revision }),
      ...(tag !== undefined && { tag }),
    }))
