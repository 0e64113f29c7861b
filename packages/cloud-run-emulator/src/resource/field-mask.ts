import { camelCase, isJsonObject, type FieldType, type JsonObject, type MessageType } from './proto-json.ts'
import { invalidField } from './status.ts'

/**
 * The message that an update asks for (AIP-134): where there is a mask, `current` with the fields named in it taken from
 * `given`, and cleared where `given` lacks them; without a mask, or with `*`, all of `given`.
 */
export function applyFieldMask(type: MessageType, current: JsonObject, given: JsonObject, mask: string | undefined): JsonObject {
  const paths = (mask ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
  if (paths.length === 0 || paths.includes('*')) return given
  return paths.reduce((result, path) => {
    const names = path.split('.').map(camelCase)
    checkPath(type, names, path)
    return copyPath(result, given, names)
  }, current)
}

function checkPath(type: MessageType, names: readonly string[], path: string): void {
  let at: FieldType = type
  for (const name of names) {
    if (typeof at === 'string' || !('fields' in at) || !Object.hasOwn(at.fields, name)) {
      throw invalidField('update_mask', `has the path ${JSON.stringify(path)}, which names no field of a service`)
    }
    at = at.fields[name] as FieldType
  }
}

function copyPath(target: JsonObject, source: JsonObject | undefined, [name, ...rest]: readonly string[]): JsonObject {
  if (name === undefined) return target
  const value = source?.[name]
  const others = Object.fromEntries(Object.entries(target).filter(([key]) => key !== name))
  if (rest.length === 0) return value === undefined ? others : { ...others, [name]: value }
  const inner = target[name]
  return { ...target, [name]: copyPath(isJsonObject(inner) ? inner : {}, isJsonObject(value) ? value : undefined, rest) }
}
