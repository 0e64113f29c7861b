/**
 * Pairs of numbers from 0 on, numbered in the order in which they are added. A hash table of plain numbers: the analysis holds millions
 * of pairs, and an object for each would cost more than all that is done with it.
 */
export class Pairs {
  count = 0
  /** Two numbers a pair. */
  private items: Int32Array
  /** Two numbers a slot: one more than the number of the pair that is there, 0 where there is none, and its hash. */
  private slots: Int32Array

  /** `room`: pairs that fit before it grows. */
  constructor(room = 512) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(room, 16)))
    this.items = new Int32Array(2 * size)
    this.slots = new Int32Array(4 * size)
  }

  first(id: number): number {
    return this.items[2 * id]!
  }

  second(id: number): number {
    return this.items[2 * id + 1]!
  }

  /** Its number, or -1 where it was never added. */
  find(first: number, second: number): number {
    const { slots, items } = this
    const mask = slots.length - 1
    const mixed = hash(first, second)
    for (let slot = (2 * mixed) & mask; ; slot = (slot + 2) & mask) {
      const id = slots[slot]! - 1
      if (id < 0 || (slots[slot + 1] === mixed && items[2 * id] === first && items[2 * id + 1] === second)) return id
    }
  }

  /** Its number, which is the `count` before where it is new. */
  add(first: number, second: number): number {
    if (2 * this.count === this.items.length) this.grow()
    const { slots, items } = this
    const mask = slots.length - 1
    const mixed = hash(first, second)
    let slot = (2 * mixed) & mask
    for (let id = slots[slot]! - 1; id >= 0; id = slots[slot]! - 1) {
      if (slots[slot + 1] === mixed && items[2 * id] === first && items[2 * id + 1] === second) return id
      slot = (slot + 2) & mask
    }
    const id = this.count
    this.count = id + 1
    items[2 * id] = first
    items[2 * id + 1] = second
    slots[slot] = id + 1
    slots[slot + 1] = mixed
    return id
  }

  private grow(): void {
    const { slots: old } = this
    this.items = grown(this.items)
    const slots = new Int32Array(2 * old.length)
    const mask = slots.length - 1
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue
      let slot = (2 * old[at + 1]!) & mask
      while (slots[slot] !== 0) slot = (slot + 2) & mask
      slots[slot] = old[at]!
      slots[slot + 1] = old[at + 1]!
    }
    this.slots = slots
  }
}

function hash(first: number, second: number): number {
  let mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second + 0x7f4a7c15, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
  return mixed ^ (mixed >>> 13)
}

/** Twice as long, with what it held. */
export function grown<T extends Int32Array | Uint8Array>(list: T): T {
  const longer = new (list.constructor as new (length: number) => T)(2 * list.length)
  longer.set(list)
  return longer
}

/** Which facts are known of which nodes: of each node in the order in which they came. */
export class NodeFacts {
  /** Node and term of every fact. */
  readonly pairs: Pairs
  /** Of each node its first fact, and of each fact the next one of its node; -1 where there is none. */
  readonly first: Int32Array
  readonly last: Int32Array
  readonly sizes: Int32Array
  next: Int32Array

  /** `room`: facts that are expected. */
  constructor(nodeCount: number, room: number) {
    this.pairs = new Pairs(room)
    this.next = new Int32Array(Math.max(room, 16))
    this.first = new Int32Array(nodeCount).fill(-1)
    this.last = new Int32Array(nodeCount).fill(-1)
    this.sizes = new Int32Array(nodeCount)
  }

  get count(): number {
    return this.pairs.count
  }

  find(node: number, term: number): number {
    return this.sizes[node] === 0 ? -1 : this.pairs.find(node, term)
  }

  /** The fact, which is the `count` before where it was not known yet. */
  add(node: number, term: number): number {
    const before = this.pairs.count
    const fact = this.pairs.add(node, term)
    if (fact < before) return fact
    if (fact >= this.next.length) this.next = grown(this.next)
    this.next[fact] = -1
    const last = this.last[node]!
    if (last < 0) this.first[node] = fact
    else this.next[last] = fact
    this.last[node] = fact
    this.sizes[node]! += 1
    return fact
  }

  /** The facts of a node as they are now. */
  at(node: number): number[] {
    const found: number[] = []
    for (let fact = this.first[node] ?? -1; fact >= 0; fact = this.next[fact]!) found.push(fact)
    return found
  }

  nodeOf(fact: number): number {
    return this.pairs.first(fact)
  }

  termOf(fact: number): number {
    return this.pairs.second(fact)
  }
}

/** Edges that are found on the way, by the node that they leave, each once and in the order in which they came. */
export class Links {
  /** Of each node its first link, and of each link the next one of its node; -1 where there is none. */
  readonly first: Int32Array
  private readonly last: Int32Array
  next = new Int32Array(256)
  targets = new Int32Array(256)
  kinds = new Uint8Array(256)
  data = new Int32Array(256)
  private count = 0
  private readonly ends = new Pairs()
  private readonly known = new Pairs()

  constructor(nodeCount: number) {
    this.first = new Int32Array(nodeCount).fill(-1)
    this.last = new Int32Array(nodeCount).fill(-1)
  }

  /** Whether it is new. */
  add(from: number, to: number, kind: number, data: number): boolean {
    const before = this.known.count
    if (this.known.add(this.ends.add(from, to) * 8 + kind, data) < before) return false
    const id = this.count
    this.count = id + 1
    if (id === this.next.length) {
      this.next = grown(this.next)
      this.targets = grown(this.targets)
      this.kinds = grown(this.kinds)
      this.data = grown(this.data)
    }
    this.next[id] = -1
    this.targets[id] = to
    this.kinds[id] = kind
    this.data[id] = data
    const last = this.last[from]!
    if (last < 0) this.first[from] = id
    else this.next[last] = id
    this.last[from] = id
    return true
  }
}

export function pushTo(lists: Map<number, number[]>, key: number, ...items: readonly number[]): void {
  const list = lists.get(key)
  if (list) for (const item of items) list.push(item)
  else lists.set(key, [...items])
}
