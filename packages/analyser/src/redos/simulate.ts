import { canonicalize } from './case-folding.ts'
import { CharacterSets } from './character-set.ts'
import { asciiSize, machineCode, unlimited, width } from './machine-code.ts'
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
export function charactersOf(text: string, unicode: boolean): Int32Array {
  const characters = new Int32Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; length++) {
    const character = unicode ? (text.codePointAt(at) as number) : text.charCodeAt(at)
    characters[length] = character
    at += character > 0xffff ? 2 : 1
  }
  return characters.subarray(0, length)
}

/**
 * Matches as a backtracking engine does, without remembering what has failed already, and counts the steps. A global
 * expression is run again from the end of each match, as `replace` and `matchAll` do; of that the first match is told.
 */
export function simulate(program: Program, input: Int32Array, maxSteps: number): Simulation {
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

type BackReference = Extract<Instruction, { op: 'back-reference' }>

class Machine {
  steps = 0
  end = 0
  readonly #program: Program
  readonly #code: Int32Array
  readonly #ascii: Uint8Array
  readonly #input: Int32Array
  readonly #maxSteps: number
  readonly #registers: Int32Array
  /** Pairs: where to go on and the position to do so from; or `~register` and what it held before. */
  #stack = new Int32Array(512)
  #top = 0

  constructor(program: Program, input: Int32Array, maxSteps: number) {
    const { code, ascii } = machineCode(program)
    this.#program = program
    this.#code = code
    this.#ascii = ascii
    this.#input = input
    this.#maxSteps = maxSteps
    this.#registers = new Int32Array(program.registers)
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
    return character < asciiSize ? this.#ascii[set * asciiSize + character] === 1 : CharacterSets.includes(this.#program.sets[set] as readonly number[], character)
  }

  /** The position where it matched, or -1; the stack below where it stood is left alone. */
  #run(from: number, start: number): number {
    const code = this.#code
    const input = this.#input
    const registers = this.#registers
    const maxSteps = this.#maxSteps
    const base = this.#top
    let pc = from
    let position = start
    for (;;) {
      if (this.steps++ >= maxSteps) return -1
      let ok = true
      switch (code[pc]) {
        case 0: // character
          ok = position < input.length && this.#takes(code[pc + 1] as number, input[position] as number)
          position++
          pc += width
          break
        case 1: // characterBefore
          position--
          ok = position >= 0 && this.#takes(code[pc + 1] as number, input[position] as number)
          pc += width
          break
        case 2: // split
          this.#push(code[pc + 2] as number, position)
          pc = code[pc + 1] as number
          break
        case 3: // jump
          pc = code[pc + 1] as number
          break
        case 4: // save
          this.#set(code[pc + 1] as number, position)
          pc += width
          break
        case 5: // clear
          for (let register = code[pc + 1] as number; register < (code[pc + 2] as number); register++) if (registers[register] !== -1) this.#set(register, -1)
          pc += width
          break
        case 6: // advanced
          ok = registers[code[pc + 1] as number] !== position
          pc += width
          break
        case 7: // start
          ok = position === 0
          pc += width
          break
        case 8: // startOfLine
          ok = position === 0 || isLineEnd(input[position - 1])
          pc += width
          break
        case 9: // end
          ok = position === input.length
          pc += width
          break
        case 10: // endOfLine
          ok = position === input.length || isLineEnd(input[position])
          pc += width
          break
        case 11: { // word
          const set = code[pc + 2] as number
          const before = position > 0 && this.#takes(set, input[position - 1] as number)
          const after = position < input.length && this.#takes(set, input[position] as number)
          ok = (before !== after) !== (code[pc + 1] === 1)
          pc += width
          break
        }
        case 12: { // look
          const isNegated = code[pc + 1] === 1
          const stood = this.#top
          const found = this.#run(pc + width, position) >= 0
          if (this.steps >= maxSteps) return -1
          ok = found !== isNegated
          if (found && isNegated) this.#undo(stood)
          else if (found) this.#forgetChoices(stood)
          pc = code[pc + 2] as number
          break
        }
        case 13: { // backReference
          position = this.#backReference(this.#program.code[code[pc + 1] as number] as BackReference, position)
          ok = position >= 0
          pc += width
          break
        }
        case 14: // countFromZero
          this.#set(code[pc + 1] as number, 0)
          pc += width
          break
        case 15: { // count
          const count = registers[code[pc + 1] as number] as number
          const mark = code[pc + 2] as number
          const exit = code[pc + 6] as number
          if (count >= (code[pc + 4] as number)) pc = exit
          else if (count < (code[pc + 3] as number)) {
            this.#set(mark, position)
            pc += width
          } else if (code[pc + 5] === 1) {
            this.#push(exit, position)
            this.#set(mark, position)
            pc += width
          } else {
            // The body is entered by way of a step that marks where: as a choice it has to be the head once more, past this.
            this.#push(~(registers.length + pc), position)
            pc = exit
          }
          break
        }
        case 16: { // again
          const head = code[pc + 1] as number
          const register = code[head + 1] as number
          const count = registers[register] as number
          const min = code[head + 3] as number
          ok = count < min || registers[code[head + 2] as number] !== position
          // Beyond both bounds nothing depends on how often it was.
          this.#set(register, code[head + 4] === unlimited && count >= min ? count : count + 1)
          pc = head
          break
        }
        default:
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
        pc = register - registers.length
        position = value
        this.#set(code[pc + 2] as number, position)
        pc += width
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

  #backReference({ groups, ignoreCase, backward }: BackReference, position: number): number {
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
