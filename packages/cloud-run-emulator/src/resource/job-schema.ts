import {
  binaryAuthorizationType,
  conditionType,
  containerType,
  enumOf,
  executionEnvironment,
  launchStage,
  listOf,
  mapOf,
  message,
  volumeType,
  vpcAccessType,
} from './schema.ts'

/** The messages of google.cloud.run.v2 that jobs are made of (job.proto, execution.proto, task.proto); compared with the protos as `schema.ts` is. */
export const taskTemplateType = message({
  containers: listOf(containerType),
  volumes: listOf(volumeType),
  maxRetries: 'optional int32',
  timeout: 'duration',
  serviceAccount: 'string',
  executionEnvironment,
  encryptionKey: 'string',
  vpcAccess: vpcAccessType,
  nodeSelector: 'unsupported',
  gpuZonalRedundancyDisabled: 'unsupported',
})

const executionReferenceType = message({
  name: 'string',
  createTime: 'timestamp',
  completionTime: 'timestamp',
  deleteTime: 'timestamp',
  completionStatus: enumOf(
    'COMPLETION_STATUS_UNSPECIFIED',
    'EXECUTION_SUCCEEDED',
    'EXECUTION_FAILED',
    'EXECUTION_RUNNING',
    'EXECUTION_PENDING',
    'EXECUTION_CANCELLED',
  ),
})

/** What every resource has. */
const resource = {
  name: 'string',
  uid: 'string',
  generation: 'int64',
  labels: mapOf('string'),
  annotations: mapOf('string'),
  createTime: 'timestamp',
  updateTime: 'timestamp',
  deleteTime: 'timestamp',
  expireTime: 'timestamp',
  conditions: listOf(conditionType),
  observedGeneration: 'int64',
  reconciling: 'bool',
  etag: 'string',
} as const

export const jobType = message({
  ...resource,
  creator: 'string',
  lastModifier: 'string',
  client: 'string',
  clientVersion: 'string',
  launchStage,
  binaryAuthorization: binaryAuthorizationType,
  template: message({
    labels: mapOf('string'),
    annotations: mapOf('string'),
    parallelism: 'int32',
    taskCount: 'int32',
    template: taskTemplateType,
  }),
  terminalCondition: conditionType,
  executionCount: 'int32',
  latestCreatedExecution: executionReferenceType,
  startExecutionToken: 'unsupported',
  runExecutionToken: 'unsupported',
})

/** What a caller may write. */
export const writableJobFields = ['labels', 'annotations', 'client', 'clientVersion', 'launchStage', 'binaryAuthorization', 'template'] as const

export const executionType = message({
  ...resource,
  creator: 'string',
  startTime: 'timestamp',
  completionTime: 'timestamp',
  launchStage,
  job: 'string',
  parallelism: 'int32',
  taskCount: 'int32',
  template: taskTemplateType,
  runningCount: 'int32',
  succeededCount: 'int32',
  failedCount: 'int32',
  cancelledCount: 'int32',
  retriedCount: 'int32',
  logUri: 'string',
})

export const taskType = message({
  ...resource,
  scheduledTime: 'timestamp',
  startTime: 'timestamp',
  completionTime: 'timestamp',
  job: 'string',
  execution: 'string',
  ...taskTemplateType.fields,
  index: 'int32',
  retried: 'int32',
  lastAttemptResult: message({ status: message({ code: 'int32', message: 'string', details: 'unsupported' }), exitCode: 'int32', termSignal: 'int32' }),
  logUri: 'string',
})

/** The body of `:run`. */
export const runJobType = message({
  name: 'string',
  validateOnly: 'bool',
  etag: 'string',
  overrides: message({
    containerOverrides: listOf(
      message({
        name: 'string',
        args: listOf('string'),
        env: listOf(message({ name: 'string', value: 'string', valueSource: message({ secretKeyRef: message({ secret: 'string', version: 'string' }) }) })),
        clearArgs: 'bool',
      }),
    ),
    taskCount: 'int32',
    timeout: 'duration',
  }),
})
