import { all, kinds, type Kinds } from '../kinds.ts'
import type { Source } from '../models/shape.ts'
import type { Entries, TaintFacts } from './taint-facts.ts'

/** Whose word is trusted least comes first: where several sources reach a sink, the first is reported. */
export const origins = ['request', 'message', 'browser', 'archive', 'queue', 'response', 'content', 'secret', 'stack', 'library', 'command-line', 'file', 'database', 'environment'] as const satisfies readonly (Source | 'library')[]
export type Origin = (typeof origins)[number]

const library = origins.indexOf('library')

/** Per entry and origin, in this order: the kinds that truly arrive there from that origin. */
export function reachableKinds(entries: Entries, facts: TaintFacts, passed: (isPrototype: boolean, given: Kinds, kept: Kinds) => Kinds, outside: ReadonlyMap<number, Kinds>): Int32Array {
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
  for (const [entry, bits] of outside) {
    alive[entry * count + library] = bits
    work.push(entry)
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

/** Facts that are looked at for one way; beyond that its beginning is left out. */
const mostLookedAt = 20_000
/** Calls within calls whose inside is shown. */
const deepest = 20

/** A fact on the way, for which kind it is asked how it came to be. */
interface Step {
  readonly fact: number
  readonly bit: Kinds
  /** The step behind it, and the fact that came out of a function between them. */
  readonly next: Step | undefined
  readonly exit: number
}

/** The shortest way that a kind took to a sink from where it came in: nodes. Calls and returns match. */
export function trace(facts: TaintFacts, entries: Entries, alive: Int32Array, outside: ReadonlyMap<number, Kinds>, from: { readonly origin: number; readonly fact: number }, wanted: Kinds): number[] {
  /** Back from a fact to where `isStart` says that it begins; only within its function unless `isOpen`. */
  const back = (start: number, bit: Kinds, isOpen: boolean): Step | undefined => {
    const steps: Step[] = [{ fact: start, bit, next: undefined, exit: -1 }]
    const seen = new Set<number>([start])
    const seenAsKey = new Set<number>()
    let last: Step | undefined
    const visit = (fact: number, kind: Kinds, next: Step, exit: number) => {
      const known = kind === kinds.key && bit !== kinds.key ? seenAsKey : seen
      if (known.has(fact)) return
      known.add(fact)
      steps.push({ fact, bit: kind, next, exit })
    }
    for (const step of steps) {
      if (steps.length > mostLookedAt) return last
      last = step
      const entry = facts.entryOf(step.fact)
      for (const reason of facts.reasonsOf(step.fact, step.bit)) {
        const kind = reason.isKey ? kinds.key : step.bit
        if (reason.callee >= 0) visit(reason.argument, kind, step, reason.from)
        else if (reason.from >= 0) visit(reason.from, kind, step, -1)
        else if (!isOpen || entry === from.origin || (from.origin === library && ((outside.get(entry) ?? 0) & kind) !== 0)) return step
        else if (entry >= origins.length)
          for (let incoming = entries.firstIncoming[entry]!; incoming >= 0; incoming = entries.nextIncoming[incoming]!) {
            const argument = entries.argumentOf(incoming)
            const before = facts.entryOf(argument)
            const given = entries.incomingBits[incoming]!
            if (before !== from.origin && (before < origins.length || alive[before * origins.length + from.origin] === 0)) continue
            if ((given & kind) !== 0) visit(argument, kind, step, -1)
            else if ((given & kinds.key) !== 0) visit(argument, kinds.key, step, -1)
          }
      }
    }
    return last
  }
  const nodes: number[] = []
  const show = (first: Step | undefined, depth: number) => {
    for (let step = first; step; step = step.next) {
      const node = facts.nodeOf(step.fact)
      if (nodes.at(-1) !== node) nodes.push(node)
      if (step.exit >= 0 && depth < deepest) show(back(step.exit, step.bit, false), depth + 1)
    }
  }
  show(back(from.fact, wanted, true), 0)
  return nodes
}
