import type { Jobs } from '../jobs/jobs.ts'
import type { Changes } from '../platform/changes.ts'
import type { Platform } from '../platform/platform.ts'
import type { JsonObject } from '../resource/proto-json.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import { invalidField } from '../resource/status.ts'

/** One call of the API, taken apart. */
export interface Call {
  readonly platform: Platform
  readonly jobs: Jobs
  readonly secrets: SecretStore
  readonly changes: Changes
  /** The variables of the path, by name. */
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Parsed JSON; `undefined` where there was none. */
  readonly body: unknown
  readonly enums: 'name' | 'number'
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal
}

export type Handler = (call: Call) => JsonObject | Promise<JsonObject>

/** A query parameter in either of its spellings; ProtoJSON names it in lowerCamelCase, older clients do not. */
export function parameter({ query }: Call, name: string): string | undefined {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return query.get(name) ?? query.get(snake) ?? undefined
}

export function flag(call: Call, name: string): boolean {
  const value = parameter(call, name)
  if (value === undefined || value === 'false' || value === '') return false
  if (value !== 'true') throw invalidField(name, 'must be true or false')
  return true
}

/** One page of a list (AIP-158): the token is the position at which the next page begins. */
export function page<T>(call: Call, items: readonly T[], maxSize = 100): { readonly items: readonly T[]; readonly nextPageToken?: string } {
  const size = Number(parameter(call, 'pageSize') ?? '0')
  const start = Number(parameter(call, 'pageToken') || '0')
  if (!Number.isInteger(size) || size < 0) throw invalidField('page_size', 'must be a whole number, not negative')
  if (!Number.isInteger(start) || start < 0) throw invalidField('page_token', 'is not one that this API gave')
  const end = start + Math.min(size === 0 ? maxSize : size, maxSize)
  return { items: items.slice(start, end), ...(end < items.length ? { nextPageToken: String(end) } : {}) }
}
