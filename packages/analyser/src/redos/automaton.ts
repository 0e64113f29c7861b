import type { AST } from '@eslint-community/regexpp'
import type { CharacterSet } from './character-set.ts'
import { CharacterSets } from './character-set.ts'
import type { Program } from './program.ts'
import { Unsupported } from './unsupported.ts'

/**
 * The ways through an expression without its captures: a state is "this character was just read". Every edge into a
 * state is labelled with the characters of that state. It takes more than the expression: assertions about what
 * surrounds a place pass, a lookahead is entered and passed, a back reference repeats any character of its group. So it
 * may suspect too much, which the simulator then refutes, and seldom too little.
 */
export interface Automaton {
  readonly states: readonly State[]
  /** Before the first character. */
  readonly begin: number
  /** Where a search without an anchor begins once more at every character; undefined where it does not. */
  readonly restart: number | undefined
  /** One character for each class of characters that no part of the expression tells apart, the most widely taken first. */
  readonly alphabet: readonly number[]
}

export interface State {
  /** Its characters as numbers of the alphabet, a bit for each. Empty for `begin`. */
  readonly takes: Uint32Array
  readonly next: readonly Edge[]
  /** Whether the expression (or the body of a lookaround) may be at its end here. */
  readonly accepts: 'no' | 'at-end' | 'always'
  readonly node: AST.Node | undefined
}

export interface Edge {
  readonly to: number
  /** Whether there are two ways or more without a character in between. */
  readonly ambiguous: boolean
}

/** Throws `Unsupported` past the limit. */
export function automatonOf(program: Program, groups: GroupCharacters, maxEdges: number): Automaton {
  const { code } = program
  const stateOf = new Map<number, number>()
  const sets: CharacterSet[] = [...program.sets]
  const setOf: number[] = [-1]
  const nodes: (AST.Node | undefined)[] = [undefined]
  const sources: number[] = [0]
  const restarts = !program.sticky
  if (restarts) {
    setOf.push(sets.push(CharacterSets.everything) - 1)
    nodes.push(undefined)
    sources.push(0)
  }
  for (const [pc, instruction] of code.entries()) {
    if (instruction.op === 'character' && !instruction.backward) {
      stateOf.set(pc, setOf.push(instruction.set) - 1)
      nodes.push(instruction.node)
      sources.push(pc + 1)
    } else if (instruction.op === 'back-reference' && !instruction.backward) {
      stateOf.set(pc, setOf.push(sets.push(groups(instruction.groups)) - 1) - 1)
      nodes.push(instruction.node)
      sources.push(pc + 1)
    }
  }
  const { alphabet, members } = alphabetOf(sets, setOf)
  let edges = 0
  const closure = new Closure(program, stateOf)
  const states = sources.map((source, state): State => {
    const reached = closure.from(source, state === 0)
    // What takes no character, as `[]`, is a dead end.
    const next = [...reached.counts].filter(([to]) => (sets[setOf[to] as number] as CharacterSet).length > 0).map(([to, count]) => ({ to, ambiguous: count > 1 }))
    // A back reference repeats as many characters as its group had.
    if (nodes[state]?.type === 'Backreference' && !next.some(({ to }) => to === state)) next.push({ to: state, ambiguous: false })
    if (restarts && state <= 1) next.push({ to: 1, ambiguous: false })
    edges += next.length
    if (edges > maxEdges) throw new Unsupported(`it has more than ${maxEdges} ways from one character to the next`)
    const set = setOf[state] as number
    return { takes: set < 0 ? new Uint32Array(members.words) : (members.of[set] as Uint32Array), next, accepts: reached.accepts, node: nodes[state] }
  })
  return { states, begin: 0, restart: restarts ? 1 : undefined, alphabet }
}

/** Which characters the text of a group may hold. */
export type GroupCharacters = (groups: readonly number[]) => CharacterSet

const mostVisits = 3

/** What is reached from an instruction without reading a character. */
class Closure {
  readonly #program: Program
  readonly #stateOf: ReadonlyMap<number, number>
  readonly #visits: Uint8Array
  readonly #open: Uint8Array

  constructor(program: Program, stateOf: ReadonlyMap<number, number>) {
    this.#program = program
    this.#stateOf = stateOf
    this.#visits = new Uint8Array(program.code.length)
    this.#open = new Uint8Array(program.code.length)
  }

  from(source: number, atStart: boolean): { counts: Map<number, number>; accepts: State['accepts'] } {
    const { code } = this.#program
    const counts = new Map<number, number>()
    let accepts: State['accepts'] = 'no'
    this.#visits.fill(0)
    // A walk in depth; `open` counts how often an instruction lies between the source and where the walk is.
    const stack: { pc: number; leave: boolean; ended: boolean }[] = [{ pc: source, leave: false, ended: false }]
    for (let item = stack.pop(); item; item = stack.pop()) {
      const { pc, leave, ended } = item
      if (leave) {
        this.#open[pc] = (this.#open[pc] as number) - 1
        continue
      }
      // Two ways are enough to know of; following all of them would make this exponential itself.
      if ((this.#visits[pc] as number) >= mostVisits) continue
      this.#visits[pc] = (this.#visits[pc] as number) + 1
      this.#open[pc] = (this.#open[pc] as number) + 1
      stack.push({ pc, leave: true, ended: false })
      const go = (to: number, end = ended) => stack.push({ pc: to, leave: false, ended: end })
      const instruction = code[pc]
      switch (instruction?.op) {
        case 'character': {
          const state = this.#stateOf.get(pc)
          if (state === undefined) go(pc + 1)
          else if (!ended) counts.set(state, (counts.get(state) ?? 0) + 1)
          break
        }
        case 'back-reference': {
          const state = this.#stateOf.get(pc)
          if (state !== undefined && !ended) counts.set(state, (counts.get(state) ?? 0) + 1)
          go(pc + 1)
          break
        }
        case 'split':
          go(instruction.second)
          go(instruction.first)
          break
        case 'jump':
          go(instruction.to)
          break
        case 'start':
          if (instruction.multiline || atStart) go(pc + 1)
          break
        case 'end':
          go(pc + 1, ended || !instruction.multiline)
          break
        case 'look':
          go(instruction.next)
          if (!instruction.backward) go(pc + 1)
          break
        case 'count':
          go(instruction.exit)
          go(pc + 1)
          break
        case 'again':
          // An iteration that read nothing does not count: then the head is open.
          if (this.#open[instruction.head] === 0) go(instruction.head)
          break
        case 'advanced':
          if (!this.#isOpenMark(pc, instruction.register)) go(pc + 1)
          break
        case 'match':
        case 'body-end':
          if (!ended) accepts = 'always'
          else if (accepts === 'no') accepts = 'at-end'
          break
        case 'save':
        case 'clear':
        case 'word':
        case 'count-from-zero':
          go(pc + 1)
      }
    }
    return { counts, accepts }
  }

  /** Whether the iteration that ends here began on this very walk. */
  #isOpenMark(pc: number, register: number): boolean {
    const { code } = this.#program
    for (let at = pc - 1; at >= 0; at--) {
      const instruction = code[at]
      if (instruction?.op === 'save' && instruction.register === register) return this.#open[at] !== 0
    }
    return false
  }
}

/** Parts the characters into classes that every set holds as a whole or not at all. */
function alphabetOf(sets: readonly CharacterSet[], setOf: readonly number[]): { alphabet: number[]; members: { of: Uint32Array[]; words: number } } {
  const used = [...new Set(setOf.filter((set) => set >= 0))]
  const weights = new Map<number, number>()
  for (const set of setOf) weights.set(set, (weights.get(set) ?? 0) + 1)
  // Every place where a set begins or has just ended, and which.
  const turns = new Map<number, number[]>()
  for (const set of used) {
    const pairs = sets[set] as CharacterSet
    for (let i = 0; i < pairs.length; i++) {
      const place = i % 2 === 0 ? (pairs[i] as number) : (pairs[i] as number) + 1
      const there = turns.get(place)
      if (there) there.push(set)
      else turns.set(place, [set])
    }
  }
  if (!turns.has(0)) turns.set(0, [])
  const classes = new Map<string, { inside: number[]; weight: number; character: number; preference: number }>()
  const inside = new Set<number>()
  const places = [...turns.keys()].toSorted((a, b) => a - b)
  for (const [index, place] of places.entries()) {
    if (place > 0x10ffff) break
    for (const set of turns.get(place) ?? []) if (!inside.delete(set)) inside.add(set)
    const last = (places[index + 1] ?? 0x110000) - 1
    const members = [...inside].toSorted((a, b) => a - b)
    const key = members.join()
    const [character, preference] = mostReadable(place, last)
    const known = classes.get(key)
    if (!known) classes.set(key, { inside: members, weight: members.reduce((sum, set) => sum + (weights.get(set) ?? 0), 0), character, preference })
    else if (preference < known.preference) Object.assign(known, { character, preference })
    if (classes.size > 2000) throw new Unsupported('it tells too many kinds of characters apart')
  }
  const ordered = [...classes.values()].toSorted((a, b) => b.weight - a.weight || a.preference - b.preference || a.character - b.character)
  const words = (ordered.length + 31) >> 5
  const of = sets.map(() => new Uint32Array(words))
  for (const [number, { inside: members }] of ordered.entries())
    for (const set of members) {
      const bits = of[set] as Uint32Array
      bits[number >> 5] = (bits[number >> 5] as number) | (1 << (number & 31))
    }
  return { alphabet: ordered.map(({ character }) => character), members: { of, words } }
}

const readable = [...'a0 A!-_./:,;@#=<>"\'&%+*?()[]{}|~^$`\\\n\t\r'].map((character) => character.charCodeAt(0))

/** The character of a range that a person reads most easily, and how hard it still is. */
function mostReadable(first: number, last: number): [number, number] {
  for (const [index, character] of readable.entries()) if (character >= first && character <= last) return [character, index]
  if (first > 0x20 && first < 0x7f) return [first, 50]
  if (first <= 0x20 && last > 0x20) return [0x21, 50]
  // Half of a pair is no character alone.
  if (first >= 0xd800 && first <= 0xdfff && last > 0xdfff) return [0xe000, 70]
  return [first, first < 0x20 ? 80 : first >= 0xd800 && first <= 0xdfff ? 90 : 60]
}

/** The first class of characters that all of these take, or -1. */
export function common(a: Uint32Array, b: Uint32Array, c = b): number {
  for (let word = 0; word < a.length; word++) {
    const bits = (a[word] as number) & (b[word] as number) & (c[word] as number)
    if (bits !== 0) return (word << 5) + 31 - Math.clz32(bits & -bits)
  }
  return -1
}

/** The last of them. */
export function lastCommon(a: Uint32Array, b: Uint32Array, c = b): number {
  for (let word = a.length - 1; word >= 0; word--) {
    const bits = (a[word] as number) & (b[word] as number) & (c[word] as number)
    if (bits !== 0) return (word << 5) + 31 - Math.clz32(bits)
  }
  return -1
}
