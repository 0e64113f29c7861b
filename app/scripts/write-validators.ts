import { Ajv } from 'ajv'
import standaloneCode from 'ajv/dist/standalone/index.js'
import { bodies, queries } from '../src/tasks/api-schemas.ts'

/** What tells readers and decides nothing. */
const annotations = new Set(['description', 'examples', 'default'])

const rules = (schema: object): object =>
  JSON.parse(JSON.stringify(schema, (key, value: unknown) => (annotations.has(key) ? undefined : value))) as object

/** The module `api-validators.ts`: functions made by Ajv, so that the service neither ships Ajv nor compiles at start. */
export function writeValidators(): string {
  const schemas = Object.entries({ ...bodies, ...queries }).map(([name, schema]) => ({ ...rules(schema), $id: name }))
  const ajv = new Ajv({ schemas, allErrors: true, messages: false, strict: true, code: { source: true, esm: true, lines: true, optimize: 2 } })
  const code = standaloneCode.default(ajv, Object.fromEntries(schemas.map(({ $id }) => [`validate${$id}`, $id])))
  if (/\brequire\(|^import /m.test(code)) {
    throw new Error('The validators need a module of Ajv: a keyword in api-schemas.ts asks for it; express it otherwise')
  }
  return `// @ts-nocheck -- made from api-schemas.ts by \`npm run generate -w app\`; do not edit.\n/* oxlint-disable */\n${code}`
}
