import type { Distribution, SbomComponent } from './sbom-component.ts'

/** An SBOM that somebody wrote, whatever with. */
export interface Sbom {
  /** `CycloneDX 1.6`, `SPDX 2.3`. */
  readonly format: string
  /** What it is about. */
  readonly subject: { readonly name: string; readonly purl?: string; readonly digest?: string }
  readonly created?: string
  readonly distribution?: Distribution
  readonly components: readonly SbomComponent[]
  readonly dependencies: ReadonlyMap<string, readonly string[]>
  /** Why it is not whole, in the words of whoever wrote it. */
  readonly unread: readonly string[]
}

/** Bytes of a document, and components in it. */
export const largestSbom = 256 * 1024 * 1024
export const mostComponents = 200_000

/** The first line of an SPDX document's comment where it is not whole; what could not be read follows, one a line. */
export const notWhole = 'Not whole, since this could not be read:'
