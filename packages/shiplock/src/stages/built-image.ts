import type { Digest } from '@shiplock/findings'
import { readImageConfig, readManifest, type Digest as ImageDigest, type Layout } from '@shiplock/image'
import type { StageContext } from '../engine/stage.ts'

/** What the image stage hands over. */
export interface BuiltImage {
  /** Of the manifest. */
  readonly digest: Digest
  readonly reference: string
  /** What a registry stores. */
  readonly sizeBytes: number
  /** The lowest first. */
  readonly layers: readonly BuiltLayerFacts[]
  /** What it cannot promise, one sentence each. */
  readonly lacks: readonly string[]
}

export interface BuiltLayerFacts {
  readonly name: string
  readonly digest: Digest
  readonly diffId: Digest
  readonly sizeBytes: number
}

/** What the layout says of an image that was not put together here. Throws what `imageFailure` explains. */
export async function imageFacts(layout: Layout, digest: ImageDigest, reference: string): Promise<BuiltImage & { readonly config: Digest }> {
  const [manifest, { diffIds }] = [await readManifest(layout, digest), await readImageConfig(layout, digest)]
  // As many as there are layers: whoever reads the configuration has seen to that.
  const layers = manifest.layers.map((layer, position) => ({ name: `layer ${position + 1}`, digest: layer.digest as Digest, diffId: diffIds[position] as Digest, sizeBytes: layer.size }))
  const sizeBytes = [manifest.descriptor, manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0)
  return { digest: manifest.descriptor.digest as Digest, reference, sizeBytes, layers, lacks: [], config: manifest.config.digest as Digest }
}

/** The image of this run, where there is one. */
export function builtImage(result: StageContext['result']): BuiltImage | undefined {
  const image = result('image')
  return image.status === 'done' ? (image.output.value as BuiltImage) : undefined
}
