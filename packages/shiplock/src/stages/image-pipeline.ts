import { join, posix } from 'node:path'
import type { DebianArchitecture } from '@shiplock/image'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Stage, StageOutput } from '../engine/stage.ts'
import { userCache } from '../system/user-cache.ts'
import { buildStage } from './build-stage.ts'
import type { BuiltImage } from './built-image.ts'
import type { PipelineContext } from './context.ts'
import { dockerIgnore } from './docker-ignore.ts'
import { dockerfileStage } from './dockerfile-stage.ts'
import { imageStage, type ImageStageInput } from './image-stage.ts'
import { packagesStageId } from './packages/production-packages.ts'
import { assemble, expected, type Pipeline } from './pipeline.ts'
import { ownArchitecture } from './pinned-node.ts'
import { policyStage } from './policy-stage.ts'
import { machineRuntime, runtimeLayers } from './runtime-layers.ts'
import { runtimeStage, runtimeStageId } from './runtime-stage.ts'
import { locksOf, sbomStage } from './sbom-stage.ts'

/** The image alone, of what is in the tree, checked or not: `shiplock image build`. */
export async function imagePipeline(context: PipelineContext, architecture?: DebianArchitecture): Promise<Result<Pipeline, StageFailure>> {
  const stages = await imageStages(context, { mayFallBack: false, ...(architecture && { architecture }) })
  if (!stages.ok) return stages
  const { parts, image } = stages.value
  return ok(assemble(context, { stages: [...parts, image], checks: [], works: [...parts, image].map(({ id }) => id), target: 'none', missingPromises: [], policy: policyStage(context, []) }))
}

export interface ImageStages {
  /** What makes what enters: Debian and Node, the build, the packages; none where a Dockerfile says all of it. */
  readonly parts: readonly Stage[]
  readonly image: Stage
  readonly sbom: Stage
}

/** The image of what is in the tree once more, in a directory of its own, from scratch and with its files in another order. */
export async function buildShuffled(context: PipelineContext, signal: AbortSignal, architecture: DebianArchitecture): Promise<Result<BuiltImage, StageFailure>> {
  const directory = join(context.state.scratch, 'again')
  const { store: _, ...rest } = context
  const stages = await imageStages({ ...rest, isCacheBelieved: false, layers: join(directory, 'layers'), state: { ...context.state, layout: join(directory, 'layout') } }, { mayFallBack: false, architecture, shuffle: (entries) => entries.toReversed() })
  if (!stages.ok) return stages
  const outputs = new Map<string, StageOutput>()
  for (const stage of [...stages.value.parts, stages.value.image]) {
    const result = await stage.run({ signal, progress: () => {}, output: (id) => outputs.get(id), result: (id) => ({ status: 'not-run', because: `${id} is not part of this` }) })
    if (!result.ok) return result
    outputs.set(stage.id, result.value)
  }
  return ok(outputs.get('image')?.value as BuiltImage)
}

/** From the tree to an image in the layout. Where Debian's packages cannot be had it may be of this machine's libraries: good for a local target, and told. */
export async function imageStages(context: PipelineContext, { mayFallBack, shuffle, architecture = ownArchitecture() }: { readonly mayFallBack: boolean; readonly shuffle?: ImageStageInput['shuffle']; readonly architecture?: DebianArchitecture }): Promise<Result<ImageStages, StageFailure>> {
  const { config, workspace, state, layers, store, blobs, mask, toolVersion } = context
  if (!config.shipsService) return fail({ reason: 'no-service', message: 'the repository ships no service: the config says `service: null`', hint: 'take that line out of the config where there is something to build' })
  const { directory, name } = config.service
  const { snapshot } = workspace
  const epoch = Number(context.environment['SOURCE_DATE_EPOCH'] ?? snapshot.commitTime ?? 0)
  if (!Number.isInteger(epoch) || epoch < 0) return fail({ reason: 'image-invalid', message: 'SOURCE_DATE_EPOCH is not a whole number of seconds', hint: 'set it as `git log -1 --format=%ct` prints it, or leave it unset' })
  const described = { layoutDirectory: state.layout, blobs, name, toolVersion }
  if (config.image.builder === 'dockerfile') {
    if (architecture !== ownArchitecture()) return fail({ reason: 'image-invalid', message: `a Dockerfile is built for this machine, and not for ${architecture}`, hint: 'build it on such a machine' })
    const { dockerfile, context: folder } = config.image
    const image = await dockerfileStage({ workspace, mask, layoutDirectory: state.layout, name, dockerfile, context: folder, architecture, created: epoch, ...expected(context, 'image') })
    return ok({ parts: [], image, sbom: sbomStage({ ...described, locks: [] }) })
  }
  const runtime = await runtimeLayers(context, architecture)
  if (!runtime.ok) return runtime
  const ignore = ignoredInService(context)
  if (!ignore.ok) return ignore
  const build = buildStage({ workspace, mask, blobs, directory, script: config.image.build, files: config.image.files, ...(ignore.value && { ignore: ignore.value }), reads: config.image.reads, ...expected(context, 'build') })
  const hasPackages = config.image.dependencies === 'production'
  const packages = hasPackages ? [await (await import('./packages/packages-stage.ts')).packagesStage({ workspace, mask, blobs, directory, platform: runtime.value.platform, cache: context.isCacheBelieved ? userCache('packages', context.environment) : join(state.scratch, 'package-cache'), ...expected(context, packagesStageId) })] : []
  const { compression } = config.image
  const common = { layoutDirectory: state.layout, cacheDirectory: layers, compression, ...(shuffle && { shuffle }) }
  const below = runtimeStage({
    ...common,
    runtime: runtime.value,
    ...(mayFallBack && { otherwise: (why: string) => machineRuntime(store, why) }),
    tools: { node: process.version },
    ...expected(context, runtimeStageId),
  })
  const image = imageStage({
    ...common,
    blobs,
    name,
    entrypoint: config.image.entrypoint,
    user: config.image.user,
    port: config.service.port,
    platform: runtime.value.platform,
    tools: { node: process.version },
    hasPackages,
    created: epoch,
    ...(snapshot.commit !== undefined && { commit: snapshot.commit }),
    ...expected(context, 'image'),
  })
  // Packages that stand in the image are told by themselves; those of a bundle by nothing but the lock file.
  const locks = hasPackages ? ok([]) : locksOf(snapshot, directory)
  if (!locks.ok) return locks
  const sbom = sbomStage({ ...described, locks: locks.value, hasPackages, ...(runtime.value.lock && { debianLock: runtime.value.lock }) })
  return ok({ parts: [below, build, ...packages], image, sbom })
}

/** What a `.dockerignore` in the context keeps out of the service's files: of a context above the service, its patterns are written from there. */
function ignoredInService({ config, workspace }: PipelineContext) {
  const { context: folder } = config.image
  const below = posix.relative(folder, config.service.directory)
  const ignore = dockerIgnore(workspace.snapshot, folder)
  if (!ignore.ok || !ignore.value || below.startsWith('..')) return ignore.ok ? ok(undefined) : ignore
  const { ignores, ...file } = ignore.value
  return ok({ ...file, ignores: (path: string) => ignores(posix.join(below, path)) })
}
