import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Stage } from '../engine/stage.ts'
import { buildStage } from './build-stage.ts'
import type { PipelineContext } from './context.ts'
import { imageStage } from './image-stage.ts'
import { assemble, expected, type Pipeline } from './pipeline.ts'
import { policyStage } from './policy-stage.ts'
import { machineRuntime, runtimeLayers } from './runtime-layers.ts'

/** The image alone, of what is in the tree, checked or not: `shiplock image build`. */
export async function imagePipeline(context: PipelineContext): Promise<Result<Pipeline, StageFailure>> {
  const stages = await imageStages(context, { mayFallBack: false })
  if (!stages.ok) return stages
  return ok(assemble(context, { stages: stages.value, release: [], checks: [], works: stages.value.map(({ id }) => id), target: 'none', missingPromises: [], policy: policyStage(context, []) }))
}

/** From the tree to an image in the layout. Where Debian's packages cannot be had it may be of this machine's libraries: good for a local target, and told. */
export async function imageStages(context: PipelineContext, { mayFallBack }: { readonly mayFallBack: boolean }): Promise<Result<Stage[], StageFailure>> {
  const { config, workspace, state, layers, store, blobs, mask } = context
  const runtime = await runtimeLayers(context)
  if (!runtime.ok) return runtime
  const { directory } = config.service
  const { snapshot } = workspace
  const build = buildStage({ workspace, mask, blobs, directory, script: config.image.build, files: config.image.files, reads: config.image.reads, ...expected(context, 'build') })
  const epoch = Number(context.environment['SOURCE_DATE_EPOCH'] ?? snapshot.commitTime ?? 0)
  if (!Number.isInteger(epoch) || epoch < 0) return fail({ reason: 'image-invalid', message: 'SOURCE_DATE_EPOCH is not a whole number of seconds', hint: 'set it as `git log -1 --format=%ct` prints it, or leave it unset' })
  const image = imageStage({
    layoutDirectory: state.layout,
    cacheDirectory: layers,
    blobs,
    name: config.service.name,
    entrypoint: config.image.entrypoint,
    user: config.image.user,
    port: config.service.port,
    runtime: runtime.value,
    ...(mayFallBack && { otherwise: (why: string) => machineRuntime(store, why) }),
    tools: { node: process.version },
    created: epoch,
    ...(snapshot.commit !== undefined && { commit: snapshot.commit }),
    ...expected(context, 'image'),
  })
  return ok([build, image])
}
