import { all, decodes, harmlessOf, kinds, mayClimb, untrusted, type Kinds } from '../kinds.ts'
import { instanceField } from '../model/declared-types.ts'
import { edgeKinds, type EdgeKind } from '../model/file-model.ts'
import type { Bounds } from './bounds.ts'
import { handovers } from './handovers.ts'
import { Paths } from './paths.ts'
import type { Program } from './program.ts'
import { isMasking } from './secrets.ts'
import { isAtSink, type Sink } from './sinks.ts'
import type { Values } from './values.ts'
import { origins, pathSpan, reachableKinds, trace, type Entry, type Fact, type Origin, type Reason } from './ways.ts'

export interface Start {
  readonly node: number
  readonly origin: Origin
  readonly kinds: Kinds
}

/** Untrusted input that reaches a place where it does harm. */
export interface Flow {
  readonly sink: Sink
  readonly origin: Origin
  /** Nodes from where it comes in to the sink. */
  readonly steps: readonly number[]
}

export interface TaintResult {
  readonly flows: readonly Flow[]
  /** Nodes that something untrusted reaches with a kind of `kinds`. */
  readonly reaches: (node: number, kinds: Kinds) => boolean
  /** Whether a stranger's word reaches a node, or what it holds as a list does. */
  readonly isUntrusted: (node: number) => boolean
}

const mostFactsAtNode = 120
const mostFacts = 12_000_000

/**
 * Follows untrusted input through the program: interprocedural, with calls and returns matched by summaries of functions
 * (the tabulation algorithm of Reps, Horwitz and Sagiv over access paths), all kinds in one pass as bits.
 */
export function followTaint(program: Program, paths: Paths, values: Values, starts: readonly Start[], sinks: readonly Sink[], guardMasks: readonly Kinds[], bounds: Bounds): TaintResult {
  const { forward, backward, functions, calls } = program
  const facts: (Map<number, Fact> | undefined)[] = Array.from({ length: program.nodeCount })
  const entries: Entry[] = origins.map(() => ({ fn: -1, node: -1, path: 0, isPrototype: false, incoming: [], exits: [] }))
  const entryIds = new Map<number, number>()
  const extra = new Map<number, number[]>()
  const extraBack = new Map<number, number[]>()
  const uses = new Map<number, number[]>()
  const returnOf = new Map<number, number>()
  const inputOf = new Map<number, number>()
  const callers = new Map<number, number[]>()
  const sinksAt = new Map<number, number[]>()
  const hits = new Map<number, Map<number, { bits: Kinds; node: number; key: number }>>()
  const lengthId = program.fieldId('length') ?? -1
  const hostId = program.fieldId('host') ?? -1
  const hostNameId = program.fieldId('hostname') ?? -1
  const instanceId = program.fieldId(instanceField) ?? -1
  const work: { node: number; entry: number; path: number; bits: Kinds; isNew: boolean; isMutation: boolean }[] = []
  let total = 0

  const push = (map: Map<number, number[]>, key: number, ...items: number[]) => {
    const list = map.get(key)
    if (list) list.push(...items)
    else map.set(key, items)
  }
  for (let at = 0; at < values.flows.length; at += 4) {
    const [from, to, kind, data] = [values.flows[at]!, values.flows[at + 1]!, values.flows[at + 2]!, values.flows[at + 3]!]
    push(extra, from, to, kind, data)
    if (kind === edgeKinds.copy || kind === edgeKinds.load) push(extraBack, to, from, kind, data)
  }
  for (const [index, call] of calls.entries()) {
    for (const target of values.targets[index]!) {
      push(callers, target, index)
      for (const argument of new Set([...call.args, call.receiver])) if (argument >= 0) push(uses, argument, index, target)
    }
    for (const model of values.models[index]!) {
      const harmless = harmlessOf(model.harmless) | (model.normalises ? mayClimb : 0) | (model.decodes ? decodes : 0)
      for (const position of model.derives ?? []) {
        const from = position < 0 ? call.receiver : call.args[position]
        if (from !== undefined && from >= 0) push(extra, from, call.result, edgeKinds.derive, harmless)
      }
    }
  }
  for (const [index, fn] of functions.entries()) {
    returnOf.set(fn.returns, index)
    for (const param of fn.params) inputOf.set(param, index)
    if (fn.args >= 0) inputOf.set(fn.args, index)
    if (fn.self >= 0 && !fn.isBound) inputOf.set(fn.self, index)
  }
  for (const [index, sink] of sinks.entries()) push(sinksAt, sink.node, index)

  const masked = new Uint8Array(program.nodeCount)
  for (const { result, name } of calls) if (isMasking(name)) masked[result] = 1

  const send = (node: number, entry: number, path: number, given: Kinds, reason: Reason, isMutation: boolean): void => {
    if (node < 0 || path < 0) return
    const bits = given & ~((masked[node] === 1 ? kinds.secret : 0) | (path === 0 ? (values.harmless.get(node) ?? 0) : 0))
    if (bits === 0) return
    let here = facts[node]
    if (!here) facts[node] = here = new Map()
    const key = entry * pathSpan + path
    const fact = here.get(key)
    if (!fact) {
      if (here.size >= mostFactsAtNode || total >= mostFacts) {
        bounds.reach(total >= mostFacts ? 'facts' : 'values', node)
        return
      }
      total += 1
      here.set(key, { bits, isMutation, reasons: [reason] })
      work.push({ node, entry, path, bits, isNew: true, isMutation })
      return
    }
    const fresh = bits & ~fact.bits
    const becomesMutation = isMutation && !fact.isMutation
    if (fresh === 0 && !becomesMutation) return
    fact.bits |= bits
    fact.isMutation ||= isMutation
    if (fresh !== 0) fact.reasons.push({ ...reason, bits: fresh })
    work.push({ node, entry, path, bits: fresh === 0 ? bits : fresh, isNew: fresh !== 0, isMutation: fact.isMutation })
  }

  const isElementPath = (path: number) => paths.rest(path, paths.head(path)) === 0 && isElement(program.fields[paths.head(path)]!)

  const through = (node: number, to: number, kind: number, data: number, entry: number, path: number, bits: Kinds): void => {
    const reason = { bits, node, key: entry * pathSpan + path, isKey: false }
    switch (kind as EdgeKind) {
      case edgeKinds.copy:
        return send(to, entry, path, bits, reason, false)
      case edgeKinds.spread: {
        // What comes of an untrusted object is an object of the program with untrusted fields.
        const inner = path === 0 ? paths.join(0, 0) : path
        const left = path === 0 ? bits & ~kinds.prototype : bits
        return send(to, entry, inner, left, { ...reason, bits: left }, true)
      }
      case edgeKinds.filter:
        return send(to, entry, path, path === 0 ? bits & ~data : bits, { ...reason, bits: path === 0 ? bits & ~data : bits }, false)
      case edgeKinds.guard: {
        const left = path === 0 || isElementPath(path) ? bits & ~guardMasks[data]! : bits
        return send(to, entry, path, left, { ...reason, bits: left }, false)
      }
      case edgeKinds.load: {
        if (path !== 0) return send(to, entry, paths.rest(path, data), bits, reason, false)
        if (data === lengthId || data === instanceId) return
        // The host that a request names is the one that its sender is on already.
        const left = data === 0 ? bits : bits & ~(data === hostId || data === hostNameId ? kinds.prototype | kinds.redirect : kinds.prototype)
        return send(to, entry, 0, left, { ...reason, bits: left }, false)
      }
      case edgeKinds.store: {
        // `to[key] = from[key]`: it is a field that `from` has, mostly, and `to` is not what leads to a prototype by it.
        const left = data === 0 && path === 0 ? bits & ~kinds.prototype : bits
        return send(to, entry, paths.join(data, path), left, { ...reason, bits: left }, true)
      }
      case edgeKinds.derive: {
        if (path !== 0 && !isElementPath(path)) return
        const kept = bits & ~data & ~kinds.prototype
        // What is still untrusted as text may be a path, or have lines, again.
        const left = (data & decodes) !== 0 && (kept & (kinds.log | kinds.command)) !== 0 ? kept | mayClimb | kinds.log | kinds.header : kept
        return send(to, entry, 0, left, { ...reason, bits: left }, false)
      }
      case edgeKinds.key:
        if (path === 0 && (bits & kinds.key) !== 0) send(to, entry, 0, kinds.prototype, { bits: kinds.prototype, node, key: entry * pathSpan, isKey: true }, false)
        return
    }
  }

  /** What comes out of a function for what went in: an object that may be a prototype may have come of a name. */
  const passed = (isPrototype: boolean, given: Kinds, kept: Kinds): Kinds => (isPrototype ? (given & kinds.prototype ? kept : 0) : (given & kept & ~kinds.prototype) | ((given & kinds.key) !== 0 ? kept & kinds.prototype : 0))

  const enter = (call: number, target: number, node: number, entry: number, path: number, bits: Kinds, to: number, inner: number): void => {
    if (inner < 0) return
    for (const isPrototype of [false, true]) {
      const given = isPrototype ? bits & kinds.prototype : bits & ~kinds.prototype
      if (given === 0) continue
      const id = (to * pathSpan + inner) * 2 + (isPrototype ? 1 : 0)
      let callee = entryIds.get(id)
      if (callee === undefined) {
        callee = entries.push({ fn: target, node: to, path: inner, isPrototype, incoming: [], exits: [] }) - 1
        entryIds.set(id, callee)
        send(to, callee, inner, isPrototype ? kinds.prototype : all & ~kinds.prototype, { bits: isPrototype ? kinds.prototype : all & ~kinds.prototype, node: -1, key: -1, isKey: false }, false)
      }
      const { incoming, exits } = entries[callee]!
      const key = entry * pathSpan + path
      const known = incoming.find((one) => one.call === call && one.node === node && one.key === key)
      if (known) {
        if ((given & ~known.bits) === 0) continue
        known.bits |= given
      } else incoming.push({ entry, call, node, key, bits: given })
      for (const exit of exits) leave(callee, exit.node, exit.path, exit.bits, { entry, call, node, key, bits: given })
    }
  }

  /** Hands what comes out of a function to one of its callers: its result, or what it put into an argument. */
  const leave = (callee: number, node: number, path: number, bits: Kinds, { entry, call, node: argument, key, bits: given }: Entry['incoming'][number]): void => {
    const { isPrototype } = entries[callee]!
    const left = passed(isPrototype, given, bits)
    if (left === 0) return
    const reason = { bits: left, node, key: callee * pathSpan + path, isKey: false, call: { entry: callee, node: argument, key } }
    const target = returnOf.get(node)
    if (target !== undefined) send(calls[call]!.result, entry, path, left, reason, false)
    else for (const [back, backPath] of argumentsFor(call, node, path)) send(back, entry, backPath, left, reason, true)
  }

  /** The arguments of a call that are what a parameter (or `this`) is. */
  const argumentsFor = (call: number, node: number, path: number): [number, number][] => {
    const target = inputOf.get(node)
    if (target === undefined || !values.targets[call]!.includes(target)) return []
    const fn = functions[target]!
    if (node === fn.self) return calls[call]!.receiver >= 0 ? [[calls[call]!.receiver, path]] : []
    return handovers(program, call, target).flatMap(({ argument, to, kind, data }): [number, number][] => (to !== node ? [] : kind === edgeKinds.copy ? [[argument, path]] : kind === edgeKinds.load ? [[argument, paths.join(data, path)]] : []))
  }

  for (const { node, origin, kinds: bits } of starts) {
    const entry = origins.indexOf(origin)
    send(node, entry, 0, bits, { bits, node: -1, key: -1, isKey: false }, false)
  }

  const handoverCache = new Map<number, ReturnType<typeof handovers>>()
  const handoversOf = (call: number, target: number) => {
    const id = call * functions.length + target
    let known = handoverCache.get(id)
    if (!known) {
      known = handovers(program, call, target)
      handoverCache.set(id, known)
    }
    return known
  }

  for (let item = work.pop(); item; item = work.pop()) {
    const { node, entry, path, bits, isNew, isMutation } = item
    if (isNew) {
      for (const index of sinksAt.get(node) ?? []) {
        const sink = sinks[index]!
        if ((bits & sink.kinds) === 0 || !isAtSink(program, paths, sink, path)) continue
        let byEntry = hits.get(index)
        if (!byEntry) hits.set(index, (byEntry = new Map()))
        const known = byEntry.get(entry)
        if (known) known.bits |= bits & sink.kinds
        else byEntry.set(entry, { bits: bits & sink.kinds, node, key: entry * pathSpan + path })
      }
      for (let at = forward.offsets[node]!; at < forward.offsets[node + 1]!; at += 3) through(node, forward.targets[at]!, forward.targets[at + 1]!, forward.targets[at + 2]!, entry, path, bits)
      const list = extra.get(node)
      if (list) for (let at = 0; at < list.length; at += 3) through(node, list[at]!, list[at + 1]!, list[at + 2]!, entry, path, bits)
      const sites = uses.get(node)
      if (sites)
        for (let at = 0; at < sites.length; at += 2) {
          const call = sites[at]!
          const target = sites[at + 1]!
          for (const { argument, kind, data, to } of handoversOf(call, target)) {
            if (argument !== node) continue
            const inner = kind === edgeKinds.copy ? path : kind === edgeKinds.store ? paths.join(data, path) : path === 0 ? 0 : paths.rest(path, data)
            enter(call, target, node, entry, path, bits, to, inner)
          }
          const fn = functions[target]!
          if (calls[call]!.receiver === node && fn.self >= 0 && !fn.isBound) enter(call, target, node, entry, path, bits, fn.self, path)
        }
      const returned = returnOf.get(node)
      if (returned !== undefined) exit(returned, node, entry, path, bits)
    }
    if (isMutation) {
      const reason = { bits, node, key: entry * pathSpan + path, isKey: false }
      const back = (from: number, kind: number, data: number) => send(from, entry, kind === edgeKinds.load ? paths.join(data, path) : path, bits, reason, true)
      for (let at = backward.offsets[node]!; at < backward.offsets[node + 1]!; at += 3) back(backward.targets[at]!, backward.targets[at + 1]!, backward.targets[at + 2]!)
      const list = extraBack.get(node)
      if (list) for (let at = 0; at < list.length; at += 3) back(list[at]!, list[at + 1]!, list[at + 2]!)
      const owner = inputOf.get(node)
      if (owner !== undefined) exit(owner, node, entry, path, bits)
    }
  }

  function exit(fn: number, node: number, entry: number, path: number, bits: Kinds): void {
    const own = entries[entry]!
    if (own.fn === fn) {
      const known = own.exits.find((one) => one.node === node && one.path === path)
      if (known) {
        if ((bits & ~known.bits) === 0) return
        known.bits |= bits
      } else own.exits.push({ node, path, bits })
      for (const incoming of own.incoming.slice()) leave(entry, node, path, bits, incoming)
      return
    }
    // It did not come in by a parameter: it goes out to everybody who calls.
    const reason = { bits, node, key: entry * pathSpan + path, isKey: false }
    for (const call of callers.get(fn) ?? []) {
      if (returnOf.get(node) === fn) {
        if (calls[call]!.kind !== 'super') send(calls[call]!.result, entry, path, bits, reason, false)
      } else for (const [back, backPath] of argumentsFor(call, node, path)) send(back, entry, backPath, bits, reason, true)
    }
  }

  const alive = reachableKinds(entries, passed)
  const flows: Flow[] = []
  for (const [index, byEntry] of hits) {
    const sink = sinks[index]!
    let best: { origin: number; entry: number; bits: Kinds; node: number; key: number } | undefined
    for (const [entry, hit] of byEntry)
      for (const origin of origins.keys()) {
        const given = alive[entry]![origin]!
        const bits = entry < origins.length ? (entry === origin ? hit.bits : 0) : passed(entries[entry]!.isPrototype, given, hit.bits)
        if (bits !== 0 && (!best || origin < best.origin)) best = { origin, entry, bits, node: hit.node, key: hit.key }
      }
    if (!best) continue
    const bit = best.bits & -best.bits
    flows.push({ sink, origin: origins[best.origin]!, steps: trace(facts, entries, alive, best, bit) })
  }
  return {
    flows,
    isUntrusted: (node) =>
      [...(facts[node] ?? [])].some(([key, fact]) => (key % pathSpan === 0 || isElementPath(key % pathSpan)) && origins.some((origin, index) => strangers.has(origin) && (fact.bits & alive[Math.floor(key / pathSpan)]![index]! & untrusted) !== 0)),
    reaches: (node, wanted) => [...(facts[node] ?? [])].some(([key, fact]) => (key % pathSpan === 0 ? fact.bits & wanted : 0) !== 0 && alive[Math.floor(key / pathSpan)]!.some((given) => (given & wanted) !== 0)),
  }
}

/** Who may not say himself what is right. What a package's user hands over, or stands in a file, may be meant as the list. */
const strangers: ReadonlySet<Origin> = new Set(['request', 'message', 'browser', 'archive'])

const isElement = (field: string) => field === '*' || /^\d+$/.test(field)
