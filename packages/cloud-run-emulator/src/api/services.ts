import { writeMessage, isJsonObject, type JsonObject } from '../resource/proto-json.ts'
import { policyType, serviceType } from '../resource/schema.ts'
import { readPolicy, readService } from '../resource/spec.ts'
import { invalidField } from '../resource/status.ts'
import { viewService } from '../platform/view.ts'
import { flag, page, parameter, type Call, type Handler } from './call.ts'
import { writeOperation } from './operations.ts'

/** `projects.locations.services` (google.cloud.run.v2.Services). */
export const createService: Handler = (call) => {
  const id = parameter(call, 'serviceId')
  if (id === undefined) throw invalidField('service_id', 'is required')
  return writeOperation(call, call.platform.create(id, readService(call.body), { validateOnly: flag(call, 'validateOnly') }))
}

export const getService: Handler = (call) => writeService(call, viewService(call.platform.service(serviceOf(call)), call.platform.place))

export const listServices: Handler = (call) => {
  const { items, ...more } = page(call, call.platform.services())
  return { services: items.map((record) => writeService(call, viewService(record, call.platform.place))), ...more }
}

export const updateService: Handler = (call) => {
  const id = serviceOf(call)
  const given = readService(call.body)
  const options = { validateOnly: flag(call, 'validateOnly') }
  const isNew = flag(call, 'allowMissing') && call.platform.find(id) === undefined
  return writeOperation(
    call,
    isNew ? call.platform.create(id, given, options) : call.platform.update(id, given, parameter(call, 'updateMask'), options),
  )
}

export const deleteService: Handler = (call) =>
  writeOperation(call, call.platform.delete(serviceOf(call), parameter(call, 'etag'), { validateOnly: flag(call, 'validateOnly') }))

export const getIamPolicy: Handler = (call) =>
  writeMessage(policyType, call.platform.policy(serviceOf(call)) as unknown as JsonObject, call.enums)

export const setIamPolicy: Handler = (call) => {
  if (!isJsonObject(call.body)) throw invalidField('policy', 'is required')
  const policy = call.platform.setPolicy(serviceOf(call), readPolicy(call.body['policy']))
  return writeMessage(policyType, policy as unknown as JsonObject, call.enums)
}

/** Whoever has the admin token may do everything. */
export const testIamPermissions: Handler = (call) => {
  call.platform.service(serviceOf(call))
  const permissions = isJsonObject(call.body) ? call.body['permissions'] : undefined
  if (!Array.isArray(permissions) || !permissions.every((permission) => typeof permission === 'string')) throw invalidField('permissions', 'must be a list of texts')
  return permissions.length === 0 ? {} : { permissions }
}

function serviceOf(call: Call): string {
  return call.path['service'] ?? ''
}

function writeService(call: Call, view: JsonObject): JsonObject {
  return writeMessage(serviceType, view, call.enums)
}
