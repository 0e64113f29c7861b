import type { z } from 'zod'
import { quoted } from './diagnostic.ts'
import { nearestName } from './nearest-name.ts'
import type { JsonSchema } from './schema.ts'

/** One mistake in the config's values, not yet placed in the file. */
export interface Explanation {
  readonly path: readonly PropertyKey[]
  /** Whether the key is meant, or what it holds. */
  readonly of: 'key' | 'value'
  readonly message: string
  readonly hint?: string
}

/** What zod says about the values, in words for a person. `schema` knows the keys that could have been meant. */
export function explainIssue(issue: z.core.$ZodIssue, schema: JsonSchema, parent: readonly PropertyKey[] = []): Explanation[] {
  const path = [...parent, ...issue.path]
  const name = nameOf(path)
  const explain = (message: string, hint?: string): Explanation[] => {
    return [{ path, of: 'value', message: `${name} ${message}`, ...(hint && { hint }) }]
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => explainUnknownKey([...path, key], key, keysAt(schema, path)))
    case 'invalid_union': {
      const branch = chooseBranch(issue.errors)
      if (!branch) return explain(`must be ${kindsAt(schema, path)}, not ${kindOf(issue.input)}`)
      return branch.flatMap((inner) => explainIssue(inner, schema, path))
    }
    case 'invalid_key':
      return [{ path, of: 'key', message: `the name ${quoted(String(path.at(-1)))} ${issue.issues[0]?.message ?? issue.message}` }]
    case 'invalid_type':
      return explain(`must be ${kindsAt(schema, path) || (kinds[issue.expected] ?? issue.expected)}, not ${kindOf(issue.input)}`)
    case 'invalid_value': {
      const near = typeof issue.input === 'string' ? nearestName(issue.input, issue.values.map(String)) : undefined
      const hint = near && `did you mean ${JSON.stringify(near)}?`
      return explain(`must be ${alternatives(issue.values.map((value) => JSON.stringify(value)))}`, hint)
    }
    case 'too_small':
    case 'too_big':
      return explain(boundOf(issue))
    default:
      return explain(/^must\b/.test(issue.message) ? issue.message : `is not accepted: ${issue.message}`)
  }
}

function explainUnknownKey(path: readonly PropertyKey[], key: string, known: readonly string[]): Explanation {
  const near = nearestName(key, known)
  const hint = near ? `did you mean ${quoted(near)}?` : known.length > 0 ? `known keys: ${known.join(', ')}` : 'remove it'
  const place = nameOf(path.slice(0, -1))
  return { path, of: 'key', message: `unknown key ${quoted(key)} in ${place}`, hint }
}

/** The alternative that was meant: the one whose mistakes lie inside the value. None when every one wants another kind of value. */
function chooseBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  return branches.find((issues) => !issues.some(isAboutKind))
}

const isAboutKind = ({ path, code }: z.core.$ZodIssue) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const isMinimum = issue.code === 'too_small'
  const bound = isMinimum ? issue.minimum : issue.maximum
  const limit = isMinimum ? 'at least' : 'at most'
  if (issue.origin === 'array') return `must have ${limit} ${bound} ${bound === 1 ? 'entry' : 'entries'}`
  if (issue.origin === 'string') return isMinimum && bound === 1 ? 'must not be empty' : `must have ${limit} ${bound} characters`
  const strict = isMinimum ? 'more than' : 'less than'
  return `must be ${issue.inclusive === false ? strict : limit} ${bound}, not ${String(issue.input)}`
}

/** `service.env`, `image.files[0]`; the config itself for the empty path. */
function nameOf(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'string' && /^[\w$-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`))
  const text = steps.join('')
  return text === '' ? 'the config' : quoted(text.replace(/^\./, ''))
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : `${value}`
  return Array.isArray(value) ? 'a list' : (kinds[typeof value] ?? typeof value)
}

function kindsAt(schema: JsonSchema, path: readonly PropertyKey[]): string {
  const found = schemasAt(schema, path).flatMap(({ type, const: constant }) => {
    if (constant !== undefined) return [JSON.stringify(constant)]
    return [type ?? []].flat().map((name) => kinds[name] ?? name)
  })
  return alternatives([...new Set(found)])
}

function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function keysAt(schema: JsonSchema, path: readonly PropertyKey[]): string[] {
  return schemasAt(schema, path).flatMap((at) => Object.keys(at.properties ?? {}))
}

/** The schemas that a value at this path may satisfy. */
function schemasAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema[] {
  let current = flatten(schema)
  for (const step of path) {
    current = current.flatMap((at) => {
      const next = typeof step === 'number' ? at.items : (at.properties?.[String(step)] ?? at.additionalProperties)
      return typeof next === 'object' ? flatten(next) : []
    })
  }
  return current
}

const flatten = (schema: JsonSchema): JsonSchema[] => schema.anyOf?.flatMap(flatten) ?? [schema]
