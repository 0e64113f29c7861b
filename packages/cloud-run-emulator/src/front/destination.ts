import { tagLabel } from '../resource/names.ts'
import type { ServiceRecord } from '../platform/record.ts'

/** Where a request goes, or what the caller is told instead. */
export type Destination =
  /** `split`: drawn by percent; `tag`: named by the caller. */
  | { readonly kind: 'split' | 'tag'; readonly service: ServiceRecord; readonly revision: string }
  | { readonly kind: 'no-service'; readonly host: string }
  | { readonly kind: 'no-revision'; readonly service: ServiceRecord }

const bareHosts = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Chooses by Host: `SERVICE.localhost` splits by percent, `TAG---SERVICE.localhost` goes to the tag's revision, and a bare
 * loopback name means the first service that was created. `random` is in [0, 1); each request is drawn anew.
 */
export function destinationOf(host: string | undefined, services: readonly ServiceRecord[], random: number): Destination {
  const name = (host ?? 'localhost')
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '')
  const [first] = services
  if (bareHosts.has(name) && first !== undefined) return split(first, random)
  const label = name.endsWith('.localhost') ? name.slice(0, -'.localhost'.length) : undefined
  for (const service of services) {
    if (label === service.id) return split(service, random)
    const tagged = service.statuses.find(({ tag }) => tag !== undefined && tagLabel(tag, service.id) === label)
    if (tagged !== undefined) return { kind: 'tag', service, revision: tagged.serves }
  }
  return { kind: 'no-service', host: name }
}

function split(service: ServiceRecord, random: number): Destination {
  let below = random * 100
  for (const { serves, percent = 0 } of service.statuses) {
    if (below < percent) return { kind: 'split', service, revision: serves }
    below -= percent
  }
  return { kind: 'no-revision', service }
}
