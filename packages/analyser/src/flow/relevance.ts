import { decodes, kinds, mayClimb, type Kinds } from '../kinds.ts'
import { edgeKinds, type EdgeKind } from '../model/file-model.ts'
import { keepsValue, type Edges } from './adjacency.ts'

/** Of each node the kinds that can do harm somewhere once they are there. */
export interface Relevance {
  /** Where they come by an edge, and go on along edges only. */
  readonly arriving: Int32Array
  /** Where they were put into the object that the node is: then they are in it wherever else it is known. */
  readonly put: Int32Array
}

/**
 * Goes back from the places where something does harm: what cannot reach any of them need not be followed. Knows neither
 * calls nor fields, so that it takes too much for relevant rather than too little.
 */
export function relevantKinds(nodeCount: number, { backward, forward }: Edges, harmful: readonly { readonly node: number; readonly kinds: Kinds }[]): Relevance {
  const arriving = new Int32Array(nodeCount)
  const put = new Int32Array(nodeCount)
  const isWaiting = new Uint8Array(nodeCount)
  const work: number[] = []
  const add = (node: number, arrives: Kinds, isPut: Kinds) => {
    const all = isPut | arrives
    if ((arrives & ~arriving[node]!) === 0 && (all & ~put[node]!) === 0) return
    arriving[node]! |= arrives
    put[node]! |= all
    if (isWaiting[node] === 1) return
    isWaiting[node] = 1
    work.push(node)
  }
  for (const { node, kinds: wanted } of harmful) add(node, wanted, wanted)
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    isWaiting[node] = 0
    const arrives = arriving[node]!
    const isPut = put[node]!
    for (let at = backward.offsets[node]!, end = backward.offsets[node + 1]!; at < end; at += 3) {
      const needed = neededBefore(backward.targets[at + 1]! as EdgeKind, backward.targets[at + 2]!, arrives, isPut)
      if (needed !== 0) add(backward.targets[at]!, needed, 0)
    }
    for (let at = forward.offsets[node]!, end = forward.offsets[node + 1]!; at < end; at += 3) if (keepsValue(forward.targets[at + 1]!)) add(forward.targets[at]!, 0, isPut)
  }
  return { arriving, put }
}

/** What has to come to an edge so that these come out of it. */
function neededBefore(kind: EdgeKind, data: number, arrives: Kinds, isPut: Kinds): Kinds {
  switch (kind) {
    case edgeKinds.store:
    case edgeKinds.spread:
      return isPut
    case edgeKinds.derive: {
      const kept = arrives & ~kinds.prototype
      return (data & decodes) !== 0 && (kept & (mayClimb | kinds.log | kinds.header)) !== 0 ? kept | kinds.log | kinds.command : kept & ~data
    }
    case edgeKinds.key:
      return (arrives & kinds.prototype) !== 0 ? kinds.key : 0
    default:
      return arrives
  }
}
