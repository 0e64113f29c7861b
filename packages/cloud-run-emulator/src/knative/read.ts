import { isJsonObject, type JsonObject } from '../resource/proto-json.ts'
import { readService, type GivenService } from '../resource/spec.ts'
import { ApiError, invalidField } from '../resource/status.ts'

/**
 * A service of the v1 API (`serving.knative.dev/v1`, what gcloud speaks) as one of v2, so that both are checked and kept in
 * one way. What v1 has as annotations in Google's name spaces, v2 has as fields; one that is not known is refused.
 */
export function readKnativeService(body: unknown): { readonly id: string; readonly given: GivenService } {
  const { metadata, spec } = objectAt(body, 'service') as { metadata?: unknown; spec?: unknown }
  const { name, labels, annotations, resourceVersion } = objectAt(metadata, 'metadata')
  if (typeof name !== 'string') throw invalidField('metadata.name', 'is required')
  const { template, traffic } = objectAt(spec, 'spec')
  const own = splitAnnotations(annotations, 'metadata.annotations', serviceAnnotations)
  const given = readService({
    ...own.fields,
    ...present({ labels: withoutReserved(labels), annotations: own.rest, etag: resourceVersion }),
    template: readTemplate(template),
    ...(Array.isArray(traffic) ? { traffic: traffic.map(readTarget) } : {}),
  })
  return { id: name, given }
}

type Take = (value: string) => JsonObject

/** gcloud is written in Python, and says `True` in places. */
const isTrue = (value: string) => value.toLowerCase() === 'true'
const nothing: Take = () => ({})
const ingress: Readonly<Record<string, string>> = {
  all: 'INGRESS_TRAFFIC_ALL',
  internal: 'INGRESS_TRAFFIC_INTERNAL_ONLY',
  'internal-and-cloud-load-balancing': 'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER',
}

/** Annotations with a meaning, below `run.googleapis.com/` where no other name space is given. */
const serviceAnnotations: Readonly<Record<string, Take>> = {
  'run.googleapis.com/ingress': (value) => ({ ingress: ingress[value] ?? value }),
  'run.googleapis.com/description': (value) => ({ description: value }),
  'run.googleapis.com/client-name': (value) => ({ client: value }),
  'run.googleapis.com/client-version': (value) => ({ clientVersion: value }),
  'run.googleapis.com/invoker-iam-disabled': (value) => ({ invokerIamDisabled: isTrue(value) }),
  // What the API itself writes, and gets back.
  'run.googleapis.com/ingress-status': nothing,
  'run.googleapis.com/operation-id': nothing,
  'run.googleapis.com/urls': nothing,
  'run.googleapis.com/launch-stage': nothing,
  'run.googleapis.com/minScale': nothing,
  'run.googleapis.com/maxScale': nothing,
  'serving.knative.dev/creator': nothing,
  'serving.knative.dev/lastModifier': nothing,
}

const templateAnnotations: Readonly<Record<string, Take>> = {
  'autoscaling.knative.dev/minScale': (value) => ({ minScale: value }),
  'autoscaling.knative.dev/maxScale': (value) => ({ maxScale: value }),
  'run.googleapis.com/cpu-throttling': (value) => ({ cpuIdle: isTrue(value) }),
  'run.googleapis.com/startup-cpu-boost': (value) => ({ startupCpuBoost: isTrue(value) }),
  'run.googleapis.com/execution-environment': (value) => ({ executionEnvironment: `EXECUTION_ENVIRONMENT_${value.toUpperCase()}` }),
  'run.googleapis.com/sessionAffinity': (value) => ({ sessionAffinity: isTrue(value) }),
  'run.googleapis.com/client-name': nothing,
  'run.googleapis.com/client-version': nothing,
}

function splitAnnotations(annotations: unknown, path: string, known: Readonly<Record<string, Take>>): { readonly fields: JsonObject; readonly rest: JsonObject } {
  const entries = Object.entries(annotations === undefined ? {} : objectAt(annotations, path))
  const fields = Object.assign({}, ...entries.map(([name, value]) => known[name]?.(String(value)) ?? {})) as JsonObject
  const rest = entries.filter(([name]) => known[name] === undefined)
  const unknown = rest.find(([name]) => reserved.test(name))
  if (unknown !== undefined) throw new ApiError('UNIMPLEMENTED', `${path}: the emulator does not know what ${JSON.stringify(unknown[0])} asks for`)
  return { fields, rest: Object.fromEntries(rest) }
}

const reserved = /(^|\.)(run\.googleapis\.com|cloud\.googleapis\.com|serving\.knative\.dev|autoscaling\.knative\.dev)\//

function withoutReserved(labels: unknown): JsonObject | undefined {
  if (labels === undefined) return undefined
  return Object.fromEntries(Object.entries(objectAt(labels, 'metadata.labels')).filter(([name]) => !reserved.test(name)))
}

function readTemplate(template: unknown): JsonObject {
  const { metadata = {}, spec } = objectAt(template, 'spec.template')
  const { name, labels, annotations } = objectAt(metadata, 'spec.template.metadata')
  const own = splitAnnotations(annotations, 'spec.template.metadata.annotations', templateAnnotations)
  const { minScale, maxScale, cpuIdle, startupCpuBoost, ...fields } = own.fields
  const { containerConcurrency, timeoutSeconds, serviceAccountName, containers = [], volumes, ...more } = objectAt(spec, 'spec.template.spec')
  // gcloud sends empty what it does not set.
  const unknown = Object.keys(more).find((key) => !isEmpty(more[key]))
  if (unknown !== undefined) throw invalidField(`spec.template.spec.${unknown}`, 'is not known to the emulator')
  const scaling = present({ minInstanceCount: numberOf(minScale), maxInstanceCount: numberOf(maxScale) })
  return {
    ...fields,
    ...present({
      revision: name,
      labels: withoutReserved(labels),
      annotations: own.rest,
      maxInstanceRequestConcurrency: containerConcurrency,
      timeout: typeof timeoutSeconds === 'number' ? `${timeoutSeconds}s` : undefined,
      serviceAccount: serviceAccountName,
      volumes: Array.isArray(volumes) ? volumes.map(readVolume) : undefined,
    }),
    ...(Object.keys(scaling).length === 0 ? {} : { scaling }),
    containers: listAt(containers, 'spec.template.spec.containers').map((container) => readContainer(container, { cpuIdle, startupCpuBoost })),
  }
}

function readContainer(container: JsonObject, cpu: JsonObject): JsonObject {
  const { env, resources, ...rest } = container
  const { limits } = resources === undefined ? {} : objectAt(resources, 'resources')
  return {
    ...rest,
    ...(env === undefined ? {} : { env: listAt(env, 'env').map(readVariable) }),
    resources: present({ limits, ...cpu }),
  }
}

function readVariable({ valueFrom, ...rest }: JsonObject): JsonObject {
  if (valueFrom === undefined) return rest
  const { secretKeyRef } = objectAt(valueFrom, 'valueFrom')
  // In v1 a version is the key of a secret.
  const { name, key } = objectAt(secretKeyRef, 'valueFrom.secretKeyRef')
  return { ...rest, valueSource: { secretKeyRef: { secret: name, version: key } } }
}

function readVolume(volume: unknown): JsonObject {
  const { secret, ...rest } = objectAt(volume, 'volumes')
  if (secret === undefined) return rest
  const { secretName, items, defaultMode } = objectAt(secret, 'volumes.secret')
  const versions = items === undefined ? undefined : listAt(items, 'volumes.secret.items').map(({ key, ...item }) => ({ ...item, version: key }))
  return { ...rest, secret: present({ secret: secretName, items: versions, defaultMode }) }
}

function readTarget(target: unknown): JsonObject {
  const { latestRevision, revisionName, percent, tag } = objectAt(target, 'spec.traffic')
  const type = latestRevision === true ? 'LATEST' : 'REVISION'
  return { type: `TRAFFIC_TARGET_ALLOCATION_TYPE_${type}`, ...present({ revision: latestRevision === true ? undefined : revisionName, percent, tag }) }
}

function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value)
}

function objectAt(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw invalidField(path, 'must be an object')
  return value
}

function listAt(value: unknown, path: string): readonly JsonObject[] {
  if (!Array.isArray(value)) throw invalidField(path, 'must be a list')
  return value.map((item: unknown) => objectAt(item, path))
}

const isEmpty = (value: unknown) => value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)

/** Without what is not there. */
function present(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
