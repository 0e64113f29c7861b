import { createHash, randomUUID } from 'node:crypto'
import { fail, ok, type ReleaseRecord, type Result, type StageFailure } from '@shiplock/findings'
import { readyRevision, type Candidate } from './candidate.ts'
import { readyCondition, type Revision, type RevisionTemplate, type Service, type TrafficTarget } from './cloud-run.ts'
import { finished, openSession, readSettled, settleTimeout, undisturbed, writeService, type ReleaseOptions, type ReleaseTarget, type Session } from './release-session.ts'
import type { ReleaseFailure } from './release.ts'
import { sharedWithProduction } from './shared-with-production.ts'
import { fingerprintOf, templateOf, type WantedRelease } from './template.ts'

/** What shall be shown of a pull request. */
export interface WantedPreview {
  /** On the service of the previews, which is never production's. */
  readonly wanted: WantedRelease
  /** By which tag it is reached: one for each pull request. */
  readonly tag: string
  /** Id of the service that people use, whose identity, secrets and database a preview must not have. */
  readonly production: string
  /** What is known of its environment before there is such a service. */
  readonly productionEnv: Readonly<Record<string, string>>
  readonly serviceAccount: string
  /** By the variable. */
  readonly secrets: Readonly<Record<string, { readonly secret: string; readonly version: string }>>
  /** The last day. */
  readonly expires: string
}

/** The tag of a pull request's preview. */
export const previewTag = (pullRequest: number): string => `pr-${pullRequest}`
const isPreviewTag = (tag: string | undefined): tag is string => tag !== undefined && /^pr-[1-9]\d*$/.test(tag)

const tagAnnotation = 'shiplock.dev/preview'
const expiresAnnotation = 'shiplock.dev/preview-expires'
const fingerprintAnnotation = 'shiplock.dev/preview-fingerprint'
/** On a service that was made for previews, and goes with the last of them: whose it was before is left. */
const madeAnnotation = 'shiplock.dev/previews-of'
const revisionType = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION'
const mostAttempts = 5

/** Makes the revision of a pull request, reached by its tag alone, and waits until it is ready; else undoes what it did. */
export async function deployPreview(target: ReleaseTarget, preview: WantedPreview, options: ReleaseOptions): Promise<Result<Candidate, ReleaseFailure>> {
  const session = openSession(target, preview.wanted.service, options)
  const apart = await keptApart(target, preview, options)
  if (!apart.ok) return fail({ failure: apart.failure })
  const made = await unlessOvertaken(() => makeRevision(session, preview))
  if (made.ok) return made
  const { failure, isUntouched, revision, previous } = made.failure
  return fail(isUntouched ? { failure } : await undone(session, { service: preview.wanted.service, tag: preview.tag, revision, previous }, failure))
}

/** Whether nothing of production's would be in it: asked of both services, before anything is made or run. */
export async function keptApart(target: ReleaseTarget, preview: WantedPreview, options: ReleaseOptions): Promise<Result<void>> {
  const { api, service } = openSession(target, preview.wanted.service, options)
  if (preview.production === preview.wanted.service) return fail({ reason: 'target-refused', message: `${preview.production} is the service that people use, and no preview is made of it` })
  const [production, own] = [await api.getService(`${target.parent}/services/${preview.production}`), await api.getService(service)]
  if (!production.ok) return production
  if (!own.ok) return own
  const shared = sharedWithProduction(production.value?.template, templateOfPreview(preview, '', own.value?.template), preview.productionEnv)
  if (shared.length > 0) return fail({ reason: 'target-refused', message: `the preview would have ${shared.join(', ')}`, hint: 'give previews their own by targets.….preview and on their service; nothing was made' })
  return ok(undefined)
}

interface Attempt {
  readonly failure: StageFailure
  readonly isUntouched: boolean
  readonly revision: string
  /** What was shown of the pull request before; empty where nothing was. */
  readonly previous: string
}

async function makeRevision(session: Session, preview: WantedPreview): Promise<Result<Candidate, Attempt>> {
  const { wanted, tag } = preview
  const untouched = (failure: StageFailure) => fail({ failure, isUntouched: true, revision: '', previous: '' })
  const live = await readSettled(session)
  if (!live.ok) return untouched(live.failure)
  const revisions = live.value ? await session.api.listRevisions(session.service) : ok([])
  if (!revisions.ok) return untouched(revisions.failure)
  const { name, isThere } = nameOf(preview, revisions.value)
  const template = templateOfPreview(preview, name, live.value?.template)
  if (live.value && live.value.traffic.some((it) => it.tag === tag && it.revision === name)) return ok(candidateOf(preview, live.value, { kind: 'unchanged', stable: name }, name))
  const before = live.value?.traffic ?? []
  const previous = before.find((it) => it.tag === tag)?.revision ?? ''
  const touched = (failure: StageFailure) => fail({ failure, isUntouched: false, revision: name, previous })
  const tagged = { type: revisionType, revision: name, tag }
  session.step(live.value ? `making ${name} beside what is shown, as ${tag}` : `first preview: making ${wanted.service} with ${name}, as ${tag}`)
  // The first revision of a service has its traffic: there is no other.
  const traffic: TrafficTarget[] = live.value ? [...before.filter((it) => it.tag !== tag || it.percent > 0).map((it) => (it.tag === tag ? withoutTag(it) : it)), { ...tagged, percent: 0 }] : [{ ...tagged, percent: 100 }]
  const readyTimeoutMs = session.options.readyTimeoutMs ?? 300_000
  const written = live.value ? await writeService(session, live.value, { ...(!isThere && { template }), traffic }, readyTimeoutMs) : await create(session, preview, template, traffic, readyTimeoutMs)
  if (!written.ok && written.failure.reason === 'deploy-in-progress') return untouched(written.failure)
  const ready = await readyRevision(session, name, written)
  if (!ready.ok) return touched(ready.failure)
  const plan = { kind: 'update', stable: previous, candidate: name, template, before, during: traffic, after: traffic } as const
  const candidate = candidateOf(preview, ready.value, plan, name)
  if (candidate.uri === '') return touched({ reason: 'target-refused', message: `${session.service} does not say where ${tag} can be reached` })
  session.step(`${name} is ready at ${candidate.uri}`)
  return ok({ ...candidate, steps: session.steps })
}

async function create(session: Session, { wanted, production }: WantedPreview, template: RevisionTemplate, traffic: readonly TrafficTarget[], timeoutMs: number): Promise<Result<Service>> {
  const operation = await session.api.createService(session.target.parent, wanted.service, { template, traffic, annotations: { [madeAnnotation]: production }, invokerIamDisabled: wanted.isPublic, ingress: 'INGRESS_TRAFFIC_ALL' })
  return operation.ok ? finished(session, operation.value, timeoutMs) : operation
}

/** Shows what passed: the service's own address leads to it too, and what was shown of the same pull request before goes. */
export async function keepPreview(target: ReleaseTarget, candidate: Candidate, tag: string, options: ReleaseOptions): Promise<Result<ReleaseRecord, ReleaseFailure>> {
  const session = openSession(target, candidate.service, options, candidate.steps)
  const { revision, plan } = candidate
  const previous = plan.kind === 'update' ? plan.stable : ''
  const shown = await unlessOvertaken(async (): Promise<Result<Service, Attempt>> => {
    const live = await readSettled(session)
    const attempt = (failure: StageFailure) => fail({ failure, isUntouched: failure.reason === 'deploy-in-progress', revision, previous })
    if (!live.ok) return attempt(live.failure)
    // Another push may have been faster, or the pull request was closed meanwhile.
    if (!live.value?.traffic.some((it) => it.tag === tag && it.revision === revision)) return fail({ failure: { reason: 'deploy-in-progress', message: `${tag} shows another revision by now, or none`, hint: 'the newest push, or the closing of the pull request, counts' }, isUntouched: false, revision, previous })
    const traffic = [{ type: revisionType, revision, percent: 100, tag }, ...live.value.traffic.filter((it) => it.tag !== tag && isPreviewTag(it.tag)).map((it) => ({ ...it, percent: 0 }))]
    const written = await writeService(session, live.value, { traffic }, settleTimeout(session))
    return written.ok ? written : attempt(written.failure)
  })
  if (!shown.ok) return fail(await undone(session, { service: candidate.service, tag, revision, previous }, shown.failure.failure))
  await deleteRevisions(session, tag, revision)
  session.step(`${tag} shows ${revision}`)
  return ok(recordOf(session, candidate.service, 'shown', revision, candidate.uri))
}

/** Takes a preview back that is not wanted after all: what was shown of the pull request before is shown again, if anything was. */
export async function abandonPreview(target: ReleaseTarget, candidate: Candidate, tag: string, why: string, options: ReleaseOptions): Promise<Result<ReleaseRecord, ReleaseFailure>> {
  const session = openSession(target, candidate.service, options, candidate.steps)
  const { plan, revision } = candidate
  if (plan.kind === 'unchanged') return ok(recordOf(session, candidate.service, 'unchanged', revision, candidate.uri))
  session.step(`gave up ${revision}: ${why}`)
  const { record, failure } = await undone(session, { service: candidate.service, tag, revision, previous: plan.kind === 'update' ? plan.stable : '' }, { reason: 'target-refused', message: why })
  return record ? ok(record) : fail({ failure })
}

async function undone(interrupted: Session, { service, tag, revision, previous }: { readonly service: string; readonly tag: string; readonly revision: string; readonly previous: string }, failure: StageFailure): Promise<ReleaseFailure> {
  const session = undisturbed(interrupted)
  const result = await takeBack(session, tag, revision, previous)
  if (result.ok) return { failure, record: recordOf(session, service, result.value, revision) }
  session.step(`could not undo: ${result.failure.message}`)
  return { failure: { ...result.failure, reason: 'rollback-failed', detail: failure.message }, record: recordOf(session, service, 'rollback-failed', revision) }
}

async function takeBack(session: Session, tag: string, revision: string, previous: string): Promise<Result<'removed' | 'kept-stable'>> {
  const live = await session.api.getService(session.service)
  if (!live.ok) return live
  const isShown = live.value?.traffic.some((it) => it.tag === tag && it.revision === revision) ?? false
  if (isShown && previous !== '') {
    const traffic = [...live.value!.traffic.filter((it) => it.tag !== tag && it.revision !== previous), { type: revisionType, revision: previous, percent: live.value!.traffic.reduce((sum, it) => sum + (it.revision === previous || (it.tag === tag && it.revision === revision) ? it.percent : 0), 0), tag }]
    const written = await writeService(session, live.value!, { traffic }, settleTimeout(session))
    if (!written.ok) return written
    await deleteRevisions(session, tag, previous)
    session.step(`${tag} shows ${previous} again`)
    return ok('kept-stable')
  }
  if (!isShown) return ok('removed')
  const removed = await removeTag(session, tag)
  return removed.ok ? ok('removed') : removed
}

/** Removes what is shown of a pull request; `false` where nothing is. The service goes with the last one, where it was made for previews. */
export function removePreview(target: ReleaseTarget, service: string, tag: string, options: ReleaseOptions): Promise<Result<boolean>> {
  return removeTag(openSession(target, service, options), tag)
}

async function removeTag(session: Session, tag: string): Promise<Result<boolean>> {
  for (let left = mostAttempts; ; left--) {
    const live = await readSettled(session)
    if (!live.ok) return live
    if (!live.value?.traffic.some((it) => it.tag === tag)) return ok(false)
    const removed = await withoutPreview(session, live.value, tag)
    if (removed.ok || removed.failure.reason !== 'deploy-in-progress' || left === 1) return removed
  }
}

async function withoutPreview(session: Session, service: Service, tag: string): Promise<Result<boolean>> {
  const others = service.traffic.filter((it) => it.tag !== tag && isPreviewTag(it.tag))
  if (others.length === 0 && service.annotations[madeAnnotation] !== undefined) {
    const operation = await session.api.deleteService(session.service, service.etag)
    const deleted = operation.ok && operation.value ? await session.api.waitOperation(operation.value, settleTimeout(session)) : operation
    if (!deleted.ok) return deleted
    session.step(`removed ${session.service}: ${tag} was the last preview`)
    return ok(true)
  }
  const [heir] = others
  const left = service.traffic.filter((it) => it.tag !== tag)
  const freed = service.traffic.filter((it) => it.tag === tag)
  const percent = freed.reduce((sum, it) => sum + it.percent, 0)
  // Somebody has to have the traffic: the newest of the others, else the revision itself, under no name any more.
  const traffic = heir ? left.map((it) => (it === heir ? { ...it, percent: it.percent + percent } : it)) : [...left, ...freed.filter((it) => it.percent > 0).map(withoutTag)]
  const written = await writeService(session, service, { traffic }, settleTimeout(session))
  if (!written.ok) return written
  await deleteRevisions(session, tag, heir ? '' : (freed.find((it) => it.percent > 0)?.revision ?? ''))
  session.step(`removed ${tag}`)
  return ok(true)
}

/** The tags of previews whose last day is over, and of those that do not say which it is. */
export async function expiredPreviews(target: ReleaseTarget, service: string, today: string, options: ReleaseOptions): Promise<Result<readonly string[]>> {
  const session = openSession(target, service, options)
  const live = await session.api.getService(session.service)
  if (!live.ok || !live.value) return live.ok ? ok([]) : live
  const revisions = await session.api.listRevisions(session.service)
  if (!revisions.ok) return revisions
  const lastDays = new Map(revisions.value.map(({ name, annotations }) => [name, annotations[expiresAnnotation] ?? '']))
  return ok(live.value.traffic.flatMap(({ tag, revision = '' }) => (isPreviewTag(tag) && (lastDays.get(revision) ?? '') < today ? [tag] : [])))
}

/** Revisions of a pull request that are not `kept`. The newest one of a service cannot be deleted on Cloud Run: without a tag nobody reaches it. */
async function deleteRevisions(session: Session, tag: string, kept: string): Promise<void> {
  const revisions = await session.api.listRevisions(session.service)
  if (!revisions.ok) return session.step(`left what was shown before: ${revisions.failure.message}`)
  for (const { name, annotations } of revisions.value) {
    if (annotations[tagAnnotation] !== tag || name === kept) continue
    const operation = await session.api.deleteRevision(`${session.service}/revisions/${name}`)
    const deleted = operation.ok && operation.value ? await session.api.waitOperation(operation.value, settleTimeout(session)) : operation
    session.step(deleted.ok ? `deleted ${name}` : `left ${name}, which nobody reaches: ${deleted.failure.message}`)
  }
}

/** Again where somebody wrote between reading and writing: another pull request, most likely. */
async function unlessOvertaken<T>(attempt: () => Promise<Result<T, Attempt>>): Promise<Result<T, Attempt>> {
  for (let left = mostAttempts; ; left--) {
    const result = await attempt()
    if (result.ok || !result.failure.isUntouched || result.failure.failure.reason !== 'deploy-in-progress' || left === 1) return result
  }
}

function nameOf(preview: WantedPreview, revisions: readonly Revision[]): { readonly name: string; readonly isThere: boolean } {
  const fingerprint = fingerprintOfPreview(preview)
  for (let attempt = 1; ; attempt++) {
    const name = `${preview.wanted.service}-${fingerprint.slice(0, 10)}${attempt === 1 ? '' : `-${attempt}`}`
    const found = revisions.find((it) => it.name === name)
    if (!found) return { name, isThere: false }
    if (found.annotations[fingerprintAnnotation] === fingerprint && readyCondition(found)?.state !== 'CONDITION_FAILED') return { name, isThere: true }
  }
}

/** What it is made of, whose it is and how long it stays. */
const fingerprintOfPreview = ({ wanted, tag, serviceAccount, secrets, expires }: WantedPreview): string =>
  createHash('sha256').update(JSON.stringify([fingerprintOf(wanted), tag, serviceAccount, Object.entries(secrets).toSorted(([a], [b]) => (a < b ? -1 : 1)), expires])).digest('hex').slice(0, 32)

/** From the service of the previews alone: nothing of production's template enters. One instance, gone when nobody looks. */
function templateOfPreview(preview: WantedPreview, revision: string, base: RevisionTemplate | undefined): RevisionTemplate {
  const { wanted, tag, serviceAccount, secrets, expires } = preview
  const template = templateOf(wanted, revision, base)
  const [container, ...sidecars] = template.containers
  const env = [...(container?.env ?? []).filter(({ name }) => !(name in secrets)), ...Object.entries(secrets).map(([name, { secret, version }]) => ({ name, valueSource: { secretKeyRef: { secret, version } } }))]
  return {
    ...template,
    serviceAccount,
    scaling: { maxInstanceCount: 1 },
    annotations: { ...template.annotations, [tagAnnotation]: tag, [expiresAnnotation]: expires, [fingerprintAnnotation]: fingerprintOfPreview(preview) },
    containers: container ? [{ ...container, env }, ...sidecars] : [],
  }
}

const candidateOf = ({ wanted, tag }: WantedPreview, service: Service, plan: Candidate['plan'], revision: string): Candidate => ({
  plan,
  releaseId: randomUUID(),
  service: wanted.service,
  revision,
  digest: wanted.image.digest,
  uri: service.trafficStatuses.find((it) => it.tag === tag && it.revision === revision)?.uri ?? '',
  isClosed: !service.invokerIamDisabled,
  isPublic: wanted.isPublic,
  generation: service.generation,
  steps: [],
})

const withoutTag = ({ type, revision, percent }: TrafficTarget): TrafficTarget => ({ type, percent, ...(revision !== undefined && { revision }) })

const recordOf = (session: Session, service: string, result: ReleaseRecord['result'], candidate: string, uri?: string): ReleaseRecord => ({ service, target: session.target.name, candidate, result, steps: session.steps, ...(uri !== undefined && { uri }) })
