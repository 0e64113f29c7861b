import { escapeControls } from '../escape.ts'
import { ApiError, invalidField } from './status.ts'

/**
 * Protobuf's JSON mapping (protobuf.dev, "ProtoJSON format") for the messages of `schema.ts`: what comes in, in any of the
 * spellings that the mapping allows, becomes one canonical form: lowerCamelCase names, enums by name, 64-bit integers as
 * text, fields with their default value left out.
 */
export type FieldType =
  | 'string'
  | 'bool'
  | 'int32'
  /** Zero is another thing than no value (a proto3 `optional`, or one of a `oneof`). */
  | 'optional int32'
  | 'int64'
  | 'timestamp'
  | 'duration'
  /** A field that Cloud Run has and the emulator cannot honour: refused by name, since ignoring it would be a lie. */
  | 'unsupported'
  | { readonly enum: Readonly<Record<string, number>> }
  | { readonly list: FieldType }
  | { readonly map: FieldType }
  | MessageType

export interface MessageType {
  readonly fields: Readonly<Record<string, FieldType>>
}

export type JsonObject = { readonly [name: string]: unknown }

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a message from outside. A field that the message lacks, or a value of another type, throws INVALID_ARGUMENT with its path. */
export function readMessage(type: MessageType, value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw invalidField(path, 'must be an object')
  const result: Record<string, unknown> = {}
  for (const [given, member] of Object.entries(value)) {
    const name = camelCase(given)
    const fieldType = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
    const where = path === '' ? name : `${path}.${name}`
    if (fieldType === undefined) {
      throw invalidField(
        escapeControls(where),
        `Invalid JSON payload received. Unknown name "${escapeControls(given)}": Cannot find field.`,
      )
    }
    if (Object.hasOwn(result, name)) throw invalidField(where, 'is given twice')
    const read = readField(fieldType, member, where)
    if (read !== undefined) result[name] = read
  }
  return result
}

/** `undefined` where the value is the type's default, which ProtoJSON does not distinguish from an absent field. */
function readField(type: FieldType, value: unknown, path: string): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof type === 'string') return readScalar(type, value, path)
  if ('enum' in type) return readEnum(type.enum, value, path)
  if ('list' in type) {
    if (!Array.isArray(value)) throw invalidField(path, 'must be a list')
    const items = value.map((item: unknown, index) => readItem(type.list, item, `${path}[${index}]`))
    return items.length === 0 ? undefined : items
  }
  if ('map' in type) {
    if (!isJsonObject(value)) throw invalidField(path, 'must be an object')
    const entries = Object.entries(value).map(
      ([key, member]) => [key, readItem(type.map, member, `${path}["${escapeControls(key)}"]`)] as const,
    )
    return entries.length === 0 ? undefined : Object.fromEntries(entries)
  }
  return readMessage(type, value, path)
}

/** Items of lists and maps keep their default value: `["", "x"]` has two items. */
function readItem(type: FieldType, value: unknown, path: string): unknown {
  if (value === null) throw invalidField(path, 'must not be null')
  return readField(type, value, path) ?? (type === 'string' ? '' : type === 'bool' ? false : type === 'int32' ? 0 : undefined)
}

function readScalar(type: FieldType & string, value: unknown, path: string): unknown {
  switch (type) {
    case 'string':
      if (typeof value !== 'string') throw invalidField(path, 'must be a string')
      if (!value.isWellFormed()) throw invalidField(path, 'must be well-formed Unicode')
      return value === '' ? undefined : value
    case 'bool':
      if (typeof value !== 'boolean') throw invalidField(path, 'must be true or false')
      return value ? true : undefined
    case 'int32':
    case 'optional int32': {
      const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value
      if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) > 2 ** 31 - 1) {
        throw invalidField(path, `Invalid value (TYPE_INT32), ${escapeControls(JSON.stringify(value))}: must be an integer`)
      }
      return number === 0 && type === 'int32' ? undefined : number
    }
    case 'int64': {
      const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
      if (typeof text !== 'string' || !/^-?\d{1,19}$/.test(text)) throw invalidField(path, 'must be a 64-bit integer as text')
      return text === '0' ? undefined : text
    }
    case 'timestamp':
      if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) throw invalidField(path, 'must be an RFC 3339 time')
      return value
    case 'unsupported':
      if (value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0)) return undefined
      throw new ApiError('UNIMPLEMENTED', `${path}: Cloud Run has this field, the emulator cannot honour it`, [
        { field: path, description: 'not emulated' },
      ])
    default:
      if (typeof value !== 'string' || !/^\d{1,12}(\.\d{1,9})?s$/.test(value)) throw invalidField(path, 'must be a duration such as "300s"')
      return value
  }
}

/** Google's own client sends enums as numbers (`$alt=json;enum-encoding=int`), others by name. */
function readEnum(values: Readonly<Record<string, number>>, value: unknown, path: string): string | undefined {
  const name = typeof value === 'number' ? Object.keys(values).find((key) => values[key] === value) : value
  if (typeof name !== 'string' || !Object.hasOwn(values, name)) {
    throw invalidField(
      path,
      `Invalid value (TYPE_ENUM), ${escapeControls(JSON.stringify(value))}: must be one of ${Object.keys(values).join(', ')}`,
    )
  }
  return values[name] === 0 ? undefined : name
}

/** A canonical message as it goes out: enums by number where the caller asked for that. */
export function writeMessage(type: MessageType, message: JsonObject, enums: 'name' | 'number'): JsonObject {
  return Object.fromEntries(
    Object.entries(message)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, writeField(type.fields[name] ?? 'string', value, enums)]),
  )
}

function writeField(type: FieldType, value: unknown, enums: 'name' | 'number'): unknown {
  if (typeof type === 'string') return value
  if ('enum' in type) return enums === 'number' && typeof value === 'string' ? type.enum[value] : value
  if ('list' in type) return Array.isArray(value) ? value.map((item: unknown) => writeField(type.list, item, enums)) : value
  if (!isJsonObject(value)) return value
  if ('map' in type) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, writeField(type.map, member, enums)]))
  return writeMessage(type, value, enums)
}

/** The JSON name of a field: ProtoJSON parsers take `invoker_iam_disabled` and `invokerIamDisabled`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
