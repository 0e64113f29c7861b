import type { Ambiguity } from './ambiguity.ts'
import type { Automaton, State } from './automaton.ts'
import type { Program } from './program.ts'
import { charactersOf, simulate } from './simulate.ts'

export interface Attack {
  readonly prefix: string
  /** Repeated; the more often, the longer the match takes. */
  readonly pump: string
  /** What makes the match fail after all that. */
  readonly suffix: string
}

export function attackText({ prefix, pump, suffix }: Attack, times: number): string {
  return prefix + pump.repeat(times) + suffix
}

/** The search for an end goes no further, and is paid for like the simulation. */
const longestSuffixSearch = 100_000

/** Ends that may make an expression fail after the pump, the likeliest first. */
export function suffixesFor(automaton: Automaton, { from, to, prefix }: Ambiguity, pump: readonly number[], budget: Budget): string[] {
  const work: Budget = { steps: Math.min(longestSuffixSearch, budget.steps) }
  budget.steps -= work.steps
  const { states, alphabet, restart } = automaton
  // Where the pump leaves the match that began first, after three rounds of it.
  let here = new Set([to, ...(from === restart ? [] : [from])])
  if (from === restart) here = step(automaton, new Set([automaton.begin]), [...prefix, ...pump, ...pump, ...pump], work).union(here)
  for (let round = 0; round < 3; round++) here = here.union(step(automaton, here, pump, work))
  here.delete(restart ?? -1)
  const suffixes: string[] = []
  const live = (set: ReadonlySet<number>) => [...set].map((state) => states[state] as State)
  const isRefused = (set: ReadonlySet<number>) => live(set).every(({ accepts }) => accepts === 'no')
  // In breadth: the shortest text after which nothing is left that could match, passing over what matches at once.
  const seen = new Set<string>()
  const queue: { at: Set<number>; word: readonly number[] }[] = [{ at: here, word: [] }]
  let endRefused: readonly number[] | undefined
  let dead: readonly number[] | undefined
  for (let head = 0; head < queue.length && head < 60 && !dead && work.steps > 0; head++) {
    const { at, word } = queue[head] as (typeof queue)[number]
    if (!endRefused && isRefused(at)) endRefused = word
    if (word.length >= 5) continue
    for (let character = alphabet.length - 1; character >= 0 && work.steps > 0; character--) {
      const next = step(automaton, at, [character], work)
      if (work.steps <= 0) break
      if (next.size === 0) {
        dead = [...word, character]
        break
      }
      const key = [...next].toSorted((a, b) => a - b).join()
      if (seen.has(key) || live(next).some(({ accepts }) => accepts === 'always')) continue
      seen.add(key)
      queue.push({ at: next, word: [...word, character] })
    }
  }
  budget.steps += Math.max(0, work.steps)
  const spell = (word: readonly number[]) => word.map((character) => String.fromCodePoint(alphabet[character] as number)).join('')
  if (dead) suffixes.push(spell(dead))
  if (endRefused) suffixes.push(spell(endRefused))
  const rarest = String.fromCodePoint(alphabet.at(-1) as number)
  suffixes.push('', rarest, `\n${rarest}`, `${rarest}\n${rarest}`)
  // A line break last: much text, such as the path of a request, cannot hold one.
  return [...new Set(suffixes)].slice(0, 5).toSorted((a, b) => Number(/[\n\r\u2028\u2029]/.test(a)) - Number(/[\n\r\u2028\u2029]/.test(b)))
}

/** Where a text leads from these states, without beginning anew. */
function step({ states, restart }: Automaton, from: ReadonlySet<number>, word: readonly number[], work: Budget): Set<number> {
  let here = new Set(from)
  for (const character of word) {
    const next = new Set<number>()
    for (const state of here) {
      work.steps -= 1 + (states[state]?.next.length ?? 0)
      if (work.steps <= 0) return next
      for (const { to } of states[state]?.next ?? []) if (to !== restart && has((states[to] as State).takes, character)) next.add(to)
    }
    here = next
  }
  return here
}

function has(takes: Uint32Array, character: number): boolean {
  return (((takes[character >> 5] as number) >>> (character & 31)) & 1) === 1
}

export type Growth = { readonly kind: 'linear' } | { readonly kind: 'polynomial'; readonly degree: number } | { readonly kind: 'exponential' } | { readonly kind: 'undecided' }

/** The steps that the analysis of one expression may still simulate. */
export interface Budget {
  steps: number
}

/** A single run is cut off here. */
const longestRun = 400_000
/** And here where counts have to be passed. */
const longestCountedRun = 2_000_000
/** And here where it is only to be seen whether it is worth a longer one. */
const longestTrial = 40_000
/** Twice as much at least with each repetition: what exponential ambiguity means. A little less for what surrounds it. */
const exponentialRatio = 1.6

/** `aa` is twice `a`: the same attacks in smaller steps. */
export function rootOf(pump: string): [string, number] {
  for (let length = 1; 2 * length <= pump.length; length++) {
    const power = pump.length / length
    const root = pump.slice(0, length)
    if (Number.isInteger(power) && root.repeat(power) === pump) return [root, power]
  }
  return [pump, 1]
}

/** What is known of an attack before it is measured. */
export interface Expectation {
  /** Whether one repetition reads the pump in two ways. Otherwise more than the usual is asked before the growth counts as exponential. */
  readonly exponential: boolean
  /** So many repetitions of the pump it takes until the expression has read it in two ways. */
  readonly power: number
  /** Counted repetitions are exhausted after so many characters, and what they cost grows no further. */
  readonly exhausted: number
  /** The degree that another attack has shown: a growth that is no worse counts as `linear`. */
  readonly known: number
}

/** How the steps of the match grow with the number of repetitions. */
export function measureGrowth(program: Program, attack: Attack, { exponential, power, exhausted, known }: Expectation, budget: Budget): Growth {
  const steps = (times: number, most: number): number => {
    const simulation = simulate(program, charactersOf(attackText(attack, times), program.unicode), Math.min(most, budget.steps))
    budget.steps -= simulation.steps
    return simulation.exhausted ? Infinity : simulation.steps
  }
  const counts: number[] = []
  for (let times = 4; times <= 32 && counts.at(-1) !== Infinity; times *= 2) counts.push(steps(times, longestTrial))
  if (counts.at(-1) === Infinity || ratioOfDifferences(counts) > 7) {
    if (isExponential(steps, power, exponential ? 3 : 12)) return { kind: 'exponential' }
    if (counts.at(-1) === Infinity) counts.pop()
  }
  if (counts.length < 4) return exhausted > 0 ? { kind: 'undecided' } : steepGrowth(steps, known)
  const isBeyondCounts = (times: number) => times >= 4 * exhausted
  let times = 2 * 2 ** counts.length
  const enough = attack.pump.length > 4 ? 64 : 128
  while (times < enough || !isBeyondCounts(times)) {
    // Costs that do not depend on the number drop out of the differences, which grow fourfold where the steps are quadratic.
    const ratio = ratioOfDifferences(counts)
    if (ratio < 2.4 || (degreeOf(ratio) <= known && isBeyondCounts(times))) return { kind: 'linear' }
    const most = exhausted > 0 ? longestCountedRun : longestRun
    // One that would be cut off says nothing more than what is known.
    if (expectedNext(counts) > 1.1 * most) break
    const count = steps(2 * times, most)
    if (count === Infinity) break
    times *= 2
    counts.push(count)
  }
  if (!isBeyondCounts(times)) return { kind: 'undecided' }
  const ratio = ratioOfDifferences(counts)
  return ratio < 3 || degreeOf(ratio) <= known ? { kind: 'linear' } : { kind: 'polynomial', degree: degreeOf(ratio) }
}

/** Repetition by repetition: a polynomial's ratios fall towards 1, and are far below the least of an exponential by the time that it gets long. */
function isExponential(steps: (times: number, most: number) => number, power: number, enough: number): boolean {
  const counts: number[] = []
  const ratios: number[] = []
  for (let times = 0; times <= 32 * power; times++) {
    const count = steps(times, counts.length < 4 + power ? longestRun : longestTrial)
    if (count === Infinity) break
    counts.push(count)
    if (times >= power) ratios.push(count / (counts[times - power] as number))
    if (isFalling(ratios.slice(-fallingRatios))) return false
  }
  return ratios.length >= enough && ratios.slice(-3).every((ratio) => ratio >= exponentialRatio)
}

/** So many in a row that each is less than the one before, and than an exponential's: they will not rise again. */
const fallingRatios = 5

const isFalling = (ratios: readonly number[]) => ratios.length === fallingRatios && ratios.every((ratio, index) => ratio < (index === 0 ? exponentialRatio : (ratios[index - 1] as number)))

/** What is too long already at a few repetitions, and yet not exponential: a polynomial of a high degree. */
function steepGrowth(steps: (times: number, most: number) => number, known: number): Growth {
  const counts: number[] = []
  for (let times = 1; counts.at(-1) !== Infinity && times <= 32; times *= 2) counts.push(steps(times, longestRun))
  const finite = counts.filter((count) => count !== Infinity)
  if (finite.length < 3) return { kind: 'undecided' }
  const ratio = ratioOfDifferences(finite)
  return ratio < 3 || degreeOf(ratio) <= known ? { kind: 'linear' } : { kind: 'polynomial', degree: degreeOf(ratio) }
}

function degreeOf(ratio: number): number {
  return Math.round(Math.log2(ratio))
}

/** What the next doubling would come to, if it grows as the last one did. */
function expectedNext(counts: readonly number[]): number {
  const [before = 0, last = 0] = counts.slice(-2)
  return last + (last - before) * ratioOfDifferences(counts)
}

/** How much more the last doubling added than the one before. */
function ratioOfDifferences(counts: readonly number[]): number {
  const [a, b, c] = counts.slice(-3)
  if (a === undefined || b === undefined || c === undefined) return 1
  return b > a ? (c - b) / (b - a) : c > b ? Infinity : 1
}
