import { canonicalize } from './case-folding.ts'
import { CharacterSets } from './character-set.ts'
import type { Instruction, Program } from './program.ts'

export interface Simulation {
  /** Where the first match begins, in code points where the program counts them; -1 where there is none. */
  readonly index: number
  readonly end: number
  readonly steps: number
  /** The steps ran out: nothing is known of a match. */
  readonly exhausted: boolean
}

/** The input as the program counts it. */
export function charactersOf(text: string, unicode: boolean): number[] {
  if (unicode) return Array.from(text, (character) => character.codePointAt(0) as number)
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
}

/**
 * Matches as a backtracking engine does, without remembering what has failed already, and counts the steps. A global
 * expression is run again from the end of each match, as `replace` and `matchAll` do; of that the first match is told.
 */
export function simulate(program: Program, input: readonly number[], maxSteps: number): Simulation {
  const machine = new Machine(program, input, maxSteps)
  let from = 0
  let first: { index: number; end: number } | undefined
  while (from <= input.length && machine.steps < maxSteps) {
    const index = machine.search(from)
    if (index < 0) break
    first ??= { index, end: machine.end }
    if (!program.global) break
    from = machine.end > from ? machine.end : from + 1
  }
  const exhausted = machine.steps >= maxSteps
  return { index: -1, end: -1, ...first, steps: machine.steps, exhausted }
}

class Machine {
  steps = 0
  end = 0
  readonly #program: Program
  readonly #input: readonly number[]
  readonly #maxSteps: number
  readonly #registers: Int32Array
  readonly #tests: readonly Uint8Array[]
  /** Pairs: where to go on and the position to do so from; or `~register` and what it held before. */
  #stack = new Int32Array(512)
  #top = 0

  constructor(program: Program, input: readonly number[], maxSteps: number) {
    this.#program = program
    this.#input = input
    this.#maxSteps = maxSteps
    this.#registers = new Int32Array(program.registers)
    this.#tests = asciiTests(program)
  }

  /** The first match at or after a position: where it begins, or -1. */
  search(from: number): number {
    for (let start = from; start <= this.#input.length; start++) {
      this.#registers.fill(-1)
      this.#top = 0
      const end = this.#run(0, start)
      if (end >= 0) {
        this.end = end
        return start
      }
      if (this.#program.sticky || this.steps >= this.#maxSteps) break
    }
    return -1
  }

  #push(a: number, b: number): void {
    if (this.#top + 2 > this.#stack.length) {
      const larger = new Int32Array(2 * this.#stack.length)
      larger.set(this.#stack)
      this.#stack = larger
    }
    this.#stack[this.#top++] = a
    this.#stack[this.#top++] = b
  }

  #set(register: number, value: number): void {
    this.#push(~register, this.#registers[register] as number)
    this.#registers[register] = value
  }

  #takes(set: number, character: number): boolean {
    return character < 128 ? (this.#tests[set] as Uint8Array)[character] === 1 : CharacterSets.includes(this.#program.sets[set] as readonly number[], character)
  }

  /** The position where it matched, or -1; the stack below where it stood is left alone. */
  #run(from: number, start: number): number {
    const { code } = this.#program
    const input = this.#input
    const registers = this.#registers
    const base = this.#top
    let pc = from
    let position = start
    for (;;) {
      if (this.steps++ >= this.#maxSteps) return -1
      const instruction = code[pc] as Instruction
      let ok = true
      switch (instruction.op) {
        case 'character': {
          const at = instruction.backward ? position - 1 : position
          ok = at >= 0 && at < input.length && this.#takes(instruction.set, input[at] as number)
          position = instruction.backward ? at : at + 1
          pc++
          break
        }
        case 'split':
          this.#push(instruction.second, position)
          pc = instruction.first
          break
        case 'jump':
          pc = instruction.to
          break
        case 'save':
          this.#set(instruction.register, position)
          pc++
          break
        case 'clear':
          for (let register = instruction.from; register < instruction.to; register++) if (registers[register] !== -1) this.#set(register, -1)
          pc++
          break
        case 'advanced':
          ok = registers[instruction.register] !== position
          pc++
          break
        case 'start':
          ok = position === 0 || (instruction.multiline && isLineEnd(input[position - 1]))
          pc++
          break
        case 'end':
          ok = position === input.length || (instruction.multiline && isLineEnd(input[position]))
          pc++
          break
        case 'word': {
          const before = position > 0 && this.#takes(instruction.set, input[position - 1] as number)
          const after = position < input.length && this.#takes(instruction.set, input[position] as number)
          ok = (before !== after) !== instruction.negate
          pc++
          break
        }
        case 'look': {
          const stood = this.#top
          const found = this.#run(pc + 1, position) >= 0
          if (this.steps >= this.#maxSteps) return -1
          ok = found !== instruction.negate
          if (found && instruction.negate) this.#undo(stood)
          else if (found) this.#forgetChoices(stood)
          pc = instruction.next
          break
        }
        case 'back-reference': {
          const end = this.#backReference(instruction, position)
          ok = end >= 0
          position = end
          pc++
          break
        }
        case 'count-from-zero':
          this.#set(instruction.register, 0)
          pc++
          break
        case 'count': {
          const count = registers[instruction.register] as number
          if (count >= instruction.max) pc = instruction.exit
          else if (count < instruction.min) {
            this.#set(instruction.mark, position)
            pc++
          } else if (instruction.greedy) {
            this.#push(instruction.exit, position)
            this.#set(instruction.mark, position)
            pc++
          } else {
            // The body is entered by way of a step that marks where: as a choice it has to be the head once more, past this.
            this.#push(-1 - code.length - registers.length - pc, position)
            pc = instruction.exit
          }
          break
        }
        case 'again': {
          const head = code[instruction.head] as Extract<Instruction, { op: 'count' }>
          const count = registers[head.register] as number
          ok = count < head.min || registers[head.mark] !== position
          // Beyond both bounds nothing depends on how often it was.
          this.#set(head.register, head.max === Infinity && count >= head.min ? count : count + 1)
          pc = instruction.head
          break
        }
        case 'body-end':
        case 'match':
          return position
      }
      if (ok) continue
      // Back to the last choice, restoring what was written since.
      for (;;) {
        if (this.#top === base) return -1
        const value = this.#stack[--this.#top] as number
        const where = this.#stack[--this.#top] as number
        if (where >= 0) {
          pc = where
          position = value
          break
        }
        const register = ~where
        if (register < registers.length) {
          registers[register] = value
          continue
        }
        // A lazy counted repetition, whose body is to be tried now.
        pc = register - code.length - registers.length
        position = value
        this.#set((code[pc] as Extract<Instruction, { op: 'count' }>).mark, position)
        pc++
        break
      }
    }
  }

  #undo(to: number): void {
    while (this.#top > to) {
      const value = this.#stack[--this.#top] as number
      const register = ~(this.#stack[--this.#top] as number)
      if (register >= 0 && register < this.#registers.length) this.#registers[register] = value
    }
  }

  /** What a positive lookaround found stands: only what it wrote can still be undone. */
  #forgetChoices(from: number): void {
    let kept = from
    for (let at = from; at < this.#top; at += 2) {
      const register = ~(this.#stack[at] as number)
      if (register < 0 || register >= this.#registers.length) continue
      this.#stack[kept++] = this.#stack[at] as number
      this.#stack[kept++] = this.#stack[at + 1] as number
    }
    this.#top = kept
  }

  #backReference({ groups, ignoreCase, backward }: Extract<Instruction, { op: 'back-reference' }>, position: number): number {
    const group = groups.find((number) => this.#registers[2 * number] !== -1 && this.#registers[2 * number + 1] !== -1)
    if (group === undefined) return position
    const from = this.#registers[2 * group] as number
    const length = (this.#registers[2 * group + 1] as number) - from
    const at = backward ? position - length : position
    if (at < 0 || at + length > this.#input.length) return -1
    const { unicode } = this.#program
    for (let i = 0; i < length; i++) {
      this.steps++
      const a = this.#input[from + i] as number
      const b = this.#input[at + i] as number
      if (a !== b && !(ignoreCase && canonicalize(a, unicode) === canonicalize(b, unicode))) return -1
    }
    return backward ? at : at + length
  }
}

function isLineEnd(character: number | undefined): boolean {
  return character === 0x0a || character === 0x0d || character === 0x2028 || character === 0x2029
}

const tests = new WeakMap<Program, readonly Uint8Array[]>()

function asciiTests(program: Program): readonly Uint8Array[] {
  let made = tests.get(program)
  if (!made) {
    made = program.sets.map((set) => Uint8Array.from({ length: 128 }, (_, character) => (CharacterSets.includes(set, character) ? 1 : 0)))
    tests.set(program, made)
  }
  return made
}
