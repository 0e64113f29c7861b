import { ImageError, type ImageErrorCode } from '../error.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The one spelling of a JSON value: keys sorted, no white space, UTF-8. Same value, same bytes, same digest. */
export function canonicalJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value, sortedKeys))
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** A JSON document from outside; bytes that are none throw `code`, naming `what`. */
export function parseJson(bytes: Uint8Array, code: ImageErrorCode, what: string): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (cause) {
    throw new ImageError(code, `${what} is not JSON`, { cause })
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isTextArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

export function isTextRecord(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((item) => typeof item === 'string')
}
