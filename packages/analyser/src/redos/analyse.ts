import type { AST } from '@eslint-community/regexpp'
import { RegExpParser, visitRegExpAST } from '@eslint-community/regexpp'
import type { Ambiguity } from './ambiguity.ts'
import { findAmbiguities } from './ambiguity.ts'
import type { Attack, Budget, Growth } from './attack.ts'
import { measureGrowth, rootOf, suffixesFor } from './attack.ts'
import type { Automaton } from './automaton.ts'
import { automatonOf } from './automaton.ts'
import type { CharacterSet } from './character-set.ts'
import { CharacterSets } from './character-set.ts'
import type { Program } from './program.ts'
import { compile } from './program.ts'
import { Unsupported } from './unsupported.ts'

/** How long a match takes at worst, as the input gets longer. */
export interface RegexAnalysis {
  readonly kind: 'safe' | 'polynomial' | 'exponential' | 'unknown'
  /** Of `polynomial`: 2 means that twice the input takes four times as long. */
  readonly degree?: number
  /** `prefix`, many times `pump`, `suffix`: an input that shows it. */
  readonly attack?: Attack
  /** Of the ambiguous part within the pattern. */
  readonly start?: number
  readonly end?: number
  /** For a person: which parts are ambiguous, or why nothing is known. */
  readonly reason?: string
}

/** What the analysis of one expression may cost; beyond it the answer is `unknown`. */
export interface Limits {
  readonly patternLength: number
  readonly instructions: number
  /** Of the automaton: ways from one character to the next. */
  readonly edges: number
  /** Pairs and triples of states looked at. */
  readonly work: number
  /** Of the simulator, over all attacks tried. */
  readonly steps: number
  /** `\p{…}` of different properties. */
  readonly properties: number
}

export const defaultLimits: Limits = { patternLength: 50_000, instructions: 8_000, edges: 60_000, work: 1_000_000, steps: 4_000_000, properties: 20 }

/** Ambiguities looked at in one expression, and attacks tried on all of them. */
const mostAmbiguities = 40
const mostAttacks = 300
/** Attacks still tried, for something worse, once one has been demonstrated. */
const attacksAfterOne = 40

/**
 * Tells whether an input can make the match of an expression take far longer than the input is long. What is not `safe`
 * or `unknown` has been demonstrated: a simulation of the matcher took ever more steps on the attack that is handed back.
 * Never throws, and takes a bounded number of steps whatever the pattern.
 */
export function analyseRegex(pattern: string, flags: string, limits: Partial<Limits> = {}): RegexAnalysis {
  try {
    return analyse(pattern, flags, { ...defaultLimits, ...limits })
  } catch (error) {
    if (error instanceof Unsupported) return { kind: 'unknown', reason: `${error.message}, which this analysis does not follow` }
    throw error
  }
}

function analyse(pattern: string, flags: string, limits: Limits): RegexAnalysis {
  if (pattern.length > limits.patternLength) throw new Unsupported(`it is longer than ${limits.patternLength} characters`)
  const parsed = parse(pattern, flags)
  if (typeof parsed === 'string') return { kind: 'unknown', reason: parsed }
  const features = featuresOf(parsed)
  if (features.properties > limits.properties) throw new Unsupported(`it names more than ${limits.properties} properties of characters`)
  if (!features.repeats) return { kind: 'safe' }
  const program = compile(parsed, { flags, maxInstructions: limits.instructions })
  const automaton = automatonOf(program, charactersOfGroups(program), limits.edges)
  const search = findAmbiguities(automaton, limits.work)
  const budget: Budget = { steps: limits.steps }
  // What the automaton does not hold may add to the degree.
  const isWhole = !search.incomplete && !features.repeatsBehind && !features.backReference && search.found.every(({ kind }) => kind === 'polynomial')
  const worst = demonstrate(program, automaton, search.found.slice(0, mostAmbiguities), isWhole ? search.longestChain : Infinity, budget)
  if (worst) return { ...worst.growth, attack: worst.attack, ...describe(automaton, worst.ambiguity, worst.growth, pattern) }
  if (search.incomplete) return { kind: 'unknown', reason: 'it has more combinations of states than this analysis looks at' }
  if (search.found.length > 0 && budget.steps <= 0) return { kind: 'unknown', reason: 'its attacks take more steps than this analysis simulates' }
  if (features.repeatsBehind) return { kind: 'unknown', reason: 'it repeats something without a limit inside of a lookbehind, which this analysis does not follow' }
  if (features.backReference && search.found.length > 0) return { kind: 'unknown', reason: 'a back reference decides whether its ambiguous part can fail, which this analysis does not follow' }
  return { kind: 'safe' }
}

const deepest = 500

/** The pattern, or what is wrong with it. */
function parse(pattern: string, flags: string): AST.Pattern | string {
  if (!/^[dgimsuvy]*$/.test(flags) || new Set(flags).size !== flags.length || (flags.includes('u') && flags.includes('v'))) return 'its flags are not valid'
  let depth = 0
  for (const character of pattern) {
    if (character === '(' || character === '[') depth++
    else if ((character === ')' || character === ']') && depth > 0) depth--
    // The parser recurses.
    if (depth > deepest) throw new Unsupported(`it is nested more than ${deepest} deep`)
  }
  try {
    return new RegExpParser({ ecmaVersion: 2025 }).parsePattern(pattern, 0, pattern.length, { unicode: flags.includes('u'), unicodeSets: flags.includes('v') })
  } catch (error) {
    if (error instanceof SyntaxError) return `it is not a valid expression: ${error.message}`
    throw error
  }
}

interface Features {
  /** Something is repeated without a limit, or often enough to be as bad. */
  readonly repeats: boolean
  readonly repeatsBehind: boolean
  readonly backReference: boolean
  readonly properties: number
}

/** Below this a counted repetition multiplies the time by a number, nothing worse. */
const manyTimes = 20

function featuresOf(pattern: AST.Pattern): Features {
  let repeats = false
  let repeatsBehind = false
  let backReference = false
  let behind = 0
  const properties = new Set<string>()
  visitRegExpAST(pattern, {
    onQuantifierEnter({ max }) {
      if (max < manyTimes) return
      repeats = true
      if (behind > 0) repeatsBehind = true
    },
    onAssertionEnter({ kind }) {
      if (kind === 'lookbehind') behind++
    },
    onAssertionLeave({ kind }) {
      if (kind === 'lookbehind') behind--
    },
    onBackreferenceEnter() {
      backReference = true
    },
    onCharacterSetEnter(node) {
      if (node.kind === 'property') properties.add(`${node.key}=${node.value}`)
    },
  })
  return { repeats, repeatsBehind, backReference, properties: properties.size }
}

/** What a back reference may read: any character that its group reads. */
function charactersOfGroups({ code, sets }: Program): (groups: readonly number[]) => CharacterSet {
  return (groups) => {
    const inside: CharacterSet[] = []
    for (const group of groups) {
      let open = false
      for (const instruction of code) {
        if (instruction.op === 'save' && instruction.register === 2 * group) open = true
        if (instruction.op === 'save' && instruction.register === 2 * group + 1) open = false
        if (open && instruction.op === 'character') inside.push(sets[instruction.set] as CharacterSet)
        if (open && instruction.op === 'back-reference') return CharacterSets.everything
      }
    }
    return CharacterSets.union([CharacterSets.empty, ...inside])
  }
}

interface Demonstration {
  readonly ambiguity: Ambiguity
  readonly attack: Attack
  readonly growth: Extract<Growth, { kind: 'polynomial' | 'exponential' }>
}

/** The worst that the simulator confirms; nothing is worse than `highestDegree`. */
function demonstrate(program: Program, automaton: Automaton, ambiguities: readonly Ambiguity[], highestDegree: number, budget: Budget): Demonstration | undefined {
  const tried = new Set<string>()
  let worst: Demonstration | undefined
  let known = 1
  let left = mostAttacks
  // In rounds, the likeliest attack on every ambiguity first: most expressions are decided in the first round.
  let round = ambiguities.map((ambiguity) => ({ ambiguity, attacks: attacksOn(program, automaton, ambiguity, budget) }))
  while (round.length > 0) {
    const next: typeof round = []
    for (const suspect of round) {
      const { ambiguity } = suspect
      const { value, done } = suspect.attacks.next()
      if (done) continue
      next.push(suspect)
      const { power, ...attack } = value
      const key = JSON.stringify(attack)
      if (tried.has(key)) continue
      tried.add(key)
      if (budget.steps <= 0 || left-- <= 0) return worst
      const exhausted = Math.max(countsAround(automaton.states[ambiguity.from]?.node), countsAround(automaton.states[ambiguity.to]?.node))
      const growth = measureGrowth(program, attack, { exponential: ambiguity.kind === 'exponential', power, exhausted, known }, budget)
      if (growth.kind === 'exponential') return { ambiguity, attack, growth }
      if (growth.kind !== 'polynomial') continue
      worst = { ambiguity, attack, growth }
      known = growth.degree
      if (known >= highestDegree) return worst
      left = Math.min(left, attacksAfterOne)
    }
    round = next
  }
  return worst
}

/** How often the counted repetitions around a part let it be repeated at most, 0 where there are none. */
function countsAround(node: AST.Node | undefined): number {
  let product = 1
  for (let at: AST.Node | null | undefined = node; at; at = at.parent) if (at.type === 'Quantifier' && at.max > 1 && at.max !== Infinity) product *= at.max
  return product === 1 ? 0 : product
}

function* attacksOn(program: Program, automaton: Automaton, ambiguity: Ambiguity, budget: Budget): Generator<Attack & { readonly power: number }> {
  const text = (word: readonly number[]) => word.map((character) => String.fromCodePoint(automaton.alphabet[character] as number)).join('')
  const prefix = text(ambiguity.prefix)
  const everyLine = program.code.some((instruction) => instruction.op === 'start' && instruction.multiline)
  for (const word of ambiguity.pumps) {
    const [pump, power] = rootOf(text(word))
    for (const suffix of suffixesFor(automaton, ambiguity, word, budget)) {
      yield { prefix, pump, suffix, power }
      if (ambiguity.from !== automaton.restart) continue
      // What is anchored may match at the very beginning, and only there.
      yield { prefix: text([automaton.alphabet.length - 1]), pump, suffix, power }
      if (everyLine) yield { prefix, pump: `\n${pump}`, suffix, power: 1 }
    }
  }
}

/** Where it is, and why, in the words of the pattern. */
function describe(automaton: Automaton, { from, to }: Ambiguity, growth: Demonstration['growth'], pattern: string): { start: number; end: number; reason: string } {
  const second = repetitionOf(automaton.states[to]?.node)
  if (growth.kind === 'exponential') {
    const outer = outermost(second)
    const { start, end } = outer ?? { start: 0, end: pattern.length }
    return { start, end, reason: `${quote(pattern.slice(start, end))} can read the same text in more ways with every repetition, and all are tried where the rest does not match` }
  }
  const first = repetitionOf(automaton.states[from]?.node)
  if (from === automaton.restart || !first) {
    const { start, end } = second ?? { start: 0, end: pattern.length }
    return { start, end, reason: `the search begins ${quote(pattern.slice(start, end))} anew at every character and reads up to the same place each time, where the rest does not match` }
  }
  const start = Math.min(first.start, second?.start ?? first.start)
  const end = Math.max(first.end, second?.end ?? first.end)
  return { start, end, reason: `${quote(pattern.slice(first.start, first.end))} and ${quote(pattern.slice(second?.start ?? start, second?.end ?? end))} can read the same text, and where one ends and the other begins is tried at every character where the rest does not match` }
}

/** The innermost repetition around a part that can go on and on. */
function repetitionOf(node: AST.Node | undefined): AST.Quantifier | undefined {
  for (let at: AST.Node | null | undefined = node; at; at = at.parent) if (at.type === 'Quantifier' && at.max >= manyTimes) return at
  return undefined
}

function outermost(inner: AST.Quantifier | undefined): AST.Quantifier | undefined {
  let found = inner
  for (let at: AST.Node | null = inner ?? null; at; at = at.parent) if (at.type === 'Quantifier' && at.max >= manyTimes) found = at
  return found
}

/** Patterns come from anywhere: what a terminal would act on is written as an escape. */
function quote(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text
  return `\`${shown.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`)}\``
}
