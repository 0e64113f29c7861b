import { fail, ok, type Result, type StageFailure, type Subject } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { buildGraph, describeGraphProblem, type Graph } from '../engine/graph.ts'
import { planDocument } from '../engine/plan.ts'
import type { Stage, StageContext } from '../engine/stage.ts'
import type { PlanDocument, Verdict } from '@shiplock/findings'
import { admitStage, judge, type JudgedStages } from './admit-stage.ts'
import { buildStage } from './build-stage.ts'
import { treeCheckStage } from './check-stage.ts'
import type { PipelineContext } from './context.ts'
import { builtImage, imageStage } from './image-stage.ts'
import { policyStage, policyStageId, type PolicyStage } from './policy-stage.ts'
import { planRelease, type Release, type ReleaseInput } from './release-stages.ts'
import { runtimeLayers } from './runtime-layers.ts'

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
  return assemble(context, { stages: checked.length === 0 ? [] : [...stages, policy.stage], release: [], checks: [...checked, policyStageId], works: [], target: 'none', missingPromises: [], policy })
}

/** Everything from the tree to a serving revision: `shiplock run`. */
export async function fullPipeline(context: PipelineContext, selection: Selection, releasing: Releasing): Promise<Result<ReleasingPipeline, StageFailure>> {
  const wanted = checks.filter(({ id }) => id in context.config.checks)
  const treeChecks = wanted.filter(({ subject }) => subject === 'tree')
  const treeStages = await Promise.all(treeChecks.map(async (check) => (isSelected(check.id, selection) ? treeStage(context, check) : leftOut(check.id, check.title))))
  const image = await imageStages(context)
  if (!image.ok) return image
  const release = planRelease({ context, ...releasing, checks: wanted.filter(({ subject }) => subject === 'revision').map((check) => (isSelected(check.id, selection) ? check : { ...check, run: async () => skippedByHand })) })
  const works = image.value.map(({ id }) => id)
  const policy = policyStage(context, treeChecks.map(({ id }) => id))
  const stages = [...treeStages, policy.stage, ...image.value]
  return ok({ ...assemble(context, { stages, release: release.stages, checks: [...treeChecks.map(({ id }) => id), policyStageId], works, target: releasing.target.name, missingPromises: [...ownPolicy(context), ...switchedOff(context), ...missingPromises], policy }), release })
}

export interface ReleasingPipeline extends Pipeline {
  readonly release: Release
}

export type Releasing = Pick<ReleaseInput, 'target' | 'signal' | 'elapsedMs'>

/** A check that the config switches off is not looked at, and the verdict says so. */
const switchedOff = ({ config }: PipelineContext) => checks.filter(({ id }) => !(id in config.checks)).map(({ id }) => `${id} is switched off in the config`)

/** A change that brings the first policy with it is not proven by it. */
const ownPolicy = ({ policy: { judging } }: PipelineContext) => (judging?.from === 'adoption' ? [`the change brings its own policy: its merge base ${judging.commit.slice(0, 12)} has none`] : [])

/** What no run of this version proves; the verdict says it. */
const missingPromises = [
  'the image was not matched against known vulnerabilities: this version of Shiplock looks at lock files alone',
  'the image is not signed: this version of Shiplock makes no attestations',
]

const isSelected = (id: string, { only, skip }: Selection) => (only.length === 0 || only.includes(id)) && !skip.includes(id)

const treeStage = (context: PipelineContext, check: (typeof checks)[number]): Promise<Stage> =>
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

const leftOut = (id: string, title: string): Stage => ({
  id,
  title,
  subject: 'tree',
  needs: [],
  timeoutMs: 1000,
  run: async () => ok({ outcome: skippedByHand }),
})

const skippedByHand = { kind: 'skipped', reason: 'left out on the command line' } as const

async function imageStages(context: PipelineContext): Promise<Result<Stage[], StageFailure>> {
  const { config, workspace, state, store, blobs, mask } = context
  const runtime = await runtimeLayers(store)
  if (!runtime.ok) return runtime
  const { directory } = config.service
  const { snapshot } = workspace
  const build = buildStage({ workspace, mask, blobs, directory, script: config.image.build, files: config.image.files, reads: config.image.reads, ...expected(context, 'build') })
  const epoch = Number(context.environment['SOURCE_DATE_EPOCH'] ?? snapshot.commitTime ?? 0)
  if (!Number.isInteger(epoch) || epoch < 0) return fail({ reason: 'image-invalid', message: 'SOURCE_DATE_EPOCH is not a whole number of seconds', hint: 'set it as `git log -1 --format=%ct` prints it, or leave it unset' })
  const image = imageStage({
    layoutDirectory: state.layout,
    cacheDirectory: state.layers,
    blobs,
    name: config.service.name,
    entrypoint: config.image.entrypoint,
    user: config.image.user,
    port: config.service.port,
    platform: runtime.value.platform,
    runtime: runtime.value.layers,
    runtimeDigest: runtime.value.digest,
    tools: { node: process.version },
    created: epoch,
    ...(snapshot.commit !== undefined && { commit: snapshot.commit }),
    ...expected(context, 'image'),
  })
  return ok([build, image])
}

/** What stages take on a first run, roughly: which of them begin first is decided by it. */
const firstGuessMs: Readonly<Record<string, number>> = { build: 1000, image: 8000, tests: 5000, types: 3000, lint: 3000 }

const expected = ({ durations }: PipelineContext, id: string) => ({ expectedMs: durations[id] ?? firstGuessMs[id] ?? 1000 })

interface Parts {
  /** What the admission judges. */
  readonly stages: readonly Stage[]
  /** What comes behind it; empty where there is no target. */
  readonly release: readonly Stage[]
  readonly checks: readonly string[]
  readonly works: readonly string[]
  readonly target: string
  readonly missingPromises: readonly string[]
  readonly policy: PolicyStage
}

function assemble(context: PipelineContext, parts: Parts): Pipeline {
  const { digest, commit, dirty } = context.workspace.snapshot
  const tree: Subject = { kind: 'tree', digest, ...(commit !== undefined && { commit }), ...(dirty !== undefined && { dirty }) }
  const subjects = (result: StageContext['result']): Subject[] => {
    const image = builtImage(result)
    return image ? [tree, { kind: 'image', digest: image.digest, reference: image.reference }] : [tree]
  }
  const { checks: judgedChecks, works, target, missingPromises } = parts
  const judged: JudgedStages = { checks: judgedChecks, works, target, missingPromises, gates: context.config.gates, subjects, plan: () => plan.hash, settled: parts.policy.settled, isLooseningRefused: context.policy.isLooseningRefused, ...(context.policy.judging && { policy: context.policy.judging }) }
  const graph = buildGraph(parts.release.length > 0 ? [...parts.stages, admitStage(judged), ...parts.release] : parts.stages)
  // The list is ours: a cycle in it is a bug of ours.
  if (!graph.ok) throw new Error(describeGraphProblem(graph.failure))
  const plan = planDocument(graph.value, digest, target)
  const revisionChecks = parts.release.map(({ id }) => id).filter((id) => checks.some((check) => check.id === id))
  return {
    graph: graph.value,
    plan,
    subjects,
    settled: parts.policy.settled,
    verdict: (result) => judge({ ...judged, checks: [...judgedChecks, ...revisionChecks.filter((id) => result(id).status !== 'not-run')] }, result),
  }
}
