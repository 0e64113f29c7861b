import type { JsonObject } from './proto-json.ts'

/**
 * The resources in canonical ProtoJSON (see `proto-json.ts`), typed as far as the emulator looks at them; the rest is kept
 * and given back. A value gets one of these types only by `readMessage` with the schema, or by being made here.
 */
export interface Condition {
  readonly type: string
  readonly state: 'CONDITION_PENDING' | 'CONDITION_RECONCILING' | 'CONDITION_FAILED' | 'CONDITION_SUCCEEDED'
  readonly message?: string
  /** RFC 3339, UTC. */
  readonly lastTransitionTime?: string
  readonly severity?: 'ERROR' | 'WARNING' | 'INFO'
  readonly reason?: 'REVISION_FAILED' | 'CONTAINER_MISSING' | 'SECRETS_ACCESS_CHECK_FAILED' | 'PROGRESS_DEADLINE_EXCEEDED' | 'INTERNAL'
  readonly revisionReason?: 'HEALTH_CHECK_CONTAINER_ERROR' | 'RETIRED' | 'PENDING'
  readonly executionReason?: 'NON_ZERO_EXIT_CODE' | 'CANCELLED' | 'CANCELLING'
}

export interface TrafficTarget {
  readonly type?: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST' | 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION'
  readonly revision?: string
  /** 0 to 100; absent is 0. */
  readonly percent?: number
  readonly tag?: string
}

export interface Probe {
  readonly initialDelaySeconds?: number
  readonly timeoutSeconds?: number
  readonly periodSeconds?: number
  readonly failureThreshold?: number
  readonly httpGet?: {
    readonly path?: string
    readonly port?: number
    readonly httpHeaders?: readonly { readonly name?: string; readonly value?: string }[]
  }
  readonly tcpSocket?: { readonly port?: number }
}

export interface EnvVar {
  readonly name?: string
  readonly value?: string
  readonly valueSource?: { readonly secretKeyRef?: { readonly secret?: string; readonly version?: string } }
}

/** Exactly one source. */
export interface Volume {
  readonly name?: string
  readonly secret?: {
    readonly secret?: string
    readonly items?: readonly { readonly path?: string; readonly version?: string; readonly mode?: number }[]
    readonly defaultMode?: number
  }
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string }
}

export interface Container {
  readonly name?: string
  readonly image?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly EnvVar[]
  readonly resources?: {
    readonly limits?: Readonly<Record<string, string>>
    readonly cpuIdle?: boolean
    readonly startupCpuBoost?: boolean
  }
  readonly ports?: readonly { readonly name?: string; readonly containerPort?: number }[]
  readonly volumeMounts?: readonly { readonly name?: string; readonly mountPath?: string; readonly subPath?: string }[]
  readonly workingDir?: string
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
}

/** What a template and a revision share. */
export interface RevisionSettings {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly scaling?: { readonly minInstanceCount?: number; readonly maxInstanceCount?: number }
  readonly timeout?: string
  readonly serviceAccount?: string
  readonly containers?: readonly Container[]
  readonly volumes?: readonly Volume[]
  readonly sessionAffinity?: boolean
  readonly maxInstanceRequestConcurrency?: number
  readonly executionEnvironment?: string
  readonly encryptionKey?: string
  readonly vpcAccess?: JsonObject
}

export interface RevisionTemplate extends RevisionSettings {
  /** The short name that the revision is to have; chosen by the platform where absent. */
  readonly revision?: string
}

export interface Revision extends RevisionSettings {
  /** `projects/P/locations/L/services/S/revisions/R`. */
  readonly name: string
  readonly uid: string
  readonly generation: string
  readonly createTime: string
  readonly updateTime: string
  readonly service: string
  readonly reconciling?: boolean
  readonly conditions: readonly Condition[]
  readonly observedGeneration: string
  readonly logUri?: string
  readonly etag: string
}

/** What the user wants: the fields of a service that a caller may write. */
export interface ServiceSpec {
  readonly description?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ingress?: string
  readonly template: RevisionTemplate
  readonly traffic: readonly TrafficTarget[]
  readonly invokerIamDisabled?: boolean
  readonly client?: string
  readonly clientVersion?: string
  /** Of the whole service, over what the template says. */
  readonly scaling?: ServiceScaling
}

export interface ServiceScaling {
  readonly minInstanceCount?: number
  readonly maxInstanceCount?: number
  readonly scalingMode?: 'AUTOMATIC' | 'MANUAL'
  readonly manualInstanceCount?: number
}

export interface IamPolicy {
  readonly version?: number
  readonly bindings?: readonly { readonly role?: string; readonly members?: readonly string[]; readonly condition?: JsonObject }[]
  readonly etag?: string
}
