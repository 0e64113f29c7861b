import type { Component } from '@shiplock/advisories'
import type { StageOutput } from '../../engine/stage.ts'
import type { KeptFile } from '../../system/blob-store.ts'

/** What enters the image besides the service's own files. Paths are those of the image. */
export interface ProductionPackages {
  readonly files: readonly KeptFile[]
  /** A workspace is there once, as Node would have it: under every name that it is asked for by is a link. */
  readonly links: readonly { readonly path: string; readonly target: string }[]
  readonly packages: readonly InstalledPackage[]
}

/** One package as it stands in the image. */
export interface InstalledPackage extends Pick<Component, 'name' | 'version' | 'purl' | 'integrity' | 'resolved' | 'licence'> {
  /** Its folder in the image. */
  readonly path: string
}

/** The stage that installs them. */
export const packagesStageId = 'packages'

/** The production packages of a run's image; none where no stage installs any. */
export const productionPackages = (output: StageOutput | undefined): ProductionPackages => (output?.value as ProductionPackages | undefined) ?? { files: [], links: [], packages: [] }
