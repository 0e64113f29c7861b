import { predicateTypes, verifyAttestations, type Attestation } from '@shiplock/attestation/verify'
import { rescan, type KnownVulnerability, type RescanReport, type Running } from '@shiplock/advisories/match'
import { readSources } from '@shiplock/advisories/node'
import { readSbom } from '@shiplock/advisories/sbom'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { attestationFailure } from './attest-stage.ts'
import type { PipelineContext } from './context.ts'
import { newest } from './prove-running.ts'
import type { ReleaseTarget } from './release-stages.ts'
import { statedOf, type RunningRevision } from './running-revisions.ts'
import { trustOf } from './target-trust.ts'

/** What is known by now of what runs, by the SBOMs that were signed when it was admitted; what nobody signed is not believed. */
export async function rescanRunning(context: PipelineContext, target: ReleaseTarget, revisions: readonly RunningRevision[], { now, maxAgeDays, signal }: { readonly now: Date; readonly maxAgeDays: number; readonly signal: AbortSignal }): Promise<Result<RescanReport, StageFailure>> {
  const running: Running[] = []
  for (const revision of revisions) {
    const read = await provenOf(context, target, revision, now, signal)
    if (!read.ok) return read
    running.push(read.value)
  }
  const sources = await readSources(running.map(({ sbom }) => sbom), { now: now.getTime(), maxAgeDays })
  if (!sources.ok) return sources
  return ok(rescan({ running, sources: sources.value, waivers: context.policy.waivers, now: now.getTime() }))
}

async function provenOf(context: PipelineContext, target: ReleaseTarget, revision: RunningRevision, now: Date, signal: AbortSignal): Promise<Result<Running, StageFailure>> {
  const { name, digest } = revision
  try {
    const bundles = await statedOf(context, target, revision, signal)
    // It runs: whether its verdict is still young enough is another question.
    const { attestations } = await verifyAttestations({ digest, bundles, trust: await trustOf(context, target.name), now, admittedBefore: true })
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

/** What was known when it was admitted, as our own statement says it; none where there is no such statement. */
function knownOf(attestation: Attestation | undefined): KnownVulnerability[] {
  const { scanner } = (attestation?.statement.predicate ?? {}) as { scanner?: { result?: readonly { id: string; annotations?: readonly { purl?: unknown }[] }[] } }
  return (scanner?.result ?? []).flatMap(({ id, annotations = [] }) => annotations.flatMap(({ purl }) => (typeof purl === 'string' ? [{ purl, advisory: id }] : [])))
}
