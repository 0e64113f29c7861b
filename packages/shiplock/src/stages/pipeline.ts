import type { PlanDocument, Subject, Verdict } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { buildGraph, describeGraphProblem, type Graph } from '../engine/graph.ts'
import { planDocument } from '../engine/plan.ts'
import type { Stage, StageContext } from '../engine/stage.ts'
import { judge, type JudgedStages } from './admit-stage.ts'
import { builtImage } from './built-image.ts'
import { treeCheckStage } from './check-stage.ts'
import type { PipelineContext } from './context.ts'
import { policyStage, policyStageId, type PolicyStage } from './policy-stage.ts'

export interface Selection {
  /** Ids of checks; everything where it is empty. */
  readonly only: readonly string[]
  readonly skip: readonly string[]
}

export interface Pipeline {
  readonly graph: Graph
  readonly plan: PlanDocument
  readonly subjects: (result: StageContext['result']) => readonly Subject[]
  /** The verdict on everything that was looked at, the running revision included. */
  readonly verdict: (result: StageContext['result']) => Verdict
  /** What became of a check, with what waivers and baseline say of its findings. */
  readonly settled: PolicyStage['settled']
}

/** The checks of the tree alone: `shiplock check`. */
export async function checkPipeline(context: PipelineContext, selection: Selection): Promise<Pipeline> {
  const selected = checks.filter(({ id, subject }) => subject === 'tree' && id in context.config.checks && isSelected(id, selection))
  const stages = await Promise.all(selected.map((check) => treeStage(context, check)))
  const checked = selected.map(({ id }) => id)
  // Without a check there is nothing to judge, and what says so counts stages.
  const policy = policyStage(context, checked)
  return assemble(context, { stages: checked.length === 0 ? [] : [...stages, policy.stage], checks: [...checked, policyStageId], works: [], target: 'none', missingPromises: [], policy })
}

/** Whether the command line asks for it. */
export const isSelected = (id: string, { only, skip }: Selection) => (only.length === 0 || only.includes(id)) && !skip.includes(id)

/** A check with what this run knows of it. */
export const treeStage = (context: PipelineContext, check: (typeof checks)[number]): Promise<Stage> =>
  treeCheckStage({
    check,
    options: context.config.checks[check.id],
    workspace: context.workspace,
    mask: context.mask,
    toolVersion: context.toolVersion,
    history: context.history,
    ...(context.store && { store: context.store }),
    ...expected(context, check.id),
  })

/** What stages take on a first run, roughly: which of them begin first is decided by it. */
const firstGuessMs: Readonly<Record<string, number>> = { runtime: 5000, build: 1000, tests: 5000, types: 3000, lint: 3000 }

/** How long a stage will take: what it took last time, else a guess. */
export const expected = ({ durations }: PipelineContext, id: string) => ({ expectedMs: durations[id] ?? firstGuessMs[id] ?? 1000 })

interface Parts {
  /** What the admission judges. */
  readonly stages: readonly Stage[]
  /** What comes behind it, signature and admission first; absent where there is no target. */
  readonly release?: (judged: JudgedStages) => readonly Stage[]
  readonly checks: readonly string[]
  readonly works: readonly string[]
  readonly target: string
  readonly missingPromises: readonly string[]
  readonly policy: PolicyStage
}

/** The pipeline of these stages. */
export function assemble(context: PipelineContext, parts: Parts): Pipeline {
  const { digest, commit, dirty } = context.workspace.snapshot
  const tree: Subject = { kind: 'tree', digest, ...(commit !== undefined && { commit }), ...(dirty !== undefined && { dirty }) }
  const subjects = (result: StageContext['result']): Subject[] => {
    const image = builtImage(result)
    return image ? [tree, { kind: 'image', digest: image.digest, reference: image.reference }] : [tree]
  }
  const { checks: judgedChecks, works, target, missingPromises } = parts
  const judged: JudgedStages = { checks: judgedChecks, works, target, missingPromises, gates: context.config.gates, subjects, plan: () => plan.hash, settled: parts.policy.settled, isLooseningRefused: context.policy.isLooseningRefused, ...(context.policy.judging && { policy: context.policy.judging }) }
  const release = parts.release?.(judged) ?? []
  const graph = buildGraph([...parts.stages, ...release])
  // The list is ours: a cycle in it is a bug of ours.
  if (!graph.ok) throw new Error(describeGraphProblem(graph.failure))
  const plan = planDocument(graph.value, digest, target)
  const revisionChecks = release.map(({ id }) => id).filter((id) => checks.some((check) => check.id === id))
  return {
    graph: graph.value,
    plan,
    subjects,
    settled: parts.policy.settled,
    verdict: (result) => judge({ ...judged, checks: [...judgedChecks, ...revisionChecks.filter((id) => result(id).status !== 'not-run')] }, result),
  }
}
