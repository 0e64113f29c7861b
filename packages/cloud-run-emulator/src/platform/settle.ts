import { ApiError } from '../resource/status.ts'
import { revisionOf } from '../resource/traffic.ts'
import type { Condition, TrafficTarget } from '../resource/service.ts'
import type { OperationRecord, RevisionRecord, ServiceConditions, ServiceRecord, StartFailure, TrafficStatus } from './record.ts'

/** Whether a revision has an instance: `failed` is one that was ready once and did not start again when it was wanted. */
export type InstanceState = 'none' | 'starting' | 'up' | { readonly failed: StartFailure }

/** What to do next, as data: the platform performs it and comes back when something has changed. */
export interface Settlement {
  readonly record: ServiceRecord
  /** Revisions that need an instance and have none. */
  readonly start: readonly string[]
  /** Revisions that nothing leads to any more. */
  readonly retire: readonly string[]
  /** Operations that have come to their end, with what they failed of. */
  readonly finished: readonly { readonly operation: OperationRecord; readonly error?: ApiError }[]
}

/**
 * Compares what is wanted with what is there. The traffic moves only when every revision that it is to reach has an
 * instance that is up; until then, and where that fails, it stays as it is: "If reconciliation failed, `traffic_statuses`,
 * `observed_generation`, and `latest_ready_revision` will have the state of the last serving revision" (service.proto).
 */
export function settle(before: ServiceRecord, instanceOf: (revision: string) => InstanceState, now: string): Settlement {
  const targets = before.spec.traffic.filter(isReachable).map((target) => judgeTarget(before, target, instanceOf))
  const failed = targets.find((target) => target.kind === 'failed')
  const isWaiting = failed === undefined && targets.some((target) => target.kind === 'waiting')
  const statuses = failed === undefined && !isWaiting ? resolveTraffic(before) : before.statuses
  const conditions = conditionsOf(before, failed?.message, isWaiting, now)
  const isServing = conditions.Ready.state === 'CONDITION_SUCCEEDED'
  const record = { ...before, statuses, conditions, observedGeneration: isServing ? before.generation : before.observedGeneration }
  const needed = neededRevisions(record, targets)
  // One that did not start again stays marked so, until a write asks for it anew; else it would be started for ever.
  const isGivenUp = (name: string) => targets.some((target) => target.kind === 'failed' && target.revision === name)
  return {
    record,
    start: [...needed].filter((name) => instanceOf(name) === 'none'),
    retire: before.revisions.map(({ name }) => name).filter((name) => !needed.has(name) && !isGivenUp(name) && instanceOf(name) !== 'none'),
    finished: before.operations.flatMap((operation) => {
      const end = endOf(operation, record)
      return end === undefined ? [] : [{ operation, ...end }]
    }),
  }
}

type Judged =
  | { readonly kind: 'up'; readonly revision: string }
  | { readonly kind: 'waiting'; readonly revision?: string }
  | { readonly kind: 'failed'; readonly message: string; readonly revision?: string }

const isReachable = ({ percent = 0, tag }: TrafficTarget) => percent > 0 || tag !== undefined

function judgeTarget(record: ServiceRecord, target: TrafficTarget, instanceOf: (revision: string) => InstanceState): Judged {
  const name = revisionOf(target, record.latestReady)
  if (name === undefined) {
    const created = findRevision(record, record.latestCreated)
    return created?.state.kind === 'starting' ? { kind: 'waiting' } : { kind: 'failed', message: notReady(record.latestCreated, created) }
  }
  const revision = findRevision(record, name)
  if (revision === undefined) {
    return {
      kind: 'failed',
      message: `Revision '${name}' does not exist or is deleted. Update all traffic to route to currently available revisions.`,
    }
  }
  if (revision.state.kind === 'starting') return { kind: 'waiting', revision: name }
  if (revision.state.kind === 'failed') return { kind: 'failed', message: notReady(name, revision) }
  const instance = instanceOf(name)
  if (instance === 'up') return { kind: 'up', revision: name }
  if (typeof instance === 'object') {
    return {
      kind: 'failed',
      revision: name,
      message: `Revision '${name}' is not ready and cannot serve traffic. ${instance.failed.message}`,
    }
  }
  return { kind: 'waiting', revision: name }
}

function findRevision(record: ServiceRecord, name: string): RevisionRecord | undefined {
  return record.revisions.find((revision) => revision.name === name)
}

function notReady(name: string, revision: RevisionRecord | undefined): string {
  const detail = revision?.state.kind === 'failed' ? ` ${revision.state.failure.message}` : ''
  return `Revision '${name}' is not ready and cannot serve traffic.${detail}`
}

function resolveTraffic(record: ServiceRecord): readonly TrafficStatus[] {
  return record.spec.traffic.flatMap((target) => {
    const serves = revisionOf(target, record.latestReady)
    return serves === undefined ? [] : [{ ...target, serves }]
  })
}

/** Starting revisions (for their start-up probe), those that traffic reaches, and those that it is about to reach. */
function neededRevisions(record: ServiceRecord, targets: readonly Judged[]): Set<string> {
  const starting = record.revisions.filter(({ state }) => state.kind === 'starting').map(({ name }) => name)
  const serving = record.statuses.filter(isReachable).map(({ serves }) => serves)
  const wanted = targets.flatMap((target) => (target.kind === 'failed' || target.revision === undefined ? [] : [target.revision]))
  return new Set([...starting, ...serving, ...wanted])
}

function conditionsOf(record: ServiceRecord, routesFailure: string | undefined, isWaiting: boolean, now: string): ServiceConditions {
  const created = findRevision(record, record.latestCreated)
  const configurations: Finding =
    created?.state.kind === 'failed'
      ? { state: 'CONDITION_FAILED', message: notReady(created.name, created), reason: failureReason(created.state.failure) }
      : { state: created?.state.kind === 'starting' ? 'CONDITION_RECONCILING' : 'CONDITION_SUCCEEDED' }
  const routes: Finding =
    routesFailure === undefined
      ? { state: isWaiting ? 'CONDITION_RECONCILING' : 'CONDITION_SUCCEEDED' }
      : { state: 'CONDITION_FAILED', message: routesFailure, reason: 'REVISION_FAILED' }
  const worst =
    [configurations, routes].find(({ state }) => state === 'CONDITION_FAILED') ??
    [configurations, routes].find(({ state }) => state === 'CONDITION_RECONCILING')
  const ready = worst ?? { state: 'CONDITION_SUCCEEDED' as const }
  return {
    Ready: transition(record.conditions.Ready, ready, now),
    RoutesReady: transition(record.conditions.RoutesReady, routes, now),
    ConfigurationsReady: transition(record.conditions.ConfigurationsReady, configurations, now),
  }
}

type Finding = Pick<Condition, 'state' | 'message' | 'reason'>

function failureReason(failure: StartFailure): NonNullable<Condition['reason']> {
  switch (failure.reason) {
    case 'image-missing':
      return 'CONTAINER_MISSING'
    case 'secret-unavailable':
      return 'SECRETS_ACCESS_CHECK_FAILED'
    default:
      return 'REVISION_FAILED'
  }
}

function transition(before: Condition, finding: Finding, now: string): Condition {
  const isSame = before.state === finding.state && before.message === finding.message
  return {
    type: before.type,
    ...finding,
    ...(isSame && before.lastTransitionTime !== undefined
      ? { lastTransitionTime: before.lastTransitionTime }
      : { lastTransitionTime: now }),
  }
}

/**
 * An operation ends when the revision that its write made has started or failed and the routes have come to rest. A write
 * that made no revision is not held up by one that is starting, so that traffic can be given back at any moment.
 */
function endOf(operation: OperationRecord, record: ServiceRecord): { readonly error?: ApiError } | undefined {
  if (operation.result !== undefined) return undefined
  const made = operation.revision === undefined ? undefined : findRevision(record, operation.revision)
  if (made?.state.kind === 'failed') {
    const status =
      made.state.failure.reason === 'image-missing'
        ? 'NOT_FOUND'
        : made.state.failure.reason === 'internal'
          ? 'INTERNAL'
          : 'FAILED_PRECONDITION'
    return { error: new ApiError(status, notReady(made.name, made)) }
  }
  if (made?.state.kind === 'starting') return undefined
  const { RoutesReady: routes } = record.conditions
  if (routes.state === 'CONDITION_RECONCILING') return undefined
  return routes.state === 'CONDITION_FAILED'
    ? { error: new ApiError('FAILED_PRECONDITION', routes.message ?? 'The traffic could not be routed.') }
    : {}
}
