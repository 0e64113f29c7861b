import { all, kinds, type Kinds } from '../kinds.ts'
import type { Source } from '../models/shape.ts'

/** Whose word is trusted least comes first: where several sources reach a sink, the first is reported. */
export const origins = ['request', 'message', 'browser', 'archive', 'response', 'content', 'secret', 'stack', 'library', 'command-line', 'file', 'database', 'environment'] as const satisfies readonly (Source | 'library')[]
export type Origin = (typeof origins)[number]

/** A fact's key is its entry times this, and its path. */
export const pathSpan = 1_048_576

/** How a fact came to be: the fact before it, and, where it came out of a call, what went into that. */
export interface Reason {
  readonly bits: Kinds
  readonly node: number
  readonly key: number
  readonly isKey: boolean
  readonly call?: { readonly entry: number; readonly node: number; readonly key: number }
}

export interface Fact {
  bits: Kinds
  isMutation: boolean
  readonly reasons: Reason[]
}

/** A parameter that something untrusted came in by: what a function does with it is found once, for all who call it. */
export interface Entry {
  readonly fn: number
  readonly node: number
  readonly path: number
  /** Whether it stands for an object that may be a prototype; otherwise for everything else. */
  readonly isPrototype: boolean
  readonly incoming: { readonly entry: number; readonly call: number; readonly node: number; readonly key: number; bits: Kinds }[]
  readonly exits: { readonly node: number; readonly path: number; bits: Kinds }[]
}

/** Per entry and origin: the kinds that truly arrive there from that origin. */
export function reachableKinds(entries: readonly Entry[], passed: (isPrototype: boolean, given: Kinds, kept: Kinds) => Kinds): Int32Array[] {
  const alive = entries.map(() => new Int32Array(origins.length))
  const outgoing: { to: number; bits: Kinds }[][] = entries.map(() => [])
  for (const [to, { incoming }] of entries.entries()) for (const { entry, bits } of incoming) outgoing[entry]!.push({ to, bits })
  const work: number[] = []
  for (const origin of origins.keys()) {
    alive[origin]![origin] = all
    work.push(origin)
  }
  for (let entry = work.pop(); entry !== undefined; entry = work.pop())
    for (const { to, bits } of outgoing[entry]!) {
      let changed = false
      for (const origin of origins.keys()) {
        const given = alive[entry]![origin]!
        const arrives = entry < origins.length ? given & bits : passed(entries[entry]!.isPrototype, given, bits)
        if ((arrives & ~alive[to]![origin]!) === 0) continue
        alive[to]![origin]! |= arrives
        changed = true
      }
      if (changed) work.push(to)
    }
  return alive
}

/** The way that a kind took, back from the sink to where it came in. */
export function trace(facts: readonly (Map<number, Fact> | undefined)[], entries: readonly Entry[], alive: readonly Int32Array[], from: { origin: number; node: number; key: number }, wanted: Kinds): number[] {
  const steps: number[] = []
  const seen = new Set<string>()
  const frames: NonNullable<Reason['call']>[] = []
  let { node, key } = from
  let bit = wanted
  for (;;) {
    if (steps.at(-1) !== node) steps.push(node)
    const at = `${node} ${key} ${bit}`
    if (seen.has(at)) break
    seen.add(at)
    const reason: Reason | undefined = facts[node]?.get(key)?.reasons.find(({ bits }) => (bits & bit) !== 0)
    if (!reason) break
    if (reason.isKey) bit = kinds.key
    if (reason.node >= 0) {
      if (reason.call) frames.push(reason.call)
      ;({ node, key } = reason)
      continue
    }
    const entry = Math.floor(key / pathSpan)
    if (entry < origins.length) break
    const frame = frames.pop()
    if (frame && frame.entry === entry) {
      ;({ node, key } = frame)
      continue
    }
    frames.length = 0
    const back = entries[entry]!.incoming.find((one) => (one.bits & bit) !== 0 && !seen.has(`${one.node} ${one.key} ${bit}`) && (one.entry === from.origin || (one.entry >= origins.length && alive[one.entry]![from.origin]! !== 0)))
    if (!back) break
    ;({ node, key } = back)
  }
  return steps.toReversed()
}
