import { manifestBytes } from './oci/manifest.ts'
import { writeBlob } from './oci/blob.ts'
import type { LayerCompression } from './oci/compress.ts'
import { mediaTypes, type Descriptor, type Platform } from './oci/descriptor.ts'
import { imageConfigBytes, rfc3339, type RunConfig } from './oci/image-config.ts'
import type { Layer } from './oci/layer.ts'
import { buildLayer } from './oci/layer-cache.ts'
import type { LayerEntry } from './oci/layer-entry.ts'
import { addManifest, type Layout } from './oci/layout.ts'

/** An image as it is asked for. */
export interface ImagePlan {
  readonly layout: Layout
  /** Where records of layers packed before are kept. */
  readonly cacheDir: string
  readonly platform: Platform
  /** The lowest first. `name` becomes a line of the image's history. */
  readonly layers: readonly (LayerPlan | PackedLayer)[]
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

export interface LayerPlan {
  readonly name: string
  readonly entries: readonly LayerEntry[]
}

/** A layer that is in the layout already. */
export interface PackedLayer extends Layer {
  readonly name: string
  /** Whether the blob was there before, so that nothing had to be packed. */
  readonly cached?: boolean
}

export interface AssembledImage {
  readonly manifest: Descriptor
  readonly config: Descriptor
  readonly layers: readonly Required<PackedLayer>[]
  /** What a registry stores: manifest, configuration and layers. Bytes. */
  readonly sizeBytes: number
}

/** Makes an image in a layout. The same plan gives the same bytes, in any order of entries, directory and year. */
export async function assemble(plan: ImagePlan): Promise<AssembledImage> {
  const { layout, platform, signal } = plan
  const layers = await packLayers(layout, plan.layers, plan)
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

/** Packs layers, all at once: compression runs on threads, and a layer that fails stops the others. */
export async function packLayers(
  layout: Layout,
  layers: ImagePlan['layers'],
  { cacheDir, trust = 'size', compression = 'gzip', signal: outer }: Pick<ImagePlan, 'cacheDir' | 'trust' | 'compression' | 'signal'>,
): Promise<AssembledImage['layers']> {
  const stop = new AbortController()
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal])
  const building = layers.map(async (layer) => {
    if (!('entries' in layer)) return { cached: true, ...layer }
    try {
      return { name: layer.name, ...(await buildLayer(layout, layer.entries, { cacheDir, trust, compression, signal })) }
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
