import { attachedBundles } from '@shiplock/attestation/layout'
import { bundleMediaType } from '@shiplock/attestation/verify'
import { fail, isDigest, ok, type Digest, type Result, type StageFailure } from '@shiplock/findings'
import { createLayout, openLayout, pullReferrers } from '@shiplock/image'
import { join } from 'node:path'
import { adminApi, httpTransport } from '../deploy/admin-api.ts'
import { servingRevisions } from '../deploy/traffic.ts'
import { readTextFile } from '../system/files.ts'
import type { PipelineContext } from './context.ts'
import { localLocation, localProject, runningTarget } from './local-target.ts'

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

/** What runs of a service on the local target, by the target's own word and never by what a run remembers. */
export async function runningService({ state }: Pick<PipelineContext, 'state'>, service: string): Promise<Result<RunningService, StageFailure>> {
  const running = runningTarget(state.local)
  if (!running) return fail({ reason: 'target-unreachable', message: 'the local target is not running', hint: 'start it: shiplock up, or shiplock run' })
  const api = adminApi({ transport: httpTransport(running.adminUrl, async () => ok(readTextFile(running.tokenFile)?.trim() ?? '')) })
  const name = `projects/${localProject}/locations/${localLocation}/services/${service}`
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
  return ok({ service, uri: running.frontUrl, revisions })
}

/** What is stated of the image that a revision runs: in this checkout's layout, else in the registry that its name leads to. Throws what `attestationFailure` explains. */
export async function statedOf({ state }: Pick<PipelineContext, 'state'>, { image, digest }: RunningRevision, signal: AbortSignal): Promise<readonly Uint8Array[]> {
  const own = await attachedBundles(await openLayout(state.layout), digest)
  if (own.length > 0 || !image.includes('/')) return own
  const layout = await createLayout(join(state.scratch, 'stated'))
  await pullReferrers(layout, image, digest, { signal, artifactType: bundleMediaType })
  return attachedBundles(layout, digest)
}
