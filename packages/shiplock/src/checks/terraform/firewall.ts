import { at, type TerraformRule } from './rule.ts'
import type { Module } from './module.ts'
import type { View } from './view.ts'

interface Opening {
  /** `tcp`, `udp`, `all`, … */
  readonly protocol: string
  readonly isAll: boolean
  readonly includes: (port: number) => boolean
}

const protocols = new Map([['6', 'tcp'], ['17', 'udp'], ['all', 'all']])
const everywhere = new Set<unknown>(['0.0.0.0/0', '::/0', '0.0.0.0', '::0/0'])

/** For what firewall rules let in from the whole internet; `name` says what of it the rule is about. */
export const opened = (name: (opening: Opening) => string | undefined): NonNullable<TerraformRule['examine']> =>
  function* (module) {
    for (const { address, view } of internetFacing(module)) {
      const ranges = view.items('source_ranges').filter(({ value }) => everywhere.has(value))
      const [range] = ranges
      if (!range) continue
      const names = new Set(view.blocks('allow').filter(({ isUncertain }) => !isUncertain).map((allow) => name(openingOf(allow))).filter((it) => it !== undefined))
      for (const what of names) yield at(range, `${address} opens ${what} to ${String(range.value)}`)
    }
  }

/** Rules for what comes in, without tags or accounts as sources. */
function internetFacing(module: Module) {
  return module.resources('google_compute_firewall').filter(({ find }) => {
    const direction = find('direction')
    const disabled = find('disabled')
    return (direction.state === 'absent' || direction.value === 'INGRESS') && (disabled.state === 'absent' || disabled.value === false)
  })
}

function openingOf(allow: View): Opening {
  const { value } = allow.find('protocol')
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
