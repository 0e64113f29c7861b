import { writeMessage, isJsonObject, type JsonObject } from '../resource/proto-json.ts'
import { revisionType, serviceType } from '../resource/schema.ts'
import { invalidField } from '../resource/status.ts'
import { secondsOf } from '../resource/template.ts'
import { operationName } from '../resource/names.ts'
import type { PlatformOperation } from '../platform/platform.ts'
import { page, type Call, type Handler } from './call.ts'

/** `projects.locations.operations` (google.longrunning.Operations). */
export const getOperation: Handler = (call) => writeOperation(call, call.platform.operation(call.path['operation'] ?? ''))

export const listOperations: Handler = (call) => {
  const { items, ...more } = page(call, call.platform.operations())
  return { operations: items.map((operation) => writeOperation(call, operation)), ...more }
}

const longestWaitMs = 60_000

/** Waits until the operation is done or `timeout` has passed, and gives its state then (WaitOperationRequest). */
export const waitOperation: Handler = async (call) => {
  const id = call.path['operation'] ?? ''
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(waitMs(call))])
  while (call.platform.operation(id).operation.result === undefined && !signal.aborted && !call.platform.isClosed) {
    await call.platform.change(signal)
  }
  return getOperation(call)
}

function waitMs({ body }: Call): number {
  const timeout = isJsonObject(body) ? (body['timeout'] ?? '60s') : '60s'
  if (typeof timeout !== 'string' || !/^\d{1,6}(\.\d{1,9})?s$/.test(timeout))
    throw invalidField('timeout', 'must be a duration such as "30s"')
  return Math.min(secondsOf(timeout) * 1000, longestWaitMs)
}

/** An operation on the wire (google/longrunning/operations.proto): what it is about comes as `Any`, whose JSON names its type. */
export function writeOperation(call: Call, { operation, about, metadata }: PlatformOperation): JsonObject {
  const any = (message: JsonObject) => ({
    '@type': `type.googleapis.com/google.cloud.run.v2.${about}`,
    ...writeMessage(about === 'Service' ? serviceType : revisionType, message, call.enums),
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
