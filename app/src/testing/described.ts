import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { LightMyRequestResponse } from 'fastify'
import { openApi } from '../tasks/openapi.ts'

interface Described {
  readonly $ref?: string
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}

type Operation = { readonly responses: Readonly<Record<string, Described>> }

const paths = openApi.paths as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>

// `strict: false`: the document around the schemas is no schema.
const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
ajv.addSchema(openApi, 'document')

const validators = new Map<object, ValidateFunction>()

/** Schemas of the document refer to each other within it. */
const validatorOf = (schema: object): ValidateFunction => {
  const known = validators.get(schema)
  if (known) return known
  const { $ref } = schema as { $ref?: string }
  const made = ajv.compile($ref === undefined ? schema : { $ref: `document${$ref}` })
  validators.set(schema, made)
  return made
}

const follow = <T extends object>(value: T): T => {
  const { $ref } = value as { readonly $ref?: string }
  if ($ref === undefined) return value
  return $ref
    .slice('#/'.length)
    .split('/')
    .reduce((at, step) => (at as Readonly<Record<string, unknown>>)[step], openApi as unknown) as T
}

/** The template that `url` fits, as the document has it. */
const templateOf = (url: string): string | undefined => {
  const path = url.split('?', 1)[0] ?? ''
  return Object.keys(paths).find((template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path))
}

const check = (what: string, schema: object, value: unknown): void => {
  const validate = validatorOf(schema)
  if (!validate(value)) throw new Error(`${what} does not fit the OpenAPI document: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)}`)
}

/**
 * Holds an answer of the API to its description: status, headers, media type and body. An operation that is not described
 * can only be answered with a problem.
 */
export function expectDescribed(method: string, url: string, answer: LightMyRequestResponse): void {
  const what = `${method} ${url} ${answer.statusCode}`
  const operation = paths[templateOf(url) ?? '']?.[method === 'HEAD' ? 'get' : method.toLowerCase()]
  const described: Described = operation
    ? follow(operation.responses[answer.statusCode] ?? operation.responses.default ?? {})
    : answer.statusCode === 405
      ? openApi.components.responses.MethodNotAllowed
      : openApi.components.responses.Other
  if (!(answer.statusCode in (operation?.responses ?? {})) && answer.statusCode < 400) throw new Error(`${what} is not described`)

  for (const [name, reference] of Object.entries(described.headers ?? {})) {
    const header = follow<{ $ref?: string; required?: boolean; schema?: { type?: string } }>(reference)
    const value = answer.headers[name.toLowerCase()]
    if (value === undefined && header.required) throw new Error(`${what} lacks the header ${name}`)
    if (value !== undefined && header.schema) check(`${what}: ${name}`, header.schema, header.schema.type === 'integer' ? Number(value) : String(value))
  }

  const mediaType = String(answer.headers['content-type'] ?? '').split(';', 1)[0] ?? ''
  const content = described.content
  if (!content) {
    if (answer.body !== '') throw new Error(`${what} has a body, and none is described`)
    return
  }
  const media = content[mediaType]
  if (!media) throw new Error(`${what} is of type "${mediaType}"; described are ${Object.keys(content).join(', ')}`)
  if (method !== 'HEAD') check(what, media.schema, answer.json())
}
