import type { Digest } from '@shiplock/findings'
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

/** The image of this run, where there is one. */
export function builtImage(result: StageContext['result']): BuiltImage | undefined {
  const image = result('image')
  return image.status === 'done' ? (image.output.value as BuiltImage) : undefined
}
