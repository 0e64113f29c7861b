import type { CredentialSource } from '@shiplock/image'
import { adminApi } from '../deploy/admin-api.ts'
import type { ReleaseTarget as DeployTarget } from '../deploy/release-session.ts'
import { cloudRunTarget } from '../stages/cloud-run-target.ts'
import { localTarget, runningLocalTarget } from '../stages/local-target.ts'
import type { PipelineContext } from '../stages/context.ts'
import { previewPlan, previewServiceName } from '../stages/preview.ts'
import type { Previewing } from '../stages/release-pipeline.ts'
import { deployTargetOf, whyNotFrom, type ReleaseTarget, type TargetConnection } from '../stages/release-stages.ts'
import type { StateDirectory } from '../system/state-directory.ts'
import { CommandFailure } from './report-failure.ts'
import type { TargetName } from './target-names.ts'
import { clock, hasState, openRepository, openState, unwrap, type CommonOptions, type Repository } from './session.ts'

export type { TargetName }

export interface TargetOptions extends CommonOptions {
  readonly target: TargetName
  /** The service of the previews, and not the one that people use. */
  readonly previews?: boolean
}

/** The target that the command line names; the local one is started where it is not running. */
export function releaseTarget(name: TargetName, context: { readonly state: StateDirectory; readonly config: Repository['config'] }): ReleaseTarget {
  return name === 'local' ? localTarget(context, {}) : withUsage(cloudRunTarget(context, process.env))
}

/** The same, started by nobody: for commands that look or must be quick. */
export const liveReleaseTarget = (name: TargetName, context: Parameters<typeof releaseTarget>[1]): ReleaseTarget => (name === 'local' ? runningLocalTarget(context) : releaseTarget(name, context))

/** Who this is for the registry of a target; what `docker login` left, where no target is named or it has none. */
export const registryOf = (name: TargetName | undefined, context: Parameters<typeof releaseTarget>[1]): { readonly credentials?: CredentialSource } => {
  const registry = name === undefined ? undefined : liveReleaseTarget(name, context).registry
  return registry ? { credentials: registry.credentials } : {}
}

/** A target that the config does not have is a matter of the config. */
function withUsage(target: ReturnType<typeof cloudRunTarget>): ReleaseTarget {
  if (!target.ok) throw new CommandFailure(2, target.failure)
  return target.value
}

/** Where something of this checkout goes, if it may: to who uses the service, or as the preview of a pull request. */
export function destination(opened: PipelineContext, targetOf: (context: { readonly state: StateDirectory; readonly config: Repository['config'] }) => ReleaseTarget, { preview: pullRequest, environment }: { readonly preview?: number; readonly environment?: string }): { readonly context: PipelineContext; readonly target: ReleaseTarget; readonly preview?: NonNullable<Previewing['preview']> } {
  if (pullRequest !== undefined && environment !== undefined) throw new CommandFailure(2, { message: 'a preview is of no environment: it has a service of its own', hint: 'leave out --environment' })
  const wanted = targetOf(pullRequest === undefined ? opened : { ...opened, config: opened.policy.baseConfig ?? opened.config })
  const why = whyNotFrom(opened, wanted, pullRequest !== undefined)
  if (why) throw new CommandFailure(1, why)
  if (pullRequest === undefined) return { context: opened, target: wanted }
  const plan = previewPlan(opened, wanted, pullRequest)
  if (!plan.ok) throw new CommandFailure(2, plan.failure)
  const { context, target, preview } = plan.value
  return { context, target, preview: { request: preview, now: clock.startedAt } }
}

/** A target that is there already, for commands that look or must be quick. Takes no lock: what is under way shall not hold them up. */
export interface LiveTarget {
  readonly repository: Repository
  readonly state: StateDirectory
  readonly target: ReleaseTarget
  readonly connection: TargetConnection
  readonly deployTarget: DeployTarget
  readonly api: ReturnType<typeof adminApi>
  /** Full resource name. */
  readonly service: string
}

export async function liveTarget(options: TargetOptions, signal: AbortSignal): Promise<LiveTarget> {
  const opened = await openRepository(options)
  const { service } = opened.config
  const repository = options.previews ? { ...opened, config: { ...opened.config, service: { ...service, name: previewServiceName(service.name) } } } : opened
  if (options.target === 'local' && !hasState(repository.root)) throw new CommandFailure(3, { message: 'the local target is not running', hint: 'start it: shiplock up, or shiplock run' })
  const state = openState(repository.root)
  const context = { state, config: repository.config }
  const target = liveReleaseTarget(options.target, context)
  const connection = unwrap(await target.connect(signal))
  const deployTarget = deployTargetOf(target, connection)
  return { repository, state, target, connection, deployTarget, api: adminApi({ transport: deployTarget.transport, signal }), service: `${deployTarget.parent}/services/${repository.config.service.name}` }
}
