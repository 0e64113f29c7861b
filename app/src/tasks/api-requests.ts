import type { ProblemError } from '../problems.ts'
import { bodies, defaultLimit, greatestLimit, queries } from './api-schemas.ts'
import * as validators from './api-validators.ts'
import { isWithin, parseCursor } from './list-view.ts'
import type { ListQuery, Show, TaskChange } from './task-store.ts'
import { parseTitle } from './task.ts'

/** What a request asks for, or everything that is wrong with it. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly ProblemError[] }

/** What a validator of Ajv's finds; of its fields, those that are read here. */
interface SchemaError {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

interface Validator {
  (data: unknown): boolean
  readonly errors?: readonly SchemaError[] | null
}

/** No program is helped by more. */
const mostErrors = 10

/** A word of a JSON Pointer, as URI fragment (RFC 6901 §6). */
const pointerTo = (member: string): string => `#/${encodeURIComponent(member.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))}`

/** Which member an error is about; '' for the whole. Nothing here is nested. */
const memberOf = ({ instancePath, params }: SchemaError): string =>
  String(params.additionalProperty ?? params.missingProperty ?? instancePath.slice(1))

/** One a member: of a text in place of a word from a list, its type and its value are both wrong. */
const firstOfEach = (errors: readonly SchemaError[]): readonly SchemaError[] => {
  const members = new Set<string>()
  const first = errors.filter((error) => !members.has(memberOf(error)) && members.add(memberOf(error)))
  return first.slice(0, mostErrors)
}

/** Why a parameter has no other value. */
const parameterRules: Readonly<Record<string, string>> = {
  show: `Give one of ${queries.ListQuery.properties.show.enum.join(', ')}.`,
  after: 'This is no cursor: give `next` of another page.',
  before: 'This is no cursor: give `previous` of another page.',
  limit: `Give a whole number from 1 to ${greatestLimit}.`,
}

const memberDetail = ({ keyword, params }: SchemaError, member: string): string => {
  if (keyword === 'additionalProperties') return 'There is no such member; leave it out.'
  if (keyword === 'required') return 'This is missing.'
  if (keyword === 'minProperties') return `Give at least one of ${Object.keys(bodies.TaskChange.properties).join(' and ')}.`
  return member === '' ? 'Give a JSON object.' : `Give a ${String(params.type)}.`
}

const check = (validate: Validator, data: unknown, explain: (error: SchemaError, member: string) => ProblemError): readonly ProblemError[] =>
  validate(data) ? [] : firstOfEach(validate.errors ?? []).map((error) => explain(error, memberOf(error)))

const checkBody = (validate: Validator, data: unknown): readonly ProblemError[] =>
  check(validate, data, (error, member) => ({ detail: memberDetail(error, member), pointer: member === '' ? '#' : pointerTo(member) }))

const checkQuery = (validate: Validator, data: unknown, rules: Readonly<Record<string, string>>): readonly ProblemError[] =>
  check(validate, data, ({ keyword }, parameter) => ({
    detail: keyword === 'additionalProperties' ? 'There is no such parameter.' : (rules[parameter] ?? ''),
    parameter,
  }))

/** Reads a body with a title, in the words of the page where it is refused. */
function parseBody<T extends { readonly title?: string }>(validate: Validator, data: unknown): Parsed<T> {
  const errors = checkBody(validate, data)
  if (errors.length > 0) return { ok: false, errors }
  const value = data as T
  if (value.title === undefined) return { ok: true, value }
  const parsed = parseTitle(value.title)
  return parsed.ok
    ? { ok: true, value: { ...value, title: parsed.title } }
    : { ok: false, errors: [{ detail: parsed.problem, pointer: pointerTo('title') }] }
}

export const parseNewTask = (data: unknown): Parsed<{ readonly title: string }> => parseBody(validators.validateNewTask as Validator, data)

export function parseTaskChange(data: unknown): Parsed<TaskChange> {
  const parsed = parseBody<{ readonly title?: string; readonly complete?: boolean }>(validators.validateTaskChange as Validator, data)
  if (!parsed.ok) return parsed
  const { title, complete } = parsed.value
  return { ok: true, value: { ...(title !== undefined && { title }), ...(complete !== undefined && { isComplete: complete }) } }
}

/** A query as the schema has it: its values are texts, and `limit` is a number. */
const withNumbers = (query: unknown): unknown => {
  const { limit, ...others } = query as Readonly<Record<string, unknown>>
  if (limit === undefined) return others
  return { ...others, limit: typeof limit === 'string' && /^[0-9]{1,9}$/.test(limit) ? Number(limit) : limit }
}

export function parseListQuery(query: unknown): Parsed<ListQuery> {
  const given = withNumbers(query) as { readonly show?: Show; readonly after?: string; readonly before?: string; readonly limit?: number }
  const errors = checkQuery(validators.validateListQuery as Validator, given, parameterRules)
  if (errors.length > 0) return { ok: false, errors }
  const { show = 'all', limit = defaultLimit } = given
  if (given.after !== undefined && given.before !== undefined) {
    return { ok: false, errors: [{ detail: 'Give `after` or `before`, not both.', parameter: 'before' }] }
  }
  for (const parameter of ['after', 'before'] as const) {
    const text = given[parameter]
    if (text === undefined) continue
    const place = parseCursor(text)
    if (!place) return { ok: false, errors: [{ detail: parameterRules[parameter] ?? '', parameter }] }
    if (!isWithin(show, place)) return { ok: false, errors: [{ detail: 'This cursor belongs to another `show`.', parameter }] }
    return { ok: true, value: { show, limit, [parameter]: place } }
  }
  return { ok: true, value: { show, limit } }
}

/** Checks that a request to delete more than one task says which. */
export function parseClearQuery(query: unknown): Parsed<undefined> {
  const errors = checkQuery(validators.validateClearQuery as Validator, query, {
    show: 'Give show=done: only what is done can be deleted together.',
  })
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: undefined }
}
