import { decodes, harmlessOf, mayClimb } from '../kinds.ts'
import { edgeKinds } from '../model/file-model.ts'
import type { CallModel } from '../models/shape.ts'
import { listEdges, type Edges, type EdgeVisitor } from './adjacency.ts'
import type { Program, ProgramCall } from './program.ts'
import { eachHandover } from './handovers.ts'
import type { Values } from './values.ts'

/** Visits all edges: those of the files in their own order, then those of imports, calls and models. */
function eachEdge(program: Program, values: Values, visit: EdgeVisitor): void {
  const { files, bases, forward, functions, calls, fieldId } = program
  for (const [index, { edges: own, fields }] of files.entries()) {
    const base = bases[index]!
    const ids = fields.map((name) => fieldId(name)!)
    for (let at = 0; at < own.length; at += 4) {
      const kind = own[at + 2]!
      const data = own[at + 3]!
      visit(own[at]! + base, own[at + 1]! + base, kind, kind === edgeKinds.load || kind === edgeKinds.store ? ids[data]! : data)
    }
    const end = bases[index + 1]!
    for (let node = base; node < end; node += 1)
      for (let slot = forward.offsets[node]!; slot < forward.offsets[node + 1]!; slot += 3) {
        const to = forward.targets[slot]!
        if (to < base || to >= end) visit(node, to, forward.targets[slot + 1]!, forward.targets[slot + 2]!)
      }
  }
  for (const [index, call] of calls.entries()) {
    for (const target of values.targets[index]!) {
      eachHandover(program, index, target, visit)
      const fn = functions[target]!
      visit(fn.returns, call.result, edgeKinds.copy, 0)
      if (call.kind === 'new' && fn.instance >= 0) visit(fn.instance, call.result, edgeKinds.copy, 0)
      if (!fn.isBound && fn.self >= 0 && call.receiver >= 0) visit(call.receiver, fn.self, edgeKinds.copy, 0)
    }
    for (const model of values.models[index]!) eachDerived(call, model, visit)
  }
  const { flows } = values
  for (let at = 0; at < flows.length; at += 4) visit(flows[at]!, flows[at + 1]!, flows[at + 2]!, flows[at + 3]!)
}

/** What the result of a call is made from, as a model says. */
function eachDerived(call: ProgramCall, { derives, harmless, normalises, decodes: isDecoded }: CallModel, visit: EdgeVisitor): void {
  if (!derives) return
  const without = harmlessOf(harmless) | (normalises ? mayClimb : 0) | (isDecoded ? decodes : 0)
  for (const position of derives) {
    const from = position < 0 ? call.receiver : (call.args[position] ?? -1)
    if (from >= 0) visit(from, call.result, edgeKinds.derive, without)
  }
}

const listed = new WeakMap<Values, Edges>()

/** All edges of a program whose values are known: listed once, for all who ask. */
export function edgesOf(program: Program, values: Values): Edges {
  let known = listed.get(values)
  if (!known) listed.set(values, (known = listEdges(program.nodeCount, (visit) => eachEdge(program, values, visit))))
  return known
}

/** What models add to the edges of the files. */
export function addedEdges({ calls }: Program, { flows, models }: Values): number[] {
  const edges = [...flows]
  for (const [index, call] of calls.entries()) for (const model of models[index]!) eachDerived(call, model, (from, to, kind, data) => edges.push(from, to, kind, data))
  return edges
}

/** Along which of them what is put into a value goes back. */
export function keptFlows(flows: readonly number[]): number[] {
  const kept: number[] = []
  for (let at = 0; at < flows.length; at += 4) if (flows[at + 2] === edgeKinds.copy || flows[at + 2] === edgeKinds.load) kept.push(flows[at]!, flows[at + 1]!, flows[at + 2]!, flows[at + 3]!)
  return kept
}
