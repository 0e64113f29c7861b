import { z } from 'zod'
import { timestamp } from './shape.ts'
import { predicateTypes, stateAbout, type ImageSubject, type Statement } from './statement.ts'

/** What is in an image: a whole CycloneDX document in JSON is the predicate (in-toto attestation, predicates/cyclonedx.md). */
export interface CycloneDx {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: string
  readonly metadata?: { readonly timestamp?: string }
  readonly [field: string]: unknown
}

export const cycloneDxShape: z.ZodType<CycloneDx> = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string().regex(/^1\.\d+$/, 'no version of CycloneDX'),
  metadata: z.looseObject({ timestamp: timestamp.exactOptional() }).exactOptional(),
})

/** The SBOM of an image, as `@shiplock/advisories` or anybody else wrote it. */
export const sbomStatement = (image: ImageSubject, document: CycloneDx): Statement<CycloneDx> =>
  stateAbout(image, predicateTypes.sbom, cycloneDxShape, document)
