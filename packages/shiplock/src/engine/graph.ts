import { fail, ok, type Result } from '@shiplock/findings'
import type { Stage } from './stage.ts'

/** Stages that can be run: ids are unique, every need exists, nothing waits for itself. */
export interface Graph {
  readonly stages: ReadonlyMap<string, Stage>
  readonly dependants: ReadonlyMap<string, readonly string[]>
  /** Milliseconds from a stage's start to the end of the run along its longest path; what runs first is the largest. */
  readonly remainingMs: ReadonlyMap<string, number>
}

export type GraphProblem =
  | { readonly kind: 'duplicate-stage'; readonly id: string }
  | { readonly kind: 'unknown-need'; readonly id: string; readonly need: string }
  /** The ids in order; the last one needs the first. */
  | { readonly kind: 'cycle'; readonly ids: readonly string[] }

export function describeGraphProblem(problem: GraphProblem): string {
  switch (problem.kind) {
    case 'duplicate-stage':
      return `two stages are called ${problem.id}`
    case 'unknown-need':
      return `stage ${problem.id} needs ${problem.need}, which is not there`
    case 'cycle':
      return `stages wait for each other: ${[...problem.ids, problem.ids[0]].join(' → ')}`
  }
}

/** Linear in stages and edges, without recursion: a graph may be deep. */
export function buildGraph(list: readonly Stage[]): Result<Graph, GraphProblem> {
  const stages = new Map<string, Stage>()
  const dependants = new Map<string, string[]>()
  for (const stage of list) {
    if (stages.has(stage.id)) return fail({ kind: 'duplicate-stage', id: stage.id })
    stages.set(stage.id, stage)
    dependants.set(stage.id, [])
  }
  const waiting = new Map<string, number>()
  for (const stage of list) {
    for (const need of new Set(stage.needs)) {
      const list = dependants.get(need)
      if (!list) return fail({ kind: 'unknown-need', id: stage.id, need })
      list.push(stage.id)
    }
    waiting.set(stage.id, new Set(stage.needs).size)
  }
  const order = [...stages.keys()].filter((id) => waiting.get(id) === 0)
  for (let next = 0; next < order.length; next++) {
    for (const id of dependants.get(order[next]!)!) {
      const left = waiting.get(id)! - 1
      waiting.set(id, left)
      if (left === 0) order.push(id)
    }
  }
  if (order.length < stages.size) return fail({ kind: 'cycle', ids: findCycle(stages, waiting) })
  const remainingMs = new Map<string, number>()
  for (const id of order.toReversed()) {
    let longest = 0
    for (const dependant of dependants.get(id)!) longest = Math.max(longest, remainingMs.get(dependant)!)
    remainingMs.set(id, longest + (stages.get(id)!.expectedMs ?? 1))
  }
  return ok({ stages, dependants, remainingMs })
}

/** Every stage that still waits has a need that still waits: following those must come back to a stage seen before. */
function findCycle(stages: ReadonlyMap<string, Stage>, waiting: ReadonlyMap<string, number>): string[] {
  const path: string[] = []
  const seen = new Set<string>()
  let id = [...stages.keys()].find((candidate) => waiting.get(candidate)! > 0)!
  while (!seen.has(id)) {
    seen.add(id)
    path.push(id)
    id = stages.get(id)!.needs.find((need) => waiting.get(need)! > 0)!
  }
  return path.slice(path.indexOf(id)).toReversed()
}
