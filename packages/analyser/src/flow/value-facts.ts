import { grown, NodeFacts, Pairs } from './pairs.ts'

/** Which values are where, or at a path of fields below: numbers that whoever asks gave them. */
export class ValueFacts extends NodeFacts {
  /** A value at a path. */
  readonly terms = new Pairs()
  /** Of each fact whether it was put there, so that it is wherever else that node's value is known. */
  mutations: Uint8Array
  /** Nodes at which something was left out since they have too much. */
  private readonly isCut: Uint8Array
  /** Two numbers each: the fact, and whether it is new (1) and was put there (2). */
  readonly work: number[] = []

  constructor(nodeCount: number, room: number) {
    super(nodeCount, room)
    this.mutations = new Uint8Array(this.next.length)
    this.isCut = new Uint8Array(nodeCount)
  }

  /** Notes a fact for the work list unless it is known; `most` at a node. What became of it. */
  note(node: number, term: number, isMutation: boolean, most: number): 'new' | 'known' | 'cut' {
    const isFull = this.sizes[node]! >= most
    // What was left out before is left out again: that says nothing new, and nothing new can be known here.
    if (isFull && !isMutation && this.isCut[node] === 1) return 'known'
    const before = this.count
    const fact = isFull ? this.find(node, term) : this.add(node, term)
    if (fact < 0) {
      if (most > 0) this.isCut[node] = 1
      return 'cut'
    }
    if (fact === before) {
      if (fact === this.mutations.length) this.mutations = grown(this.mutations)
      this.mutations[fact] = isMutation ? 1 : 0
      this.work.push(fact, isMutation ? 3 : 1)
      return 'new'
    }
    if (isMutation && this.mutations[fact] === 0) {
      this.mutations[fact] = 1
      this.work.push(fact, 2)
    }
    return 'known'
  }

  valueAt(fact: number): number {
    return this.terms.first(this.termOf(fact))
  }

  pathAt(fact: number): number {
    return this.terms.second(this.termOf(fact))
  }
}
