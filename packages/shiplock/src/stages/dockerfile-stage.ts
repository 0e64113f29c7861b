import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import { createLayout, openImage } from '@shiplock/image'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Stage } from '../engine/stage.ts'
import { isRealDirectory } from '../system/blob-store.ts'
import { buildImage, findImageBuilder } from '../system/image-builder.ts'
import type { Mask } from '../system/masking.ts'
import { makeScratch } from '../system/scratch.ts'
import { digestOfFiles } from '../system/snapshot.ts'
import type { Workspace } from '../system/workspace.ts'
import { imageFacts } from './built-image.ts'
import { imageFailure } from './image-failure.ts'

export interface DockerfileStageInput {
  readonly workspace: Workspace
  readonly mask: Mask
  readonly layoutDirectory: string
  readonly name: string
  /** Relative to the root of the tree. */
  readonly dockerfile: string
  readonly context: string
  readonly architecture: 'amd64' | 'arm64'
  /** Seconds since 1970: `SOURCE_DATE_EPOCH`, else the commit's time, else 0. */
  readonly created: number
  readonly expectedMs?: number
}

const timeoutMs = 1_800_000

/**
 * Has Docker or Buildah build an ordinary Dockerfile, and takes the image into the layout; from there it goes the way of any
 * other. Its commands run in containers of the builder's, with a network; they see the context, which is of the tree as it
 * was when the run began, and none of our secrets. Another build may give another image: bases and packages move.
 */
export async function dockerfileStage(input: DockerfileStageInput): Promise<Stage> {
  const { workspace, dockerfile, context, name } = input
  const { snapshot } = workspace
  const builder = await findImageBuilder(workspace)
  const ignored = [`${dockerfile}.dockerignore`]
  const files = [...snapshot.files.keys()].filter((path) => path === dockerfile || ignored.includes(path) || context === '.' || path.startsWith(`${context}/`))
  const tools = builder.ok ? { [builder.value.kind]: builder.value.version } : undefined
  return {
    id: 'image',
    title: 'Image',
    subject: 'image',
    needs: [],
    // Without a builder nothing is known of the result.
    ...(tools && { tools, inputs: createHash('sha256').update(JSON.stringify([name, dockerfile, context, input.architecture, input.created, tools, workspace.isUntrusted, digestOfFiles(snapshot, files)])).digest('hex') }),
    executes: true,
    timeoutMs: timeoutMs + 60_000,
    ...(input.expectedMs !== undefined && { expectedMs: input.expectedMs }),
    run: async ({ signal }) => {
      if (workspace.isUntrusted) return fail({ reason: 'unconfined', message: `${dockerfile} was not built: its commands run with a network, in an engine that is not ours`, hint: 'run without --untrusted only where you trust the repository with your account' })
      if (!builder.ok) return builder
      if (snapshot.files.get(dockerfile)?.mode === undefined || snapshot.files.get(dockerfile)?.mode === 'symlink') return fail(noDockerfile(dockerfile))
      const copy = makeScratch(snapshot, files, workspace.scratchParent, undefined)
      if (!copy.ok) return copy
      try {
        const { directory } = copy.value
        if (!isRealDirectory(directory, join(directory, context))) return fail({ reason: 'build-failed', message: `the context ${context} is not a folder of the tree, or leads out of it`, hint: 'image.context names a folder of the repository, not a link' })
        const build = { dockerfile: join(directory, dockerfile), context: join(directory, context), architecture: input.architecture, created: input.created, scratchParent: workspace.scratchParent, timeoutMs, signal }
        const taken = await buildImage(workspace, builder.value, build, (archive) => takeImage(input, archive, signal))
        const image = taken.ok ? taken.value : taken
        if (!image.ok) return fail(input.mask.value(image.failure))
        return ok({
          value: image.value,
          artifacts: artifactsOf(input.layoutDirectory, image.value),
          // Its RUN lines are code of the repository, and the engine gives them a network.
          hasHostNetwork: true,
          summary: `${(image.value.sizeBytes / 1e6).toFixed(1)} MB, built by ${builder.value.kind} from ${dockerfile}; another build may differ`,
        })
      } finally {
        copy.value.remove()
      }
    },
  }
}

const noDockerfile = (path: string): StageFailure => ({ reason: 'build-failed', message: `there is no file ${path} in the tree`, hint: "set image.dockerfile to the Dockerfile, or image.builder to 'assemble'" })

type TakenImage = Awaited<ReturnType<typeof imageFacts>>

async function takeImage({ layoutDirectory, name, architecture }: DockerfileStageInput, archive: string, signal: AbortSignal): Promise<Result<TakenImage, StageFailure>> {
  const reference = `${name}:build`
  try {
    const layout = await createLayout(layoutDirectory)
    const { manifest: { digest } } = await openImage(archive, { layout, name: reference, platform: { os: 'linux', architecture }, signal })
    return ok(await imageFacts(layout, digest, reference))
  } catch (error) {
    const failure = imageFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}

const artifactsOf = (layout: string, { digest, config, layers }: TakenImage) => [digest, config, ...layers.map((layer) => layer.digest)].map((it) => posix.join(layout, 'blobs', it.replace(':', '/')))
