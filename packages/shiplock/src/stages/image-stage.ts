import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { assemble, createLayout, type LayerCompression, type LayerEntry, type Platform } from '@shiplock/image'
import { fail, ok, type Digest } from '@shiplock/findings'
import type { Stage, StageOutput } from '../engine/stage.ts'
import type { BlobStore, KeptFile } from '../system/blob-store.ts'
import type { BuiltImage } from './built-image.ts'
import { imageFailure } from './image-failure.ts'
import { packagesStageId, productionPackages, type ProductionPackages } from './packages/production-packages.ts'
import { ownArchitecture } from './pinned-node.ts'
import { packedRuntime, runtimeStageId } from './runtime-stage.ts'

/** What the build stage hands over; the engine runs nothing whose needs did not. */
const builtFiles = (output: StageOutput | undefined) => (output?.value ?? { files: [] }) as { readonly files: readonly KeptFile[] }

export interface ImageStageInput {
  readonly layoutDirectory: string
  readonly cacheDirectory: string
  readonly blobs: BlobStore
  readonly name: string
  readonly entrypoint: readonly string[]
  readonly user: number
  readonly compression: LayerCompression
  readonly port: number
  readonly platform: Platform
  /** Another order of a layer's files, which must make no difference. */
  readonly shuffle?: (entries: readonly LayerEntry[]) => readonly LayerEntry[]
  readonly tools: Readonly<Record<string, string>>
  /** Whether a stage before it installs the packages that production needs. */
  readonly hasPackages: boolean
  /** Seconds since 1970: `SOURCE_DATE_EPOCH`, else the commit's time, else 0. */
  readonly created: number
  readonly commit?: string
  readonly expectedMs?: number
}

const home = 'app'

/** Puts the image together: the runtime's layers, and one with the service's files. */
export function imageStage(input: ImageStageInput): Stage {
  const { name, created, platform, shuffle = (entries) => entries } = input
  const config = {
    entrypoint: input.entrypoint,
    env: { PATH: '/usr/local/bin', NODE_ENV: 'production', PORT: String(input.port) },
    user: `${input.user}:${input.user}`,
    workingDir: `/${home}`,
    exposedPorts: [input.port],
  }
  const annotations = { 'org.opencontainers.image.title': name, ...(input.commit !== undefined && { 'org.opencontainers.image.revision': input.commit }) }
  return {
    id: 'image',
    title: 'Image',
    subject: 'image',
    needs: [runtimeStageId, 'build', ...(input.hasPackages ? [packagesStageId] : [])],
    inputs: createHash('sha256').update(JSON.stringify([platform, name, created, config, annotations, input.compression])).digest('hex'),
    tools: input.tools,
    timeoutMs: 300_000,
    ...(input.expectedMs !== undefined && { expectedMs: input.expectedMs }),
    run: async ({ output, signal }) => {
      const { files } = builtFiles(output('build'))
      const below = packedRuntime(output(runtimeStageId))
      const packages = input.hasPackages ? packageEntries(productionPackages(output(packagesStageId)), input.blobs) : []
      // The machine's own has the plain name, whatever other ones are made beside it.
      const reference = platform.architecture === ownArchitecture() ? `${name}:build` : `${name}:build-${platform.architecture}`
      try {
        const image = await assemble({
          layout: await createLayout(input.layoutDirectory),
          cacheDir: input.cacheDirectory,
          platform,
          layers: [
            ...below.layers,
            // Below the service's own: they change with the lock file.
            ...(packages.length > 0 ? [{ name: 'packages', entries: shuffle(packages) }] : []),
            { name, entries: shuffle(files.map((file) => layerEntry(file, posix.join(home, file.path), input.blobs))) },
          ],
          config,
          created,
          reference,
          annotations,
          compression: input.compression,
          signal,
        })
        const packed = image.layers.filter((layer) => !layer.cached).length
        const value: BuiltImage = { digest: image.manifest.digest as Digest, reference, sizeBytes: image.sizeBytes, lacks: below.lacks, layers: image.layers.map((layer) => ({ name: layer.name, digest: layer.descriptor.digest as Digest, diffId: layer.diffId as Digest, sizeBytes: layer.descriptor.size })) }
        return ok({
          value,
          artifacts: [image.manifest, image.config, ...image.layers.map((layer) => layer.descriptor)].map(({ digest }) => posix.join(input.layoutDirectory, 'blobs', digest.replace(':', '/'))),
          summary: `${(image.sizeBytes / 1e6).toFixed(1)} MB, ${packed} of ${image.layers.length} layers packed`,
        })
      } catch (error) {
        const failure = imageFailure(error)
        if (failure) return fail(failure)
        throw error
      }
    },
  }
}

const packageEntries = ({ files, links }: ProductionPackages, blobs: BlobStore): LayerEntry[] => [...files.map((file) => layerEntry(file, file.path, blobs)), ...links.map((link): LayerEntry => ({ kind: 'symlink', ...link }))]

const layerEntry = (file: KeptFile, path: string, blobs: BlobStore): LayerEntry => ({
  kind: 'file',
  path,
  mode: file.isExecutable ? 0o555 : 0o444,
  content: { file: blobs.pathOf(file.digest), size: file.size, digest: `sha256:${file.digest}` },
})
