import { posix } from 'node:path'
import { copyImage, createLayout, pushImage, type Layout, type PackageUpdate } from '@shiplock/image'
import { count } from '@shiplock/findings'
import { visible } from '../report/escape.ts'
import { builtImage, type BuiltImage } from '../stages/built-image.ts'
import type { PipelineContext } from '../stages/context.ts'
import { buildShuffled, imagePipeline } from '../stages/image-pipeline.ts'
import { imageFailure } from '../stages/image-failure.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import { updateImageLock } from '../stages/update-image-lock.ts'
import { CommandFailure, writingTo } from './report-failure.ts'
import { clock, interruption, openRepository, rememberDurations, unwrap, withContext, type CommonOptions } from './session.ts'
import { print, say } from './streams.ts'
import { showProgress, terminalStyle } from './terminal.ts'
import { version } from './version.ts'

export interface ImageBuildOptions extends CommonOptions {
  readonly cache: boolean
  /** A directory that gets the image as an OCI layout of its own. */
  readonly output?: string
  readonly push?: string
  readonly update?: boolean
  /** Has Docker or Buildah build this Dockerfile, whatever the config says; relative to the root of the tree. */
  readonly dockerfile?: string
  readonly checkReproducible?: boolean
}

/** `shiplock image build`: the image of the service, without any check. */
export async function imageBuildCommand(options: ImageBuildOptions): Promise<number> {
  const repository = await openRepository(options)
  const { signal, dispose } = interruption()
  const display = await showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
  const settings = { useCache: options.cache, isUntrusted: options.untrusted ?? false, command: 'shiplock image build', signal, note: display.note }
  try {
    if (options.update) {
      const { updates } = await withContext(repository, settings, async (context) => unwrap(await updateImageLock(context, signal)))
      showUpdates(updates)
    }
    // The lock that was just written is part of the tree that is built from.
    return await withContext(repository, settings, async (opened) => {
      const context = options.dockerfile === undefined ? opened : withDockerfile(opened, options.dockerfile)
      const built = await build(context, signal, display)
      if ('exitCode' in built) return built.exitCode
      const { image } = built
      if (options.checkReproducible) await proveReproducible(context, image, signal)
      await distribute(context.state.layout, image, options, signal)
      show(image, options)
      return 0
    })
  } finally {
    display.stop()
    dispose()
  }
}

function withDockerfile(context: PipelineContext, path: string): PipelineContext {
  const dockerfile = posix.normalize(path)
  if (dockerfile.startsWith('/') || dockerfile.split('/').includes('..')) throw new CommandFailure(2, { message: `${path} leads out of the repository`, hint: 'name the Dockerfile relative to the root of the repository' })
  return { ...context, config: { ...context.config, image: { ...context.config.image, builder: 'dockerfile', dockerfile } } }
}

type Display = Awaited<ReturnType<typeof showProgress>>

async function build(context: PipelineContext, signal: AbortSignal, display: Display): Promise<{ readonly image: BuiltImage } | { readonly exitCode: number }> {
  const pipeline = unwrap(await imagePipeline(context))
  let image: BuiltImage | undefined
  const record = await runPipeline({
    context,
    pipeline,
    command: 'image build',
    version,
    signal,
    onEvent: (event) => {
      if (event.kind === 'stage-ended' && event.id === 'image') image = builtImage(() => event.result)
      display.onEvent(event)
    },
    clock,
  })
  display.stop()
  rememberDurations(context, record)
  if (image) return { image }
  const failed = record.stages.find(({ failure }) => failure)
  if (failed?.failure) throw new CommandFailure(3, failed.failure)
  return { exitCode: record.exitCode }
}

async function distribute(layoutDirectory: string, image: BuiltImage, { output, push }: ImageBuildOptions, signal: AbortSignal): Promise<void> {
  try {
    const layout: Layout = { directory: layoutDirectory }
    if (output !== undefined) await writingTo(output, async (path) => copyImage(layout, image.digest, { to: await createLayout(path), name: image.reference }))
    if (push !== undefined) {
      const { blobs } = await pushImage(layout, image.digest, push, { signal })
      say(`Pushed ${visible(push)}: ${count(blobs.sent, 'blob')} sent, ${blobs.there + blobs.mounted} there already.`)
    }
  } catch (error) {
    const failure = imageFailure(error)
    if (failure) throw new CommandFailure(3, failure)
    throw error
  }
}

/** Builds the same once more, elsewhere and in another order, and compares. */
async function proveReproducible(context: PipelineContext, image: BuiltImage, signal: AbortSignal): Promise<void> {
  const again = unwrap(await buildShuffled(context, signal))
  if (again.digest === image.digest) return say(`Reproducible: built twice, the second time in another directory and with its files in another order, to ${image.digest}.`)
  const differing = image.layers.filter(({ diffId }, position) => again.layers[position]?.diffId !== diffId).map(({ name }) => name)
  throw new CommandFailure(1, { message: `the image is not reproducible: it is ${image.digest}, and built again ${again.digest}`, hint: differing.length > 0 ? `layers that differ: ${differing.join(', ')}` : 'its layers are equal: the configuration differs' })
}

function showUpdates(updates: readonly PackageUpdate[]): void {
  if (updates.length === 0) return say('The lock is as new as the archive.')
  for (const { name, from, to, cveIds, changelog } of updates) {
    const named = cveIds.length > 0 ? `; its changelog names ${cveIds.join(', ')}` : changelog === 'absent' ? '; it has no changelog' : ''
    say(`  ${visible(name)} ${visible(from ?? 'new')} -> ${visible(to ?? 'gone')}${visible(named)}`)
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`

function show({ reference, digest, sizeBytes, layers, lacks }: BuiltImage, { format }: ImageBuildOptions): void {
  if (format === 'json') return print(JSON.stringify({ reference, digest, sizeBytes, layers, lacks }))
  const widest = Math.max(...layers.map(({ name }) => name.length))
  print([`Image    ${visible(reference)}`, `Digest   ${digest}`, `Size     ${megabytes(sizeBytes)}`, ...layers.map((layer, position) => `${position === 0 ? 'Layers   ' : '         '}${visible(layer.name).padEnd(widest)}  ${megabytes(layer.sizeBytes).padStart(8)}  ${layer.diffId.slice(0, 19)}`)].join('\n'))
  for (const lack of lacks) say(`note: ${visible(lack)}`)
}
