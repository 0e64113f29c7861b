import { createHash } from 'node:crypto'
import { fail, ok, type ReleaseRecord, type Result, type StageFailure } from '@shiplock/findings'
import type { Candidate } from '../deploy/candidate.ts'
import { migrate } from '../deploy/migrate.ts'
import { abandonPreview, deployPreview, expiredPreviews, keepPreview, keptApart, previewTag, removePreview, type WantedPreview } from '../deploy/preview.ts'
import type { ReleaseFailure } from '../deploy/release.ts'
import type { ReleaseOptions } from '../deploy/release-session.ts'
import type { Stage, StageContext, StageOutput } from '../engine/stage.ts'
import type { Config } from '../config/config.ts'
import { builtImage } from './built-image.ts'
import type { PipelineContext } from './context.ts'
import { afterHandover, connectStage, deployTargetOf, handoverStages, journalPath, revisionCheckStage, wantedRelease, type PreviewSettings, type Release, type ReleaseInput, type ReleaseTarget, type TargetConnection } from './release-stages.ts'

/** The service that previews are shown on: beside production's, and never it. */
export function previewServiceName(service: string): string {
  // Cloud Run takes a tag and the name of its service up to 46 characters together. Two that begin the same must not share one.
  const isShort = service.length <= longestBase
  return `${isShort ? service : `${service.slice(0, longestBase - 5).replace(/-+$/, '')}-${createHash('sha256').update(service).digest('hex').slice(0, 4)}`}-preview`
}

const longestBase = 28

/** Which pull request's preview, and whose service it is kept apart from. */
export interface PreviewRequest {
  readonly pullRequest: number
  /** Id of the service that people use. */
  readonly production: string
  /** As its config has it, which may say where its database is before there is a service that does. */
  readonly productionEnv: Readonly<Record<string, string>>
  readonly settings: PreviewSettings
}

export interface PreviewPlan {
  /** Of a service of its own: what is stated, signed and trusted names it, and is no permission for production. */
  readonly context: PipelineContext
  readonly target: ReleaseTarget
  readonly preview: PreviewRequest
}

/** What a preview is made from, with nothing of production's: another service, its own environment, its own identity for what migrates. */
export function previewPlan(context: PipelineContext, target: ReleaseTarget, pullRequest: number): Result<PreviewPlan, StageFailure> {
  const { previews } = target
  if (!previews) return fail({ reason: 'target-refused', message: `the config has no previews on ${target.name}`, hint: `add \`preview: { serviceAccount }\` to \`targets['${target.name}']\`` })
  // A change may not rename what it is to be kept apart from.
  const { service: production } = context.policy.baseConfig ?? context.config
  const config = previewConfig({ ...context.config, service: { ...context.config.service, name: production.name } }, previews, pullRequest)
  // An attestor's word is for production, and so is what its config says of who may reach it.
  const { attester: _, ingress: __, ...shared } = target
  return ok({ context: { ...context, config }, target: shared, preview: { pullRequest, production: production.name, productionEnv: production.env, settings: previews } })
}

/** The config as a preview has it. */
export function previewConfig(config: Config, { serviceAccount, env }: Pick<PreviewSettings, 'serviceAccount' | 'env'>, pullRequest?: number): Config {
  const { service } = config
  const own = { ...service.env, ...env, ...(pullRequest !== undefined && { SHIPLOCK_PREVIEW: String(pullRequest) }) }
  return { ...config, service: { ...service, name: previewServiceName(service.name), env: own, ...(service.migrate && { migrate: { ...service.migrate, serviceAccount } }) } }
}

/** Deploy by its tag alone, probe, show. In the place of a release's stages, under the same names. */
export function planPreview(input: ReleaseInput & { readonly preview: PreviewRequest; readonly now: Date }): Release {
  const { context, target, checks, preview } = input
  const { config } = context
  const tag = previewTag(preview.pullRequest)
  let connection: TargetConnection | undefined
  let candidate: Candidate | undefined
  let record: ReleaseRecord | undefined
  let underWay: Promise<unknown> = Promise.resolve()
  const alone = <T>(work: Promise<T>): Promise<T> => {
    underWay = work.catch(() => {})
    return work
  }
  const options = (progress: (text: string) => void, signal = input.signal): ReleaseOptions => ({ journalPath: journalPath(context.state, target.name), signal: AbortSignal.any([input.signal, signal]), elapsedMs: input.elapsedMs, onStep: progress, firstWaitMs: 25 })
  const deployTarget = () => {
    if (!connection) throw new Error('the target is used before it is connected')
    return deployTargetOf(target, connection)
  }
  const take = <T>(result: Result<T, ReleaseFailure>): Result<T, StageFailure> => {
    if (result.ok) return result
    record = result.failure.record ?? record
    candidate = undefined
    return { ok: false, failure: context.mask.value(result.failure.failure) }
  }
  const wantedOf = (result: StageContext['result']): WantedPreview => {
    const image = builtImage(result)
    if (!image) throw new Error('an image was admitted that is not there')
    const { settings, production, productionEnv } = preview
    const secrets = Object.fromEntries(Object.entries(settings.secrets).map(([name, reference]) => [name, { secret: reference.slice(0, reference.lastIndexOf(':')), version: reference.slice(reference.lastIndexOf(':') + 1) }]))
    return { wanted: { ...wantedRelease(context, target, image), isPublic: settings.isPublic }, tag, production, productionEnv, serviceAccount: settings.serviceAccount, secrets, expires: dayAfter(input.now, settings.expiresDays) }
  }

  const { migrate: migration } = config.service
  const migrateStage: Stage = {
    id: 'migrate',
    title: 'Migrate the database of previews',
    subject: 'revision',
    needs: afterHandover(target),
    timeoutMs: (migration?.timeoutSeconds ?? 0) * 2000 + 300_000,
    run: ({ result, progress, signal }) => alone(bringUpToDate(result, progress, signal)),
  }
  async function bringUpToDate(result: StageContext['result'], progress: StageContext['progress'], signal: AbortSignal): Promise<Result<StageOutput, StageFailure>> {
    const { command, check, serviceAccount, timeoutSeconds } = migration!
    const wanted = wantedOf(result)
    // Before the job: it is the pull request's code, and it writes to whatever database it is told of.
    const apart = await keptApart(deployTarget(), wanted, options(progress, signal))
    if (!apart.ok) return apart
    const migrated = await migrate(deployTarget(), wanted.wanted, { command, timeoutSeconds, ...(check && { check }), ...(serviceAccount !== null && { serviceAccount }) }, options(progress, signal))
    return migrated.ok ? ok({ summary: migrated.value }) : { ok: false, failure: context.mask.value(migrated.failure) }
  }

  const deployStage: Stage = {
    id: 'deploy',
    title: 'Deploy the preview',
    subject: 'revision',
    needs: migration ? ['migrate', 'image'] : afterHandover(target),
    timeoutMs: 600_000,
    run: ({ result, progress, signal }) => alone(deploy(result, progress, signal)),
  }
  async function deploy(result: StageContext['result'], progress: StageContext['progress'], signal: AbortSignal): Promise<Result<StageOutput, StageFailure>> {
    const deployed = take(await deployPreview(deployTarget(), wantedOf(result), options(progress, signal)))
    if (!deployed.ok) return deployed
    candidate = deployed.value
    return ok({ summary: candidate.plan.kind === 'unchanged' ? `${tag} shows this image already` : `${candidate.revision} is ready` })
  }

  const checkStage = (check: ReleaseInput['checks'][number]) =>
    revisionCheckStage(context, check, 'deploy', () => {
      if (!candidate || !connection) throw new Error('there is no preview to probe')
      return { candidate, connection, deployTarget: deployTarget() }
    })

  const showStage: Stage = {
    id: 'promote',
    title: 'Show the preview',
    subject: 'revision',
    needs: ['deploy', ...checks.map(({ id }) => id)],
    timeoutMs: 300_000,
    run: ({ progress, signal }) => alone(show(progress, signal)),
  }
  async function show(progress: StageContext['progress'], signal: AbortSignal): Promise<Result<StageOutput, StageFailure>> {
    if (!candidate) throw new Error('there is no preview to show')
    const kept = take(await keepPreview(deployTarget(), candidate, tag, options(progress, signal)))
    if (!kept.ok) return kept
    record = kept.value
    candidate = undefined
    return ok({ summary: `${tag} is at ${record.uri ?? ''}` })
  }

  return {
    stages: [connectStage(target, (connected) => (connection = connected)), ...handoverStages({ ...input, isTagged: false }), ...(migration ? [migrateStage] : []), deployStage, ...checks.map(checkStage), showStage],
    notes: () => connection?.notes ?? [],
    settle: async (why) => {
      await underWay
      if (candidate) {
        const abandoned = await abandonPreview(deployTarget(), candidate, tag, why, options(() => {}))
        record = abandoned.ok ? abandoned.value : (abandoned.failure.record ?? record)
        candidate = undefined
      }
      return record
    },
  }
}

export interface RemovedPreviews {
  readonly service: string
  /** By their tags. */
  readonly removed: readonly string[]
}

/** Removes the preview of a pull request, or with `expired` all whose last day is over: code that nobody looks at any more shall not run. */
export async function removePreviews(target: ReleaseTarget, config: Config, which: { readonly pullRequest: number } | { readonly expired: Date }, { journal, signal, elapsedMs }: { readonly journal: string; readonly signal: AbortSignal; readonly elapsedMs: () => number }): Promise<Result<RemovedPreviews, StageFailure>> {
  const connected = await target.connect(signal)
  if (!connected.ok) return connected
  const deployTarget = deployTargetOf(target, connected.value)
  const service = previewServiceName(config.service.name)
  const options: ReleaseOptions = { journalPath: journal, signal, elapsedMs, firstWaitMs: 25 }
  const tags = 'expired' in which ? await expiredPreviews(deployTarget, service, which.expired.toISOString().slice(0, 10), options) : ok([previewTag(which.pullRequest)])
  if (!tags.ok) return tags
  const removed: string[] = []
  for (const tag of tags.value) {
    const done = await removePreview(deployTarget, service, tag, options)
    if (!done.ok) return done
    if (done.value) removed.push(tag)
  }
  return ok({ service, removed })
}

const dayAfter = (now: Date, days: number): string => new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10)
