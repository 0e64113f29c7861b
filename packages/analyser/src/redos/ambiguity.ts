import type { Automaton } from './automaton.ts'
import { common, lastCommon } from './automaton.ts'

/**
 * A text that can be read in more than one way, and what leads there: suspected from the automaton alone, to be
 * demonstrated by the simulator.
 */
export interface Ambiguity {
  /** One state that comes back to itself in two ways, or two states that the same text keeps and leads across. */
  readonly kind: 'exponential' | 'polynomial'
  readonly from: number
  readonly to: number
  /** Characters as numbers of the alphabet. */
  readonly prefix: readonly number[]
  /** Spelled with the characters that most parts of the expression take, and with those that the fewest do. */
  readonly pumps: readonly (readonly number[])[]
}

export interface Search {
  readonly found: readonly Ambiguity[]
  /** So many loops of those that are ambiguous follow one another at most: time grows with that power of the length, unless exponentially. */
  readonly longestChain: number
  /** The work ran out before all was looked at. */
  readonly incomplete: boolean
}

/** So many for each pair of loops: the first may be refuted where another holds. */
const triesPerPair = 4

/**
 * The conditions of Weber and Seidl: a loop is exponentially ambiguous where one text leads from a state to itself by two
 * ways (EDA); polynomially where one text leads from `p` to `p`, from `p` to `q` and from `q` to `q` (IDA).
 */
export function findAmbiguities(automaton: Automaton, maxWork: number): Search {
  const finder = new Finder(automaton, maxWork)
  finder.run()
  return { found: finder.found, longestChain: finder.longestChain, incomplete: finder.work <= 0 }
}

class Finder {
  readonly found: Ambiguity[] = []
  longestChain = 1
  work: number
  readonly #automaton: Automaton
  readonly #count: number

  constructor(automaton: Automaton, maxWork: number) {
    this.#automaton = automaton
    this.#count = automaton.states.length
    this.work = maxWork
  }

  run(): void {
    const { component, loops } = componentsOf(this.#automaton)
    const reachable = this.#reachableFrom(this.#automaton.begin)
    const live = loops.filter((members) => reachable[members[0] as number] === 1)
    for (const members of live) this.#exponential(members, component)
    const pairs = new Map<readonly number[], (readonly number[])[]>()
    for (const first of live) {
      const reached = this.#reachableFrom(first[0] as number)
      const seconds = live.filter((second) => second !== first && reached[second[0] as number] === 1 && this.#polynomial(first, second))
      pairs.set(first, seconds)
    }
    const chains = new Map<readonly number[], number>()
    const chainFrom = (loop: readonly number[]): number => {
      let length = chains.get(loop)
      if (length === undefined) chains.set(loop, (length = 1 + Math.max(0, ...(pairs.get(loop) ?? []).map(chainFrom))))
      return length
    }
    this.longestChain = Math.max(1, ...live.map(chainFrom))
  }

  #reachableFrom(start: number): Uint8Array {
    const reached = new Uint8Array(this.#count)
    const stack = [start]
    reached[start] = 1
    for (let state = stack.pop(); state !== undefined; state = stack.pop())
      for (const { to } of this.#automaton.states[state]?.next ?? [])
        if (reached[to] === 0) {
          reached[to] = 1
          stack.push(to)
        }
    return reached
  }

  #add(kind: Ambiguity['kind'], from: number, to: number, pumps: readonly (readonly number[])[]): void {
    const prefix = this.#wordTo(from)
    this.found.push({ kind, from, to, prefix, pumps })
  }

  /** The shortest text that leads from the beginning to a state. */
  #wordTo(target: number): number[] {
    const { states, begin, restart } = this.#automaton
    if (target === restart) return []
    const cameFrom = new Map<number, number>([[begin, -1]])
    const queue = [begin]
    for (let head = 0; head < queue.length; head++) {
      const state = queue[head] as number
      if (state === target) break
      for (const { to } of states[state]?.next ?? [])
        if (!cameFrom.has(to)) {
          cameFrom.set(to, state)
          queue.push(to)
        }
    }
    const word: number[] = []
    for (let state = target; state !== begin && state >= 0; state = cameFrom.get(state) ?? -1) {
      const { takes } = states[state] as Automaton['states'][number]
      word.push(common(takes, takes))
    }
    return word.toReversed()
  }

  /** The pairs of states that one text leads to from one state, within one loop; is a pair of two on a way back? */
  #exponential(members: readonly number[], component: Int32Array): void {
    const { states } = this.#automaton
    const loop = component[members[0] as number]
    let tries = triesPerPair
    for (const start of members) {
      if (tries === 0 || this.work <= 0) return
      // Pairs forwards from (start, start), with whether two ways have parted already.
      const key = (a: number, b: number, parted: boolean) => 2 * (Math.min(a, b) * this.#count + Math.max(a, b)) + (parted ? 1 : 0)
      const cameFrom = new Map<number, number>()
      const letters = new Map<number, Letters>()
      const origin = key(start, start, false)
      const goal = key(start, start, true)
      const queue = [origin]
      cameFrom.set(origin, -1)
      for (let head = 0; head < queue.length && !cameFrom.has(goal); head++) {
        const current = queue[head] as number
        const parted = (current & 1) === 1
        const pair = (current - (current & 1)) / 2
        const a = Math.floor(pair / this.#count)
        const b = pair % this.#count
        for (const one of states[a]?.next ?? []) {
          if (component[one.to] !== loop) continue
          for (const other of states[b]?.next ?? []) {
            if (--this.work <= 0) return
            if (component[other.to] !== loop) continue
            const by = lettersOf((states[one.to] as Automaton['states'][number]).takes, (states[other.to] as Automaton['states'][number]).takes)
            if (!by) continue
            const next = key(one.to, other.to, parted || one.to !== other.to || (one === other && one.ambiguous))
            if (cameFrom.has(next)) continue
            cameFrom.set(next, current)
            letters.set(next, by)
            queue.push(next)
          }
        }
      }
      // From one state of a loop all others are reached: if this one finds nothing, none does.
      if (!cameFrom.has(goal)) return
      tries--
      this.#add('exponential', start, start, spell(goal, cameFrom, letters))
    }
  }

  /** Whether the two are ambiguous together. */
  #polynomial(first: readonly number[], second: readonly number[]): boolean {
    if (common(this.#all(first), this.#all(second)) < 0) return false
    let tries = triesPerPair
    for (const from of first)
      for (const to of second) {
        if (tries === 0 || this.work <= 0) return tries < triesPerPair
        const pumps = this.#triple(from, to, first, second)
        if (!pumps) {
          // The restart reads everything, so from there one state of the other loop speaks for all of them.
          if (from === this.#automaton.restart) return tries < triesPerPair
          continue
        }
        tries--
        this.#add('polynomial', from, to, pumps)
      }
    return tries < triesPerPair
  }

  /** Every character that some state of these takes. */
  #all(members: readonly number[]): Uint32Array {
    const all = Uint32Array.from(this.#automaton.states[members[0] as number]?.takes ?? [])
    for (const member of members) for (const [word, bits] of (this.#automaton.states[member]?.takes ?? []).entries()) all[word] = (all[word] as number) | bits
    return all
  }

  /** A text that leads from `from` to itself, from `from` to `to`, and from `to` to itself. */
  #triple(from: number, to: number, first: readonly number[], second: readonly number[]): number[][] | undefined {
    const { states } = this.#automaton
    const count = this.#count
    const inFirst = new Set(first)
    const inSecond = new Set(second)
    const key = (a: number, b: number, c: number) => (a * count + b) * count + c
    const origin = key(from, from, to)
    const goal = key(from, to, to)
    const cameFrom = new Map<number, number>([[origin, -1]])
    const letters = new Map<number, Letters>()
    const queue = [origin]
    for (let head = 0; head < queue.length; head++) {
      const current = queue[head] as number
      const c = current % count
      const b = Math.floor(current / count) % count
      const a = Math.floor(current / count / count)
      for (const { to: nextA } of states[a]?.next ?? []) {
        if (!inFirst.has(nextA)) continue
        const takesA = (states[nextA] as Automaton['states'][number]).takes
        for (const { to: nextC } of states[c]?.next ?? []) {
          if (!inSecond.has(nextC)) continue
          const takesC = (states[nextC] as Automaton['states'][number]).takes
          if (common(takesA, takesC) < 0) continue
          for (const { to: nextB } of states[b]?.next ?? []) {
            if (--this.work <= 0) return undefined
            const by = lettersOf(takesA, (states[nextB] as Automaton['states'][number]).takes, takesC)
            if (!by) continue
            const next = key(nextA, nextB, nextC)
            if (cameFrom.has(next)) continue
            cameFrom.set(next, current)
            letters.set(next, by)
            if (next === goal) return spell(goal, cameFrom, letters)
            queue.push(next)
          }
        }
      }
    }
    return undefined
  }
}

/** The first and the last of the characters that all take. */
interface Letters {
  readonly first: number
  readonly last: number
}

function lettersOf(a: Uint32Array, b: Uint32Array, c = b): Letters | undefined {
  const first = common(a, b, c)
  return first < 0 ? undefined : { first, last: lastCommon(a, b, c) }
}

/** The way to a goal in both spellings. */
function spell(goal: number, cameFrom: ReadonlyMap<number, number>, letters: ReadonlyMap<number, Letters>): number[][] {
  const way: Letters[] = []
  for (let at = goal, by = letters.get(at); by; at = cameFrom.get(at) as number, by = letters.get(at)) way.push(by)
  way.reverse()
  const widest = way.map(({ first }) => first)
  const rarest = way.map(({ last }) => last)
  return rarest.join() === widest.join() ? [widest] : [widest, rarest]
}

/** The strongly connected parts (Tarjan, without recursion) and those of them that are loops. */
function componentsOf({ states }: Automaton): { component: Int32Array; loops: number[][] } {
  const count = states.length
  const component = new Int32Array(count).fill(-1)
  const order = new Int32Array(count).fill(-1)
  const low = new Int32Array(count)
  const open: number[] = []
  const loops: number[][] = []
  let next = 0
  let components = 0
  for (let root = 0; root < count; root++) {
    if (order[root] !== -1) continue
    const walk: { state: number; edge: number }[] = [{ state: root, edge: 0 }]
    while (walk.length > 0) {
      const top = walk[walk.length - 1] as { state: number; edge: number }
      const { state } = top
      if (top.edge === 0) {
        order[state] = low[state] = next++
        open.push(state)
      }
      const edge = states[state]?.next[top.edge++]
      if (edge) {
        if (order[edge.to] === -1) walk.push({ state: edge.to, edge: 0 })
        else if (component[edge.to] === -1) low[state] = Math.min(low[state] as number, order[edge.to] as number)
        continue
      }
      walk.pop()
      const parent = walk.at(-1)
      if (parent) low[parent.state] = Math.min(low[parent.state] as number, low[state] as number)
      if (low[state] !== order[state]) continue
      const members: number[] = []
      let member: number
      do {
        member = open.pop() as number
        component[member] = components
        members.push(member)
      } while (member !== state)
      components++
      if (members.length > 1 || states[state]?.next.some(({ to }) => to === state)) loops.push(members.toSorted((a, b) => a - b))
    }
  }
  return { component, loops: loops.toReversed() }
}
