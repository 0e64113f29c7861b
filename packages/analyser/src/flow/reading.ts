import type { Analysis } from '../analyse.ts'
import { edgeKinds, type Constant } from '../model/file-model.ts'
import { edgesOf } from './edges.ts'
import type { Program, ProgramCall, ProgramFunction } from './program.ts'

/** What a value, or a field of it, may be as far as the program says. */
export interface Reading {
  readonly constants: readonly { readonly node: number; readonly value: Constant }[]
  /** Object literals that it may be; of a field, those that it may hold. */
  readonly literals: readonly number[]
  /** Object literals that should have the field but do not say anything of it. */
  readonly lacking: readonly number[]
  /** Calls whose function the program does not hold. */
  readonly calls: readonly number[]
  /** Functions, by index. */
  readonly functions: readonly number[]
  /** Whether it may also be something of which nothing is known. */
  readonly isOpen: boolean
}

/** `base.field = value`, or a field of an object literal. */
export interface FieldStore {
  readonly base: number
  readonly value: number
  readonly file: number
  readonly start: number
  readonly end: number
  readonly isJsx: boolean
}

/** Fields to be read one below the other. */
interface Fields {
  readonly id: number
  readonly depth: number
  /** The outermost; of none there is none. */
  readonly field: number | undefined
  readonly rest: Fields | undefined
  readonly longer: Map<number, Fields>
}

const mostStates = 400
const deepest = 4

const readers = new WeakMap<Program, Reader>()

/** The one reader of an analysis, made when the first rule asks for it. */
export function readerOf({ program, values }: Analysis): Reader {
  let known = readers.get(program)
  if (!known) readers.set(program, (known = new Reader(program, values)))
  return known
}

/**
 * Reads the program backwards, from a use of a value to what it was made from: constants, object literals with their
 * fields, calls. Follows copies, fields, spreads, parameters to arguments and calls to what their functions return; bounded.
 * Of an object literal the last word about a field counts.
 */
export class Reader {
  readonly program: Program
  readonly values: Analysis['values']
  private readonly offsets: Int32Array
  private readonly sources: Int32Array
  private readonly onward: Int32Array
  private readonly uses: Int32Array
  private readonly literals: ReadonlySet<number>
  private readonly globals: ReadonlySet<number>
  /** The empty objects that modules start from. */
  private readonly emptyExports = new Set<number>()
  private readonly functionAt: ReadonlyMap<number, number>
  private readonly callAt: ReadonlyMap<number, number>
  private readonly returnNodes: ReadonlySet<number>
  private readonly parameterAt: ReadonlyMap<number, { readonly fn: number; readonly position: number }>
  private readonly callsByApi = new Map<string, number[]>()
  private readonly callsByName = new Map<string, number[]>()
  private readonly nameLists = new Map<number, string[]>()
  private readonly textPrefixes = new Map<number, string>()
  private readonly fieldStores = new Map<string, FieldStore[]>()
  private readonly callsOnNode = new Map<number, number[]>()
  private readonly callsWith = new Map<number, number[]>()
  private readonly noFields: Fields = { id: 0, depth: 0, field: undefined, rest: undefined, longer: new Map() }
  private fieldPaths = 1

  constructor(program: Program, values: Analysis['values']) {
    this.program = program
    this.values = values
    const { backward, forward } = edgesOf(program, values)
    this.offsets = backward.offsets
    this.sources = backward.targets
    this.onward = forward.offsets
    this.uses = forward.targets
    const literals = new Set<number>()
    for (const [index, file] of program.files.entries()) {
      const base = program.bases[index]!
      for (const node of file.literals) literals.add(node + base)
      const first = file.edges.findIndex((from, at) => at % 4 === 1 && from === file.module && file.edges[at + 1] === edgeKinds.store)
      if (first > 0) this.emptyExports.add(file.edges[first - 1]! + base)
      for (const [node, name] of file.names) push(this.nameLists, node + base, name)
      for (const [node, text] of file.prefixes) this.textPrefixes.set(node + base, text)
      for (const { base: object, field, value, start, end, isJsx } of file.stores) push(this.fieldStores, field, { base: object + base, value: value + base, file: index, start, end, isJsx })
    }
    this.literals = literals
    this.globals = new Set([...program.globals.values()].flat())
    this.functionAt = new Map(program.functions.map(({ node }, index) => [node, index]))
    this.callAt = new Map(program.calls.map(({ result }, index) => [result, index]))
    this.returnNodes = new Set(program.functions.map(({ returns }) => returns))
    this.parameterAt = new Map(program.functions.flatMap(({ params }, fn) => params.map((node, position) => [node, { fn, position }] as const)))
    for (const [index, call] of program.calls.entries()) {
      push(this.callsByName, call.name, index)
      if (call.receiver >= 0) push(this.callsOnNode, call.receiver, index)
      for (const argument of new Set([...call.args, call.receiver])) if (argument >= 0) push(this.callsWith, argument, index)
      for (const api of values.apis[index]!) push(this.callsByApi, api, index)
    }
  }

  /** Calls of what models give these names, in the order of the program, each once. */
  callsTo(...apis: readonly string[]): ProgramCall[] {
    return this.inOrder(apis.flatMap((api) => this.callsByApi.get(api) ?? []))
  }

  /** Calls by the name as it is written, whatever it stands for. */
  callsNamed(...names: readonly string[]): ProgramCall[] {
    return this.inOrder(names.flatMap((name) => this.callsByName.get(name) ?? []))
  }

  /** Methods called on a value, also where it was handed on. */
  callsOn(node: number): ProgramCall[] {
    const found: ProgramCall[] = []
    for (const at of this.reached(node, ({ kind }) => kind === edgeKinds.copy)) for (const index of this.callsOnNode.get(at) ?? []) found.push(this.program.calls[index]!)
    return found
  }

  /** Calls that have the value for an argument, or for their `this`. */
  usesOf(node: number): readonly number[] {
    return this.callsWith.get(node) ?? []
  }

  /** Every place that gives a field of this name a value. */
  storesOf(field: string): readonly FieldStore[] {
    return this.fieldStores.get(field) ?? []
  }

  /** Nodes that a value comes to along the edges that `isMeant` takes, itself first; at most 200. */
  reached(node: number, isMeant: (step: { to: number; kind: number; data: number }) => boolean): number[] {
    const found = [node]
    const seen = new Set(found)
    for (let index = 0; index < found.length && found.length < 200; index += 1)
      for (const step of this.next(found[index]!)) {
        if (seen.has(step.to) || !isMeant(step)) continue
        seen.add(step.to)
        found.push(step.to)
      }
    return found
  }

  /** Nodes that a value is made from, also as parts of a text and as objects that it was read from; at most 200. */
  origins(node: number, isMeant: (step: { from: number; kind: number; data: number }) => boolean = ({ kind }) => kind !== edgeKinds.store && kind !== edgeKinds.key): number[] {
    const found = node < 0 ? [] : [node]
    const seen = new Set(found)
    for (let index = 0; index < found.length && found.length < 200; index += 1)
      for (const step of this.before(found[index]!)) {
        if (seen.has(step.from) || !isMeant(step)) continue
        seen.add(step.from)
        found.push(step.from)
      }
    return found
  }

  /** The functions that a place in a file is inside of, innermost first, without the module itself. */
  functionsAround(index: number): ProgramFunction[] {
    const found: ProgramFunction[] = []
    for (let fn = this.program.functions[index]; fn && fn.outer >= 0; fn = this.program.functions[fn.outer]) found.push(fn)
    return found
  }

  private inOrder(indices: readonly number[]): ProgramCall[] {
    return [...new Set(indices)].toSorted((a, b) => a - b).map((index) => this.program.calls[index]!)
  }

  apisOf(call: ProgramCall): readonly string[] {
    return this.values.apis[this.indexOf(call)] ?? []
  }

  indexOf(call: ProgramCall): number {
    return this.callAt.get(call.result) ?? -1
  }

  /** The call that gives this value. */
  callOf(node: number): ProgramCall | undefined {
    const index = this.callAt.get(node)
    return index === undefined ? undefined : this.program.calls[index]
  }

  isLiteral(node: number): boolean {
    return this.literals.has(node)
  }

  /** Whether it is this name, which no file declares. */
  isGlobal(name: string, node: number): boolean {
    return this.program.globals.get(name)?.includes(node) ?? false
  }

  /** Whether the function around a call reads something of such a name: a condition on it may decide whether the call is made. */
  asksAbout({ file, within }: ProgramCall, name: RegExp): boolean {
    const model = this.program.files[file]!
    const fn = this.program.functions[within]!
    const base = this.program.bases[file]!
    for (let node = base; node < this.program.bases[file + 1]!; node += 1) {
      const start = model.starts[node - base]!
      if (start >= fn.start && start <= fn.end && this.namesOf(node).some((candidate) => name.test(candidate))) return true
    }
    return false
  }

  /** Constant text that the value begins with, where the rest is not constant. */
  prefixOf(node: number): string | undefined {
    return this.textPrefixes.get(node)
  }

  read(node: number | undefined, ...path: readonly string[]): Reading {
    const { fieldId, constants } = this.program
    const result = { constants: [] as { node: number; value: Constant }[], literals: [] as number[], lacking: [] as number[], calls: [] as number[], functions: [] as number[], isOpen: false }
    if (node === undefined || node < 0) return { ...result, isOpen: true }
    const seen = new Set<number>()
    const work: [number, Fields, number][] = []
    /** `from`: the call whose result was read by going into its function; -1 where there is none. */
    const visit = (at: number, fields: Fields, from: number) => {
      const key = (fields.id * (this.program.calls.length + 1) + from + 1) * this.program.nodeCount + at
      if (seen.has(key)) return
      if (seen.size >= mostStates || fields.depth > deepest) result.isOpen = true
      else {
        seen.add(key)
        work.push([at, fields, from])
      }
    }
    // A name that no file uses as a field is nowhere stored: -1 matches no edge.
    visit(node, path.reduceRight((rest, name) => this.below(fieldId(name) ?? -1, rest), this.noFields), -1)
    for (let next = work.pop(); next; next = work.pop()) {
      const [at, fields, inside] = next
      const given = this.givenBy(inside, at)
      const ofCall = this.callAt.get(at)
      const { field } = fields
      if (field === undefined) {
        const value = constants.get(at)
        if (value !== undefined) {
          result.constants.push({ node: at, value })
          continue
        }
        if (this.literals.has(at)) {
          result.literals.push(at)
          continue
        }
        const fn = this.functionAt.get(at)
        if (fn !== undefined) {
          result.functions.push(fn)
          continue
        }
      } else if (constants.has(at)) continue
      let isKnown = this.literals.has(at) || this.emptyExports.has(at)
      const isLiteral = this.literals.has(at)
      let isAnswered = false
      // Backwards, so that of a literal the last word about a field counts, and what was spread into it before does not.
      for (let slot = this.offsets[at + 1]! - 3; slot >= this.offsets[at]!; slot -= 3) {
        const from = this.sources[slot]!
        const kind = this.sources[slot + 1]!
        const data = this.sources[slot + 2]!
        if (kind === edgeKinds.copy || kind === edgeKinds.filter || kind === edgeKinds.guard || (kind === edgeKinds.spread && field !== undefined)) {
          // All nodes of one name lead to each other: that alone says nothing of its value.
          isKnown ||= !this.globals.has(at) || !this.globals.has(from)
          isAnswered = true
          // A function that several call gives each what that one has handed over.
          if (given === undefined) visit(from, fields, ofCall !== undefined && this.returnNodes.has(from) ? ofCall : inside)
          else if (given === from) visit(from, fields, -1)
        } else if (kind === edgeKinds.load) {
          isKnown = isAnswered = true
          visit(from, this.below(data, fields), inside)
        } else if (kind === edgeKinds.store && field !== undefined && data === 0 && field !== 0 && !/^\d+$/.test(this.program.fields[field] ?? '')) {
          // A computed name, or the elements of a long array: it may be this field, but hardly is.
          isKnown = isAnswered = true
          result.isOpen ||= !isLiteral
        } else if (kind === edgeKinds.store && field !== undefined && (data === field || data === 0 || field === 0)) {
          isKnown = isAnswered = true
          visit(from, fields.rest!, inside)
          if (isLiteral && data === field) break
        }
      }
      const call = ofCall
      if (call !== undefined && this.values.targets[call]!.length === 0 && !this.values.models[call]!.some(({ copies, merges }) => copies || merges !== undefined)) {
        isKnown = true
        result.isOpen = true
        result.calls.push(call)
      }
      if (isLiteral && !isAnswered) result.lacking.push(at)
      if (!isKnown) result.isOpen = true
    }
    return result
  }

  /** What a call hands to a parameter; undefined where it does not, or not as one value. */
  private givenBy(index: number, node: number): number | undefined {
    const parameter = index < 0 ? undefined : this.parameterAt.get(node)
    if (!parameter || !this.values.targets[index]!.includes(parameter.fn)) return undefined
    const { kind, spread, args } = this.program.calls[index]!
    return (kind === 'call' || kind === 'new') && spread < 0 && this.program.functions[parameter.fn]!.rest !== parameter.position ? args[parameter.position] : undefined
  }

  /** The field, and below it the others: the same object for the same fields. */
  private below(field: number, rest: Fields): Fields {
    let known = rest.longer.get(field)
    if (!known) rest.longer.set(field, (known = { id: this.fieldPaths++, depth: rest.depth + 1, field, rest, longer: new Map() }))
    return known
  }

  /** The texts that it may be. */
  texts(node: number | undefined, ...path: readonly string[]): string[] {
    return [...new Set(this.read(node, ...path).constants.flatMap(({ value }) => (typeof value === 'string' ? value : [])))]
  }

  /** The numbers that it may be. */
  numbers(node: number | undefined, ...path: readonly string[]): number[] {
    return [...new Set(this.read(node, ...path).constants.flatMap(({ value }) => (typeof value === 'number' ? value : [])))]
  }

  /** Whether it is this constant, and never another one: somebody who may choose is left alone. */
  isAlways(value: Constant, node: number | undefined, ...path: readonly string[]): boolean {
    const { constants } = this.read(node, ...path)
    return constants.length > 0 && constants.every((constant) => constant.value === value)
  }

  /** Whether all that is known of the options says nothing of this field. */
  isLacking(node: number | undefined, ...path: readonly string[]): boolean {
    const { constants, literals, lacking, calls, functions, isOpen } = this.read(node, ...path)
    return lacking.length > 0 && !isOpen && constants.length + literals.length + calls.length + functions.length === 0
  }

  /** Names that the program gives to a value: of variables, of the field that it was read from, of the fields that it goes into. */
  namesOf(node: number): string[] {
    const names = [...(this.nameLists.get(node) ?? [])]
    for (let slot = this.offsets[node]!; slot < this.offsets[node + 1]!; slot += 3) if (this.sources[slot + 1] === edgeKinds.load && this.sources[slot + 2] !== 0) names.push(this.program.fields[this.sources[slot + 2]!]!)
    const call = this.callOf(node)
    if (call?.name) names.push(call.name)
    return names
  }

  /** Where a value goes next: `from` edges out of it, three numbers each (node, kind, data). */
  *next(node: number): Generator<{ to: number; kind: number; data: number }> {
    for (let slot = this.onward[node]!; slot < this.onward[node + 1]!; slot += 3) yield { to: this.uses[slot]!, kind: this.uses[slot + 1]!, data: this.uses[slot + 2]! }
  }

  /** What a value is made from, one step back. */
  *before(node: number): Generator<{ from: number; kind: number; data: number }> {
    for (let slot = this.offsets[node]!; slot < this.offsets[node + 1]!; slot += 3) yield { from: this.sources[slot]!, kind: this.sources[slot + 1]!, data: this.sources[slot + 2]! }
  }

  /** The place of a node, for a match. */
  placeOf(node: number): { file: number; start: number; end: number } {
    let low = 0
    let high = this.program.bases.length - 1
    while (low + 1 < high) {
      const middle = (low + high) >> 1
      if (this.program.bases[middle]! <= node) low = middle
      else high = middle
    }
    const file = this.program.files[low]!
    return { file: low, start: file.starts[node - this.program.bases[low]!]!, end: file.ends[node - this.program.bases[low]!]! }
  }
}

function push<K, T>(map: Map<K, T[]>, key: K, item: T): void {
  const list = map.get(key)
  if (list) list.push(item)
  else map.set(key, [item])
}
