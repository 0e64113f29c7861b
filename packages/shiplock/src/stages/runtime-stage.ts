import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { createLayout, ImageError, packLayers, type ImageErrorCode, type LayerCompression, type LayerEntry, type PackedLayer } from '@shiplock/image'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { Stage, StageOutput } from '../engine/stage.ts'
import { imageFailure } from './image-failure.ts'
import type { NamedLayer, RuntimeLayers } from './runtime-layers.ts'

export interface RuntimeStageInput {
  readonly layoutDirectory: string
  readonly cacheDirectory: string
  readonly runtime: RuntimeLayers
  readonly compression: LayerCompression
  /** Another order of a layer's files, which must make no difference. */
  readonly shuffle?: (entries: readonly LayerEntry[]) => readonly LayerEntry[]
  /** What takes its place where its packages cannot be had; why is handed over. Without it the stage fails. */
  readonly otherwise?: (why: string) => Promise<Result<RuntimeLayers, StageFailure>>
  readonly tools: Readonly<Record<string, string>>
  readonly expectedMs?: number
}

export const runtimeStageId = 'runtime'

/** What is below every service, in the layout already. */
export interface PackedRuntime {
  readonly layers: readonly PackedLayer[]
  /** What an image with it cannot promise, one sentence each. */
  readonly lacks: readonly string[]
}

/** What the stage handed over. */
export const packedRuntime = (output: StageOutput | undefined): PackedRuntime => (output?.value as PackedRuntime | undefined) ?? { layers: [], lacks: [] }

/** Packs the layers that no edit of the service changes, while the service is built: of the whole image they take the longest. */
export function runtimeStage(input: RuntimeStageInput): Stage {
  const { runtime, compression, shuffle = (entries) => entries } = input
  return {
    id: runtimeStageId,
    title: 'Debian and Node',
    subject: 'image',
    needs: [],
    inputs: createHash('sha256').update(JSON.stringify([runtime.platform, runtime.digest, compression])).digest('hex'),
    tools: input.tools,
    timeoutMs: 300_000,
    ...(input.expectedMs !== undefined && { expectedMs: input.expectedMs }),
    run: async ({ signal, progress }) => {
      try {
        const found = await layersOf(input, { signal, progress })
        if (!found.ok) return found
        const layout = await createLayout(input.layoutDirectory)
        const layers = await packLayers(layout, found.value.layers.map(({ name, entries }) => ({ name, entries: shuffle(entries) })), { cacheDir: input.cacheDirectory, compression, signal })
        const packed = layers.filter(({ cached }) => !cached).length
        const value: PackedRuntime = { layers: layers.map(({ name, descriptor, diffId }) => ({ name, descriptor, diffId })), lacks: found.value.lacks }
        return ok({
          value,
          artifacts: layers.map(({ descriptor: { digest } }) => posix.join(input.layoutDirectory, 'blobs', digest.replace(':', '/'))),
          summary: `${(layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0) / 1e6).toFixed(1)} MB, ${packed} of ${layers.length} layers packed${value.lacks === runtime.lacks && runtime.asOf !== undefined ? `; Debian of ${runtime.asOf}` : ''}`,
          ...(value.lacks !== runtime.lacks && { transient: true }),
        })
      } catch (error) {
        const failure = imageFailure(error)
        if (failure) return fail(failure)
        throw error
      }
    },
  }
}

/** The layers, or those of this machine where Debian's packages cannot be had now. */
async function layersOf({ runtime, otherwise }: RuntimeStageInput, work: Parameters<RuntimeLayers['layers']>[0]): Promise<Result<{ layers: readonly NamedLayer[]; lacks: readonly string[] }, StageFailure>> {
  try {
    return ok({ layers: await runtime.layers(work), lacks: runtime.lacks })
  } catch (error) {
    if (!otherwise || !(error instanceof ImageError) || !unavailable.has(error.code)) throw error
    const other = await otherwise(error.message)
    return other.ok ? ok({ layers: await other.value.layers(work), lacks: other.value.lacks }) : other
  }
}

const unavailable: ReadonlySet<ImageErrorCode> = new Set(['archive-unreachable', 'package-gone', 'package-not-stored'])
