import type { JsonSchema } from '../src/config/schema.ts'
import { commonSchema } from './common-schema.ts'

/** `docs/configuration.md`: one section for each part of the config, one row for each field. */
export function renderConfigReference(schema: JsonSchema): string {
  const sections = Object.entries(schema.properties ?? {}).map(([name, part]) => renderSection(name, part))
  return `${introduction}\n${sections.join('\n')}`
}

/** Read and type-checked by tests where no package `shiplock` is installed. */
export const example = `const port = 8080

export default {
  service: { name: 'todo', directory: 'app', port, env: { LOG_LEVEL: 'info' } },
  image: { files: ['dist/**', 'package.json'], entrypoint: ['node', 'dist/server.mjs'] },
  gates: { lint: { failOn: 'low' } },
}
`

const introduction = `<!-- Written by packages/shiplock/scripts/write-config-docs.ts: do not edit. -->

# Configuration

One file at the root of the repository, \`shiplock.config.ts\` (\`.mts\`, \`.js\` and \`.mjs\` are read too), or the one that
\`--config\` names. Everything has a default: without a file the defaults serve.

\`\`\`ts
${example}\`\`\`

The file is **never executed**: it is parsed, and what it exports must be a literal. Allowed are
objects, lists, strings, templates without \`\${…}\`, numbers, \`true\`, \`false\`, \`null\`, \`undefined\`, constants made of
these (\`const port = 8080\`), spreads of such constants, \`as const\` and \`satisfies\`. Imports of \`shiplock\` are ignored, any
other is refused, and so is every call, operator, function, computed key and \`process.env\`. A mistake is shown with its
place and what to write instead, and ends the command with exit code 2.

Where the package \`shiplock\` can be resolved, as in this repository, the editor types the file too:
\`import { defineConfig } from 'shiplock'\` and \`export default defineConfig({ … })\`. Elsewhere leave that out as long as there is no
package to install: the compiler would not find it, and the check \`types\` would refuse.

The same schema as JSON: [\`config.schema.json\`](../packages/shiplock/config.schema.json).
`

function renderSection(name: string, part: JsonSchema): string {
  const rows = fieldsOf(part, name).map(({ path, schema }) => {
    return `| \`${path}\` | ${cell(typeOf(schema))} | ${cell(defaultOf(schema))} | ${cell(schema.description ?? '')} |`
  })
  const common = part.properties && commonSchema(part.properties)
  const names = Object.keys(part.properties ?? {}).map((one) => `\`${one}\``)
  const opening = `${part.description ?? ''}${common ? ` One for each of ${names.join(', ')}.` : ''}`
  return `## \`${name}\`\n\n${opening}\n\n| field | type | default | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

/** Leaves, and an object that may be another kind of value too, such as a check that may be \`false\`. */
function fieldsOf(schema: JsonSchema, path: string): { path: string; schema: JsonSchema }[] {
  const common = schema.properties && commonSchema(schema.properties)
  const properties = common ? { '<name>': common } : (schema.properties ?? {})
  return Object.entries(properties).flatMap(([name, field]) => {
    const at = `${path}.${name}`
    // A field that says nothing of itself is one of a few that are described together.
    const property = { ...field, description: field.description ?? schema.description ?? '' }
    if (property.properties) return fieldsOf(property, at)
    const object = property.anyOf?.find((alternative) => alternative.properties)
    return [{ path: at, schema: property }, ...(object ? fieldsOf(object, at) : [])]
  })
}

function typeOf(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.const !== undefined) return code(schema.const)
  if (schema.enum) return schema.enum.map(code).join(', ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  if (typeof schema.additionalProperties === 'object') return `object of ${typeOf(schema.additionalProperties)}`
  return [schema.type].flat().join(' or ') + bounds(schema)
}

function bounds({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`
  if (isGiven(minimum) && isGiven(maximum)) return ` ${minimum} to ${maximum}`
  return isGiven(minimum) ? ` from ${minimum}` : isGiven(maximum) ? ` to ${maximum}` : ''
}

function defaultOf(schema: JsonSchema): string {
  if (schema.anyOf?.some((alternative) => alternative.const === false)) return schema.default === false ? 'off' : 'on'
  if (schema.default !== undefined) return code(schema.default)
  return schema.description?.includes('Default: ') ? 'see text' : 'none'
}

// zod writes the safe integers as bounds of every integer.
const isGiven = (bound: number | undefined) => bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER
const code = (value: unknown) => `\`${JSON.stringify(value, undefined, 1).replaceAll(/\n\s*/g, Array.isArray(value) ? ' ' : '')}\``
const cell = (text: string) => text.replaceAll('|', '\\|')
