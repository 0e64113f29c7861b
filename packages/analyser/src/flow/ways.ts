import { all, kinds, type Kinds } from '../kinds.ts'
import type { Source } from '../models/shape.ts'
import type { Entries, TaintFacts } from './taint-facts.ts'

/** Whose word is trusted least comes first: where several sources reach a sink, the first is reported. */
export const origins = ['request', 'message', 'browser', 'archive', 'queue', 'response', 'content', 'secret', 'stack', 'library', 'command-line', 'file', 'database', 'environment'] as const satisfies readonly (Source | 'library')[]
export type Origin = (typeof origins)[number]

/** Per entry and origin, in this order: the kinds that truly arrive there from that origin. */
export function reachableKinds(entries: Entries, facts: TaintFacts, passed: (isPrototype: boolean, given: Kinds, kept: Kinds) => Kinds): Int32Array {
  const count = origins.length
  const alive = new Int32Array(entries.count * count)
  const outgoing: (number[] | undefined)[] = Array.from({ length: entries.count })
  for (let to = 0; to < entries.count; to += 1)
    for (let incoming = entries.firstIncoming[to]!; incoming >= 0; incoming = entries.nextIncoming[incoming]!) (outgoing[facts.entryOf(entries.argumentOf(incoming))] ??= []).push(to, entries.incomingBits[incoming]!)
  const work: number[] = []
  for (const origin of origins.keys()) {
    alive[origin * count + origin] = all
    work.push(origin)
  }
  for (let entry = work.pop(); entry !== undefined; entry = work.pop()) {
    const next = outgoing[entry]
    if (!next) continue
    for (let at = 0; at < next.length; at += 2) {
      const to = next[at]!
      const bits = next[at + 1]!
      let changed = false
      for (let origin = 0; origin < count; origin += 1) {
        const given = alive[entry * count + origin]!
        const arrives = entry < count ? given & bits : passed(entries.isPrototype(entry), given, bits)
        if ((arrives & ~alive[to * count + origin]!) === 0) continue
        alive[to * count + origin]! |= arrives
        changed = true
      }
      if (changed) work.push(to)
    }
  }
  return alive
}

/** The way that a kind took, back from the sink to where it came in: nodes. */
export function trace(facts: TaintFacts, entries: Entries, alive: Int32Array, from: { readonly origin: number; readonly fact: number }, wanted: Kinds): number[] {
  const steps: number[] = []
  const seen = new Set<string>()
  const frames: { readonly callee: number; readonly argument: number }[] = []
  let { fact } = from
  let bit = wanted
  for (;;) {
    const node = facts.nodeOf(fact)
    if (steps.at(-1) !== node) steps.push(node)
    const at = `${fact} ${bit}`
    if (seen.has(at)) break
    seen.add(at)
    const reason = facts.reasonOf(fact, bit)
    if (!reason) break
    if (reason.isKey) bit = kinds.key
    if (reason.from >= 0) {
      if (reason.callee >= 0) frames.push(reason)
      fact = reason.from
      continue
    }
    const entry = facts.entryOf(fact)
    if (entry < origins.length) break
    const frame = frames.pop()
    if (frame && frame.callee === entry) {
      fact = frame.argument
      continue
    }
    frames.length = 0
    let back = -1
    for (let incoming = entries.firstIncoming[entry]!; incoming >= 0 && back < 0; incoming = entries.nextIncoming[incoming]!) {
      const argument = entries.argumentOf(incoming)
      const before = facts.entryOf(argument)
      if ((entries.incomingBits[incoming]! & bit) !== 0 && !seen.has(`${argument} ${bit}`) && (before === from.origin || (before >= origins.length && alive[before * origins.length + from.origin] !== 0))) back = argument
    }
    if (back < 0) break
    fact = back
  }
  return steps.toReversed()
}
