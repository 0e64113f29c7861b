import { z } from 'zod'
import { quote } from '../error.ts'

/** A value of the shape, or one sentence on the first thing that is wrong with it. Fields that are not known are kept and not looked at. */
export function readShape<T>(shape: z.ZodType<T>, value: unknown, what: string): { readonly value: T } | { readonly problem: string } {
  const result = shape.safeParse(value)
  if (result.success) return { value: result.data }
  const [issue] = result.error.issues
  const where = issue && issue.path.length > 0 ? `${what}, ${quote(issue.path.map(String).join('.'))}` : what
  return { problem: `${where}: ${issue?.message ?? 'of another shape'}` }
}

/** RFC 3339 in UTC (in-toto attestation v1, field_types.md, "Timestamp"). */
export const timestamp = z.iso.datetime()

/** Absolute (RFC 3986 §4.3): a scheme and something after it, and nothing that could break a line. */
export const uri = z.string().regex(/^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/, 'no absolute URI')

const hexLength: Readonly<Record<string, RegExp>> = {
  sha256: /^[0-9a-f]{64}$/, sha512: /^[0-9a-f]{128}$/, sha384: /^[0-9a-f]{96}$/, sha1: /^[0-9a-f]{40}$/,
  gitCommit: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, gitTree: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
}

/** Algorithm to lower-case hex (digest_set.md). Names that are not known may have any text. */
export const digestSet = z.record(z.string(), z.string()).superRefine((set, context) => {
  if (Object.keys(set).length === 0) context.addIssue({ code: 'custom', message: 'no digest' })
  for (const [name, value] of Object.entries(set)) {
    const pattern = Object.hasOwn(hexLength, name) ? hexLength[name] : undefined
    if (pattern?.test(value) === false) context.addIssue({ code: 'custom', path: [name], message: 'no digest of this kind' })
  }
})

/** What something is, where it was, and what it hashes to (resource_descriptor.md). */
export interface ResourceDescriptor {
  readonly name?: string
  readonly uri?: string
  readonly digest?: Readonly<Record<string, string>>
  readonly downloadLocation?: string
  readonly mediaType?: string
  readonly annotations?: Readonly<Record<string, unknown>>
}

export const resourceDescriptor: z.ZodType<ResourceDescriptor> = z
  .looseObject({
    name: z.string().exactOptional(),
    uri: z.string().exactOptional(),
    digest: digestSet.exactOptional(),
    downloadLocation: z.string().exactOptional(),
    mediaType: z.string().exactOptional(),
    annotations: z.record(z.string(), z.unknown()).exactOptional(),
  })
  .refine(({ name, uri, digest }) => [name, uri, digest].some((field) => field !== undefined), 'neither name nor uri nor digest')
