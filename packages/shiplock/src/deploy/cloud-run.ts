import { z } from 'zod'

/**
 * What deploy reads and writes of google.cloud.run.v2 (service.proto, revision.proto, traffic_target.proto,
 * condition.proto), in proto3 JSON: a field that has its default value is absent, an int64 is a string. Whatever else a
 * template holds is kept, since it is written back.
 */

/** The resource's own id: the API answers with short and with full names. */
const shortName = z.string().transform((name) => name.slice(name.lastIndexOf('/') + 1))
const int64 = z.union([z.string(), z.int()]).transform(String)
const stringMap = z.record(z.string(), z.string())

const condition = z.object({
  type: z.string().default(''),
  state: z.string().default(''),
  message: z.string().default(''),
})

const trafficTarget = z.object({
  type: z.string().default(''),
  revision: shortName.optional(),
  percent: z.int().min(0).max(100).default(0),
  tag: z.string().optional(),
})

const secretKeyRef = z.looseObject({ secret: z.string().default(''), version: z.string().default('') })
const envVar = z.looseObject({ name: z.string().default(''), value: z.string().optional(), valueSource: z.looseObject({ secretKeyRef: secretKeyRef.optional() }).optional() })
const container = z.looseObject({ image: z.string().default(''), env: z.array(envVar).default([]) })

const volume = z.looseObject({
  name: z.string().default(''),
  secret: z.looseObject({ secret: z.string().default(''), items: z.array(z.looseObject({ path: z.string().default(''), version: z.string().default('') })).default([]) }).optional(),
})

const template = z.looseObject({
  revision: shortName.optional(),
  labels: stringMap.default({}),
  annotations: stringMap.default({}),
  containers: z.array(container).default([]),
  volumes: z.array(volume).optional(),
})

export const serviceSchema = z.object({
  name: z.string().min(1),
  generation: int64.default('0'),
  etag: z.string().default(''),
  annotations: stringMap.default({}),
  template,
  traffic: z.array(trafficTarget).default([]),
  trafficStatuses: z.array(trafficTarget.extend({ uri: z.string().default('') })).default([]),
  invokerIamDisabled: z.boolean().default(false),
  uri: z.string().default(''),
  ingress: z.string().default(''),
  latestReadyRevision: shortName.default(''),
  reconciling: z.boolean().default(false),
  lastModifier: z.string().default(''),
  updateTime: z.string().default(''),
})

export const revisionSchema = z.object({
  name: shortName,
  annotations: stringMap.default({}),
  containers: z.array(container).default([]),
  volumes: z.array(volume).optional(),
  conditions: z.array(condition).default([]),
})

export const jobSchema = z.object({ name: z.string().min(1), etag: z.string().default('') })

export const operationSchema = z.object({
  name: z.string().min(1),
  done: z.boolean().default(false),
  error: z.object({ code: z.int().default(2), message: z.string().default('') }).optional(),
})

export type Service = z.output<typeof serviceSchema>
export type Revision = z.output<typeof revisionSchema>
export type Job = z.output<typeof jobSchema>
export type Operation = z.output<typeof operationSchema>
export type RevisionTemplate = z.output<typeof template>
export type TrafficTarget = z.output<typeof trafficTarget>

/** What of a service is written; a field that is absent stays as it is. */
export interface ServiceChange {
  readonly template?: RevisionTemplate
  readonly traffic?: readonly TrafficTarget[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly invokerIamDisabled?: boolean
}

/** The condition that says whether a revision can serve. */
export function readyCondition(revision: Revision): z.output<typeof condition> | undefined {
  return revision.conditions.find(({ type }) => type === 'Ready')
}
