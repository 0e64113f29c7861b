import { fail, ok, type Result } from '@shiplock/findings'
import { readyCondition, type Revision, type RevisionTemplate, type Service, type TrafficTarget } from './cloud-run.ts'
import { hasSecretsOf, isWanted, revisionName, templateOf, type WantedRelease } from './template.ts'
import { pinnedTraffic, stableRevision } from './traffic.ts'

/** What a release will do, as a value: nothing is changed by making it. */
export type ReleasePlan =
  /** There is no service yet. It is made closed, with everything on its only revision. */
  | { readonly kind: 'create'; readonly candidate: string; readonly template: RevisionTemplate; readonly during: readonly TrafficTarget[] }
  /** Beside `stable`, which keeps all traffic `during` the probe, stands `candidate`, which has it `after`. */
  | {
      readonly kind: 'update'
      readonly stable: string
      readonly candidate: string
      /** Absent where the revision is there already, from a release that was not finished. */
      readonly template?: RevisionTemplate
      readonly before: readonly TrafficTarget[]
      readonly during: readonly TrafficTarget[]
      readonly after: readonly TrafficTarget[]
    }
  /** What serves is what is wanted. */
  | { readonly kind: 'unchanged'; readonly stable: string }

/** On a service that Shiplock made and has not finished: the id of that release. */
export const firstReleaseAnnotation = 'shiplock.dev/first-release'

/** Plans the release of `wanted`, from the service as it is now (undefined: there is none) and all of its revisions. */
export function planRelease(service: Service | undefined, revisions: readonly Revision[], wanted: WantedRelease): Result<ReleasePlan> {
  if (!service) {
    const candidate = revisionName(wanted)
    const during = [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: candidate, percent: 100 }]
    return ok({ kind: 'create', candidate, template: templateOf(wanted, candidate), during })
  }
  // Once it is open it had been proven, and only the mark was left behind.
  if (service.annotations[firstReleaseAnnotation] !== undefined && !service.invokerIamDisabled) return fail(unfinished(service))
  const stable = stableRevision(service)
  if (!stable.ok) return stable

  const byName = new Map(revisions.map((revision) => [revision.name, revision]))
  const serving = byName.get(stable.value)
  const isRight = (revision: Revision) => isWanted(revision, wanted) && hasSecretsOf(revision, service.template)
  if (serving && isRight(serving)) return ok({ kind: 'unchanged', stable: stable.value })

  const { candidate, isThere } = freeName(byName, { wanted, stable: stable.value, isRight })
  return ok({
    kind: 'update',
    stable: stable.value,
    candidate,
    ...(!isThere && { template: templateOf(wanted, candidate, service.template) }),
    before: service.traffic,
    during: pinnedTraffic(service, stable.value, candidate),
    after: pinnedTraffic(service, candidate),
  })
}

/** A revision that was made before and did not fail is used again; a failed one is left, and the next name taken. */
function freeName(
  revisions: ReadonlyMap<string, Revision>,
  { wanted, stable, isRight }: { readonly wanted: WantedRelease; readonly stable: string; readonly isRight: (revision: Revision) => boolean },
): { readonly candidate: string; readonly isThere: boolean } {
  for (let attempt = 1; ; attempt++) {
    const candidate = revisionName(wanted, attempt)
    // Also where the list of revisions is older than the traffic and does not have it.
    if (candidate === stable) continue
    const revision = revisions.get(candidate)
    if (!revision) return { candidate, isThere: false }
    if (isRight(revision) && readyCondition(revision)?.state !== 'CONDITION_FAILED') return { candidate, isThere: true }
  }
}

const unfinished = (service: Service) =>
  ({
    reason: 'deploy-in-progress',
    message: `the first release of ${service.name} is under way${service.lastModifier && `, by ${service.lastModifier}`}${service.updateTime && `, since ${service.updateTime}`}`,
    hint: 'let it end; where it has died, delete the service (nobody could call it yet) and run again',
  }) as const
