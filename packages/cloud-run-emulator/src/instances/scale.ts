import type { RevisionSettings, ServiceScaling } from '../resource/service.ts'

/** How many instances a revision may and must have, and how much each takes at once. */
export interface Scale {
  readonly min: number
  readonly max: number
  readonly concurrency: number
}

/** The template's limits under those of the service; a service that is scaled by hand has exactly that many. `most` is what this machine allows. */
export function scaleOf(settings: RevisionSettings, service: ServiceScaling, most: number): Scale {
  const concurrency = settings.maxInstanceRequestConcurrency ?? 80
  if (service.scalingMode === 'MANUAL') {
    const count = Math.min(service.manualInstanceCount ?? 0, most)
    return { min: count, max: count, concurrency }
  }
  const max = Math.min(settings.scaling?.maxInstanceCount ?? most, service.maxInstanceCount ?? most, most)
  return { min: Math.min(Math.max(settings.scaling?.minInstanceCount ?? 0, service.minInstanceCount ?? 0), max), max, concurrency }
}
