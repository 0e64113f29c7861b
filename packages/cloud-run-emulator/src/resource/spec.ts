import { readMessage, type JsonObject } from './proto-json.ts'
import { policyType, serviceType, writableServiceFields } from './schema.ts'
import { invalidField } from './status.ts'
import { completeTemplate } from './template.ts'
import { completeTraffic } from './traffic.ts'
import type { IamPolicy, ServiceSpec } from './service.ts'

/** A service from a request: what the caller may write, and the etag that it saw. Fields that are output only are ignored (AIP-203). */
export interface GivenService {
  readonly writable: JsonObject
  readonly etag?: string
}

export function readService(body: unknown): GivenService {
  const service = readMessage(serviceType, body, 'service')
  const writable = Object.fromEntries(
    writableServiceFields.filter((name) => service[name] !== undefined).map((name) => [name, service[name]]),
  )
  return { writable, ...(typeof service['etag'] === 'string' ? { etag: service['etag'] } : {}) }
}

/** Checks what a caller wants and fills in defaults. The schema has vouched for the types. */
export function completeSpec(given: JsonObject, service: string): ServiceSpec {
  const spec = given as unknown as Partial<ServiceSpec>
  if ((spec.description?.length ?? 0) > 512) throw invalidField('service.description', 'must be at most 512 characters')
  for (const name of ['labels', 'annotations'] as const) checkKeys(spec[name] ?? {}, `service.${name}`)
  return { ...spec, template: completeTemplate(spec.template, service), traffic: completeTraffic(spec.traffic, service) }
}

const reservedNamespaces = /(^|\.)(run\.googleapis\.com|cloud\.googleapis\.com|serving\.knative\.dev|autoscaling\.knative\.dev)\//

/** "Cloud Run API v2 does not support labels with `run.googleapis.com` … namespaces, and they will be rejected" (service.proto). */
export function checkKeys(entries: Readonly<Record<string, string>>, field: string): void {
  const reserved = Object.keys(entries).find((key) => reservedNamespaces.test(key))
  if (reserved !== undefined) throw invalidField(field, `the namespace of ${reserved} is reserved; Cloud Run API v2 has a field for it`)
}

/** The policy of a `setIamPolicy` request. */
export function readPolicy(body: unknown): IamPolicy {
  return readMessage(policyType, body, 'policy') as unknown as IamPolicy
}

/** Whether anybody may call: the check is off, or `allUsers` may invoke. A conditional binding does not count. */
export function isPublic(spec: ServiceSpec, policy: IamPolicy): boolean {
  if (spec.invokerIamDisabled === true) return true
  return (policy.bindings ?? []).some(
    ({ role, members = [], condition }) => role === 'roles/run.invoker' && condition === undefined && members.includes('allUsers'),
  )
}
