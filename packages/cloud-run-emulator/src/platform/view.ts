import { createHash } from 'node:crypto'
import { revisionName, serviceName, tagLabel, type Parent } from '../resource/names.ts'
import type { JsonObject } from '../resource/proto-json.ts'
import type { Condition } from '../resource/service.ts'
import type { RevisionRecord, ServiceRecord, TrafficStatus } from './record.ts'

/** Where things are: in which project and location, and the URL that the front gives a host label. */
export interface Place {
  readonly parent: Parent
  readonly uriOf: (label: string) => string
}

/** A service as the API shows it, in canonical form. */
export function viewService(record: ServiceRecord, place: Place): JsonObject {
  const { id, spec, conditions } = record
  const { template, traffic, ...rest } = spec
  const uri = place.uriOf(id)
  return {
    name: serviceName(place.parent, id),
    uid: record.uid,
    generation: String(record.generation),
    ...rest,
    ingress: spec.ingress ?? 'INGRESS_TRAFFIC_ALL',
    launchStage: 'GA',
    createTime: record.createTime,
    updateTime: record.updateTime,
    template,
    traffic,
    ...(record.observedGeneration > 0 ? { observedGeneration: String(record.observedGeneration) } : {}),
    terminalCondition: conditions.Ready,
    conditions: [conditions.RoutesReady, conditions.ConfigurationsReady],
    ...(record.latestReady === undefined ? {} : { latestReadyRevision: revisionName(place.parent, id, record.latestReady) }),
    latestCreatedRevision: revisionName(place.parent, id, record.latestCreated),
    trafficStatuses: record.statuses.map((status) => viewStatus(status, id, place)),
    uri,
    urls: [uri],
    ...(conditions.Ready.state === 'CONDITION_RECONCILING' ? { reconciling: true } : {}),
    etag: etagOf(record.uid, record.version),
  }
}

function viewStatus({ serves: _serves, ...target }: TrafficStatus, service: string, place: Place): JsonObject {
  return { ...target, ...(target.tag === undefined ? {} : { uri: place.uriOf(tagLabel(target.tag, service)) }) }
}

/** A revision as the API shows it. Its conditions say whether it started, and whether traffic keeps an instance up (`Active`). */
export function viewRevision(record: ServiceRecord, revision: RevisionRecord, place: Place): JsonObject {
  const conditions = revisionConditions(record, revision)
  return {
    name: revisionName(place.parent, record.id, revision.name),
    uid: revision.uid,
    // A revision is made once and never changed, so there is one generation of it.
    generation: '1',
    observedGeneration: '1',
    ...revision.settings,
    createTime: revision.createTime,
    updateTime: revision.updateTime,
    launchStage: 'GA',
    service: record.id,
    ...(revision.state.kind === 'starting' ? { reconciling: true } : {}),
    conditions,
    etag: etagOf(revision.uid, conditions.map(({ state }) => state).join()),
  }
}

function revisionConditions(record: ServiceRecord, revision: RevisionRecord): readonly Condition[] {
  const at = { lastTransitionTime: revision.updateTime }
  const { state } = revision
  if (state.kind === 'starting')
    return ['Ready', 'ContainerHealthy', 'ContainerReady'].map((type) => ({ type, state: 'CONDITION_RECONCILING' as const, ...at }))
  if (state.kind === 'failed') {
    const failed = { state: 'CONDITION_FAILED', message: state.failure.message, ...at } as const
    const { reason } = state.failure
    // What was not there, or what the container did.
    const resource: Condition['reason'] = reason === 'image-missing' ? 'CONTAINER_MISSING' : reason === 'secret-unavailable' ? 'SECRETS_ACCESS_CHECK_FAILED' : undefined
    const why = resource === undefined ? { revisionReason: 'HEALTH_CHECK_CONTAINER_ERROR' as const } : { reason: resource }
    return [
      { type: 'Ready', ...failed, ...why },
      { type: reason === 'image-missing' ? 'ContainerReady' : resource === undefined ? 'ContainerHealthy' : 'ResourcesAvailable', ...failed, ...why },
    ]
  }
  const isActive = record.statuses.some(({ serves, percent = 0, tag }) => serves === revision.name && (percent > 0 || tag !== undefined))
  const active: Condition = isActive
    ? { type: 'Active', state: 'CONDITION_SUCCEEDED', ...at }
    : { type: 'Active', state: 'CONDITION_FAILED', message: 'Revision retired.', severity: 'INFO', revisionReason: 'RETIRED', ...at }
  return [
    ...['Ready', 'ContainerHealthy', 'ContainerReady'].map((type) => ({ type, state: 'CONDITION_SUCCEEDED' as const, ...at })),
    active,
    // Not one of Google's: what a person should know about a revision that is ready all the same.
    ...state.warnings.map((message) => ({
      type: 'EmulatorWarning',
      state: 'CONDITION_FAILED' as const,
      severity: 'WARNING' as const,
      message,
      ...at,
    })),
  ]
}

/** Opaque to callers, quoted as HTTP entity tags are. */
export function etagOf(uid: string, version: number | string): string {
  return `"${createHash('sha256').update(`${uid} ${version}`).digest('base64url').slice(0, 22)}"`
}
