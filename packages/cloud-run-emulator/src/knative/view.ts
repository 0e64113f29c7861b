import { etagOf, type Place } from '../platform/view.ts'
import type { RevisionRecord, ServiceRecord, TrafficStatus } from '../platform/record.ts'
import { tagLabel } from '../resource/names.ts'
import type { JsonObject } from '../resource/proto-json.ts'
import type { Condition, Container, RevisionSettings, TrafficTarget, Volume } from '../resource/service.ts'

export const apiVersion = 'serving.knative.dev/v1'

const ingress: Readonly<Record<string, string>> = {
  INGRESS_TRAFFIC_ALL: 'all',
  INGRESS_TRAFFIC_INTERNAL_ONLY: 'internal',
  INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER: 'internal-and-cloud-load-balancing',
}

/** A service as the v1 API shows it. */
export function viewKnativeService(record: ServiceRecord, place: Place): JsonObject {
  const { id, spec, conditions, statuses } = record
  const { project, location } = place.parent
  const url = place.uriOf(id)
  const isSettled = conditions.Ready.state !== 'CONDITION_RECONCILING'
  const shown = ingress[spec.ingress ?? ''] ?? 'all'
  return {
    apiVersion,
    kind: 'Service',
    metadata: {
      name: id,
      namespace: project,
      uid: record.uid,
      resourceVersion: etagOf(record.uid, record.version),
      generation: record.generation,
      creationTimestamp: record.createTime,
      labels: { ...spec.labels, 'cloud.googleapis.com/location': location },
      annotations: {
        ...spec.annotations,
        'run.googleapis.com/ingress': shown,
        'run.googleapis.com/ingress-status': shown,
        ...(spec.description === undefined ? {} : { 'run.googleapis.com/description': spec.description }),
        ...(spec.invokerIamDisabled === true ? { 'run.googleapis.com/invoker-iam-disabled': 'true' } : {}),
        ...(spec.client !== undefined ? { 'run.googleapis.com/client-name': spec.client } : {}),
        ...(spec.clientVersion !== undefined ? { 'run.googleapis.com/client-version': spec.clientVersion } : {}),
      },
    },
    spec: { template: viewTemplate(spec.template, spec.template.revision), traffic: spec.traffic.map(viewTarget) },
    status: {
      // In v1 a generation has been observed when it is known what became of it.
      observedGeneration: isSettled ? record.generation : record.observedGeneration,
      conditions: [conditions.Ready, conditions.ConfigurationsReady, conditions.RoutesReady].map(viewCondition),
      latestCreatedRevisionName: record.latestCreated,
      ...(record.latestReady === undefined ? {} : { latestReadyRevisionName: record.latestReady }),
      traffic: statuses.map((status) => viewStatus(status, id, place)),
      url,
      address: { url },
    },
  }
}

export function viewKnativeRevision(service: ServiceRecord, revision: RevisionRecord, place: Place): JsonObject {
  const { project, location } = place.parent
  const { metadata, spec } = viewTemplate(revision.settings, revision.name) as { metadata: JsonObject; spec: JsonObject }
  const { state } = revision
  const ready: Condition =
    state.kind === 'starting'
      ? { type: 'Ready', state: 'CONDITION_RECONCILING' }
      : state.kind === 'ready'
        ? { type: 'Ready', state: 'CONDITION_SUCCEEDED' }
        : { type: 'Ready', state: 'CONDITION_FAILED', message: state.failure.message }
  const conditions = ['Ready', 'ContainerHealthy', 'ResourcesAvailable'].map((type) => ({ ...ready, type, lastTransitionTime: revision.updateTime }))
  const isActive = service.statuses.some(({ serves }) => serves === revision.name)
  return {
    apiVersion,
    kind: 'Revision',
    metadata: {
      ...metadata,
      namespace: project,
      uid: revision.uid,
      generation: 1,
      creationTimestamp: revision.createTime,
      labels: {
        ...(metadata['labels'] as JsonObject),
        'serving.knative.dev/service': service.id,
        'serving.knative.dev/configuration': service.id,
        'cloud.googleapis.com/location': location,
      },
      ownerReferences: [{ apiVersion, kind: 'Configuration', name: service.id, uid: service.uid, controller: true }],
    },
    spec,
    status: {
      observedGeneration: 1,
      conditions: [
        ...conditions.map(viewCondition),
        { type: 'Active', status: isActive ? 'True' : 'False', ...(isActive ? {} : { reason: 'Retired', severity: 'Info' }) },
      ],
    },
  }
}

function viewCondition({ type, state, message, reason, lastTransitionTime }: Condition): JsonObject {
  const failed = state === 'CONDITION_FAILED'
  return {
    type,
    status: failed ? 'False' : state === 'CONDITION_SUCCEEDED' ? 'True' : 'Unknown',
    ...(failed ? { reason: pascalCase(reason ?? 'HEALTH_CHECK_CONTAINER_ERROR') } : {}),
    ...(message === undefined ? {} : { message }),
    ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
  }
}

const pascalCase = (name: string) =>
  name
    .toLowerCase()
    .split('_')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('')

function viewTarget({ type, revision, percent, tag }: TrafficTarget): JsonObject {
  const isLatest = type === 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST'
  return {
    ...(isLatest ? { latestRevision: true } : { revisionName: revision }),
    ...(percent === undefined ? {} : { percent }),
    ...(tag === undefined ? {} : { tag }),
  }
}

function viewStatus({ serves, ...target }: TrafficStatus, service: string, place: Place): JsonObject {
  return {
    ...viewTarget(target),
    revisionName: serves,
    ...(target.tag === undefined ? {} : { url: place.uriOf(tagLabel(target.tag, service)) }),
  }
}

function viewTemplate(settings: RevisionSettings, name: string | undefined): JsonObject {
  const [{ resources } = {} as Container] = settings.containers ?? []
  const { minInstanceCount, maxInstanceCount } = settings.scaling ?? {}
  const annotations: JsonObject = {
    ...settings.annotations,
    ...(minInstanceCount === undefined ? {} : { 'autoscaling.knative.dev/minScale': String(minInstanceCount) }),
    ...(maxInstanceCount === undefined ? {} : { 'autoscaling.knative.dev/maxScale': String(maxInstanceCount) }),
    ...(resources?.cpuIdle === true ? { 'run.googleapis.com/cpu-throttling': 'true' } : {}),
    ...(resources?.startupCpuBoost === true ? { 'run.googleapis.com/startup-cpu-boost': 'true' } : {}),
    ...(settings.executionEnvironment === undefined
      ? {}
      : { 'run.googleapis.com/execution-environment': settings.executionEnvironment.replace('EXECUTION_ENVIRONMENT_', '').toLowerCase() }),
    ...(settings.sessionAffinity === true ? { 'run.googleapis.com/sessionAffinity': 'true' } : {}),
  }
  return {
    metadata: { ...(name === undefined ? {} : { name }), labels: settings.labels ?? {}, annotations },
    spec: {
      containerConcurrency: settings.maxInstanceRequestConcurrency,
      timeoutSeconds: Number((settings.timeout ?? '300s').slice(0, -1)),
      ...(settings.serviceAccount === undefined ? {} : { serviceAccountName: settings.serviceAccount }),
      containers: (settings.containers ?? []).map(viewContainer),
      ...(settings.volumes === undefined ? {} : { volumes: settings.volumes.map(viewVolume) }),
    },
  }
}

function viewContainer({ env, resources, ...rest }: Container): JsonObject {
  const variables = env?.map(({ valueSource, ...variable }) => {
    const reference = valueSource?.secretKeyRef
    return reference === undefined ? variable : { ...variable, valueFrom: { secretKeyRef: { name: reference.secret, key: reference.version ?? 'latest' } } }
  })
  return { ...rest, ...(variables === undefined ? {} : { env: variables }), resources: { limits: resources?.limits } }
}

function viewVolume({ secret, ...rest }: Volume): JsonObject {
  if (secret === undefined) return rest
  const { secret: secretName, items, defaultMode } = secret
  return {
    ...rest,
    secret: {
      secretName,
      ...(items === undefined ? {} : { items: items.map(({ version, ...item }) => ({ ...item, key: version ?? 'latest' })) }),
      ...(defaultMode === undefined ? {} : { defaultMode }),
    },
  }
}
