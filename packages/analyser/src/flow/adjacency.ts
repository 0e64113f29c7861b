import { edgeKinds } from '../model/file-model.ts'

/** Edges in one array, three numbers each (node, kind, data); those of node `n` start at `offsets[n]`. */
export interface Adjacency {
  readonly offsets: Int32Array
  readonly targets: Int32Array
}

/** Edges by the node that they leave, and by the one that they reach. */
export interface Edges {
  readonly forward: Adjacency
  readonly backward: Adjacency
}

export type EdgeVisitor = (from: number, to: number, kind: number, data: number) => void

/** Whether what comes out of an edge is what went in, or a field of it: then what is put into the one is in the other. */
export const keepsValue = (kind: number): boolean => kind === edgeKinds.copy || kind === edgeKinds.load || kind === edgeKinds.filter || kind === edgeKinds.guard

/** Lists edges in the order in which they are visited, backward only those that `isBack` takes: counted first, so that nothing is kept twice. */
export function listEdges(nodeCount: number, eachEdge: (visit: EdgeVisitor) => void, isBack: (kind: number) => boolean = () => true): Edges {
  const into = new Int32Array(nodeCount + 1)
  const out = new Int32Array(nodeCount + 1)
  eachEdge((from, to, kind) => {
    if (isBack(kind)) into[to + 1]! += 3
    out[from + 1]! += 3
  })
  for (let node = 0; node < nodeCount; node += 1) {
    into[node + 1]! += into[node]!
    out[node + 1]! += out[node]!
  }
  const backward = { offsets: into, targets: new Int32Array(into[nodeCount]!) }
  const forward = { offsets: out, targets: new Int32Array(out[nodeCount]!) }
  const nextInto = into.slice()
  const nextOut = out.slice()
  eachEdge((from, to, kind, data) => {
    if (isBack(kind)) {
      put(backward.targets, nextInto[to]!, from, kind, data)
      nextInto[to]! += 3
    }
    put(forward.targets, nextOut[from]!, to, kind, data)
    nextOut[from]! += 3
  })
  return { backward, forward }
}

/** The same of edges in a list, four numbers each. */
export function listed(nodeCount: number, edges: readonly number[]): Edges {
  return listEdges(nodeCount, (visit) => {
    for (let at = 0; at < edges.length; at += 4) visit(edges[at]!, edges[at + 1]!, edges[at + 2]!, edges[at + 3]!)
  })
}

function put(list: Int32Array, slot: number, node: number, kind: number, data: number): void {
  list[slot] = node
  list[slot + 1] = kind
  list[slot + 2] = data
}
