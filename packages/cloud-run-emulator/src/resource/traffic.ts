import { invalidField } from './status.ts'
import { checkTag } from './template.ts'
import type { TrafficTarget } from './service.ts'

const latest = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST'

/** "If traffic is empty or not provided, defaults to 100% traffic to the latest `Ready` Revision" (service.proto). */
export function completeTraffic(traffic: readonly TrafficTarget[] | undefined, service: string): readonly TrafficTarget[] {
  if (traffic === undefined || traffic.length === 0) return [{ type: latest, percent: 100 }]
  const tags = new Set<string>()
  for (const [index, target] of traffic.entries()) {
    const path = `service.traffic[${index}]`
    if (target.type === undefined) throw invalidField(`${path}.type`, 'must be specified')
    if (target.type === latest && target.revision !== undefined)
      throw invalidField(`${path}.revision`, 'must be empty when the type is LATEST')
    if (target.type !== latest && target.revision === undefined)
      throw invalidField(`${path}.revision`, 'must be specified when the type is REVISION')
    const percent = target.percent ?? 0
    if (percent < 0 || percent > 100) throw invalidField(`${path}.percent`, 'must be between 0 and 100')
    if (target.tag === undefined) continue
    checkTag(`${path}.tag`, target.tag, service)
    if (tags.has(target.tag)) throw invalidField(`${path}.tag`, `the tag ${target.tag} is given twice`)
    tags.add(target.tag)
  }
  const total = traffic.reduce((sum, { percent = 0 }) => sum + percent, 0)
  if (total !== 100) throw invalidField('service.traffic', `Traffic target percents must sum to 100, got ${total}`)
  return traffic
}

/** A target with LATEST replaced by the revision that is meant now; `undefined` where no revision is ready yet. */
export function revisionOf(target: TrafficTarget, latestReady: string | undefined): string | undefined {
  return target.type === latest ? latestReady : target.revision
}
