import { attachedBundles } from '@shiplock/attestation/layout'
import { bundleMediaType } from '@shiplock/attestation/verify'
import { fail, isDigest, ok, type Digest, type Result, type StageFailure } from '@shiplock/findings'
import { createLayout, pullReferrers } from '@shiplock/image'
import { join } from 'node:path'
import { adminApi } from '../deploy/admin-api.ts'
import { servingRevisions } from '../deploy/traffic.ts'
import type { PipelineContext } from './context.ts'
import { deployTargetOf, type ReleaseTarget } from './release-stages.ts'

/** A revision that gets requests, by the image that its target says it runs. */
export interface RunningRevision {
  readonly name: string
  readonly percent: number
  /** As the target names it. */
  readonly image: string
  readonly digest: Digest
}

export interface RunningService {
  readonly service: string
  /** Where it is reached. */
  readonly uri: string
  readonly revisions: readonly RunningRevision[]
}

/** What runs of a service, by its target's own word and never by what a run remembers. */
export async function runningService(target: ReleaseTarget, service: string, signal: AbortSignal): Promise<Result<RunningService, StageFailure>> {
  const connected = await target.connect(signal)
  if (!connected.ok) return connected
  const { parent, transport } = deployTargetOf(target, connected.value)
  const api = adminApi({ transport, signal })
  const name = `${parent}/services/${service}`
  const live = await api.getService(name)
  if (!live.ok) return live
  const known = await api.listRevisions(name)
  if (!known.ok) return known
  const serving = live.value ? [...servingRevisions(live.value)] : []
  if (serving.length === 0) return fail({ reason: 'no-stable-revision', message: `nothing of ${service} is deployed`, hint: 'deploy it: shiplock run' })
  const revisions: RunningRevision[] = []
  for (const [revision, percent] of serving) {
    const image = known.value.find((it) => it.name === revision)?.containers[0]?.image ?? ''
    const digest = /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1]
    if (digest === undefined || !isDigest(digest)) return fail({ reason: 'image-invalid', message: `${revision} runs ${JSON.stringify(image)}, which names no digest` })
    revisions.push({ name: revision, percent, image, digest })
  }
  return ok({ service, uri: connected.value.frontUrl ?? live.value?.uri ?? '', revisions })
}

/** What is stated of an image that runs: in this checkout's layout, else in the registry that its name leads to. Throws what `attestationFailure` explains. */
export async function statedOf({ state }: Pick<PipelineContext, 'state'>, { registry }: Pick<ReleaseTarget, 'registry'>, { image, digest }: Pick<RunningRevision, 'image' | 'digest'>, signal: AbortSignal): Promise<readonly Uint8Array[]> {
  const own = await attachedBundles(await createLayout(state.layout), digest)
  if (own.length > 0 || !image.includes('/')) return own
  const layout = await createLayout(join(state.scratch, 'stated'))
  await pullReferrers(layout, image.replace(/@sha256:[0-9a-f]{64}$/, ''), digest, { signal, artifactType: bundleMediaType, ...(registry && { credentials: registry.credentials }) })
  return attachedBundles(layout, digest)
}
