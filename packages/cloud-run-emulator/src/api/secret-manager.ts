import { isJsonObject, type JsonObject } from '../resource/proto-json.ts'
import { ApiError, invalidField } from '../resource/status.ts'
import { crc32c } from '../secrets/crc32c.ts'
import type { Secret, SecretVersion } from '../secrets/secret-store.ts'
import { page, parameter, type Call, type Handler } from './call.ts'

/** As much of Secret Manager v1 as a service and its deployment use (google/cloud/secretmanager/v1/service.proto). */
export const createSecret: Handler = (call) => {
  const id = parameter(call, 'secretId')
  if (id === undefined) throw invalidField('secret_id', 'is required')
  const labels = isJsonObject(call.body) && isJsonObject(call.body['labels']) ? call.body['labels'] : {}
  const texts = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return viewSecret(call, call.secrets.create(id, Object.fromEntries(texts)))
}

export const getSecret: Handler = (call) => viewSecret(call, call.secrets.get(secretOf(call)))

export const listSecrets: Handler = (call) => {
  const secrets = call.secrets.list()
  const { items, ...more } = page(call, secrets, 25_000)
  return { secrets: items.map((secret) => viewSecret(call, secret)), ...more, totalSize: secrets.length }
}

export const deleteSecret: Handler = (call) => {
  call.secrets.delete(secretOf(call))
  return {}
}

export const addSecretVersion: Handler = (call) => {
  const payload = isJsonObject(call.body) ? call.body['payload'] : undefined
  const data = isJsonObject(payload) ? payload['data'] : undefined
  if (typeof data !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(data)) throw invalidField('payload.data', 'must be base64')
  const bytes = Buffer.from(data, 'base64')
  const checksum = isJsonObject(payload) ? payload['dataCrc32c'] : undefined
  if (checksum !== undefined && String(checksum) !== String(crc32c(bytes)))
    throw new ApiError('INVALID_ARGUMENT', 'The checksum of the payload does not match its data.')
  return viewVersion(call, secretOf(call), call.secrets.addVersion(secretOf(call), bytes))
}

export const getSecretVersion: Handler = (call) => viewVersion(call, secretOf(call), call.secrets.version(secretOf(call), versionOf(call)))

/** Newest first. */
export const listSecretVersions: Handler = (call) => {
  const { id, versions } = call.secrets.get(secretOf(call))
  const { items, ...more } = page(call, versions.toReversed(), 25_000)
  return { versions: items.map((version) => viewVersion(call, id, version)), ...more, totalSize: versions.length }
}

export const accessSecretVersion: Handler = (call) => {
  const { number, data } = call.secrets.access(secretOf(call), versionOf(call))
  return {
    name: versionName(call, secretOf(call), number),
    payload: { data: data.toString('base64'), dataCrc32c: String(crc32c(data)) },
  }
}

const setState =
  (state: SecretVersion['state']): Handler =>
  (call) =>
    viewVersion(call, secretOf(call), call.secrets.setState(secretOf(call), versionOf(call), state))

export const enableSecretVersion = setState('ENABLED')
export const disableSecretVersion = setState('DISABLED')
export const destroySecretVersion = setState('DESTROYED')

const secretOf = ({ path }: Call) => path['secret'] ?? ''
const versionOf = ({ path }: Call) => path['version'] ?? ''

const secretName = ({ platform }: Call, id: string) => `projects/${platform.place.parent.project}/secrets/${id}`
const versionName = (call: Call, id: string, number: number) => `${secretName(call, id)}/versions/${number}`

function viewSecret(call: Call, { id, createTime, labels }: Secret): JsonObject {
  return { name: secretName(call, id), replication: { automatic: {} }, createTime, ...(Object.keys(labels).length === 0 ? {} : { labels }) }
}

function viewVersion(call: Call, id: string, { number, state, createTime, destroyTime }: SecretVersion): JsonObject {
  return { name: versionName(call, id, number), createTime, state, ...(destroyTime === undefined ? {} : { destroyTime }) }
}
