import { ok, type Digest, type Outcome, type ReleaseRecord, type Result, type StageFailure } from '@shiplock/findings'
import type { Check, HttpClient, ReleaseStates } from '../checks/check.ts'
import { adminApi, httpTransport } from '../deploy/admin-api.ts'
import type { Candidate } from '../deploy/candidate.ts'
import type { MetricsSource } from '../deploy/canary/source.ts'
import type { ReleaseChanges } from '../deploy/changes.ts'
import { migrate } from '../deploy/migrate.ts'
import { abandonCandidate, deployCandidate, previewRelease, promoteCandidate, type ReleaseFailure } from '../deploy/release.ts'
import type { ReleaseOptions, ReleaseTarget as DeployTarget } from '../deploy/release-session.ts'
import type { WantedRelease } from '../deploy/template.ts'
import type { Stage, StageContext, StageOutput } from '../engine/stage.ts'
import { decide } from '../policy/decide.ts'
import { fetchOnce } from '../system/http.ts'
import { selectFiles, runCheck } from './check-stage.ts'
import type { PipelineContext } from './context.ts'
import { builtImage } from './built-image.ts'
import { settleAlone } from './judging-policy.ts'
import { readReleaseStates } from './revision-states.ts'
import { canaryOf, longestCanaryMs, lookText, type CanaryConfig } from './canary-profile.ts'

/** Where a run releases to. */
export interface ReleaseTarget {
  readonly name: string
  /** As targets are shown. */
  readonly title: string
  readonly project: string
  readonly location: string
  readonly canary: CanaryConfig
  /** How the target names the image of the service, without tag or digest. */
  readonly imageName: string
  /** Brings the image to where the target takes it from; absent where it is there already. Says what it did. */
  readonly publish?: (digest: Digest, signal: AbortSignal) => Promise<Result<string, StageFailure>>
  readonly connect: (signal: AbortSignal) => Promise<Result<TargetConnection, StageFailure>>
}

/** A target that answers. */
export interface TargetConnection {
  readonly adminUrl: string
  /** Where services are reached, for people; absent where each says it itself. */
  readonly frontUrl?: string
  readonly token: () => Promise<Result<string>>
  /** What a service that is not public takes from its caller; `token` where absent. */
  readonly identityToken?: (audience: string) => Promise<Result<string>>
  /** Where requests to a service are counted. */
  readonly metrics: (service: string) => MetricsSource
  /** What a person must know of this target, such as what its runtime cannot enforce. */
  readonly notes: readonly string[]
}

/** The release of one run: its stages, and its end, which comes even where the stages were cut short. */
export interface Release {
  readonly stages: readonly Stage[]
  /** Gives up a candidate that was not promoted; says what became of the release, undefined where none was begun. */
  readonly settle: (why: string) => Promise<ReleaseRecord | undefined>
  readonly notes: () => readonly string[]
}

export interface ReleaseInput {
  readonly context: PipelineContext
  readonly target: ReleaseTarget
  /** Checks whose subject is a revision. */
  readonly checks: readonly Check[]
  readonly signal: AbortSignal
  readonly elapsedMs: () => number
  /** A candidate that an earlier command left at 0%: it is promoted, and nothing else is done. */
  readonly held?: Candidate
  /** Leaves the candidate at 0%, for a later command; given it where it may be kept. */
  readonly hold?: (candidate: Candidate) => void
  /** Told what the release would change, before anything is. */
  readonly onChanges?: (changes: ReleaseChanges) => void
}

/** Cloud Run's own defaults. */
const resources = { cpu: '1', memory: '512Mi' }

/** Deploy at 0%, probe, promote. Live state is looked at, so nothing here is replayed. */
export function planRelease(input: ReleaseInput): Release {
  const { context, target, checks, held, hold } = input
  let connection: TargetConnection | undefined
  let candidate: Candidate | undefined = held
  let record: ReleaseRecord | undefined

  /** What deploys or promotes right now: nothing else may touch the service until it has ended. */
  let underWay: Promise<unknown> = Promise.resolve()
  const alone = <T>(work: Promise<T>): Promise<T> => {
    underWay = work.catch(() => {})
    return work
  }

  const options = (progress: (text: string) => void, signal = input.signal): ReleaseOptions => ({ journalPath: context.state.journal, signal: AbortSignal.any([input.signal, signal]), elapsedMs: input.elapsedMs, onStep: progress, firstWaitMs: 25 })
  const deployTarget = (): DeployTarget => {
    if (!connection) throw new Error('the target is used before it is connected')
    const { adminUrl, token, identityToken = token } = connection
    return { name: target.name, parent: `projects/${target.project}/locations/${target.location}`, transport: httpTransport(adminUrl, token), identityToken }
  }
  const take = <T>(result: Result<T, ReleaseFailure>): Result<T, StageFailure> => {
    if (result.ok) return result
    record = result.failure.record ?? record
    candidate = undefined
    return { ok: false, failure: context.mask.value(result.failure.failure) }
  }

  const targetStage: Stage = {
    id: 'target',
    title: target.title,
    subject: 'revision',
    needs: [],
    timeoutMs: 60_000,
    run: async ({ signal }) => {
      const connected = await target.connect(signal)
      if (!connected.ok) return connected
      connection = connected.value
      return ok({ summary: connection.frontUrl ?? `${target.project}, ${target.location}` })
    },
  }

  const wantedOf = (result: StageContext['result']): WantedRelease => {
    const image = builtImage(result)
    if (!image) throw new Error('an image was admitted that is not there')
    const { service } = context.config
    const { path, periodSeconds, timeoutSeconds, failureThreshold } = service.startupProbe
    const { commit } = context.workspace.snapshot
    return { service: service.name, image: { name: target.imageName, digest: image.digest }, env: service.env, port: service.port, resources, startupProbe: { periodSeconds, timeoutSeconds, failureThreshold, ...(path !== null && { path }) }, isPublic: true, ...(commit !== undefined && { commit }) }
  }

  let changes: ReleaseChanges | undefined
  /** Says once what will be done. What cannot be planned is refused by the deploy itself, which cleans up first. */
  async function announce(wanted: WantedRelease, forPlan: ReleaseOptions): Promise<Result<void>> {
    if (changes) return ok(undefined)
    const preview = await previewRelease(deployTarget(), wanted, forPlan)
    if (!preview.ok) return preview.failure.reason === 'no-stable-revision' || preview.failure.reason === 'deploy-in-progress' ? ok(undefined) : preview
    changes = preview.value
    input.onChanges?.(changes)
    return ok(undefined)
  }

  const before = ['admit', 'target', ...(target.publish ? ['publish'] : [])]
  const { migrate: migration } = context.config.service
  const publishStage: Stage = {
    id: 'publish',
    title: 'Publish',
    subject: 'image',
    needs: ['admit', 'target', 'image'],
    timeoutMs: 900_000,
    run: async ({ result, signal }) => {
      const { image } = wantedOf(result)
      const published = await target.publish!(image.digest, AbortSignal.any([input.signal, signal]))
      return published.ok ? ok({ summary: published.value }) : published
    },
  }
  const migrateStage: Stage = {
    id: 'migrate',
    title: 'Migrate',
    subject: 'revision',
    needs: [...before, 'image'],
    timeoutMs: (migration?.timeoutSeconds ?? 0) * 2000 + 300_000,
    run: ({ result, progress, signal }) => alone(bringUpToDate(wantedOf(result), options(progress, signal))),
  }
  async function bringUpToDate(wanted: WantedRelease, forJob: ReleaseOptions): Promise<Result<StageOutput, StageFailure>> {
    const announced = await announce(wanted, forJob)
    if (!announced.ok) return announced
    if (changes?.kind === 'unchanged') return ok({ summary: 'nothing is released, so nothing is migrated' })
    const { command, check, serviceAccount, timeoutSeconds } = migration!
    const migrated = await migrate(deployTarget(), wanted, { command, timeoutSeconds, ...(check && { check }), ...(serviceAccount !== null && { serviceAccount }) }, forJob)
    return migrated.ok ? ok({ summary: migrated.value }) : { ok: false, failure: context.mask.value(migrated.failure) }
  }

  const deployStage: Stage = {
    id: 'deploy',
    title: 'Deploy at 0%',
    subject: 'revision',
    needs: migration ? ['migrate', 'image'] : [...before, 'image'],
    timeoutMs: 600_000,
    run: ({ result, progress, signal }) => alone(deploy(result, progress, signal)),
  }

  async function deploy(result: StageContext['result'], progress: StageContext['progress'], signal: AbortSignal): Promise<Result<StageOutput, StageFailure>> {
      const wanted = wantedOf(result)
      const announced = await announce(wanted, options(progress, signal))
      if (!announced.ok) return announced
      const deployed = take(await deployCandidate(deployTarget(), wanted, options(progress, signal)))
      if (!deployed.ok) return deployed
      candidate = deployed.value
      const { plan, revision } = candidate
      return ok({ summary: plan.kind === 'unchanged' ? `${plan.stable} already serves this image` : `${revision} is ready` })
  }

  const checkStage = (check: Check): Stage => ({
    id: check.id,
    title: check.title,
    subject: 'revision',
    needs: ['deploy'],
    timeoutMs: (check.timeoutMs?.(context.config.checks[check.id]) ?? 60_000) + 30_000,
    run: async ({ signal }) => {
      if (!candidate) throw new Error('there is no candidate to probe')
      const { parent, transport } = deployTarget()
      const states = await readReleaseStates(adminApi({ transport }), { candidate, service: `${parent}/services/${candidate.service}`, env: context.config.service.env })
      if (!states.ok) return states
      const output = await runRevisionCheck(context, check, candidate, revisionClient(candidate, connection!), signal, states.value)
      return ok({ ...output, ...stopUnlessPassed(context, check.id, output.outcome) })
    },
  })

  const promoteStage: Stage = {
    id: 'promote',
    title: target.canary === false ? 'Promote to 100%' : 'Canary and promote',
    subject: 'revision',
    needs: held ? ['target'] : ['deploy', ...checks.map(({ id }) => id)],
    timeoutMs: 300_000 + longestCanaryMs(target.canary),
    run: ({ progress, signal }) => alone(promote(progress, signal)),
  }

  async function promote(progress: StageContext['progress'], signal: AbortSignal): Promise<Result<StageOutput, StageFailure>> {
      if (!candidate) throw new Error('there is no candidate to promote')
      const canary = canaryOf(target.canary, connection!.metrics(context.config.service.name))
      const onLook: ReleaseOptions['onLook'] = (percent, looks) => progress(lookText(percent, looks))
      const promoted = take(await promoteCandidate(deployTarget(), candidate, { ...options(progress, signal), onLook }, canary))
      if (!promoted.ok) return promoted
      record = promoted.value
      candidate = undefined
      return ok({ summary: record.result === 'unchanged' ? 'nothing to do' : `${record.candidate} serves everything` })
  }

  const holdStage: Stage = {
    ...promoteStage,
    title: 'Hold at 0%',
    run: async () => {
      if (!candidate) throw new Error('there is no candidate to hold')
      const { plan, revision, uri } = candidate
      if (plan.kind === 'create') return ok({ stop: 'a first release cannot be held: nothing serves beside it' })
      if (plan.kind === 'unchanged') return ok({ summary: 'nothing to do' })
      hold!(candidate)
      candidate = undefined
      return ok({ summary: `${revision} waits at ${uri}` })
    },
  }

  const made = [...(target.publish ? [publishStage] : []), ...(migration ? [migrateStage] : []), deployStage, ...checks.map(checkStage)]
  return {
    stages: held ? [targetStage, promoteStage] : [targetStage, ...made, hold ? holdStage : promoteStage],
    notes: () => connection?.notes ?? [],
    settle: async (why) => {
      await underWay
      if (candidate) {
        const abandoned = await abandonCandidate(deployTarget(), candidate, why, options(() => {}))
        record = abandoned.ok ? abandoned.value : (abandoned.failure.record ?? record)
        candidate = undefined
      }
      // The front is what a person opens; the service's own name needs a resolver that knows `.localhost`.
      return record && connection ? { ...record, ...(record.uri !== undefined && connection.frontUrl !== undefined && { uri: connection.frontUrl }) } : record
    },
  }
}

async function runRevisionCheck(context: PipelineContext, check: Check, candidate: Candidate, http: HttpClient, signal: AbortSignal, release: ReleaseStates): Promise<StageOutput> {
  const { config, workspace, mask, toolVersion } = context
  return runCheck({
    check,
    options: config.checks[check.id],
    workspace,
    mask,
    toolVersion,
    files: selectFiles(workspace.snapshot, []),
    subject: { kind: 'revision', digest: candidate.digest, service: candidate.service, revision: candidate.revision, uri: candidate.uri },
    signal,
    http,
    release,
  })
}

/** Requests to the candidate alone; its token is sent to no other origin. */
function revisionClient({ uri, isClosed, plan }: Candidate, { token }: TargetConnection): HttpClient {
  const { origin } = new URL(uri)
  // Where nothing changed, the revision is the one that people use.
  const mayWrite = plan.kind !== 'unchanged'
  return {
    origin,
    mayWrite,
    request: async ({ method, path, headers, body, signal }) => {
      if (method !== 'GET' && method !== 'HEAD' && !mayWrite) throw new Error(`a check would write to ${origin}, which serves people`)
      const url = new URL(path, origin)
      if (url.origin !== origin) throw new Error(`a probe asked for ${url.origin}, which is not under check`)
      const bearer = isClosed ? await token() : undefined
      if (bearer && !bearer.ok) return bearer.failure
      return fetchOnce({ method, url: url.href, headers: { ...headers, ...(bearer && { authorization: `Bearer ${bearer.value}` }) }, ...(body !== undefined && { body }), ...(signal && { signal }) })
    },
  }
}

/** A revision whose probe is red, or could not be made, goes no further. */
function stopUnlessPassed(context: PipelineContext, check: string, outcome: Outcome | undefined): Pick<StageOutput, 'stop'> {
  const { reasons } = decide({ plan: '', subjects: [], outcomes: new Map([[check, settleAlone(context.policy, check, outcome)]]), gates: context.config.gates, broken: [], unconfined: [], missingPromises: [] })
  return reasons[0] ? { stop: reasons[0].text } : {}
}
