import { manifestBytes } from './oci/manifest.ts'
import { writeBlob } from './oci/blob.ts'
import type { LayerCompression } from './oci/compress.ts'
import { mediaTypes, type Descriptor, type Platform } from './oci/descriptor.ts'
import { imageConfigBytes, rfc3339, type RunConfig } from './oci/image-config.ts'
import { buildLayer, type BuiltLayer } from './oci/layer-cache.ts'
import type { LayerEntry } from './oci/layer-entry.ts'
import { addManifest, type Layout } from './oci/layout.ts'

/** An image as it is asked for. */
export interface ImagePlan {
  readonly layout: Layout
  /** Where records of layers packed before are kept. */
  readonly cacheDir: string
  readonly platform: Platform
  /** The lowest first. `name` becomes a line of the image's history. */
  readonly layers: readonly { readonly name: string; readonly entries: readonly LayerEntry[] }[]
  readonly config: RunConfig
  /** Seconds since 1970. The only time in the image: layers have none. */
  readonly created: number
  /** The name in the layout's index, e.g. `todo:1.2.0`. */
  readonly reference: string
  readonly annotations?: Readonly<Record<string, string>>
  /** How a layer packed before is trusted. By size unless said otherwise. */
  readonly trust?: 'size' | 'digest'
  /** gzip unless said otherwise: not every engine pulls zstd. */
  readonly compression?: LayerCompression
  readonly signal?: AbortSignal
}

export interface AssembledImage {
  readonly manifest: Descriptor
  readonly config: Descriptor
  readonly layers: readonly (BuiltLayer & { readonly name: string })[]
  /** What a registry stores: manifest, configuration and layers. Bytes. */
  readonly sizeBytes: number
}

/** Makes an image in a layout. The same plan gives the same bytes, in any order of entries, directory and year. */
export async function assemble(plan: ImagePlan): Promise<AssembledImage> {
  const { layout, platform, signal } = plan
  const layers = await buildLayers(plan)
  const config = await writeBlob(layout, mediaTypes.config, imageConfigBytes({
    platform,
    created: plan.created,
    run: plan.config,
    layers: layers.map(({ name, diffId }) => ({ diffId, history: { createdBy: `shiplock image: ${name}` } })),
  }))
  const annotations = { 'org.opencontainers.image.created': rfc3339(plan.created), ...plan.annotations }
  const bytes = manifestBytes({ config, layers: layers.map((layer) => layer.descriptor), annotations })
  const manifest = { ...(await writeBlob(layout, mediaTypes.manifest, bytes)), platform: { ...platform } }
  const needs = [config, ...layers.map((layer) => layer.descriptor)]
  signal?.throwIfAborted()
  await addManifest(layout, manifest, { reference: plan.reference, needs })
  const sizeBytes = [manifest, ...needs].reduce((sum, blob) => sum + blob.size, 0)
  return { manifest, config, layers, sizeBytes }
}

/** All layers at once: compression runs on threads, and a layer that fails stops the others. */
async function buildLayers(plan: ImagePlan): Promise<AssembledImage['layers']> {
  const stop = new AbortController()
  const signal = plan.signal === undefined ? stop.signal : AbortSignal.any([plan.signal, stop.signal])
  const building = plan.layers.map(async ({ name, entries }) => {
    try {
      return { name, ...(await buildLayer(plan.layout, entries, { cacheDir: plan.cacheDir, trust: plan.trust ?? 'size', compression: plan.compression ?? 'gzip', signal })) }
    } catch (error) {
      stop.abort(error)
      throw error
    }
  })
  // Settled, not raced: nothing of a failed build may still write when the caller hears of it.
  const [failed] = (await Promise.allSettled(building)).filter((result) => result.status === 'rejected')
  if (failed !== undefined) throw stop.signal.aborted ? stop.signal.reason : failed.reason
  return Promise.all(building)
}
