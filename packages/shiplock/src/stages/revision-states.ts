import { fail, ok, type Result } from '@shiplock/findings'
import type { ReleaseStates, RevisionState } from '../checks/check.ts'
import type { AdminApi } from '../deploy/admin-api.ts'
import type { Candidate } from '../deploy/candidate.ts'
import type { Revision, RevisionTemplate } from '../deploy/cloud-run.ts'

export interface ApprovedRelease {
  readonly candidate: Candidate
  /** Full resource name. */
  readonly service: string
  /** Of the service, as the config has it. */
  readonly env: Readonly<Record<string, string>>
  /** As the config has it. */
  readonly ingress?: string
}

/** What was approved of a candidate, and what its target says that runs under its name. */
export async function readReleaseStates(api: Pick<AdminApi, 'getRevision' | 'getService'>, { candidate, service, env, ingress }: ApprovedRelease): Promise<Result<ReleaseStates>> {
  const [revision, live] = [await api.getRevision(`${service}/revisions/${candidate.revision}`), await api.getService(service)]
  if (!revision.ok) return revision
  if (!live.ok) return live
  if (!revision.value || !live.value) return fail({ reason: 'target-refused', message: `the target has no ${revision.value ? service : candidate.revision} any more`, hint: 'see who removed it, then run again' })
  const running = { ...stateOf(revision.value), ingress: live.value.ingress }
  const { plan } = candidate
  // What the service's owner has set beside ours was in the plan; of a revision that was there before, only ours is known.
  const template = plan.kind === 'unchanged' ? undefined : plan.template
  const approvedEnv = template ? envOf(template) : new Map([...running.env, ...Object.entries(env)])
  // Where the config says nothing of it, whose service was there before has set its ingress, and a release leaves it.
  const approvedIngress = ingress ?? (plan.kind === 'create' ? 'INGRESS_TRAFFIC_ALL' : undefined)
  return ok({ approved: { digest: candidate.digest, env: approvedEnv, ...(approvedIngress !== undefined && { ingress: approvedIngress }) }, running })
}

function stateOf(revision: Revision): RevisionState {
  const image = revision.containers[0]?.image ?? ''
  return { digest: image.slice(image.lastIndexOf('@') + 1), env: envOf(revision) }
}

/** A secret is told by its name and version: the value is not ours to read. */
const envOf = ({ containers }: Pick<RevisionTemplate, 'containers'>): ReadonlyMap<string, string> =>
  new Map((containers[0]?.env ?? []).map(({ name, value, valueSource }) => [name, valueSource === undefined ? (value ?? '') : `secret ${JSON.stringify(valueSource)}`]))
