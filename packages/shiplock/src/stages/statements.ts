import { createHash } from 'node:crypto'
import { assembleBuildType, buildLevelOf, dockerfileBuildType, provenanceStatement, sbomStatement, testResultStatement, verificationSummaryStatement, vulnerabilityStatement, type CheckResult, type CycloneDx, type ImageSubject, type PackageDependency, type Statement, type WaivedFinding } from '@shiplock/attestation/sign'
import { families, findIndex } from '@shiplock/advisories/node'
import type { Sbom } from '@shiplock/advisories/sbom'
import type { Finding, Outcome, Verdict } from '@shiplock/findings'
import { configNames } from '../config/read-config.ts'
import { packageVersion } from '../system/own-version.ts'
import { baselinePath, waiversPath } from '../policy/settle.ts'
import type { BuiltImage } from './built-image.ts'
import type { PipelineContext } from './context.ts'

/** Who judges, by the name that trust policies require. */
export const verifierId = 'https://shiplock.dev/verifier/v1'

/** What a verdict is about: this service on this target, and no other. */
export const resourceUri = (target: string, service: string): string => `${target}/${service}`

/** Everything that is stated of the image of one run. */
export interface StatementInput {
  readonly context: PipelineContext
  readonly image: BuiltImage
  readonly config: `sha256:${string}`
  readonly sbom: Sbom
  /** CycloneDX, as it was written. */
  readonly sbomDocument: Uint8Array
  readonly outcome: (check: string) => Outcome | undefined
  /** Who builds, by SLSA's name: as much as whoever signs can vouch for. */
  readonly builder: string
  readonly now: Date
}

const subjectOf = ({ image, config, context }: StatementInput): ImageSubject => ({ name: context.config.service.name, digest: image.digest, content: { config, diffIds: image.layers.map(({ diffId }) => diffId) } })

/** What is known of the image apart from the verdict on it. What did not come about is not stated. */
export function factStatements(input: StatementInput): Statement<object>[] {
  const subject = subjectOf(input)
  const { sbomDocument } = input
  const document: CycloneDx = JSON.parse(Buffer.from(sbomDocument).toString('utf8'))
  return [...provenance(subject, input), sbomStatement(subject, document), ...testResult(subject, input), ...vulnerabilities(subject, input)]
}

function provenance(subject: ImageSubject, { context, sbom, builder, now }: StatementInput): Statement<object>[] {
  const { workspace: { snapshot }, config, environment } = context
  // Nothing can be said to come from a commit that is not there.
  if (snapshot.commit === undefined) return []
  const server = environment['GITHUB_SERVER_URL']
  const repository = environment['GITHUB_REPOSITORY']
  return [
    provenanceStatement(subject, {
      buildType: config.image.builder === 'dockerfile' ? dockerfileBuildType : assembleBuildType,
      externalParameters: { service: config.service.name, directory: config.service.directory, image: config.image },
      internalParameters: { tree: snapshot.digest, isDirty: snapshot.dirty ?? false },
      source: { commit: snapshot.commit, ...(server !== undefined && repository !== undefined && { repository: `git+${server}/${repository}` }), ...(environment['GITHUB_REF'] !== undefined && { ref: environment['GITHUB_REF'] }) },
      packages: packagesOf(sbom),
      builder,
      builderVersion: { shiplock: packageVersion(), node: process.versions.node },
      finishedOn: now,
    }),
  ]
}

/** Everything that went in and is known by a hash. */
function packagesOf({ components }: Sbom): PackageDependency[] {
  return components.flatMap(({ purl, hashes }) => {
    if (purl === undefined || hashes.length === 0) return []
    return [{ purl, digest: Object.fromEntries(hashes.map(({ algorithm, content }) => [algorithm.toLowerCase().replace('-', ''), content])) }]
  })
}

function testResult(subject: ImageSubject, { outcome, context }: StatementInput): Statement<object>[] {
  const tests = outcome('tests')
  if (tests?.kind !== 'completed') return []
  const failedTests = tests.findings.map(({ message }) => message)
  return [testResultStatement(subject, { result: failedTests.length > 0 ? 'FAILED' : 'PASSED', configuration: [{ name: 'tree', digest: { sha256: context.workspace.snapshot.digest.replace('sha256:', '') } }], ...(failedTests.length > 0 && { failedTests }) })]
}

/** Only where everything was held against advisories: half of it would read as the whole. */
function vulnerabilities(subject: ImageSubject, { outcome, now }: StatementInput): Statement<object>[] {
  const both = ['dependencies', 'vulnerabilities'].map(outcome)
  if (!both.every((it) => it?.kind === 'completed')) return []
  const isHalf = both.some((it) => it?.kind === 'completed' && it.findings.some(({ rule }) => rule === 'vulnerabilities/not-matched' || rule === 'vulnerabilities/unreadable'))
  if (isHalf) return []
  const found = both.flatMap((it) => (it?.kind === 'completed' ? it.findings : [])).filter(({ advisory }) => advisory)
  const lastUpdate = new Date(Math.min(now.getTime(), ...advisoryData().map(({ asOf }) => Date.parse(asOf))))
  return [
    vulnerabilityStatement(subject, {
      scanner: { uri: 'https://shiplock.dev', version: packageVersion(), db: { uri: 'https://osv.dev', lastUpdate: seconds(lastUpdate) }, result: found.map(vulnerability) },
      metadata: { scanStartedOn: seconds(now), scanFinishedOn: seconds(now) },
    }),
  ]
}

const vulnerability = ({ advisory, severity, purl, waiver }: Finding) => ({
  id: advisory?.id ?? '',
  severity: [{ method: 'shiplock', score: severity }],
  annotations: [{ ...(purl !== undefined && { purl }), aliases: advisory?.aliases ?? [], isWaived: waiver !== undefined }],
})

/** Data that verdicts rest on, and of when it is. */
const advisoryData = () => families.flatMap((family) => {
  const index = findIndex(undefined, family)
  return index ? [{ name: `advisories of ${family}`, asOf: seconds(new Date(index.checkedAt)) }] : []
})

/** The verdict, resting on the bundles of what was stated before. */
export function verdictStatement(input: StatementInput, verdict: Verdict, target: string, bundles: readonly Uint8Array[]): Statement<object> {
  const { context, now, outcome, builder } = input
  return verificationSummaryStatement(subjectOf(input), {
    verifier: verifierId,
    verifierVersion: { shiplock: packageVersion() },
    timeVerified: now,
    resourceUri: resourceUri(target, context.config.service.name),
    policy: policyOf(context),
    inputAttestations: bundles.map((bytes) => ({ digest: { sha256: createHash('sha256').update(bytes).digest('hex') } })),
    buildLevel: buildLevelOf(builder),
    decision: verdict.decision,
    plan: verdict.plan,
    checks: verdict.gates.map((gate): CheckResult => ({ check: gate.check, decision: gate.decision, outcome: outcome(gate.check)?.kind ?? 'not-run', findings: gate.total, waived: gate.waived?.length ?? 0, baselined: gate.baselined ?? 0 })),
    reasons: verdict.reasons.map(({ text }) => text),
    waivers: verdict.gates.flatMap(({ waived = [] }) => waived).map(waivedFinding),
    data: advisoryData(),
  })
}

const waivedFinding = ({ rule, waiver }: Finding): WaivedFinding => ({ rule, reason: waiver?.reason ?? '', ...(waiver?.owner !== undefined && { owner: waiver.owner }), ...(waiver?.expires !== undefined && { expires: waiver.expires }) })

/** The files that say what is allowed, by their content. */
function policyOf({ workspace: { snapshot } }: PipelineContext): { readonly uri: string; readonly digest: Readonly<Record<string, string>> } {
  const files = [...configNames, baselinePath, waiversPath].map((path) => [path, snapshot.files.get(path)?.digest ?? null])
  return { uri: 'https://shiplock.dev/policy/v1', digest: { sha256: createHash('sha256').update(JSON.stringify(files)).digest('hex') } }
}

/** RFC 3339, UTC, whole seconds. */
const seconds = (time: Date) => `${time.toISOString().slice(0, 19)}Z`
