import { ok, type Result, type StageFailure } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import type { Stage } from '../engine/stage.ts'
import { admitStage, type JudgedStages } from './admit-stage.ts'
import { attestStage, attestStageId, whyNotProven } from './attest-stage.ts'
import type { PipelineContext } from './context.ts'
import { imageCheckStage } from './image-check-stage.ts'
import { imageStages } from './image-pipeline.ts'
import { assemble, isSelected, treeStage, type Pipeline, type Selection } from './pipeline.ts'
import { policyStage, policyStageId } from './policy-stage.ts'
import { planPreview, type PreviewRequest } from './preview.ts'
import { planRelease, type Release, type ReleaseInput } from './release-stages.ts'

/** Everything from the tree to a serving revision: `shiplock run`. */
export async function fullPipeline(context: PipelineContext, selection: Selection, releasing: Releasing): Promise<Result<ReleasingPipeline, StageFailure>> {
  const wanted = checks.filter(({ id }) => id in context.config.checks)
  const treeChecks = wanted.filter(({ subject }) => subject === 'tree')
  const treeStages = await Promise.all(treeChecks.map(async (check) => (isSelected(check.id, selection) ? treeStage(context, check) : leftOut(check.id, check.title))))
  const image = await imageStages(context, { mayFallBack: releasing.target.name === 'local' })
  if (!image.ok) return image
  const release = planOf({ context, ...releasing, checks: wanted.filter(({ subject }) => subject === 'revision').map((check) => (isSelected(check.id, selection) ? check : { ...check, run: async () => skippedByHand })) })
  const { parts, image: built, sbom } = image.value
  const works = [...parts, built, sbom]
  const imageChecks = wanted.filter(({ subject }) => subject === 'image')
  const imageCheckStages = await Promise.all(imageChecks.map(async (check) => (isSelected(check.id, selection) ? imageCheckStage(context, check) : leftOut(check.id, check.title, 'image'))))
  const policy = policyStage(context, treeChecks.map(({ id }) => id))
  const stages = [...treeStages, policy.stage, ...works, ...imageCheckStages]
  const { name } = releasing.target
  const releaseStages = (judged: JudgedStages): Stage[] => [attestStage(context, judged), admitStage(judged, { after: attestStageId, whyNotProven: (result) => whyNotProven(context, result, name) }), ...release.stages]
  return ok({ ...assemble(context, { stages, release: releaseStages, checks: [...treeChecks.map(({ id }) => id), policyStageId, ...imageChecks.map(({ id }) => id)], works: works.map(({ id }) => id), target: name, missingPromises: [...ownPolicy(context), ...switchedOff(context)], policy }), release })
}

export interface ReleasingPipeline extends Pipeline {
  readonly release: Release
}

/** To where, and where it is shown of a pull request alone, of which. */
export type Releasing = Pick<ReleaseInput, 'target' | 'signal' | 'elapsedMs'> & Previewing

export interface Previewing {
  readonly preview?: { readonly request: PreviewRequest; readonly now: Date }
}

/** The stages that bring an admitted image to its target: to its users, or to who looks at a pull request. */
export const planOf = ({ preview, ...input }: ReleaseInput & Previewing): Release => (preview ? planPreview({ ...input, preview: preview.request, now: preview.now }) : planRelease(input))

/** A check that the config switches off is not looked at, and the verdict says so. */
const switchedOff = ({ config }: PipelineContext) => checks.filter(({ id, isOptIn }) => !isOptIn && !(id in config.checks)).map(({ id }) => `${id} is switched off in the config`)

/** A change that brings the first policy with it is not proven by it. */
const ownPolicy = ({ policy: { judging } }: PipelineContext) => (judging?.from === 'adoption' ? [`the change brings its own policy: its merge base ${judging.commit.slice(0, 12)} has none`] : [])

const leftOut = (id: string, title: string, subject: Stage['subject'] = 'tree'): Stage => ({
  id,
  title,
  subject,
  needs: [],
  timeoutMs: 1000,
  run: async () => ok({ outcome: skippedByHand }),
})

const skippedByHand = { kind: 'skipped', reason: 'left out on the command line' } as const
