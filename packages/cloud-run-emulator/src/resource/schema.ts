import type { FieldType, MessageType } from './proto-json.ts'

/**
 * The messages of google.cloud.run.v2 that a service is made of, field by field as Google publishes them (service.proto,
 * revision_template.proto, k8s.min.proto, condition.proto). The conformance test compares every entry with the protos in
 * `@google-cloud/run`.
 */
export const message = (fields: Record<string, FieldType>): MessageType => ({ fields })
export const listOf = (list: FieldType) => ({ list })
export const mapOf = (map: FieldType) => ({ map })
/** An enum whose values are numbered from 0 in the order given. */
export const enumOf = (...names: string[]) => ({ enum: Object.fromEntries(names.map((name, number) => [name, number])) })

export const launchStage = {
  enum: {
    LAUNCH_STAGE_UNSPECIFIED: 0,
    UNIMPLEMENTED: 6,
    PRELAUNCH: 7,
    EARLY_ACCESS: 1,
    ALPHA: 2,
    BETA: 3,
    GA: 4,
    DEPRECATED: 5,
  },
}

export const conditionType = message({
  type: 'string',
  state: enumOf('STATE_UNSPECIFIED', 'CONDITION_PENDING', 'CONDITION_RECONCILING', 'CONDITION_FAILED', 'CONDITION_SUCCEEDED'),
  message: 'string',
  lastTransitionTime: 'timestamp',
  severity: enumOf('SEVERITY_UNSPECIFIED', 'ERROR', 'WARNING', 'INFO'),
  reason: {
    enum: {
      COMMON_REASON_UNDEFINED: 0,
      UNKNOWN: 1,
      REVISION_FAILED: 3,
      PROGRESS_DEADLINE_EXCEEDED: 4,
      CONTAINER_MISSING: 6,
      CONTAINER_PERMISSION_DENIED: 7,
      CONTAINER_IMAGE_UNAUTHORIZED: 8,
      CONTAINER_IMAGE_AUTHORIZATION_CHECK_FAILED: 9,
      ENCRYPTION_KEY_PERMISSION_DENIED: 10,
      ENCRYPTION_KEY_CHECK_FAILED: 11,
      SECRETS_ACCESS_CHECK_FAILED: 12,
      WAITING_FOR_OPERATION: 13,
      IMMEDIATE_RETRY: 14,
      POSTPONED_RETRY: 15,
      INTERNAL: 16,
      VPC_NETWORK_NOT_FOUND: 17,
    },
  },
  revisionReason: enumOf(
    'REVISION_REASON_UNDEFINED',
    'PENDING',
    'RESERVE',
    'RETIRED',
    'RETIRING',
    'RECREATING',
    'HEALTH_CHECK_CONTAINER_ERROR',
    'CUSTOMIZED_PATH_RESPONSE_PENDING',
    'MIN_INSTANCES_NOT_PROVISIONED',
    'ACTIVE_REVISION_LIMIT_REACHED',
    'NO_DEPLOYMENT',
    'HEALTH_CHECK_SKIPPED',
    'MIN_INSTANCES_WARMING',
  ),
  executionReason: enumOf(
    'EXECUTION_REASON_UNDEFINED',
    'JOB_STATUS_SERVICE_POLLING_ERROR',
    'NON_ZERO_EXIT_CODE',
    'CANCELLED',
    'CANCELLING',
    'DELETED',
    'DELAYED_START_PENDING',
  ),
})

const allocation = enumOf(
  'TRAFFIC_TARGET_ALLOCATION_TYPE_UNSPECIFIED',
  'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST',
  'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION',
)
const trafficTarget = { type: allocation, revision: 'string', percent: 'int32', tag: 'string' } as const
export const trafficTargetType = message(trafficTarget)
export const trafficTargetStatusType = message({ ...trafficTarget, uri: 'string' })

export const probeType = message({
  initialDelaySeconds: 'int32',
  timeoutSeconds: 'int32',
  periodSeconds: 'int32',
  failureThreshold: 'int32',
  httpGet: message({ path: 'string', httpHeaders: listOf(message({ name: 'string', value: 'string' })), port: 'int32' }),
  tcpSocket: message({ port: 'int32' }),
  grpc: 'unsupported',
})

export const containerType = message({
  name: 'string',
  image: 'string',
  command: listOf('string'),
  args: listOf('string'),
  env: listOf(
    message({
      name: 'string',
      value: 'string',
      valueSource: message({ secretKeyRef: message({ secret: 'string', version: 'string' }) }),
    }),
  ),
  resources: message({ limits: mapOf('string'), cpuIdle: 'bool', startupCpuBoost: 'bool' }),
  ports: listOf(message({ name: 'string', containerPort: 'int32' })),
  volumeMounts: listOf(message({ name: 'string', mountPath: 'string', subPath: 'unsupported' })),
  workingDir: 'string',
  livenessProbe: probeType,
  startupProbe: probeType,
  readinessProbe: probeType,
  dependsOn: 'unsupported',
  baseImageUri: 'unsupported',
  sourceCode: 'unsupported',
})

export const volumeType = message({
  name: 'string',
  secret: message({
    secret: 'string',
    items: listOf(message({ path: 'string', version: 'string', mode: 'int32' })),
    defaultMode: 'int32',
  }),
  cloudSqlInstance: 'unsupported',
  emptyDir: message({ medium: enumOf('MEDIUM_UNSPECIFIED', 'MEMORY'), sizeLimit: 'string' }),
  nfs: 'unsupported',
  gcs: 'unsupported',
})

export const vpcAccessType = message({
  connector: 'string',
  egress: enumOf('VPC_EGRESS_UNSPECIFIED', 'ALL_TRAFFIC', 'PRIVATE_RANGES_ONLY'),
  networkInterfaces: listOf(message({ network: 'string', subnetwork: 'string', tags: listOf('string') })),
})

export const executionEnvironment = enumOf('EXECUTION_ENVIRONMENT_UNSPECIFIED', 'EXECUTION_ENVIRONMENT_GEN1', 'EXECUTION_ENVIRONMENT_GEN2')

const revisionScaling = message({ minInstanceCount: 'int32', maxInstanceCount: 'int32' })

/** The fields that a template and the revision made from it have in common. */
const revisionSettings = {
  labels: mapOf('string'),
  annotations: mapOf('string'),
  scaling: revisionScaling,
  vpcAccess: vpcAccessType,
  timeout: 'duration',
  serviceAccount: 'string',
  containers: listOf(containerType),
  volumes: listOf(volumeType),
  executionEnvironment,
  encryptionKey: 'string',
  maxInstanceRequestConcurrency: 'int32',
  sessionAffinity: 'bool',
  serviceMesh: 'unsupported',
  encryptionKeyRevocationAction: 'unsupported',
  encryptionKeyShutdownDuration: 'unsupported',
  nodeSelector: 'unsupported',
  gpuZonalRedundancyDisabled: 'unsupported',
} as const

export const revisionTemplateType = message({ ...revisionSettings, revision: 'string', healthCheckDisabled: 'unsupported' })

export const revisionType = message({
  ...revisionSettings,
  name: 'string',
  uid: 'string',
  generation: 'int64',
  createTime: 'timestamp',
  updateTime: 'timestamp',
  deleteTime: 'timestamp',
  launchStage,
  service: 'string',
  reconciling: 'bool',
  conditions: listOf(conditionType),
  observedGeneration: 'int64',
  logUri: 'string',
  creator: 'string',
  etag: 'string',
})

export const binaryAuthorizationType = message({ useDefault: 'bool', policy: 'string', breakglassJustification: 'string' })

export const serviceType = message({
  name: 'string',
  description: 'string',
  uid: 'string',
  generation: 'int64',
  labels: mapOf('string'),
  annotations: mapOf('string'),
  createTime: 'timestamp',
  updateTime: 'timestamp',
  deleteTime: 'timestamp',
  expireTime: 'timestamp',
  creator: 'string',
  lastModifier: 'string',
  client: 'string',
  clientVersion: 'string',
  ingress: enumOf(
    'INGRESS_TRAFFIC_UNSPECIFIED',
    'INGRESS_TRAFFIC_ALL',
    'INGRESS_TRAFFIC_INTERNAL_ONLY',
    'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER',
    'INGRESS_TRAFFIC_NONE',
  ),
  launchStage,
  binaryAuthorization: binaryAuthorizationType,
  template: revisionTemplateType,
  traffic: listOf(trafficTargetType),
  scaling: message({
    minInstanceCount: 'int32',
    scalingMode: enumOf('SCALING_MODE_UNSPECIFIED', 'AUTOMATIC', 'MANUAL'),
    maxInstanceCount: 'int32',
    manualInstanceCount: 'optional int32',
  }),
  invokerIamDisabled: 'bool',
  defaultUriDisabled: 'unsupported',
  multiRegionSettings: 'unsupported',
  buildConfig: 'unsupported',
  urls: listOf('string'),
  iapEnabled: 'unsupported',
  customAudiences: listOf('string'),
  observedGeneration: 'int64',
  terminalCondition: conditionType,
  conditions: listOf(conditionType),
  latestReadyRevision: 'string',
  latestCreatedRevision: 'string',
  trafficStatuses: listOf(trafficTargetStatusType),
  uri: 'string',
  satisfiesPzs: 'bool',
  threatDetectionEnabled: 'bool',
  reconciling: 'bool',
  etag: 'string',
})

/** What a caller may write (google.api.field_behavior is not OUTPUT_ONLY or IDENTIFIER). */
export const writableServiceFields = [
  'description',
  'labels',
  'annotations',
  'client',
  'clientVersion',
  'ingress',
  'launchStage',
  'binaryAuthorization',
  'template',
  'traffic',
  'scaling',
  'invokerIamDisabled',
  'customAudiences',
] as const

/** IAM policy, version 1 (google/iam/v1/policy.proto): conditions and audit configuration are accepted and kept, never evaluated. */
export const policyType = message({
  version: 'int32',
  bindings: listOf(
    message({
      role: 'string',
      members: listOf('string'),
      condition: message({ expression: 'string', title: 'string', description: 'string', location: 'string' }),
    }),
  ),
  etag: 'string',
})
