import { posix } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Stage } from '../engine/stage.ts'
import { buildStage } from './build-stage.ts'
import type { PipelineContext } from './context.ts'
import { dockerIgnore } from './docker-ignore.ts'
import { dockerfileStage } from './dockerfile-stage.ts'
import { imageStage } from './image-stage.ts'
import { packagesStage, packagesStageId } from './packages/packages-stage.ts'
import { assemble, expected, type Pipeline } from './pipeline.ts'
import { policyStage } from './policy-stage.ts'
import { machineRuntime, runtimeLayers } from './runtime-layers.ts'
import { userCache } from '../system/user-cache.ts'

/** The image alone, of what is in the tree, checked or not: `shiplock image build`. */
export async function imagePipeline(context: PipelineContext): Promise<Result<Pipeline, StageFailure>> {
  const stages = await imageStages(context, { mayFallBack: false })
  if (!stages.ok) return stages
  return ok(assemble(context, { stages: stages.value, release: [], checks: [], works: stages.value.map(({ id }) => id), target: 'none', missingPromises: [], policy: policyStage(context, []) }))
}

/** From the tree to an image in the layout. Where Debian's packages cannot be had it may be of this machine's libraries: good for a local target, and told. */
export async function imageStages(context: PipelineContext, { mayFallBack }: { readonly mayFallBack: boolean }): Promise<Result<Stage[], StageFailure>> {
  const { config, workspace, state, layers, store, blobs, mask } = context
  const { directory } = config.service
  const { snapshot } = workspace
  const epoch = Number(context.environment['SOURCE_DATE_EPOCH'] ?? snapshot.commitTime ?? 0)
  if (!Number.isInteger(epoch) || epoch < 0) return fail({ reason: 'image-invalid', message: 'SOURCE_DATE_EPOCH is not a whole number of seconds', hint: 'set it as `git log -1 --format=%ct` prints it, or leave it unset' })
  if (config.image.builder === 'dockerfile') {
    const { dockerfile, context: folder } = config.image
    return ok([await dockerfileStage({ workspace, mask, layoutDirectory: state.layout, name: config.service.name, dockerfile, context: folder, architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', created: epoch, ...expected(context, 'image') })])
  }
  const runtime = await runtimeLayers(context)
  if (!runtime.ok) return runtime
  const { context: folder } = config.image
  const ignore = dockerIgnore(snapshot, folder)
  if (!ignore.ok) return ignore
  // Of a context above the service the patterns are written from there.
  const below = posix.relative(folder, directory)
  const ignored = ignore.value && !below.startsWith('..') ? { ...ignore.value, ignores: (path: string) => ignore.value?.ignores(posix.join(below, path)) ?? false } : undefined
  const build = buildStage({ workspace, mask, blobs, directory, script: config.image.build, files: config.image.files, ...(ignored && { ignore: ignored }), reads: config.image.reads, ...expected(context, 'build') })
  const packages = config.image.dependencies === 'none' ? [] : [await packagesStage({ workspace, mask, blobs, directory, platform: runtime.value.platform, cache: userCache('packages', context.environment), ...expected(context, packagesStageId) })]
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
    hasPackages: packages.length > 0,
    created: epoch,
    ...(snapshot.commit !== undefined && { commit: snapshot.commit }),
    ...expected(context, 'image'),
  })
  return ok([build, ...packages, image])
}
