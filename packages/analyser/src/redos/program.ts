import type { AST } from '@eslint-community/regexpp'
import type { Mode } from './character-class.ts'
import { readAtom, wordCharacters } from './character-class.ts'
import type { CharacterSet } from './character-set.ts'
import { Unsupported } from './unsupported.ts'

/**
 * An expression as the steps of a backtracking matcher: what the simulator runs and the automaton is read from, so that
 * both speak of the same expression. Its registers hold where groups began and ended, where an iteration began, and
 * how often a loop ran.
 */
export interface Program {
  readonly code: readonly Instruction[]
  readonly registers: number
  readonly sets: readonly CharacterSet[]
  readonly unicode: boolean
  readonly sticky: boolean
  readonly global: boolean
}

export type Instruction =
  | { readonly op: 'character'; readonly set: number; readonly backward: boolean; readonly node: AST.Node }
  /** Tries `first`, and `second` where that fails. */
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'save'; readonly register: number }
  | { readonly op: 'clear'; readonly from: number; readonly to: number }
  /** Fails where nothing was read since `save` to the register: an iteration without a character does not count. */
  | { readonly op: 'advanced'; readonly register: number }
  | { readonly op: 'start'; readonly multiline: boolean }
  | { readonly op: 'end'; readonly multiline: boolean }
  | { readonly op: 'word'; readonly negate: boolean; readonly set: number }
  /** The body follows, up to `body-end`; then it goes on at `next`. */
  | { readonly op: 'look'; readonly negate: boolean; readonly backward: boolean; next: number; readonly node: AST.LookaroundAssertion }
  | { readonly op: 'body-end' }
  | { readonly op: 'back-reference'; readonly groups: readonly number[]; readonly ignoreCase: boolean; readonly backward: boolean; readonly node: AST.Backreference }
  | { readonly op: 'count-from-zero'; readonly register: number }
  /** The head of a counted repetition: the body follows, up to `again`. */
  | { readonly op: 'count'; readonly register: number; readonly mark: number; readonly min: number; readonly max: number; readonly greedy: boolean; exit: number; readonly node: AST.Quantifier }
  | { readonly op: 'again'; readonly head: number }
  | { readonly op: 'match' }

export interface CompileOptions {
  readonly flags: string
  /** More instructions are `Unsupported`. */
  readonly maxInstructions: number
}

/** Repetitions are written out up to this many instructions, since the automaton is exact only where no one counts. */
const writtenOut = 120
const maxDepth = 200

/** Throws `Unsupported`. */
export function compile(pattern: AST.Pattern, { flags, maxInstructions }: CompileOptions): Program {
  const compiler = new Compiler(maxInstructions)
  const unicodeSets = flags.includes('v')
  const unicode = unicodeSets || flags.includes('u')
  compiler.numberGroups(pattern)
  compiler.alternatives(pattern.alternatives, { ignoreCase: flags.includes('i'), multiline: flags.includes('m'), dotAll: flags.includes('s'), unicode, unicodeSets }, false)
  compiler.emit({ op: 'match' })
  return { code: compiler.code, registers: compiler.registers, sets: compiler.sets, unicode, sticky: flags.includes('y'), global: flags.includes('g') }
}

class Compiler {
  readonly code: Instruction[] = []
  readonly sets: CharacterSet[] = []
  registers = 2
  readonly #maxInstructions: number
  readonly #setNumbers = new Map<string, number>()
  /** Group `n` begins in register `2n` and ends in `2n + 1`. */
  readonly #groups = new Map<AST.CapturingGroup, number>()
  readonly #shapes = new Map<AST.Node, Shape>()
  #depth = 0

  constructor(maxInstructions: number) {
    this.#maxInstructions = maxInstructions
  }

  /** Also refuses what is nested too deeply, before anything recurses on it without a limit. */
  numberGroups(pattern: AST.Pattern): void {
    const visit = (alternatives: readonly AST.Alternative[], depth: number): Shape => {
      if (depth > maxDepth) throw new Unsupported(`it is nested more than ${maxDepth} deep`)
      let shape: Shape | undefined
      for (const alternative of alternatives) {
        const whole = { size: 1, minLength: 0 }
        for (const element of alternative.elements) {
          const part = this.#shape(element, visit, depth)
          whole.size += part.size
          whole.minLength += part.minLength
        }
        shape = shape ? { size: shape.size + whole.size + 2, minLength: Math.min(shape.minLength, whole.minLength) } : whole
      }
      return shape ?? { size: 0, minLength: 0 }
    }
    visit(pattern.alternatives, 0)
    this.registers = 2 * (this.#groups.size + 1)
  }

  #shape(node: AST.Element, visit: (alternatives: readonly AST.Alternative[], depth: number) => Shape, depth: number): Shape {
    const shape = ((): Shape => {
      switch (node.type) {
        case 'CapturingGroup': {
          this.#groups.set(node, this.#groups.size + 1)
          const body = visit(node.alternatives, depth + 1)
          return { size: body.size + 2, minLength: body.minLength }
        }
        case 'Group':
          return visit(node.alternatives, depth + 1)
        case 'Quantifier': {
          const body = this.#shape(node.element, visit, depth + 1)
          const size = body.size + 5
          return { size: isWrittenOut(node, size) ? size * copies(node) : size, minLength: Math.min(body.minLength * node.min, 1e9) }
        }
        case 'Assertion':
          return node.kind === 'lookahead' || node.kind === 'lookbehind' ? { size: visit(node.alternatives, depth + 1).size + 2, minLength: 0 } : { size: 1, minLength: 0 }
        case 'Backreference':
          return { size: 1, minLength: 0 }
        case 'CharacterClass':
        case 'ExpressionCharacterClass':
          // One that holds the empty string may take nothing; that is found out where it is read.
          return { size: 1, minLength: node.type === 'CharacterClass' && !node.unicodeSets ? 1 : 0 }
        default:
          return { size: 1, minLength: 1 }
      }
    })()
    this.#shapes.set(node, shape)
    return shape
  }

  emit(instruction: Instruction): number {
    if (this.code.length >= this.#maxInstructions) throw new Unsupported(`it has more than ${this.#maxInstructions} steps`)
    return this.code.push(instruction) - 1
  }

  alternatives(alternatives: readonly AST.Alternative[], mode: Mode, backward: boolean): void {
    this.#choice(
      alternatives.map((alternative) => () => {
        for (const element of backward ? alternative.elements.toReversed() : alternative.elements) this.#element(element, mode, backward)
      }),
    )
  }

  /** Tries the branches in their order. */
  #choice(branches: readonly (() => void)[]): void {
    const jumps: Extract<Instruction, { op: 'jump' }>[] = []
    for (const [index, branch] of branches.entries()) {
      if (index === branches.length - 1) {
        branch()
        break
      }
      const split = { op: 'split' as const, first: this.code.length + 1, second: 0 }
      this.emit(split)
      branch()
      const jump = { op: 'jump' as const, to: 0 }
      this.emit(jump)
      jumps.push(jump)
      split.second = this.code.length
    }
    for (const jump of jumps) jump.to = this.code.length
  }

  #element(node: AST.Element, mode: Mode, backward: boolean): void {
    if (++this.#depth > 3 * maxDepth) throw new Unsupported(`it is nested more than ${maxDepth} deep`)
    switch (node.type) {
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
      case 'ExpressionCharacterClass':
        this.#atom(node, mode, backward)
        break
      case 'CapturingGroup': {
        const register = 2 * (this.#groups.get(node) as number)
        this.emit({ op: 'save', register: register + (backward ? 1 : 0) })
        this.alternatives(node.alternatives, mode, backward)
        this.emit({ op: 'save', register: register + (backward ? 0 : 1) })
        break
      }
      case 'Group':
        this.alternatives(node.alternatives, modified(mode, node.modifiers), backward)
        break
      case 'Quantifier':
        this.#quantifier(node, mode, backward)
        break
      case 'Backreference':
        this.emit({ op: 'back-reference', groups: [node.resolved].flat().map((group) => this.#groups.get(group) as number), ignoreCase: mode.ignoreCase, backward, node })
        break
      case 'Assertion':
        if (node.kind === 'word') this.emit({ op: 'word', negate: node.negate, set: this.#set(wordCharacters(mode)) })
        else if (node.kind === 'start') this.emit({ op: 'start', multiline: mode.multiline })
        else if (node.kind === 'end') this.emit({ op: 'end', multiline: mode.multiline })
        else if ('alternatives' in node) {
          const behind = node.kind === 'lookbehind'
          const look = { op: 'look' as const, negate: node.negate, backward: behind, next: 0, node }
          this.emit(look)
          this.alternatives(node.alternatives, mode, behind)
          this.emit({ op: 'body-end' })
          look.next = this.code.length
        }
    }
    this.#depth--
  }

  #atom(node: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass, mode: Mode, backward: boolean): void {
    const { set, strings } = readAtom(node, mode)
    const one = () => this.emit({ op: 'character', set: this.#set(set), backward, node })
    if (strings.length === 0) {
      one()
      return
    }
    // Longer strings go first, a single character before only the empty string.
    const spelled = (text: string) => () => {
      const characters = [...text].map((character) => character.codePointAt(0) as number)
      if (backward) characters.reverse()
      for (const character of characters) {
        const alone = readAtom({ type: 'Character', value: character } as AST.Character, mode)
        this.emit({ op: 'character', set: this.#set(alone.set), backward, node })
      }
    }
    const longestFirst = strings.toSorted((a, b) => [...b].length - [...a].length)
    this.#choice([...longestFirst.filter((text) => text !== '').map(spelled), one, ...longestFirst.filter((text) => text === '').map(spelled)])
  }

  #set(set: CharacterSet): number {
    const key = set.join()
    const known = this.#setNumbers.get(key)
    if (known !== undefined) return known
    this.#setNumbers.set(key, this.sets.length)
    return this.sets.push(set) - 1
  }

  #quantifier(node: AST.Quantifier, mode: Mode, backward: boolean): void {
    const { min, max, greedy, element } = node
    if (max === 0) return
    const { size, minLength } = this.#shapes.get(element) as Shape
    const groups = this.#groupsIn(element)
    const body = () => {
      if (groups) this.emit({ op: 'clear', from: 2 * groups.first, to: 2 * groups.last + 2 })
      this.#element(element, mode, backward)
    }
    if (!isWrittenOut(node, size + 5)) {
      this.#counted(node, body)
      return
    }
    for (let n = 0; n < min; n++) body()
    const mark = minLength === 0 ? this.registers++ : undefined
    const optional = () => {
      if (mark !== undefined) this.emit({ op: 'save', register: mark })
      body()
      if (mark !== undefined) this.emit({ op: 'advanced', register: mark })
    }
    const splits: Extract<Instruction, { op: 'split' }>[] = []
    const split = () => {
      const instruction = { op: 'split' as const, first: 0, second: 0 }
      splits.push(instruction)
      const at = this.emit(instruction)
      if (greedy) instruction.first = at + 1
      else instruction.second = at + 1
      return at
    }
    if (max === Infinity) {
      const head = split()
      optional()
      this.emit({ op: 'jump', to: head })
    } else
      for (let n = min; n < max; n++) {
        split()
        optional()
      }
    for (const instruction of splits) {
      if (greedy) instruction.second = this.code.length
      else instruction.first = this.code.length
    }
  }

  #counted(node: AST.Quantifier, body: () => void): void {
    const register = this.registers
    this.registers += 2
    this.emit({ op: 'count-from-zero', register })
    const count = { op: 'count' as const, register, mark: register + 1, min: node.min, max: node.max, greedy: node.greedy, exit: 0, node }
    const head = this.emit(count)
    body()
    this.emit({ op: 'again', head })
    count.exit = this.code.length
  }

  /** Groups are numbered in their order, so those inside of a part follow one another. */
  #groupsIn(element: AST.QuantifiableElement): { first: number; last: number } | undefined {
    let first = Infinity
    let last = -Infinity
    const visit = (node: AST.Element): void => {
      if (node.type === 'CapturingGroup') {
        const number = this.#groups.get(node) as number
        first = Math.min(first, number)
        last = Math.max(last, number)
      }
      if (node.type === 'Quantifier') visit(node.element)
      else if ('alternatives' in node) for (const alternative of node.alternatives) for (const inner of alternative.elements) visit(inner)
    }
    visit(element)
    return last > 0 ? { first, last } : undefined
  }
}

interface Shape {
  /** About how many instructions it becomes. */
  readonly size: number
  readonly minLength: number
}

function copies({ min, max }: AST.Quantifier): number {
  return max === Infinity ? min + 1 : max
}

function isWrittenOut(node: AST.Quantifier, size: number): boolean {
  const times = copies(node)
  return times <= 1 || size * times <= writtenOut
}

function modified(mode: Mode, modifiers: AST.Modifiers | null): Mode {
  if (!modifiers) return mode
  const { add, remove } = modifiers
  const flag = (name: 'ignoreCase' | 'multiline' | 'dotAll') => (mode[name] || add[name]) && !remove?.[name]
  return { ...mode, ignoreCase: flag('ignoreCase'), multiline: flag('multiline'), dotAll: flag('dotAll') }
}
