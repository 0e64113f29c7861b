import { attachedBundles } from '@shiplock/attestation/layout'
import { predicateTypes, verifyAttestations, type Attestation } from '@shiplock/attestation/verify'
import { rescan, type KnownVulnerability, type RescanReport, type Running } from '@shiplock/advisories/match'
import { readSources } from '@shiplock/advisories/node'
import { readSbom } from '@shiplock/advisories/sbom'
import { fail, isDigest, ok, type Result, type StageFailure } from '@shiplock/findings'
import { openLayout } from '@shiplock/image'
import { attestationFailure, localTrust } from './attest-stage.ts'
import type { PipelineContext } from './context.ts'

/** A revision that has traffic, by the image that its target says it runs. */
export interface RunningRevision {
  readonly name: string
  /** As the target names it, with its digest. */
  readonly image: string
}

/** What is known by now of what runs, by the SBOMs that were signed when it was admitted; what nobody signed is not believed. */
export async function rescanRunning(context: PipelineContext, revisions: readonly RunningRevision[], { now, maxAgeDays }: { readonly now: Date; readonly maxAgeDays: number }): Promise<Result<RescanReport, StageFailure>> {
  const running: Running[] = []
  for (const revision of revisions) {
    const read = await provenOf(context, revision, now)
    if (!read.ok) return read
    running.push(read.value)
  }
  const sources = await readSources(running.map(({ sbom }) => sbom), { now: now.getTime(), maxAgeDays })
  if (!sources.ok) return sources
  return ok(rescan({ running, sources: sources.value, waivers: context.policy.waivers, now: now.getTime() }))
}

async function provenOf(context: PipelineContext, { name, image }: RunningRevision, now: Date): Promise<Result<Running, StageFailure>> {
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1]
  if (digest === undefined || !isDigest(digest)) return fail({ reason: 'image-invalid', message: `${name} runs ${image}, which names no digest` })
  try {
    const bundles = await attachedBundles(await openLayout(context.state.layout), digest)
    // It runs: whether its verdict is still young enough is another question.
    const { attestations } = await verifyAttestations({ digest, bundles, trust: await localTrust(context, 'local'), now, admittedBefore: true })
    const sbom = newest(attestations, predicateTypes.sbom)
    const read = sbom && readSbom(Buffer.from(JSON.stringify(sbom.statement.predicate)))
    if (read && !read.ok) return fail({ reason: 'image-invalid', message: `the SBOM of ${name} is signed and cannot be read: ${read.failure}` })
    if (!read) return fail({ reason: 'signature-invalid', message: `${name} runs ${digest}, of which there is no SBOM that is signed by whom it has to be`, hint: 'deploy it again: shiplock run' })
    return ok({ name, digest, sbom: read.value, known: knownOf(newest(attestations, predicateTypes.vulnerabilities)) })
  } catch (error) {
    const failure = attestationFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}

const timeOf = ({ statedAt, loggedAt }: Attestation) => (statedAt ?? loggedAt)?.getTime() ?? 0

const newest = (attestations: readonly Attestation[], predicateType: string): Attestation | undefined => attestations.filter(({ statement }) => statement.predicateType === predicateType).toSorted((a, b) => timeOf(b) - timeOf(a))[0]

/** What was known when it was admitted, as our own statement says it; none where there is no such statement. */
function knownOf(attestation: Attestation | undefined): KnownVulnerability[] {
  const { scanner } = (attestation?.statement.predicate ?? {}) as { scanner?: { result?: readonly { id: string; annotations?: readonly { purl?: unknown }[] }[] } }
  return (scanner?.result ?? []).flatMap(({ id, annotations = [] }) => annotations.flatMap(({ purl }) => (typeof purl === 'string' ? [{ purl, advisory: id }] : [])))
}
