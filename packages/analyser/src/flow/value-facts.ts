import { grown, NodeFacts, Pairs } from './pairs.ts'

/** Which values are where, or at a path of fields below: numbers that whoever asks gave them. */
export class ValueFacts extends NodeFacts {
  /** A value at a path. */
  readonly terms = new Pairs()
  /** Of each fact whether it was put there, so that it is wherever else that node's value is known. */
  mutations = new Uint8Array(4096)
  /** Two numbers each: the fact, and whether it is new (1) and was put there (2). */
  readonly work: number[] = []

  /** Notes a fact for the work list unless it is known; `most` at a node. What became of it. */
  note(node: number, value: number, path: number, isMutation: boolean, most: number): 'new' | 'known' | 'cut' {
    const term = this.terms.add(value, path)
    let fact = this.find(node, term)
    const isNew = fact < 0
    if (isNew) {
      if (this.sizes[node]! >= most) return 'cut'
      fact = this.add(node, term)
      if (fact === this.mutations.length) this.mutations = grown(this.mutations)
    } else if (this.mutations[fact] === 1 || !isMutation) return 'known'
    this.mutations[fact] = isMutation ? 1 : 0
    this.work.push(fact, (isMutation ? 2 : 0) + (isNew ? 1 : 0))
    return isNew ? 'new' : 'known'
  }

  valueAt(fact: number): number {
    return this.terms.firsts[this.termOf(fact)]!
  }

  pathAt(fact: number): number {
    return this.terms.seconds[this.termOf(fact)]!
  }
}
