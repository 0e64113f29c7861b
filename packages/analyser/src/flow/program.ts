import { edgeKinds, type CallSite, type Constant, type FileModel, type FunctionModel, type Guard, type GuardSummary } from '../model/file-model.ts'
import type { Modules } from './modules.ts'

/** All files as one graph: the nodes of a file are shifted behind those of the files before it. */
export interface Program {
  readonly files: readonly FileModel[]
  readonly nodeCount: number
  /** First node of each file, and one more. */
  readonly bases: Int32Array
  readonly forward: Adjacency
  /** Edges that keep the value (copy, filter, guard, load), from where it goes to where it comes from. */
  readonly backward: Adjacency
  readonly fields: readonly string[]
  readonly fieldId: (name: string) => number | undefined
  readonly functions: readonly ProgramFunction[]
  readonly calls: readonly ProgramCall[]
  readonly guards: readonly Guard[]
  /** Modules from outside: what is imported, and the node that stands for it. */
  readonly externals: readonly { readonly specifier: string; readonly node: number; readonly file: number }[]
  readonly globals: ReadonlyMap<string, readonly number[]>
  readonly constants: ReadonlyMap<number, Constant>
  /** Files that others load: the package's entries, else those that nobody imports. */
  readonly entries: ReadonlySet<number>
}

/** Edges in one array, three numbers each (node, kind, data); those of node `n` start at `offsets[n]`. */
export interface Adjacency {
  readonly offsets: Int32Array
  readonly targets: Int32Array
}

export interface ProgramFunction extends Omit<FunctionModel, 'node' | 'params' | 'args' | 'self' | 'returns' | 'instance' | 'outer'> {
  readonly file: number
  readonly node: number
  readonly params: readonly number[]
  readonly args: number
  readonly self: number
  readonly returns: number
  readonly instance: number
  readonly outer: number
}

export interface ProgramCall extends Omit<CallSite, 'result' | 'callee' | 'receiver' | 'args' | 'within'> {
  readonly file: number
  readonly result: number
  readonly callee: number
  readonly receiver: number
  readonly args: readonly number[]
  readonly within: number
}

export function linkProgram(files: readonly FileModel[], modules: Modules): Program {
  const bases = new Int32Array(files.length + 1)
  for (const [index, file] of files.entries()) bases[index + 1] = bases[index]! + file.starts.length
  const nodeCount = bases[files.length]!
  const fields: string[] = ['*']
  const fieldIds = new Map<string, number>([['*', 0]])
  const fieldOf = (name: string) => {
    let id = fieldIds.get(name)
    if (id === undefined) {
      id = fields.push(name) - 1
      fieldIds.set(name, id)
    }
    return id
  }
  // Arguments that a rest parameter gathers are kept apart by their positions, also where no file reads one of them by its number.
  for (let position = 0; position < 16; position += 1) fieldOf(String(position))
  const functions: ProgramFunction[] = []
  const calls: ProgramCall[] = []
  const guards: Program['guards'][number][] = []
  const edges: number[] = []
  const externals: Program['externals'][number][] = []
  const globals = new Map<string, number[]>()
  const constants = new Map<number, Constant>()
  const indexOf = new Map(files.map(({ path }, index) => [path, index]))

  for (const [index, file] of files.entries()) {
    const base = bases[index]!
    const shift = (node: number) => (node < 0 ? node : node + base)
    const functionBase = functions.length
    const callBase = calls.length
    const guardBase = guards.length
    const local = file.fields.map(fieldOf)
    const shiftGuards = (summary: GuardSummary): GuardSummary => (summary.guards.length === 0 ? summary : { ...summary, guards: summary.guards.map((guard) => guard + guardBase) })
    const { edges: own } = file
    for (let at = 0; at < own.length; at += 4) {
      const kind = own[at + 2]!
      const data = own[at + 3]!
      edges.push(own[at]! + base, own[at + 1]! + base, kind, kind === edgeKinds.load || kind === edgeKinds.store ? local[data]! : kind === edgeKinds.guard ? data + guardBase : data)
    }
    for (const fn of file.functions) functions.push({ ...fn, file: index, node: shift(fn.node), params: fn.params.map(shift), args: shift(fn.args), self: shift(fn.self), returns: shift(fn.returns), instance: shift(fn.instance), outer: fn.outer < 0 ? -1 : fn.outer + functionBase, guards: { truthy: fn.guards.truthy.map(shiftGuards), falsy: fn.guards.falsy.map(shiftGuards), returned: fn.guards.returned.map(shiftGuards) } })
    for (const call of file.calls) calls.push({ ...call, file: index, result: shift(call.result), callee: shift(call.callee), receiver: shift(call.receiver), args: call.args.map(shift), within: call.within + functionBase })
    for (const guard of file.guards) guards.push({ ...guard, call: guard.call < 0 ? -1 : guard.call + callBase, ...(guard.unless !== undefined && { unless: guard.unless + base }) })
    for (const { specifier, node } of file.imports) {
      const target = modules.resolve(specifier, file.path)
      const found = target === undefined ? undefined : indexOf.get(target)
      if (found === undefined) externals.push({ specifier, node: node + base, file: index })
      else edges.push(files[found]!.module + bases[found]!, node + base, edgeKinds.load, fieldOf('exports'))
    }
    for (const [node, value] of file.constants) constants.set(node + base, value)
    for (const [name, node] of file.globals) {
      const nodes = globals.get(name)
      if (nodes) nodes.push(node + base)
      else globals.set(name, [node + base])
    }
  }
  // A name that scripts share has one node, the first one's; all others are the same value.
  for (const nodes of globals.values()) for (const node of nodes.slice(1)) edges.push(nodes[0]!, node, edgeKinds.copy, 0, node, nodes[0]!, edgeKinds.copy, 0)

  const entries = new Set([...indexOf].flatMap(([path, index]) => (modules.entries.has(path) ? [index] : [])))
  return { files, nodeCount, bases, fields, fieldId: (name) => fieldIds.get(name), functions, calls, guards, externals, globals, constants, entries, forward: adjacency(nodeCount, edges, false), backward: adjacency(nodeCount, edges, true) }
}

/** Lists edges, four numbers each, by the node that they leave; backward by the one that they reach, and then only those that keep the value. */
export function adjacency(nodeCount: number, edges: readonly number[], isBackward: boolean): Adjacency {
  const keeps = (kind: number) => !isBackward || kind === edgeKinds.copy || kind === edgeKinds.filter || kind === edgeKinds.guard || kind === edgeKinds.load
  const [own, other] = isBackward ? [1, 0] : [0, 1]
  const offsets = new Int32Array(nodeCount + 1)
  let kept = 0
  for (let at = 0; at < edges.length; at += 4) {
    if (!keeps(edges[at + 2]!)) continue
    offsets[edges[at + own]! + 1]! += 3
    kept += 3
  }
  for (let node = 0; node < nodeCount; node += 1) offsets[node + 1]! += offsets[node]!
  const next = offsets.slice()
  const targets = new Int32Array(kept)
  for (let at = 0; at < edges.length; at += 4) {
    if (!keeps(edges[at + 2]!)) continue
    const slot = next[edges[at + own]!]!
    next[edges[at + own]!] = slot + 3
    targets[slot] = edges[at + other]!
    targets[slot + 1] = edges[at + 2]!
    targets[slot + 2] = edges[at + 3]!
  }
  return { offsets, targets }
}

/** The file that a node stands in. */
export function fileOf({ bases }: Program, node: number): number {
  let low = 0
  let high = bases.length - 1
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if (bases[middle]! <= node) low = middle
    else high = middle
  }
  return low
}
