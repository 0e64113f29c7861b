import type { JsonSchema } from '../src/config/schema.ts'
import { commonSchema } from './common-schema.ts'

/** The schema as a TypeScript interface whose doc comments an editor shows. Throws on a form that the config does not use. */
export function renderConfigTypes(schema: JsonSchema): string {
  const header = '// Written by scripts/write-config-docs.ts from the schema in schema.ts and the checks: do not edit.\n'
  const doc = '/** What `shiplock.config.ts` may hold. Everything has a default. */\n'
  return `${header}\n${doc}export interface UserConfig ${typeOf(schema, '')}\n`
}

function typeOf(schema: JsonSchema, indent: string): string {
  if (schema.anyOf) return schema.anyOf.map((alternative) => typeOf(alternative, indent)).join(' | ')
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  const { type } = schema
  if (Array.isArray(type)) return type.map((one: string) => typeOf({ ...schema, type: one }, indent)).join(' | ')
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'number':
    case 'integer':
      return 'number'
    case 'array': {
      const item = typeOf(schema.items ?? {}, indent)
      return item.includes(' ') ? `(${item})[]` : `${item}[]`
    }
    case 'object':
      return objectType(schema, indent)
    default:
      throw new Error(`no TypeScript for the schema ${JSON.stringify(schema)}`)
  }
}

function objectType({ properties = {}, additionalProperties, required = [] }: JsonSchema, indent: string): string {
  if (typeof additionalProperties === 'object') return `{ [name: string]: ${typeOf(additionalProperties, indent)} }`
  // `{}` would be any value but null.
  if (Object.keys(properties).length === 0) return 'Record<string, never>'
  const common = commonSchema(properties)
  if (common) return `{ [name in ${Object.keys(properties).map(literal).join(' | ')}]?: ${typeOf(common, indent)} | undefined }`
  const inner = `${indent}  `
  const fields = Object.entries(properties).map(([name, schema]) => {
    const isObject = typeof schema.default === 'object' && schema.default !== null && !Array.isArray(schema.default)
    const hasOwnDefault = schema.default !== undefined && !isObject
    const value = hasOwnDefault ? ` Default: \`${JSON.stringify(schema.default, undefined, 1).replaceAll(/\n\s*/g, ' ')}\`.` : ''
    const text = `${schema.description ?? ''}${value}`.replaceAll('*/', '*\\/')
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name)
    return `${comment(text, inner)}${inner}${key}${required.includes(name) ? `: ${typeOf(schema, inner)}` : `?: ${typeOf(schema, inner)} | undefined`}\n`
  })
  return `{\n${fields.join('')}${indent}}`
}

/** A doc comment, broken into lines of about 110 characters. */
function comment(text: string, indent: string): string {
  if (text === '') return ''
  const lines = text.match(/\S.{0,108}\S(?=\s|$)|\S+/g) ?? []
  if (lines.length < 2) return `${indent}/** ${text} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`
}

const literal = (value: unknown) => (typeof value === 'string' ? `'${value.replace(/['\\]/g, '\\$&')}'` : JSON.stringify(value))
