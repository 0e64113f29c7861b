import type { Kinds } from '../kinds.ts'
import { edgeKinds, type EdgeKind } from '../model/file-model.ts'
import { grown, NodeFacts, Pairs } from './pairs.ts'

/** How a fact came to be. */
export interface Reason {
  /** The fact before it; -1 where it begins here. */
  readonly from: number
  /** That fact is the name by which this one was read. */
  readonly isKey: boolean
  /** Where it came out of a call: the entry of the function, and the fact that had gone in; else -1. */
  readonly callee: number
  readonly argument: number
}

/** What is known to be untrusted: a node, the path below it, the entry that it came in by, and the kinds. Of each how it came to be. */
export class TaintFacts extends NodeFacts {
  bits = new Int32Array(4096)
  /** Whether it was put where it is. */
  mutations = new Uint8Array(4096)
  /** Of a fact that leaves its function: the kinds that do, and the next such fact of its entry. */
  exitBits = new Int32Array(4096)
  nextExit = new Int32Array(4096)
  private readonly places = new Pairs(4096)
  /** Of each fact the first and the last of its reasons, and of each reason the next. */
  private firstReason = new Int32Array(4096)
  private lastReason = new Int32Array(4096)
  private nextReason = new Int32Array(4096)
  private reasonBits = new Int32Array(4096)
  private reasonFrom = new Int32Array(4096)
  private reasonKey = new Uint8Array(4096)
  private reasonCallee = new Int32Array(4096)
  private reasonArgument = new Int32Array(4096)
  private reasonCount = 0

  constructor(nodeCount: number) {
    super(nodeCount, 4096)
  }

  /** The number of a path below what came in by an entry, as `find` and `addAt` take it. */
  placeOf(entry: number, path: number): number {
    return this.places.add(entry, path)
  }

  addAt(node: number, place: number, bits: Kinds, isMutation: boolean): number {
    const fact = this.add(node, place)
    if (fact === this.bits.length) {
      this.bits = grown(this.bits)
      this.mutations = grown(this.mutations)
      this.exitBits = grown(this.exitBits)
      this.nextExit = grown(this.nextExit)
      this.firstReason = grown(this.firstReason)
      this.lastReason = grown(this.lastReason)
    }
    this.bits[fact] = bits
    this.mutations[fact] = isMutation ? 1 : 0
    this.firstReason[fact] = -1
    return fact
  }

  entryOf(fact: number): number {
    return this.places.first(this.termOf(fact))
  }

  pathOf(fact: number): number {
    return this.places.second(this.termOf(fact))
  }

  explain(fact: number, bits: Kinds, { from, isKey, callee, argument }: Reason): void {
    const reason = this.reasonCount
    this.reasonCount = reason + 1
    if (reason === this.nextReason.length) {
      this.nextReason = grown(this.nextReason)
      this.reasonBits = grown(this.reasonBits)
      this.reasonFrom = grown(this.reasonFrom)
      this.reasonKey = grown(this.reasonKey)
      this.reasonCallee = grown(this.reasonCallee)
      this.reasonArgument = grown(this.reasonArgument)
    }
    this.nextReason[reason] = -1
    this.reasonBits[reason] = bits
    this.reasonFrom[reason] = from
    this.reasonKey[reason] = isKey ? 1 : 0
    this.reasonCallee[reason] = callee
    this.reasonArgument[reason] = argument
    if (this.firstReason[fact] === -1) this.firstReason[fact] = reason
    else this.nextReason[this.lastReason[fact]!] = reason
    this.lastReason[fact] = reason
  }

  /** The reasons of one of these kinds. */
  *reasonsOf(fact: number, bits: Kinds): Generator<Reason> {
    for (let reason = this.firstReason[fact]!; reason >= 0; reason = this.nextReason[reason]!)
      if ((this.reasonBits[reason]! & bits) !== 0) yield { from: this.reasonFrom[reason]!, isKey: this.reasonKey[reason] === 1, callee: this.reasonCallee[reason]!, argument: this.reasonArgument[reason]! }
  }
}

/**
 * Parameters that something untrusted came in by: what a function does with it is found once, for all who call it. The
 * first of them, as many as there are origins, stand for what did not come in by a parameter.
 */
export class Entries {
  /** Of each entry the node of its parameter and the path below, twice where it may be a prototype or anything else. */
  private readonly ids = new Map<number, number>()
  private readonly functions: number[] = []
  private readonly prototypes: boolean[] = []
  private readonly lastExit: number[] = []
  private readonly lastIncoming: number[] = []
  /** Of each entry the first fact that leaves its function, and the first that came in. */
  readonly firstExit: number[] = []
  readonly firstIncoming: number[] = []
  /** Of each that came in: the next one of its entry, and its kinds. */
  nextIncoming = new Int32Array(4096)
  incomingBits = new Int32Array(4096)
  private readonly places = new Pairs()
  /** A call and the fact that is handed over there; and for each entry those that come in. */
  private readonly sites = new Pairs()
  private readonly incoming = new Pairs(4096)

  constructor(origins: number) {
    for (let origin = 0; origin < origins; origin += 1) this.open(-1, false)
  }

  get count(): number {
    return this.functions.length
  }

  /** The entry for what comes in here; it is new if it is as large as `count` was. */
  at(node: number, path: number, isPrototype: boolean, fn: number): number {
    const id = this.places.add(node, path) * 2 + (isPrototype ? 1 : 0)
    const known = this.ids.get(id)
    if (known !== undefined) return known
    const entry = this.open(fn, isPrototype)
    this.ids.set(id, entry)
    return entry
  }

  private open(fn: number, isPrototype: boolean): number {
    this.prototypes.push(isPrototype)
    this.lastExit.push(-1)
    this.lastIncoming.push(-1)
    this.firstExit.push(-1)
    this.firstIncoming.push(-1)
    return this.functions.push(fn) - 1
  }

  functionOf(entry: number): number {
    return this.functions[entry]!
  }

  isPrototype(entry: number): boolean {
    return this.prototypes[entry]!
  }

  callOf(incoming: number): number {
    return this.sites.first(this.incoming.second(incoming))
  }

  argumentOf(incoming: number): number {
    return this.sites.second(this.incoming.second(incoming))
  }

  /** Notes that a fact comes in by a call; whether that says something new. */
  comesIn(entry: number, call: number, argument: number, bits: Kinds): boolean {
    const before = this.incoming.count
    const incoming = this.incoming.add(entry, this.sites.add(call, argument))
    if (incoming < before) {
      if ((bits & ~this.incomingBits[incoming]!) === 0) return false
      this.incomingBits[incoming]! |= bits
      return true
    }
    if (incoming === this.nextIncoming.length) {
      this.nextIncoming = grown(this.nextIncoming)
      this.incomingBits = grown(this.incomingBits)
    }
    this.nextIncoming[incoming] = -1
    this.incomingBits[incoming] = bits
    if (this.firstIncoming[entry] === -1) this.firstIncoming[entry] = incoming
    else this.nextIncoming[this.lastIncoming[entry]!] = incoming
    this.lastIncoming[entry] = incoming
    return true
  }

  /** Notes that a fact leaves the function; whether that says something new. */
  goesOut(entry: number, fact: number, bits: Kinds, facts: TaintFacts): boolean {
    const known = facts.exitBits[fact]!
    if ((bits & ~known) === 0) return false
    facts.exitBits[fact] = known | bits
    if (known !== 0) return true
    facts.nextExit[fact] = -1
    if (this.firstExit[entry] === -1) this.firstExit[entry] = fact
    else facts.nextExit[this.lastExit[entry]!] = fact
    this.lastExit[entry] = fact
    return true
  }
}

/** Which argument is handed to which parameter, by the argument. */
export class Handovers {
  private readonly last: Int32Array
  /** Of each node the first, and of each the next one of its node; -1 where there is none. */
  readonly first: Int32Array
  readonly next: number[] = []
  readonly calls: number[] = []
  readonly callees: number[] = []
  readonly targets: number[] = []
  readonly kinds: EdgeKind[] = []
  readonly data: number[] = []

  constructor(nodeCount: number) {
    this.first = new Int32Array(nodeCount).fill(-1)
    this.last = new Int32Array(nodeCount).fill(-1)
  }

  add(argument: number, call: number, callee: number, kind: EdgeKind, data: number, to: number): void {
    const id = this.next.push(-1) - 1
    this.calls.push(call)
    this.callees.push(callee)
    this.targets.push(to)
    this.kinds.push(kind)
    this.data.push(kind === edgeKinds.copy ? 0 : data)
    if (this.last[argument]! < 0) this.first[argument] = id
    else this.next[this.last[argument]!] = id
    this.last[argument] = id
  }
}
