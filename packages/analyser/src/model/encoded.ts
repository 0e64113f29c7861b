import type { CallSite, FileModel, FileProblem, FunctionModel, Guard, GuardSummary, KeyedAccess, Store } from './file-model.ts'

/** What is asked of every file of a program, before it is known which of them have to do with one another. */
export interface FileHead {
  readonly path: string
  readonly imports: readonly { readonly specifier: string; readonly isType?: boolean }[]
  readonly problems: readonly FileProblem[]
  /** Whether anything of it was read. */
  readonly isRead: boolean
  /** Its values: what following them costs. */
  readonly nodes: number
}

/**
 * A model as text: its head in the first line, so that it can be read alone; in the second the names and what is seldom; then
 * most of it as one list of numbers that is read in the order in which it was written, since there are millions of them.
 */
export function encodeModel(model: FileModel): string {
  const { starts, ends, edges, functions, calls, stores, keyed, names, ...rest } = model
  const out = new Writer()
  out.each(starts, (start, index) => out.add(start - (starts[index - 1] ?? 0), ends[index]! - start))
  out.add(edges.length / 4)
  for (let at = 0; at < edges.length; at += 4) out.add(edges[at + 1]! - (edges[at - 3] ?? 0), edges[at]! - edges[at + 1]!, edges[at + 2]!, edges[at + 3]!)
  out.each(functions, writeFunction(out))
  out.each(calls, writeCall(out))
  out.each(stores, ({ base, field, value, start, end, isJsx }) => out.add(base, out.name(field), value, start, end - start, Number(isJsx)))
  out.each(keyed, ({ base, key, value, isWrite, start, end }) => out.add(base, key, value, Number(isWrite), start, end - start))
  out.each(names, ([node, name]) => out.add(node, out.name(name)))
  return `${JSON.stringify(headOf(model))}\n${JSON.stringify([out.names, rest])}\n${out.text()}`
}

export function decodeModel(encoded: string): FileModel {
  const second = encoded.indexOf('\n') + 1
  const third = encoded.indexOf('\n', second) + 1
  const [strings, rest] = JSON.parse(encoded.slice(second, third - 1)) as [string[], Omit<FileModel, 'starts' | 'ends' | 'edges' | 'functions' | 'calls' | 'stores' | 'keyed' | 'names'>]
  const from = new Reader(encoded, third, strings)
  const starts: number[] = []
  const ends: number[] = []
  for (let left = from.next(), last = 0; left > 0; left -= 1) {
    last += from.next()
    starts.push(last)
    ends.push(last + from.next())
  }
  const edges: number[] = []
  for (let left = from.next(), last = 0; left > 0; left -= 1) {
    last += from.next()
    edges.push(last + from.next(), last, from.next(), from.next())
  }
  return {
    ...rest,
    starts,
    ends,
    edges,
    functions: from.each(() => readFunction(from)),
    calls: from.each(() => readCall(from)),
    stores: from.each((): Store => {
      const base = from.next()
      const field = from.name()
      const value = from.next()
      const start = from.next()
      return { base, field, value, start, end: start + from.next(), isJsx: from.flag() }
    }),
    keyed: from.each((): KeyedAccess => {
      const base = from.next()
      const key = from.next()
      const value = from.next()
      const isWrite = from.flag()
      const start = from.next()
      return { base, key, value, isWrite, start, end: start + from.next() }
    }),
    names: from.each(() => [from.next(), from.name()] as const),
  }
}

const callKinds = ['call', 'new', 'apply', 'super', 'template'] as const satisfies readonly CallSite['kind'][]
const runKinds = ['at once', 'async', 'generator'] as const satisfies readonly FunctionModel['runs'][]

const writeCall = (out: Writer) => (call: CallSite) => {
  out.add(call.result, call.callee, call.receiver)
  out.list(call.args)
  out.add(call.spread, callKinds.indexOf(call.kind), out.name(call.name), call.within, call.at, call.start, call.end - call.start)
}

function readCall(from: Reader): CallSite {
  const result = from.next()
  const callee = from.next()
  const receiver = from.next()
  const args = from.list()
  const spread = from.next()
  const kind = callKinds[from.next()]!
  const name = from.name()
  const within = from.next()
  const at = from.next()
  const start = from.next()
  return { result, callee, receiver, args, spread, kind, name, within, at, start, end: start + from.next() }
}

const writeFunction = (out: Writer) => (fn: FunctionModel) => {
  out.add(fn.node, out.name(fn.name))
  out.list(fn.params)
  for (const name of fn.paramNames) out.add(out.name(name))
  out.add(fn.rest, fn.args, fn.self, Number(fn.isBound), fn.returns, fn.instance, fn.outer)
  out.list(fn.asserts)
  out.add(runKinds.indexOf(fn.runs), fn.start, fn.end - fn.start)
  writeGuards(out, fn.guards)
}

function readFunction(from: Reader): FunctionModel {
  const node = from.next()
  const name = from.name()
  const params = from.list()
  const paramNames = params.map(() => from.name())
  const rest = from.next()
  const args = from.next()
  const self = from.next()
  const isBound = from.flag()
  const returns = from.next()
  const instance = from.next()
  const outer = from.next()
  const asserts = from.list()
  const runs = runKinds[from.next()]!
  const start = from.next()
  return { node, name, params, paramNames, rest, args, self, isBound, returns, instance, outer, asserts, runs, start, end: start + from.next(), guards: readGuards(from) }
}

const saysNothing = ({ harmless, guards }: GuardSummary) => harmless === 0 && guards.length === 0

/** Most functions say nothing of their parameters: then it is only told of how many. */
function writeGuards(out: Writer, { truthy, falsy, returned }: FunctionModel['guards']): void {
  for (const summaries of [truthy, falsy, returned]) {
    const isSilent = summaries.every(saysNothing)
    out.add(summaries.length, Number(isSilent))
    if (isSilent) continue
    for (const { harmless, guards } of summaries) {
      out.add(harmless)
      out.list(guards)
    }
  }
}

function readGuards(from: Reader): FunctionModel['guards'] {
  const read = (): GuardSummary[] => {
    const length = from.next()
    const isSilent = from.flag()
    return Array.from({ length }, () => (isSilent ? { harmless: 0, guards: [] } : { harmless: from.next(), guards: from.list() }))
  }
  return { truthy: read(), falsy: read(), returned: read() } satisfies Record<Guard['holds'], GuardSummary[]>
}

/** Shared by all models of a thread: each is written as a whole before the next. */
let bytes = Buffer.alloc(1 << 16)

/** Whole numbers of 32 bits, the smaller the shorter: seven bits a byte, the sign in the last one. */
class Writer {
  readonly names: string[] = []
  private readonly ids = new Map<string, number>()
  private at = 0

  add(a: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number): void {
    this.one(a)
    if (b !== undefined) this.one(b)
    if (c !== undefined) this.one(c)
    if (d !== undefined) this.one(d)
    if (e !== undefined) this.one(e)
    if (f !== undefined) this.one(f)
    if (g !== undefined) this.one(g)
  }

  private one(number: number): void {
    if (this.at + longestNumber > bytes.length) {
      const larger = Buffer.alloc(2 * bytes.length)
      larger.set(bytes)
      bytes = larger
    }
    let left = ((number << 1) ^ (number >> 31)) >>> 0
    while (left > 127) {
      bytes[this.at++] = (left & 127) | 128
      left >>>= 7
    }
    bytes[this.at++] = left
  }

  name(text: string): number {
    let id = this.ids.get(text)
    if (id === undefined) this.ids.set(text, (id = this.names.push(text) - 1))
    return id
  }

  list(numbers: readonly number[]): void {
    this.one(numbers.length)
    for (const number of numbers) this.one(number)
  }

  each<T>(list: readonly T[], write: (item: T, index: number) => void): void {
    this.one(list.length)
    for (let index = 0; index < list.length; index += 1) write(list[index]!, index)
  }

  text(): string {
    return bytes.toString('latin1', 0, this.at)
  }
}

const longestNumber = 5

class Reader {
  private readonly text: string
  private readonly names: readonly string[]
  private at: number

  constructor(text: string, at: number, names: readonly string[]) {
    this.text = text
    this.at = at
    this.names = names
  }

  next(): number {
    let byte = this.text.charCodeAt(this.at++)
    let number = byte & 127
    for (let shift = 7; byte > 127; shift += 7) {
      byte = this.text.charCodeAt(this.at++)
      number |= (byte & 127) << shift
    }
    return (number >>> 1) ^ -(number & 1)
  }

  flag(): boolean {
    return this.next() === 1
  }

  name(): string {
    return this.names[this.next()]!
  }

  list(): number[] {
    const list: number[] = []
    for (let left = this.next(); left > 0; left -= 1) list.push(this.next())
    return list
  }

  each<T>(read: () => T): T[] {
    const list: T[] = []
    for (let left = this.next(); left > 0; left -= 1) list.push(read())
    return list
  }
}

export function headOf({ path, imports, problems, functions, starts }: FileModel): FileHead {
  return { path, imports: imports.map(({ specifier, isType }) => ({ specifier, ...(isType && { isType }) })), problems, isRead: functions.length > 0, nodes: starts.length }
}

export const encodedHead = (encoded: string): string => encoded.slice(0, encoded.indexOf('\n'))
export const decodeHead = (head: string): FileHead => JSON.parse(head) as FileHead
