import { posix } from 'node:path'
import { assembleIndex, copyImage, createLayout, findManifest, pushImage, type DebianArchitecture, type Digest, type Layout } from '@shiplock/image'
import { count } from '@shiplock/findings'
import { visible } from '../report/escape.ts'
import { builtImage, type BuiltImage } from '../stages/built-image.ts'
import type { PipelineContext } from '../stages/context.ts'
import { buildShuffled, imagePipeline } from '../stages/image-pipeline.ts'
import { imageFailure } from '../stages/image-failure.ts'
import { runPipeline } from '../stages/run-pipeline.ts'
import { ownArchitecture } from '../stages/pinned-node.ts'
import { updateImageLock, type ImageLockUpdate } from '../stages/update-image-lock.ts'
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
  /** `linux/amd64`, `linux/arm64`, separated by commas. */
  readonly platform?: string
}

/** `shiplock image build`: the image of the service, without any check. */
export async function imageBuildCommand(options: ImageBuildOptions): Promise<number> {
  const architectures = architecturesOf(options.platform)
  const repository = await openRepository(options)
  const { signal, dispose } = interruption()
  const display = await showProgress(terminalStyle(process.stderr, process.env), clock.elapsedMs, { isQuiet: options.quiet ?? false, isVerbose: options.verbose ?? false })
  const settings = { useCache: options.cache, isUntrusted: options.untrusted ?? false, command: 'shiplock image build', signal, note: display.note }
  try {
    if (options.update) {
      const update = await withContext(repository, settings, async (context) => unwrap(await updateImageLock(context, { signal, progress: display.note })))
      showUpdates(update)
    }
    // The lock that was just written is part of the tree that is built from.
    return await withContext(repository, settings, async (opened) => {
      const context = options.dockerfile === undefined ? opened : withDockerfile(opened, options.dockerfile)
      const images: BuiltImage[] = []
      for (const architecture of architectures) {
        const built = await build(context, signal, display, architecture)
        if ('exitCode' in built) return built.exitCode
        if (options.checkReproducible) await proveReproducible(context, built.image, signal, architecture)
        images.push(built.image)
      }
      const [first] = images
      const whole = images.length === 1 && first ? first : await joinImages(context, images)
      await distribute(context.state.layout, whole, options, signal)
      for (const image of images) show(image, options)
      if (images.length > 1) print(options.format === 'json' ? JSON.stringify(whole) : `Index    ${visible(whole.reference)}\nDigest   ${whole.digest}`)
      return 0
    })
  } finally {
    display.stop()
    dispose()
  }
}

function architecturesOf(platforms: string | undefined): readonly DebianArchitecture[] {
  if (platforms === undefined) return [ownArchitecture()]
  return [...new Set(platforms.split(','))].map((platform) => {
    const [, architecture] = /^linux\/(amd64|arm64)$/.exec(platform) ?? []
    if (architecture !== undefined) return architecture as DebianArchitecture
    throw new CommandFailure(2, { message: `${platform} is no platform that images are made for`, hint: 'use linux/amd64, linux/arm64, or both with a comma between them' })
  })
}

/** One name for images of the same service for several machines. */
async function joinImages({ state, config }: PipelineContext, images: readonly BuiltImage[]): Promise<Pick<BuiltImage, 'digest' | 'reference'>> {
  const layout: Layout = { directory: state.layout }
  const manifests = await Promise.all(images.map(async ({ reference }) => findManifest(layout, reference)))
  const reference = `${config.service.name}:build-index`
  const { digest } = await assembleIndex(layout, manifests.filter((it) => it !== undefined), { reference })
  return { digest: digest as Digest, reference }
}

function withDockerfile(context: PipelineContext, path: string): PipelineContext {
  const dockerfile = posix.normalize(path)
  if (dockerfile.startsWith('/') || dockerfile.split('/').includes('..')) throw new CommandFailure(2, { message: `${path} leads out of the repository`, hint: 'name the Dockerfile relative to the root of the repository' })
  return { ...context, config: { ...context.config, image: { ...context.config.image, builder: 'dockerfile', dockerfile } } }
}

type Display = Awaited<ReturnType<typeof showProgress>>

async function build(context: PipelineContext, signal: AbortSignal, display: Display, architecture: DebianArchitecture): Promise<{ readonly image: BuiltImage } | { readonly exitCode: number }> {
  const pipeline = unwrap(await imagePipeline(context, architecture))
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

async function distribute(layoutDirectory: string, image: Pick<BuiltImage, 'digest' | 'reference'>, { output, push }: ImageBuildOptions, signal: AbortSignal): Promise<void> {
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
async function proveReproducible(context: PipelineContext, image: BuiltImage, signal: AbortSignal, architecture: DebianArchitecture): Promise<void> {
  const again = unwrap(await buildShuffled(context, signal, architecture))
  if (again.digest === image.digest) return say(`Reproducible: built twice, the second time in another directory and with its files in another order, to ${image.digest}.`)
  const differing = image.layers.filter(({ diffId }, position) => again.layers[position]?.diffId !== diffId).map(({ name }) => name)
  throw new CommandFailure(1, { message: `the image is not reproducible: it is ${image.digest}, and built again ${again.digest}`, hint: differing.length > 0 ? `layers that differ: ${differing.join(', ')}` : 'its layers are equal: the configuration differs' })
}

function showUpdates({ updates, node }: ImageLockUpdate): void {
  if (node) say(`  node ${visible(node.from ?? 'not pinned')} -> ${visible(node.to)}`)
  if (updates.length === 0 && !node) return say('The lock is as new as the archive.')
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
