import { z } from 'zod'
import { hexOf, isDigest, type Digest } from '../digest.ts'
import { AttestationError } from '../error.ts'
import { readShape, resourceDescriptor, type ResourceDescriptor } from './shape.ts'

/** What an in-toto statement says it is (in-toto attestation v1, statement.md). */
export const statementType = 'https://in-toto.io/Statement/v1'

/** The kinds of claim that Shiplock makes about an image, each as its specification names it. */
export const predicateTypes = {
  provenance: 'https://slsa.dev/provenance/v1',
  sbom: 'https://cyclonedx.org/bom',
  testResult: 'https://in-toto.io/attestation/test-result/v0.1',
  vulnerabilities: 'https://in-toto.io/attestation/vulns/v0.2',
  verificationSummary: 'https://slsa.dev/verification_summary/v1',
} as const

/** A claim about artifacts, which are named by digest alone (statement.md). */
export interface Statement<Predicate = Readonly<Record<string, unknown>>> {
  readonly _type: typeof statementType
  readonly subject: readonly ResourceDescriptor[]
  readonly predicateType: string
  readonly predicate: Predicate
}

/** The image that a statement is about. */
export interface ImageSubject {
  /** For a person: a repository without tag. Nothing is matched by it. */
  readonly name: string
  /** Of the manifest. */
  readonly digest: Digest
  readonly content?: ImageContent
}

/**
 * What stays the same where a registry packs the layers anew: the configuration, which names what each layer unpacks to. The
 * diff_ids alone would leave open what is started and with which environment.
 */
export interface ImageContent {
  /** Digest of the image configuration. */
  readonly config: Digest
  /** Of each layer's archive, unpacked; the lowest first (OCI image specification, config.md, "rootfs"). */
  readonly diffIds: readonly Digest[]
}

export const configMediaType = 'application/vnd.oci.image.config.v1+json'

/** Annotation of the subject that is an image's configuration. */
export const diffIdsAnnotation = 'https://shiplock.dev/diff_ids'

const statementShape: z.ZodType<Statement> = z.looseObject({
  _type: z.literal(statementType),
  subject: z.array(resourceDescriptor.refine(({ digest }) => digest !== undefined, 'a subject without digest')).min(1),
  predicateType: z.string().min(1),
  predicate: z.record(z.string(), z.unknown()).default({}),
})

/** A document from outside as a statement, or what is wrong with it. */
export function readStatement(value: unknown): { readonly value: Statement } | { readonly problem: string } {
  return readShape(statementShape, value, 'the statement')
}

/** A statement on an image. What does not have its shape throws `statement-invalid`. */
export function stateAbout<Predicate extends object>(image: ImageSubject, predicateType: string, shape: z.ZodType<Predicate>, predicate: Predicate): Statement<Predicate> {
  const reading = readShape(shape, predicate, predicateType)
  if ('problem' in reading) throw new AttestationError('statement-invalid', reading.problem)
  return { _type: statementType, subject: subjectsOf(image), predicateType, predicate }
}

function subjectsOf({ name, digest, content }: ImageSubject): readonly ResourceDescriptor[] {
  const digests = [digest, ...(content ? [content.config, ...content.diffIds] : [])]
  if (!digests.every(isDigest) || content?.diffIds.length === 0) throw new AttestationError('statement-invalid', 'the subject is not named by sha256 digests')
  const manifest: ResourceDescriptor = { name, digest: digestSetOf(digest) }
  if (!content) return [manifest]
  return [manifest, { name: `${name}#config`, mediaType: configMediaType, digest: digestSetOf(content.config), annotations: { [diffIdsAnnotation]: content.diffIds } }]
}

export function digestSetOf(digest: Digest): Readonly<Record<string, string>> {
  return { sha256: hexOf(digest) }
}
