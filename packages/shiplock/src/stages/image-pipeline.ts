import { join } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Stage, StageOutput } from '../engine/stage.ts'
import { buildStage } from './build-stage.ts'
import type { BuiltImage } from './built-image.ts'
import type { PipelineContext } from './context.ts'
import { imageStage, type ImageStageInput } from './image-stage.ts'
import { assemble, expected, type Pipeline } from './pipeline.ts'
import { policyStage } from './policy-stage.ts'
import { machineRuntime, runtimeLayers } from './runtime-layers.ts'
import { locksOf, sbomStage } from './sbom-stage.ts'

/** The image alone, of what is in the tree, checked or not: `shiplock image build`. */
export async function imagePipeline(context: PipelineContext): Promise<Result<Pipeline, StageFailure>> {
  const stages = await imageStages(context, { mayFallBack: false })
  if (!stages.ok) return stages
  const { build, image } = stages.value
  return ok(assemble(context, { stages: [build, image], release: [], checks: [], works: [build.id, image.id], target: 'none', missingPromises: [], policy: policyStage(context, []) }))
}

export interface ImageStages {
  readonly build: Stage
  readonly image: Stage
  readonly sbom: Stage
}

/** The image of what is in the tree once more, in a directory of its own, from scratch and with its files in another order. */
export async function buildShuffled(context: PipelineContext, signal: AbortSignal): Promise<Result<BuiltImage, StageFailure>> {
  const directory = join(context.state.scratch, 'again')
  const { store: _, ...rest } = context
  const stages = await imageStages({ ...rest, isCacheBelieved: false, layers: join(directory, 'layers'), state: { ...context.state, layout: join(directory, 'layout') } }, { mayFallBack: false, shuffle: (entries) => entries.toReversed() })
  if (!stages.ok) return stages
  const outputs = new Map<string, StageOutput>()
  for (const stage of [stages.value.build, stages.value.image]) {
    const result = await stage.run({ signal, progress: () => {}, output: (id) => outputs.get(id), result: (id) => ({ status: 'not-run', because: `${id} is not part of this` }) })
    if (!result.ok) return result
    outputs.set(stage.id, result.value)
  }
  return ok(outputs.get('image')?.value as BuiltImage)
}

/** From the tree to an image in the layout. Where Debian's packages cannot be had it may be of this machine's libraries: good for a local target, and told. */
export async function imageStages(context: PipelineContext, { mayFallBack, shuffle }: { readonly mayFallBack: boolean; readonly shuffle?: ImageStageInput['shuffle'] }): Promise<Result<ImageStages, StageFailure>> {
  const { config, workspace, state, layers, store, blobs, mask, toolVersion } = context
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
    ...(shuffle && { shuffle }),
    ...(mayFallBack && { otherwise: (why: string) => machineRuntime(store, why) }),
    tools: { node: process.version },
    created: epoch,
    ...(snapshot.commit !== undefined && { commit: snapshot.commit }),
    ...expected(context, 'image'),
  })
  const locks = locksOf(snapshot, directory)
  if (!locks.ok) return locks
  const sbom = sbomStage({ layoutDirectory: state.layout, blobs, name: config.service.name, locks: locks.value, toolVersion, ...(runtime.value.lock && { debianLock: runtime.value.lock }) })
  return ok({ build, image, sbom })
}
