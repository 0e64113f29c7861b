import { attachedBundles } from '@shiplock/attestation/layout'
import { bundleMediaType, verifyAttestations } from '@shiplock/attestation/verify'
import { fail, ok, type Digest, type Result, type StageFailure } from '@shiplock/findings'
import { pullReferrers } from '@shiplock/image'
import { checks } from '../checks/registry.ts'
import type { Stage } from '../engine/stage.ts'
import { attestationFailure } from './attest-stage.ts'
import { imageFacts } from './built-image.ts'
import type { PipelineContext } from './context.ts'
import type { AnyImage } from './open-any-image.ts'
import { assemble } from './pipeline.ts'
import { policyStage, policyStageId } from './policy-stage.ts'
import { planOf, type Previewing, type ReleasingPipeline } from './release-pipeline.ts'
import { planRelease, type ReleaseInput, type ReleaseTarget } from './release-stages.ts'
import { statedOf } from './running-revisions.ts'
import { trustOf, type Trusting } from './target-trust.ts'

type Deploying = Omit<ReleaseInput, 'context' | 'checks'> & Previewing

/** An image that is there, admitted by what is proven of it, to a revision that serves: `shiplock deploy`. */
export async function deployPipeline(context: PipelineContext, image: AnyImage, releasing: Deploying): Promise<ReleasingPipeline> {
  const revisionChecks = checks.filter(({ id, subject }) => subject === 'revision' && id in context.config.checks)
  const release = planOf({ context, ...releasing, layoutDirectory: image.layout.directory, checks: revisionChecks })
  const value = await imageFacts(image.layout, image.digest, image.name)
  const opened: Stage = { id: 'image', title: 'Image', subject: 'image', needs: [], inputs: image.digest, timeoutMs: 10_000, run: async () => ok({ value, summary: value.digest.slice(0, 19) }) }
  const policy = policyStage(context, [])
  const admitted = await admitKept(context, releasing.target, image, releasing.signal)
  const stages = [opened, policy.stage, proofStage(admitted)]
  return { ...assemble(context, { stages, release: () => release.stages, checks: [policyStageId], works: ['image', 'admit'], target: releasing.target.name, missingPromises: admitted.ok ? admitted.value : [], policy }), release }
}

/** The candidate that an earlier deploy left at 0%: `shiplock promote`. */
export function promotePipeline(context: PipelineContext, releasing: Deploying & Required<Pick<ReleaseInput, 'held'>>): ReleasingPipeline {
  const release = planRelease({ context, ...releasing, checks: [] })
  const policy = policyStage(context, [])
  return { ...assemble(context, { stages: [policy.stage], release: () => release.stages, checks: [policyStageId], works: [], target: releasing.target.name, missingPromises: [], policy }), release }
}

/** Opens the way for what is proven of the very image, and for nothing else: no check runs, so nothing else is known of it. */
function proofStage(admitted: Result<readonly string[], StageFailure>): Stage {
  return {
    id: 'admit',
    title: 'Admission',
    subject: 'image',
    needs: ['image', policyStageId],
    timeoutMs: 30_000,
    run: async () => (admitted.ok ? ok({ summary: 'by what is signed of it' }) : admitted),
  }
}

/** What is kept beside the image, or still in the registry that it came from, is what it is admitted by. */
async function admitKept(context: PipelineContext, target: ReleaseTarget, image: AnyImage, signal: AbortSignal): Promise<Result<readonly string[], StageFailure>> {
  return orFailure(async () => {
    if (image.isRemote) await pullReferrers(image.layout, image.name.replace(/^docker:\/\//, ''), image.digest, { signal, artifactType: bundleMediaType, ...(target.registry && { credentials: target.registry.credentials }) })
    return admit(context, target, image.digest, await attachedBundles(image.layout, image.digest), false)
  })
}

/** Whether an image that served before may serve again, by what is kept here or in its registry. */
export const admitAgain = (context: Trusting, target: ReleaseTarget, digest: Digest, signal: AbortSignal): Promise<Result<readonly string[], StageFailure>> =>
  orFailure(async () => admit(context, target, digest, await statedOf(context, target, { image: target.imageName, digest }, signal), true))

/** Whether the trust policy of the target admits an image: what it does not promise, or why not. */
async function admit(context: Trusting, target: ReleaseTarget, digest: Digest, bundles: readonly Uint8Array[], admittedBefore: boolean): Promise<Result<readonly string[], StageFailure>> {
  const proof = await verifyAttestations({ digest, bundles, trust: await trustOf(context, target.name), now: new Date(), admittedBefore })
  if (proof.admitted) return ok(proof.warnings)
  return fail({ reason: 'signature-invalid', message: `the image ${digest.slice(0, 19)} is not admitted: ${proof.refused.map(({ code, text }) => `${code}: ${text}`).join('; ')}`, hint: 'shiplock run states and signs everything anew; shiplock verify shows what is proven' })
}

async function orFailure<T>(work: () => Promise<Result<T, StageFailure>>): Promise<Result<T, StageFailure>> {
  try {
    return await work()
  } catch (error) {
    const failure = attestationFailure(error)
    if (failure) return fail(failure)
    throw error
  }
}
