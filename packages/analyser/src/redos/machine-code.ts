import { CharacterSets } from './character-set.ts'
import type { Instruction, Program } from './program.ts'

/**
 * A program as numbers, `width` an instruction, since the matcher takes millions of steps and a number is read sooner than
 * an object of one of fifteen shapes. What stands in `pc + 1` and after it is said beside each operation.
 */
export interface MachineCode {
  readonly code: Int32Array
  /** Of each set whether it holds each character of ASCII, one set after the other. */
  readonly ascii: Uint8Array
}

export const width = 7
export const asciiSize = 128
/** Stands for no limit: more often than any run has steps. */
export const unlimited = 0x7fffffff

export const operations = {
  /** Set. */
  character: 0,
  characterBefore: 1,
  /** The choice that is tried first, and the other. */
  split: 2,
  /** Where to. */
  jump: 3,
  /** Register. */
  save: 4,
  /** First register, and the one past the last. */
  clear: 5,
  /** Register. */
  advanced: 6,
  start: 7,
  startOfLine: 8,
  end: 9,
  endOfLine: 10,
  /** Whether negated, set. */
  word: 11,
  /** Whether negated, where it goes on. */
  look: 12,
  /** Index of the instruction, which holds its groups. */
  backReference: 13,
  /** Register. */
  countFromZero: 14,
  /** Register of the count, of where the iteration began, least, most, whether greedy, where it goes on. */
  count: 15,
  /** The head. */
  again: 16,
  /** The end of a lookaround, or of all. */
  stop: 17,
} as const

const made = new WeakMap<Program, MachineCode>()

export function machineCode(program: Program): MachineCode {
  let known = made.get(program)
  if (!known) made.set(program, (known = encode(program)))
  return known
}

function encode({ code: instructions, sets }: Program): MachineCode {
  const code = new Int32Array(instructions.length * width)
  for (const [index, instruction] of instructions.entries()) code.set(numbersOf(instruction, index), index * width)
  const ascii = new Uint8Array(sets.length * asciiSize)
  for (const [index, set] of sets.entries()) for (const [first, last] of pairsWithin(set)) ascii.fill(1, index * asciiSize + first, index * asciiSize + last + 1)
  return { code, ascii }
}

function* pairsWithin(set: Program['sets'][number]): Generator<[first: number, last: number]> {
  const within = CharacterSets.intersect(set, [0, asciiSize - 1])
  for (let at = 0; at < within.length; at += 2) yield [within[at] as number, within[at + 1] as number]
}

function numbersOf(instruction: Instruction, index: number): number[] {
  const at = (target: number) => target * width
  const times = (count: number) => Math.min(count, unlimited)
  switch (instruction.op) {
    case 'character':
      return [instruction.backward ? operations.characterBefore : operations.character, instruction.set]
    case 'split':
      return [operations.split, at(instruction.first), at(instruction.second)]
    case 'jump':
      return [operations.jump, at(instruction.to)]
    case 'save':
      return [operations.save, instruction.register]
    case 'clear':
      return [operations.clear, instruction.from, instruction.to]
    case 'advanced':
      return [operations.advanced, instruction.register]
    case 'start':
      return [instruction.multiline ? operations.startOfLine : operations.start]
    case 'end':
      return [instruction.multiline ? operations.endOfLine : operations.end]
    case 'word':
      return [operations.word, Number(instruction.negate), instruction.set]
    case 'look':
      return [operations.look, Number(instruction.negate), at(instruction.next)]
    case 'back-reference':
      return [operations.backReference, index]
    case 'count-from-zero':
      return [operations.countFromZero, instruction.register]
    case 'count':
      return [operations.count, instruction.register, instruction.mark, times(instruction.min), times(instruction.max), Number(instruction.greedy), at(instruction.exit)]
    case 'again':
      return [operations.again, at(instruction.head)]
    case 'body-end':
    case 'match':
      return [operations.stop]
  }
}
