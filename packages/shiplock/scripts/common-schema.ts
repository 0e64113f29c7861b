import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from '../src/config/schema.ts'

/** The schema that all of several properties have, as the gates of the checks do; undefined where they differ or there is but one. */
export function commonSchema(properties: Readonly<Record<string, JsonSchema>>): JsonSchema | undefined {
  const [first, ...others] = Object.values(properties)
  return first?.properties && others.length > 0 && others.every((other) => isDeepStrictEqual(other, first)) ? first : undefined
}
