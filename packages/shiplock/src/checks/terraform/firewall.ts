import { at, type TerraformRule } from './rule.ts'
import { isInternet } from './internet.ts'
import type { Module, Resource } from './module.ts'
import type { Field, View } from './view.ts'

interface Opening {
  /** `tcp`, `udp`, `all`, … */
  readonly protocol: string
  readonly isAll: boolean
  readonly includes: (port: number) => boolean
}

const protocols = new Map([['6', 'tcp'], ['17', 'udp'], ['all', 'all']])

/** For what firewall rules let in from the whole internet; `name` says what of it the rule is about. */
export const opened = (name: (opening: Opening) => string | undefined): NonNullable<TerraformRule['examine']> =>
  function* (module) {
    for (const { address, ranges, allowed, protocol } of internetFacing(module)) {
      const [range] = ranges
      if (!range) continue
      const names = new Set(allowed.filter(({ isUncertain }) => !isUncertain).map((allow) => name(openingOf(allow, protocol))).filter((it) => it !== undefined))
      for (const what of names) yield at(range, `${address} opens ${what} to ${String(range.value)}`)
    }
  }

interface Facing {
  readonly address: string
  /** Those of its sources that are the internet. */
  readonly ranges: readonly Field[]
  readonly allowed: readonly View[]
  /** How the blocks in `allowed` name the protocol. */
  readonly protocol: string
}

/** Rules for what comes in, without tags or accounts as sources; those of networks and of policies. */
function internetFacing(module: Module): Facing[] {
  const isIncoming = ({ find }: Resource) => {
    const direction = find('direction')
    const disabled = find('disabled')
    return (direction.state === 'absent' || direction.value === 'INGRESS') && (disabled.state === 'absent' || disabled.value === false)
  }
  const ofNetworks = module.resources('google_compute_firewall').filter(isIncoming).map(({ address, view }) => ({ address, ranges: view.items('source_ranges'), allowed: view.blocks('allow'), protocol: 'protocol' }))
  const policies = module.resources('google_compute_network_firewall_policy_rule', 'google_compute_region_network_firewall_policy_rule', 'google_compute_firewall_policy_rule').filter((rule) => isIncoming(rule) && rule.find('action').value === 'allow')
  const ofPolicies = policies.flatMap(({ address, view }) => view.blocks('match').map((match) => ({ address, ranges: match.items('src_ip_ranges'), allowed: match.blocks('layer4_configs'), protocol: 'ip_protocol' })))
  return [...ofNetworks, ...ofPolicies].map((facing) => ({ ...facing, ranges: facing.ranges.filter(({ value }) => isInternet(value)) }))
}

function openingOf(allow: View, attribute: string): Opening {
  const { value } = allow.find(attribute)
  const known = typeof value === 'string' ? value.toLowerCase() : ''
  const protocol = protocols.get(known) ?? known
  const ports = allow.find('ports')
  const ranges = allow.items('ports').flatMap((port) => rangeOf(String(port.value ?? '')))
  const hasPorts = protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp'
  const isAll = protocol === 'all' || (hasPorts && (ports.state === 'absent' || ranges.some(([from, to]) => from <= 1 && to >= 65_535)))
  return { protocol, isAll, includes: (port) => ranges.some(([from, to]) => from <= port && port <= to) }
}

function rangeOf(text: string): (readonly [from: number, to: number])[] {
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  return from === undefined ? [] : [[Number(from), Number(to)]]
}
