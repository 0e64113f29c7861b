import { all, decodes, kinds, mayClimb, untrusted, type Kinds } from '../kinds.ts'
import { instanceField } from '../model/declared-types.ts'
import { edgeKinds, type EdgeKind } from '../model/file-model.ts'
import type { Bounds } from './bounds.ts'
import { addedEdges, edgesOf, keptFlows } from './edges.ts'
import { eachHandover } from './handovers.ts'
import { pushTo } from './pairs.ts'
import { elementField, type Paths } from './paths.ts'
import { listed, type Adjacency } from './adjacency.ts'
import type { Program } from './program.ts'
import { relevantKinds } from './relevance.ts'
import { isMasking } from './secrets.ts'
import { isAtSink, type Sink } from './sinks.ts'
import { Entries, Handovers, TaintFacts } from './taint-facts.ts'
import type { Values } from './values.ts'
import { origins, reachableKinds, trace, type Origin } from './ways.ts'

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
  readonly flows: () => readonly Flow[]
  /** Nodes that something untrusted reaches with a kind of `kinds`. */
  readonly reaches: (node: number, kinds: Kinds) => boolean
  /** Whether a stranger's word reaches a node, or what it holds as a list does. */
  readonly isUntrusted: (node: number) => boolean
}

const mostFactsAtNode = 120
const mostFacts = 12_000_000

/**
 * Follows untrusted input through the program: interprocedural, with calls and returns matched by summaries of functions
 * (the tabulation algorithm of Reps, Horwitz and Sagiv over access paths), all kinds in one pass as bits. What cannot reach
 * a sink is left where it is.
 */
export function followTaint(program: Program, paths: Paths, values: Values, starts: readonly Start[], sinks: readonly Sink[], bounds: Bounds): (guardMasks: readonly Kinds[]) => TaintResult {
  const { forward, backward, functions, calls, nodeCount } = program
  const extra = listed(nodeCount, addedEdges(program, values)).forward
  const extraBack = listed(nodeCount, keptFlows(values.flows)).backward
  const enters = new Handovers(nodeCount)
  const returnOf = new Int32Array(nodeCount).fill(-1)
  const inputOf = new Int32Array(nodeCount).fill(-1)
  const callers = new Map<number, number[]>()
  /** Of each node its first sink, and of each sink the next one of its node; -1 where there is none. */
  const firstSink = new Int32Array(nodeCount).fill(-1)
  const nextSink = new Int32Array(sinks.length).fill(-1)
  const lengthId = program.fieldId('length') ?? -1
  const hostId = program.fieldId('host') ?? -1
  const hostNameId = program.fieldId('hostname') ?? -1
  const instanceId = program.fieldId(instanceField) ?? -1
  const relevance = relevantKinds(nodeCount, edgesOf(program, values), harmfulPlaces(program, sinks))
  for (const [index, call] of calls.entries()) {
    for (const target of values.targets[index]!) {
      pushTo(callers, target, index)
      const { self, isBound } = functions[target]!
      const enter = (argument: number, to: number, kind: EdgeKind, data: number) => {
        if (argument >= 0 && relevance.put[to] !== 0) enters.add(argument, index, target, kind, data, to)
      }
      eachHandover(program, index, target, enter)
      if (self >= 0 && !isBound) enter(call.receiver, self, edgeKinds.copy, 0)
    }
  }
  for (const [index, fn] of functions.entries()) {
    returnOf[fn.returns] = index
    for (const param of fn.params) inputOf[param] = index
    if (fn.args >= 0) inputOf[fn.args] = index
    if (fn.self >= 0 && !fn.isBound) inputOf[fn.self] = index
  }
  for (let index = sinks.length - 1; index >= 0; index -= 1) {
    const { node } = sinks[index]!
    nextSink[index] = firstSink[node]!
    firstSink[node] = index
  }

  /** What is harmless about a value wherever it comes from, with all that it holds, and about the value itself. */
  const masked = new Int32Array(nodeCount)
  for (const { result, name } of calls) if (isMasking(name)) masked[result] = kinds.secret
  const harmless = new Int32Array(nodeCount)
  for (const [node, mask] of values.harmless) harmless[node] = mask

  const entries = new Entries(origins.length)
  const facts = new TaintFacts(nodeCount)
  /** Entries that users of the package come in by, and the kinds that they bring. */
  const outside = new Map<number, Kinds>()
  const hits = new Map<number, Map<number, { bits: Kinds; fact: number }>>()
  /** Three numbers each: the fact, the kinds that are new of it, and whether it is new (1) and was put where it is (2). */
  const work: number[] = []
  let guardMasks: readonly Kinds[] = []

  /** `from`: the fact that it comes of; -1 for what begins here. Its `call`: what it came out of, and what had gone in. */
  const send = (node: number, entry: number, path: number, given: Kinds, from: number, isKey: boolean, isMutation: boolean, callee = -1, argument = -1): void => {
    if (node < 0 || path < 0) return
    let bits = given & relevance.put[node]! & ~(masked[node]! | (path === 0 ? harmless[node]! : 0))
    if (bits === 0) return
    const place = facts.placeOf(entry, path)
    let fact = facts.find(node, place)
    if (!isMutation && (fact < 0 || facts.mutations[fact] === 0)) {
      bits &= relevance.arriving[node]!
      if (bits === 0) return
    }
    if (fact < 0) {
      if (facts.sizes[node]! >= mostFactsAtNode || facts.count >= mostFacts) {
        return bounds.reach(facts.count >= mostFacts ? 'facts' : 'values', node)
      }
      fact = facts.addAt(node, place, bits, isMutation)
      facts.explain(fact, bits, { from, isKey, callee, argument })
      work.push(fact, bits, isMutation ? 3 : 1)
      return
    }
    const fresh = bits & ~facts.bits[fact]!
    if (fresh === 0 && !(isMutation && facts.mutations[fact] === 0)) return
    facts.bits[fact]! |= bits
    if (isMutation) facts.mutations[fact] = 1
    if (fresh !== 0) facts.explain(fact, fresh, { from, isKey, callee, argument })
    work.push(fact, fresh === 0 ? bits : fresh, (fresh === 0 ? 0 : 1) + (facts.mutations[fact] === 1 ? 2 : 0))
  }

  const isElementPath = (path: number) => paths.rest(path, paths.head(path)) === 0 && isElement(program.fields[paths.head(path)]!)

  const through = (from: number, to: number, kind: number, data: number, entry: number, path: number, bits: Kinds): void => {
    switch (kind as EdgeKind) {
      case edgeKinds.copy:
        return send(to, entry, path, bits, from, false, false)
      case edgeKinds.spread: {
        // What comes of an untrusted object is an object of the program with untrusted fields.
        const inner = path === 0 ? paths.join(0, 0) : path
        const left = path === 0 ? bits & ~kinds.prototype : bits
        return send(to, entry, inner, left, from, false, true)
      }
      case edgeKinds.filter:
        return send(to, entry, path, path === 0 ? bits & ~data : bits, from, false, false)
      case edgeKinds.guard: {
        const left = path === 0 || isElementPath(path) ? bits & ~guardMasks[data]! : bits
        return send(to, entry, path, left, from, false, false)
      }
      case edgeKinds.load: {
        if (path !== 0) return send(to, entry, paths.rest(path, data), bits, from, false, false)
        if (data === lengthId || data === instanceId) return
        // The host that a request names is the one that its sender is on already.
        const left = data === 0 ? bits : bits & ~(data === hostId || data === hostNameId ? kinds.prototype | kinds.redirect : kinds.prototype)
        return send(to, entry, 0, left, from, false, false)
      }
      case edgeKinds.store: {
        // `to[key] = from[key]`: it is a field that `from` has, mostly, and `to` is not what leads to a prototype by it.
        const left = data === 0 && path === 0 ? bits & ~kinds.prototype : bits
        return send(to, entry, paths.join(data, path), left, from, false, true)
      }
      case edgeKinds.derive: {
        if (path !== 0 && !isElementPath(path)) return
        const kept = bits & ~data & ~kinds.prototype
        // What is still untrusted as text may be a path, or have lines, again.
        const left = (data & decodes) !== 0 && (kept & (kinds.log | kinds.command)) !== 0 ? kept | mayClimb | kinds.log | kinds.header : kept
        return send(to, entry, 0, left, from, false, false)
      }
      case edgeKinds.key:
        if (path === 0 && (bits & kinds.key) !== 0) send(to, entry, 0, kinds.prototype, from, true, false)
        return
    }
  }

  /** What comes out of a function for what went in: an object that may be a prototype may have come of a name. */
  const passed = (isPrototype: boolean, given: Kinds, kept: Kinds): Kinds => (isPrototype ? (given & kinds.prototype ? kept : 0) : (given & kept & ~kinds.prototype) | ((given & kinds.key) !== 0 ? kept & kinds.prototype : 0))

  const enter = (call: number, target: number, argument: number, bits: Kinds, to: number, inner: number): void => {
    if (inner < 0) return
    const relevant = relevance.put[to]!
    for (let prototype = 0; prototype < 2; prototype += 1) {
      const isPrototype = prototype === 1
      const given = isPrototype ? bits & kinds.prototype : bits & ~kinds.prototype
      if ((given & relevant) === 0) continue
      const before = entries.count
      const callee = entries.at(to, inner, isPrototype, target)
      if (callee === before) send(to, callee, inner, isPrototype ? kinds.prototype : all & ~kinds.prototype, -1, false, false)
      if (!entries.comesIn(callee, call, argument, given)) continue
      for (let exit = entries.firstExit[callee]!; exit >= 0; exit = facts.nextExit[exit]!) leave(callee, exit, facts.exitBits[exit]!, call, argument, given)
    }
  }

  /** A user of the package calls: what he handed over comes back to him, and to nobody of the program who calls the same function. */
  const fromOutside = (node: number, bits: Kinds): void => {
    const before = entries.count
    const entry = entries.at(node, 0, false, inputOf[node]!)
    if (entry === before) send(node, entry, 0, all & ~kinds.prototype, -1, false, false)
    outside.set(entry, (outside.get(entry) ?? 0) | bits)
  }

  /** Hands what comes out of a function to one of its callers: its result, or what it put into an argument. */
  const leave = (callee: number, exit: number, bits: Kinds, call: number, argument: number, given: Kinds): void => {
    const left = passed(entries.isPrototype(callee), given, bits)
    if (left === 0) return
    const node = facts.nodeOf(exit)
    const entry = facts.entryOf(argument)
    const path = facts.pathOf(exit)
    if (returnOf[node]! >= 0) send(calls[call]!.result, entry, path, left, exit, false, false, callee, argument)
    else toArguments(call, node, path, (back, backPath) => send(back, entry, backPath, left, exit, false, true, callee, argument))
  }

  /** The arguments of a call that are what a parameter (or `this`) is. */
  const toArguments = (call: number, node: number, path: number, visit: (argument: number, path: number) => void): void => {
    const target = inputOf[node]!
    if (target < 0 || !values.targets[call]!.includes(target)) return
    const fn = functions[target]!
    if (node === fn.self) {
      if (calls[call]!.receiver >= 0) visit(calls[call]!.receiver, path)
      return
    }
    eachHandover(program, call, target, (argument, to, kind, data) => {
      if (to !== node) return
      if (kind === edgeKinds.copy) visit(argument, path)
      else if (kind === edgeKinds.load) visit(argument, paths.join(data, path))
    })
  }

  const run = () => {
    while (work.length > 0) {
      const state = work.pop()!
      const bits = work.pop()!
      const fact = work.pop()!
      const node = facts.nodeOf(fact)
      const entry = facts.entryOf(fact)
      const path = facts.pathOf(fact)
      if ((state & 1) !== 0) {
        for (let index = firstSink[node]!; index >= 0; index = nextSink[index]!) {
          const sink = sinks[index]!
          if ((bits & sink.kinds) === 0 || !isAtSink(program, paths, sink, path)) continue
          let byEntry = hits.get(index)
          if (!byEntry) hits.set(index, (byEntry = new Map()))
          const known = byEntry.get(entry)
          if (known) known.bits |= bits & sink.kinds
          else byEntry.set(entry, { bits: bits & sink.kinds, fact })
        }
        for (let at = forward.offsets[node]!, end = forward.offsets[node + 1]!; at < end; at += 3) through(fact, forward.targets[at]!, forward.targets[at + 1]!, forward.targets[at + 2]!, entry, path, bits)
        for (let at = extra.offsets[node]!, end = extra.offsets[node + 1]!; at < end; at += 3) through(fact, extra.targets[at]!, extra.targets[at + 1]!, extra.targets[at + 2]!, entry, path, bits)
        for (let site = enters.first[node]!; site >= 0; site = enters.next[site]!) {
          const kind = enters.kinds[site]
          const data = enters.data[site]!
          enter(enters.calls[site]!, enters.callees[site]!, fact, bits, enters.targets[site]!, kind === edgeKinds.copy ? path : kind === edgeKinds.store ? paths.join(data, path) : path === 0 ? 0 : paths.rest(path, data))
        }
        if (returnOf[node]! >= 0) exit(returnOf[node]!, fact, bits)
      }
      if ((state & 2) !== 0) {
        const back = (from: number, kind: number, data: number) => send(from, entry, kind === edgeKinds.load ? paths.join(data, path) : path, bits, fact, false, true)
        for (let at = backward.offsets[node]!, end = backward.offsets[node + 1]!; at < end; at += 3) back(backward.targets[at]!, backward.targets[at + 1]!, backward.targets[at + 2]!)
        for (let at = extraBack.offsets[node]!, end = extraBack.offsets[node + 1]!; at < end; at += 3) back(extraBack.targets[at]!, extraBack.targets[at + 1]!, extraBack.targets[at + 2]!)
        if (inputOf[node]! >= 0) exit(inputOf[node]!, fact, bits)
      }
    }
  }


  function exit(fn: number, fact: number, bits: Kinds): void {
    const entry = facts.entryOf(fact)
    if (entries.functionOf(entry) === fn) {
      if (!entries.goesOut(entry, fact, bits, facts)) return
      for (let incoming = entries.firstIncoming[entry]!; incoming >= 0; incoming = entries.nextIncoming[incoming]!) leave(entry, fact, bits, entries.callOf(incoming), entries.argumentOf(incoming), entries.incomingBits[incoming]!)
      return
    }
    // It did not come in by a parameter: it goes out to everybody who calls.
    const node = facts.nodeOf(fact)
    const path = facts.pathOf(fact)
    for (const call of callers.get(fn) ?? []) {
      if (returnOf[node] === fn) {
        if (calls[call]!.kind !== 'super') send(calls[call]!.result, entry, path, bits, fact, false, false)
      } else toArguments(call, node, path, (back, backPath) => send(back, entry, backPath, bits, fact, false, true))
    }
  }

  return (masks) => {
    const before = guardMasks
    guardMasks = masks
    if (before.length === 0)
      for (const { node, origin, kinds: bits } of starts) {
        if (origin === 'library' && inputOf[node]! >= 0) fromOutside(node, bits)
        else send(node, origins.indexOf(origin), 0, bits, -1, false, false)
      }
    // A check that holds no longer lets more through; all that is known stays true.
    else for (const [node, to, guard] of guardEdges(forward, (index) => before[index] !== masks[index])) for (const fact of facts.at(node)) through(fact, to, edgeKinds.guard, guard, facts.entryOf(fact), facts.pathOf(fact), facts.bits[fact]!)
    run()
    const alive = reachableKinds(entries, facts, passed, outside)
    const flows = () => {
      const found: Flow[] = []
      for (const [index, byEntry] of hits) {
        const sink = sinks[index]!
        let best: { origin: number; bits: Kinds; fact: number } | undefined
        for (const [entry, hit] of byEntry)
          for (const origin of origins.keys()) {
            const given = alive[entry * origins.length + origin]!
            const bits = entry < origins.length ? (entry === origin ? hit.bits : 0) : passed(entries.isPrototype(entry), given, hit.bits)
            if (bits !== 0 && (!best || origin < best.origin)) best = { origin, bits, fact: hit.fact }
          }
        if (!best) continue
        const bit = best.bits & -best.bits
        found.push({ sink, origin: origins[best.origin]!, steps: trace(facts, entries, alive, outside, best, bit) })
      }
      return found
    }
    return {
      flows,
      isUntrusted: (node) => {
        for (let fact = facts.first[node] ?? -1; fact >= 0; fact = facts.next[fact]!) {
          if (facts.pathOf(fact) !== 0 && !isElementPath(facts.pathOf(fact))) continue
          for (const origin of strangers) if ((facts.bits[fact]! & alive[facts.entryOf(fact) * origins.length + origin]! & untrusted) !== 0) return true
        }
        return false
      },
      reaches: (node, wanted) => {
        for (let fact = facts.first[node]!; fact >= 0; fact = facts.next[fact]!) {
          if (facts.pathOf(fact) !== 0 || (facts.bits[fact]! & wanted) === 0) continue
          for (let origin = 0; origin < origins.length; origin += 1) if ((alive[facts.entryOf(fact) * origins.length + origin]! & wanted) !== 0) return true
        }
        return false
      },
    }
  }
}

/** Who may not say himself what is right. What a package's user hands over, or stands in a file, may be meant as the list. */
const strangers = (['request', 'message', 'browser', 'archive'] as const).map((origin) => origins.indexOf(origin))

/** The edges of those guards: where they come from, where they go, and the guard. */
function guardEdges({ offsets, targets }: Adjacency, isMeant: (guard: number) => boolean): [number, number, number][] {
  const found: [number, number, number][] = []
  let node = 0
  for (let at = 0; at < targets.length; at += 3) {
    if (targets[at + 1] !== edgeKinds.guard || !isMeant(targets[at + 2]!)) continue
    while (offsets[node + 1]! <= at) node += 1
    found.push([node, targets[at]!, targets[at + 2]!])
  }
  return found
}

/** Where something untrusted does harm: at the sinks, of those that write a property under its name at that name, and in lists that checks rely on. */
function harmfulPlaces({ files, bases, guards }: Program, sinks: readonly Sink[]): { node: number; kinds: Kinds }[] {
  const keys = files.flatMap(({ keyed }, index) => keyed.flatMap(({ key, isWrite }) => (isWrite ? [{ node: key + bases[index]!, kinds: kinds.key }] : [])))
  return [...sinks.map(({ node, kinds: wanted }) => ({ node, kinds: wanted })), ...keys, ...guards.flatMap(({ unless }) => (unless === undefined ? [] : [{ node: unless, kinds: untrusted }]))]
}

const isElement = (field: string) => field === '*' || field === elementField || /^\d+$/.test(field)
