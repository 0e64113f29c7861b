import { createHash } from 'node:crypto'
import type { PlanDocument, PlanStage } from '@shiplock/findings'
import type { Graph } from './graph.ts'

/** The plan as a document: what will run on what with which tools, and one hash over all of it. */
export function planDocument(graph: Graph, tree: string, target: string): PlanDocument {
  const stages = [...graph.stages.values()].map(
    (stage): PlanStage => ({
      id: stage.id,
      subject: stage.subject,
      needs: stage.needs,
      executes: stage.executes ?? false,
      timeoutMs: stage.timeoutMs,
      inputs: stage.inputs ?? 'live',
      ...(stage.reads && { reads: stage.reads }),
      tools: stage.tools ?? {},
    }),
  )
  const body = { schema: 'https://shiplock.dev/schemas/plan-1.json', tree, target, stages } as const
  return { ...body, hash: createHash('sha256').update(JSON.stringify(body)).digest('hex') }
}
