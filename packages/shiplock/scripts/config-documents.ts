import { configJsonSchema, type CheckOptions } from '../src/config/schema.ts'
import { renderConfigReference } from './config-reference.ts'
import { renderConfigTypes } from './config-types.ts'

/** Everything that is generated from the config's schema: file contents by path relative to the repository. */
export function configDocuments(checks: readonly CheckOptions[]): ReadonlyMap<string, string> {
  const schema = configJsonSchema(checks)
  return new Map([
    ['packages/shiplock/config.schema.json', `${JSON.stringify(schema, undefined, 2)}\n`],
    ['packages/shiplock/src/config/user-config.ts', renderConfigTypes(schema)],
    ['docs/configuration.md', renderConfigReference(schema)],
  ])
}
