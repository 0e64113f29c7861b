import { z } from 'zod'
import { digestSet, resourceDescriptor, timestamp, uri, type ResourceDescriptor } from './shape.ts'
import { predicateTypes, stateAbout, type ImageSubject, type Statement } from './statement.ts'

/** How an image came to be: SLSA provenance v1 (slsa.dev/spec/v1.1/provenance). */
export interface Provenance {
  readonly buildDefinition: {
    /** What the parameters mean. */
    readonly buildType: string
    /** What whoever asked for the build chose: complete, and untrusted. */
    readonly externalParameters: Readonly<Record<string, unknown>>
    /** What the builder chose. */
    readonly internalParameters?: Readonly<Record<string, unknown>>
    /** What went in: the commit, every package. */
    readonly resolvedDependencies?: readonly ResourceDescriptor[]
  }
  readonly runDetails: {
    /** Who ran the build and answers for what is stated here; the level of assurance follows from it alone. */
    readonly builder: { readonly id: string; readonly version?: Readonly<Record<string, string>>; readonly builderDependencies?: readonly ResourceDescriptor[] }
    readonly metadata?: { readonly invocationId?: string; readonly startedOn?: string; readonly finishedOn?: string }
    readonly byproducts?: readonly ResourceDescriptor[]
  }
}

export const provenanceShape: z.ZodType<Provenance> = z.looseObject({
  buildDefinition: z.looseObject({
    buildType: uri,
    externalParameters: z.record(z.string(), z.unknown()),
    internalParameters: z.record(z.string(), z.unknown()).exactOptional(),
    resolvedDependencies: z.array(resourceDescriptor).exactOptional(),
  }),
  runDetails: z.looseObject({
    builder: z.looseObject({ id: uri, version: z.record(z.string(), z.string()).exactOptional(), builderDependencies: z.array(resourceDescriptor).exactOptional() }),
    metadata: z.looseObject({ invocationId: z.string().exactOptional(), startedOn: timestamp.exactOptional(), finishedOn: timestamp.exactOptional() }).exactOptional(),
    byproducts: z.array(resourceDescriptor).exactOptional(),
  }),
})

/** Assembling an image from Debian packages, a Node binary, npm packages and an application. docs/images.md describes the parameters. */
export const assembleBuildType = 'https://shiplock.dev/build/assemble/v1'
/** Building a Dockerfile with somebody else's builder, and taking what came out. */
export const dockerfileBuildType = 'https://shiplock.dev/build/dockerfile/v1'

/**
 * Who ran the build. SLSA's level is a property of the builder: a person's machine gives level 1 (provenance exists), a hosted
 * runner whose signing identity belongs to the workflow level 2. Level 3 wants signing rights that the build steps cannot
 * reach, which no builder here promises.
 */
export const builders = {
  local: 'https://shiplock.dev/builder/local/v1',
  githubHosted: 'https://shiplock.dev/builder/github-hosted/v1',
  githubSelfHosted: 'https://shiplock.dev/builder/github-self-hosted/v1',
} as const

/** The highest SLSA build level that a builder's provenance may claim: 0 for one that is not known. */
export function buildLevelOf(builder: string): 0 | 1 | 2 {
  if (builder === builders.githubHosted) return 2
  return builder === builders.local || builder === builders.githubSelfHosted ? 1 : 0
}

/** A package that went into an image. */
export interface PackageDependency {
  /** Package URL (purl-spec): `pkg:deb/debian/libc6@2.41-12?arch=amd64`, `pkg:npm/fastify@5.6.0`. */
  readonly purl: string
  /** Algorithm to lower-case hex, as the lock has it. */
  readonly digest: Readonly<Record<string, string>>
  /** Where it was fetched; never with credentials. */
  readonly downloadLocation?: string
}

/** The commit that was built. */
export interface SourceDependency {
  /** Where the repository is: `git+https://github.com/acme/todo`. Absent for one that was never pushed. */
  readonly repository?: string
  /** SHA-1 or SHA-256 in hex. */
  readonly commit: string
  readonly ref?: string
}

export const sourceDependency = ({ repository, commit, ref }: SourceDependency): ResourceDescriptor => ({
  ...(repository === undefined ? { name: 'source' } : { uri: ref === undefined ? repository : `${repository}@${ref}` }),
  digest: { gitCommit: commit },
})

export const packageDependency = ({ purl, digest, downloadLocation }: PackageDependency): ResourceDescriptor => ({
  uri: purl, digest, ...(downloadLocation === undefined ? {} : { downloadLocation }),
})

export interface BuildFacts {
  readonly buildType: string
  readonly externalParameters: Readonly<Record<string, unknown>>
  readonly internalParameters?: Readonly<Record<string, unknown>>
  readonly source: SourceDependency
  readonly packages: readonly PackageDependency[]
  readonly builder: string
  readonly builderVersion?: Readonly<Record<string, string>>
  readonly invocationId?: string
  readonly startedOn?: Date
  readonly finishedOn?: Date
}

const purlShape = z.string().regex(/^pkg:[a-z][a-z0-9.+-]*\/[\x21-\x7e]+$/, 'no package URL')
const packageShape = z.looseObject({ purl: purlShape, digest: digestSet })

/** The provenance of an image. Same facts, same statement: packages are sorted, and nothing is looked up. */
export function provenanceStatement(image: ImageSubject, facts: BuildFacts): Statement<Provenance> {
  const { buildType, externalParameters, internalParameters, source, packages, builder, builderVersion, invocationId, startedOn, finishedOn } = facts
  const sorted = packages.toSorted((a, b) => (a.purl < b.purl ? -1 : a.purl > b.purl ? 1 : 0))
  const metadata = {
    ...(invocationId === undefined ? {} : { invocationId }),
    ...(startedOn === undefined ? {} : { startedOn: toTimestamp(startedOn) }),
    ...(finishedOn === undefined ? {} : { finishedOn: toTimestamp(finishedOn) }),
  }
  const shape = provenanceShape.refine(() => packages.every((item) => packageShape.safeParse(item).success), 'a dependency without package URL or digest')
  return stateAbout(image, predicateTypes.provenance, shape, {
    buildDefinition: {
      buildType,
      externalParameters,
      ...(internalParameters === undefined ? {} : { internalParameters }),
      resolvedDependencies: [sourceDependency(source), ...sorted.map(packageDependency)],
    },
    runDetails: { builder: { id: builder, ...(builderVersion === undefined ? {} : { version: builderVersion }) }, ...(Object.keys(metadata).length === 0 ? {} : { metadata }) },
  })
}

/** RFC 3339 in UTC, to the second. */
export function toTimestamp(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
