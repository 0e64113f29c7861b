import { join } from 'node:path'
import { ok, type Outcome, type ReleaseRecord, type Result, type StageFailure } from '@shiplock/findings'
import type { CredentialSource } from '@shiplock/image'
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
import type { StateDirectory } from '../system/state-directory.ts'
import { selectFiles, runCheck } from './check-stage.ts'
import type { PipelineContext } from './context.ts'
import { builtImage, type BuiltImage } from './built-image.ts'
import { attesterStage, attesterStageId, type ImageAttester } from './binary-authorization-stage.ts'
import { settleAlone } from './judging-policy.ts'
import { publishStage, publishStageId } from './publish-stage.ts'
import { readReleaseStates } from './revision-states.ts'
import type { LogEntry, LogsRequest } from './service-logs.ts'
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
  /** Whether others use it too: it takes what is allowed and of a commit that everybody has, where one's own takes what is provisional. */
  readonly isShared: boolean
  /** Whether and how the image is brought to where the target takes it from; absent where it is there already. */
  readonly registry?: Registry
  /** Who may reach the service, as the config has it; absent where that is left to whoever owns it. */
  readonly ingress?: string
  /** Attests the admitted image to the target's own guard, where it has one. */
  readonly attester?: ImageAttester
  /** What previews are there; undefined where the config has none. */
  readonly previews?: PreviewSettings
  readonly connect: (signal: AbortSignal) => Promise<Result<TargetConnection, StageFailure>>
}

/** Where the images of a target are. */
export interface Registry {
  /** Host and path, without tag or digest. */
  readonly repository: string
  readonly credentials: CredentialSource
}

/** What previews have of their own, and nothing of production. */
export interface PreviewSettings {
  readonly serviceAccount: string
  readonly isPublic: boolean
  readonly env: Readonly<Record<string, string>>
  /** By the variable: `SECRET:VERSION`. */
  readonly secrets: Readonly<Record<string, string>>
  readonly expiresDays: number
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
  /** What a revision said last, the oldest first. */
  readonly logs: (request: LogsRequest) => Promise<Result<readonly LogEntry[]>>
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
  /** Where the image is, with what is attested of it; the layout of this checkout where absent. */
  readonly layoutDirectory?: string
  /** Told what the release would change, before anything is. */
  readonly onChanges?: (changes: ReleaseChanges) => void
}

/** Cloud Run's own defaults. */
const resources = { cpu: '1', memory: '512Mi' }

/** What survives a kill, of each target apart: what was cut short there is undone there. */
export const journalPath = (state: Pick<StateDirectory, 'journal' | 'path'>, target: string): string => (target === 'local' ? state.journal : join(state.path, `release-${target}.json`))

/** Where the deploy code finds a target that answers. */
export const deployTargetOf = ({ name, project, location }: Pick<ReleaseTarget, 'name' | 'project' | 'location'>, { adminUrl, token, identityToken = token }: TargetConnection): DeployTarget => ({ name, parent: `projects/${project}/locations/${location}`, transport: httpTransport(adminUrl, token), identityToken })

/** The revision that the config wants of an image. */
export function wantedRelease({ config: { service }, workspace: { snapshot: { commit } } }: PipelineContext, { imageName, ingress }: Pick<ReleaseTarget, 'imageName' | 'ingress'>, image: Pick<BuiltImage, 'digest'>): WantedRelease {
  const { path, periodSeconds, timeoutSeconds, failureThreshold } = service.startupProbe
  return { service: service.name, image: { name: imageName, digest: image.digest }, env: service.env, port: service.port, resources, startupProbe: { periodSeconds, timeoutSeconds, failureThreshold, ...(path !== null && { path }) }, isPublic: true, ...(ingress !== undefined && { ingress }), ...(commit !== undefined && { commit }) }
}

/** What comes between admission and release: the image where the target takes it from, and the word of its attestor. */
export function handoverStages({ context, target, layoutDirectory = context.state.layout, isTagged }: Pick<ReleaseInput, 'context' | 'target' | 'layoutDirectory'> & { readonly isTagged: boolean }): Stage[] {
  const { registry, attester } = target
  const { commit, dirty } = context.workspace.snapshot
  return [
    ...(registry ? [publishStage({ layoutDirectory, repository: registry.repository, push: { credentials: registry.credentials }, ...(isTagged && dirty === false && commit !== undefined && { commit }) })] : []),
    ...(attester ? [attesterStage(attester, target.imageName, ['admit', 'target', 'image', ...(registry ? [publishStageId] : [])])] : []),
  ]
}

/** What a stage waits for that makes something of the admitted image on the target. */
export const afterHandover = ({ registry, attester }: ReleaseTarget): string[] => ['admit', 'target', 'image', ...(registry ? [publishStageId] : []), ...(attester ? [attesterStageId] : [])]

/** Connects to the target before anything of it is needed. */
export function connectStage(target: ReleaseTarget, onConnected: (connection: TargetConnection) => void): Stage {
  return {
    id: 'target',
    title: target.title,
    subject: 'revision',
    needs: [],
    timeoutMs: 60_000,
    run: async ({ signal }) => {
      const connected = await target.connect(signal)
      if (!connected.ok) return connected
      onConnected(connected.value)
      return ok({ summary: connected.value.frontUrl ?? `${target.project}, ${target.location}` })
    },
  }
}

/** Why something of this checkout may not go there, whatever is decided of it; undefined where it may. */
export function whyNotFrom({ workspace: { snapshot }, policy }: Pick<PipelineContext, 'workspace' | 'policy'>, { isShared, title }: ReleaseTarget, isPreview: boolean): StageFailure | undefined {
  if (!isShared) return undefined
  if (snapshot.commit === undefined) return { reason: 'target-refused', message: `${title} takes what is of a commit, and this tree is of none`, hint: 'commit it first' }
  if (snapshot.dirty !== false) return { reason: 'target-refused', message: `${title} takes what is of a commit, and this tree has files that are not`, hint: 'commit or stash them: git status shows which' }
  if (policy.judging !== undefined && !isPreview) return { reason: 'target-refused', message: `${title} takes what is merged, and this is a change`, hint: 'show it as a preview: --preview NUMBER' }
  return undefined
}

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

  const options = (progress: (text: string) => void, signal = input.signal): ReleaseOptions => ({ journalPath: journalPath(context.state, target.name), signal: AbortSignal.any([input.signal, signal]), elapsedMs: input.elapsedMs, onStep: progress, firstWaitMs: 25 })
  const deployTarget = (): DeployTarget => {
    if (!connection) throw new Error('the target is used before it is connected')
    return deployTargetOf(target, connection)
  }
  const take = <T>(result: Result<T, ReleaseFailure>): Result<T, StageFailure> => {
    if (result.ok) return result
    record = result.failure.record ?? record
    candidate = undefined
    return { ok: false, failure: context.mask.value(result.failure.failure) }
  }

  const targetStage = connectStage(target, (connected) => (connection = connected))

  const wantedOf = (result: StageContext['result']): WantedRelease => {
    const image = builtImage(result)
    if (!image) throw new Error('an image was admitted that is not there')
    return wantedRelease(context, target, image)
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

  const { migrate: migration } = context.config.service
  const migrateStage: Stage = {
    id: 'migrate',
    title: 'Migrate',
    subject: 'revision',
    needs: afterHandover(target),
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
    needs: migration ? ['migrate', 'image'] : afterHandover(target),
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

  const checkStage = (check: Check): Stage =>
    revisionCheckStage(context, check, 'deploy', () => {
      if (!candidate || !connection) throw new Error('there is no candidate to probe')
      return { candidate, connection, deployTarget: deployTarget(), ...(target.ingress !== undefined && { ingress: target.ingress }) }
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

  const made = [...handoverStages({ ...input, isTagged: input.layoutDirectory === undefined }), ...(migration ? [migrateStage] : []), deployStage, ...checks.map(checkStage)]
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

export interface UnderCheck {
  readonly candidate: Candidate
  readonly connection: TargetConnection
  readonly deployTarget: DeployTarget
  /** As the config has it. */
  readonly ingress?: string
}

/** A check of the revision that a stage before it has made. */
export const revisionCheckStage = (context: PipelineContext, check: Check, after: string, underCheck: () => UnderCheck): Stage => ({
  id: check.id,
  title: check.title,
  subject: 'revision',
  needs: [after],
  timeoutMs: (check.timeoutMs?.(context.config.checks[check.id]) ?? 60_000) + 30_000,
  run: async ({ signal }) => {
    const { candidate, connection, deployTarget: { parent, transport }, ingress } = underCheck()
    const states = await readReleaseStates(adminApi({ transport }), { candidate, service: `${parent}/services/${candidate.service}`, env: context.config.service.env, ...(ingress !== undefined && { ingress }) })
    if (!states.ok) return states
    const output = await runRevisionCheck(context, check, candidate, revisionClient(candidate, connection), signal, states.value)
    return ok({ ...output, ...stopUnlessPassed(context, check.id, output.outcome) })
  },
})

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
