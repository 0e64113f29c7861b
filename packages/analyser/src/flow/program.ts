import { edgeKinds, type CallSite, type Constant, type FileModel, type FunctionModel, type Guard, type GuardSummary } from '../model/file-model.ts'
import { keepsValue, listEdges, type Adjacency, type EdgeVisitor } from './adjacency.ts'
import type { Modules } from './modules.ts'
import { elementField } from './paths.ts'

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
  fieldOf(elementField)
  const exportsId = fieldOf('exports')
  /** Of each file its fields by their numbers in the program, its first guard, and pairs of modules and the imports of them. */
  const own: { readonly fields: readonly number[]; readonly guardBase: number; readonly imported: readonly number[] }[] = []
  const functions: ProgramFunction[] = []
  const calls: ProgramCall[] = []
  const guards: Program['guards'][number][] = []
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
    const imported: number[] = []
    own.push({ fields: file.fields.map(fieldOf), guardBase, imported })
    const shiftGuards = (summary: GuardSummary): GuardSummary => (summary.guards.length === 0 ? summary : { ...summary, guards: summary.guards.map((guard) => guard + guardBase) })
    for (const fn of file.functions) functions.push({ ...fn, file: index, node: shift(fn.node), params: fn.params.map(shift), args: shift(fn.args), self: shift(fn.self), returns: shift(fn.returns), instance: shift(fn.instance), outer: fn.outer < 0 ? -1 : fn.outer + functionBase, guards: { truthy: fn.guards.truthy.map(shiftGuards), falsy: fn.guards.falsy.map(shiftGuards), returned: fn.guards.returned.map(shiftGuards) } })
    for (const call of file.calls) calls.push({ ...call, file: index, result: shift(call.result), callee: shift(call.callee), receiver: shift(call.receiver), args: call.args.map(shift), within: call.within + functionBase })
    for (const guard of file.guards) guards.push({ ...guard, call: guard.call < 0 ? -1 : guard.call + callBase, ...(guard.unless !== undefined && { unless: guard.unless + base }) })
    for (const { specifier, node } of file.imports) {
      const target = modules.resolve(specifier, file.path)
      const found = target === undefined ? undefined : indexOf.get(target)
      if (found === undefined) externals.push({ specifier, node: node + base, file: index })
      else imported.push(files[found]!.module + bases[found]!, node + base)
    }
    for (const [node, value] of file.constants) constants.set(node + base, value)
    for (const [name, node] of file.globals) {
      const nodes = globals.get(name)
      if (nodes) nodes.push(node + base)
      else globals.set(name, [node + base])
    }
  }
  const eachEdge = (visit: EdgeVisitor) => {
    for (const [index, { edges }] of files.entries()) {
      const base = bases[index]!
      const { fields: ids, guardBase, imported } = own[index]!
      for (let at = 0; at < edges.length; at += 4) {
        const kind = edges[at + 2]!
        const data = edges[at + 3]!
        visit(edges[at]! + base, edges[at + 1]! + base, kind, kind === edgeKinds.load || kind === edgeKinds.store ? ids[data]! : kind === edgeKinds.guard ? data + guardBase : data)
      }
      for (let at = 0; at < imported.length; at += 2) visit(imported[at]!, imported[at + 1]!, edgeKinds.load, exportsId)
    }
    // A name that scripts share has one node, the first one's; all others are the same value.
    for (const [first, ...others] of globals.values())
      for (const node of others) {
        visit(first!, node, edgeKinds.copy, 0)
        visit(node, first!, edgeKinds.copy, 0)
      }
  }
  const placeOf = (path: string) => modules.entries.get(path)!
  const entries = new Set(files.filter(({ path }) => modules.entries.has(path)).toSorted((a, b) => placeOf(a.path) - placeOf(b.path)).map(({ path }) => indexOf.get(path)!))
  return { files, nodeCount, bases, fields, fieldId: (name) => fieldIds.get(name), functions, calls, guards, externals, globals, constants, entries, ...listEdges(nodeCount, eachEdge, keepsValue) }
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
