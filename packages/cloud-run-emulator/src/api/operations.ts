import { writeMessage, isJsonObject, type JsonObject } from '../resource/proto-json.ts'
import { revisionType, serviceType } from '../resource/schema.ts'
import { executionType, jobType } from '../resource/job-schema.ts'
import { ApiError, invalidField } from '../resource/status.ts'
import { secondsOf } from '../resource/template.ts'
import { operationName } from '../resource/names.ts'
import type { PlatformOperation } from '../platform/platform.ts'
import { page, type Call, type Handler } from './call.ts'

/** `projects.locations.operations` (google.longrunning.Operations). */
export const getOperation: Handler = (call) => writeOperation(call, findOperation(call))

export const listOperations: Handler = (call) => {
  const { items, ...more } = page(call, [...call.platform.operations(), ...call.jobs.operations()])
  return { operations: items.map((operation) => writeOperation(call, operation)), ...more }
}

const longestWaitMs = 60_000

/** Waits until the operation is done or `timeout` has passed, and gives its state then (WaitOperationRequest). */
export const waitOperation: Handler = async (call) => {
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(waitMs(call))])
  while (findOperation(call).operation.result === undefined && !signal.aborted && !call.platform.isClosed) {
    await call.changes.next(signal)
  }
  return getOperation(call)
}

/** NOT_FOUND for one that never was, or that is forgotten. */
function findOperation({ platform, jobs, path }: Call): PlatformOperation {
  const id = path['operation'] ?? ''
  const found = platform.operation(id) ?? jobs.operation(id)
  if (found === undefined) throw new ApiError('NOT_FOUND', `Operation '${id}' does not exist, or ended long ago.`)
  return found
}

function waitMs({ body }: Call): number {
  const timeout = isJsonObject(body) ? (body['timeout'] ?? '60s') : '60s'
  if (typeof timeout !== 'string' || !/^\d{1,6}(\.\d{1,9})?s$/.test(timeout))
    throw invalidField('timeout', 'must be a duration such as "30s"')
  return Math.min(secondsOf(timeout) * 1000, longestWaitMs)
}

const types = { Service: serviceType, Revision: revisionType, Job: jobType, Execution: executionType } as const

/** An operation on the wire (google/longrunning/operations.proto): what it is about comes as `Any`, whose JSON names its type. */
export function writeOperation(call: Call, { operation, about, metadata }: PlatformOperation): JsonObject {
  const any = (message: JsonObject) => ({
    '@type': `type.googleapis.com/google.cloud.run.v2.${about}`,
    ...writeMessage(types[about], message, call.enums),
  })
  const { result } = operation
  return {
    name: operationName(call.platform.place.parent, operation.id),
    metadata: any(metadata),
    ...(result === undefined ? {} : { done: true }),
    ...(result !== undefined && 'response' in result ? { response: any(result.response) } : {}),
    ...(result !== undefined && 'error' in result ? { error: result.error } : {}),
  }
}
