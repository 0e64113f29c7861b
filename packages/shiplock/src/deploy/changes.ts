import type { Revision, Service } from './cloud-run.ts'
import type { ReleasePlan } from './release-plan.ts'
import { servedRevisions } from './served.ts'
import { commitOf, fingerprintedName, imageReference, type WantedRelease } from './template.ts'
import { candidateTag, servingRevisions } from './traffic.ts'

/** What a release would change, for people, before anything is done. */
export interface ReleaseChanges {
  readonly kind: ReleasePlan['kind']
  readonly stable?: string
  readonly candidate?: string
  /** Absent where nothing served before. */
  readonly commits?: { readonly from: string; readonly to: string }
  readonly image: { readonly from?: string; readonly to: string }
  readonly config: readonly { readonly name: string; readonly from?: string; readonly to?: string }[]
  /** What was changed by hand since the last release, a sentence each. A release puts the config back as it is written. */
  readonly drift: readonly string[]
}

export function changesOf(plan: ReleasePlan, service: Service | undefined, revisions: readonly Revision[], wanted: WantedRelease): ReleaseChanges {
  const stable = plan.kind === 'create' ? undefined : revisions.find(({ name }) => name === plan.stable)
  const [before, to] = [stable && commitOf(stable), wanted.commit ?? '']
  return {
    kind: plan.kind,
    ...(plan.kind !== 'create' && { stable: plan.stable }),
    ...(plan.kind !== 'unchanged' && { candidate: plan.candidate }),
    ...(before !== undefined && before !== '' && to !== '' && before !== to && { commits: { from: before, to } }),
    image: { ...(stable && { from: stable.containers[0]?.image ?? '' }), to: imageReference(wanted) },
    config: configChanges(stable, wanted),
    drift: service ? driftOf(service, stable) : [],
  }
}

function configChanges(stable: Revision | undefined, wanted: WantedRelease): ReleaseChanges['config'] {
  const [container] = stable?.containers ?? []
  const was = new Map((container?.env ?? []).filter(({ valueSource }) => valueSource === undefined).map(({ name, value = '' }) => [`env ${name}`, value]))
  const will = new Map(Object.entries(wanted.env).map(([name, value]) => [`env ${name}`, value]))
  const names = [...new Set([...was.keys(), ...will.keys()])].toSorted()
  return names.flatMap((name) => {
    const [from, to] = [was.get(name), will.get(name)]
    // What the service's owner set beside ours is carried over.
    if (from === to || (to === undefined && from !== undefined && !isOurs(stable, name))) return []
    return [{ name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }]
  })
}

const isOurs = (stable: Revision | undefined, name: string): boolean => (stable?.annotations['shiplock.dev/env'] ?? '').split(',').includes(name.slice('env '.length))

/** What does not fit what the last release left. */
export function driftOf(service: Service, stable: Revision | undefined): string[] {
  const drift: string[] = []
  const serving = [...servingRevisions(service).keys()]
  const [lastGood] = servedRevisions(service)
  if (lastGood !== undefined && !serving.includes(lastGood)) drift.push(`the traffic was moved by hand: the last release left it on ${lastGood}, and ${serving.join(', ') || 'nothing'} serves`)
  if (stable && !stable.name.startsWith(fingerprintedName(service.name, stable))) drift.push(`${stable.name}, which serves, was not made by a release${by(service)}: what is set in it by hand and is in the config too will be replaced`)
  if (service.traffic.some(({ type, percent }) => type === 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST' && percent > 0)) drift.push('the traffic follows the latest revision: it will be pinned')
  const { revision } = service.template
  // One that was rolled back from, and a candidate that is held, are known.
  const isKnown = revision === undefined || serving.includes(revision) || servedRevisions(service).includes(revision) || service.traffic.some((target) => target.tag === candidateTag && target.revision === revision)
  if (stable && !isKnown) drift.push(`the newest revision is ${revision}, which does not serve`)
  return drift
}

const by = ({ lastModifier }: Service) => (lastModifier === '' ? '' : ` (last changed by ${lastModifier})`)
