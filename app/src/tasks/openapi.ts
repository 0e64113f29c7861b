import { openApiPath, explanations, problem, type ProblemError, type ProblemName } from '../problems.ts'
import { csrfHeader } from '../security/csrf.ts'
import { cookieName } from '../security/session.ts'
import { answers, bodies, queries } from './api-schemas.ts'
import { longestTitle } from './task.ts'

type Json = Readonly<Record<string, unknown>>

const schema = (name: keyof typeof answers | keyof typeof bodies): Json => ({ $ref: `#/components/schemas/${name}` })
const header = (name: keyof typeof headers): Json => ({ $ref: `#/components/headers/${name}` })
const named = (names: readonly ProblemName[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/${name}` }]))

const headers = {
  'Set-Cookie': {
    description: 'The session of a client that came without one: send it back from now on.',
    schema: { type: 'string' },
    example: `${cookieName(true)}=…; Path=/; HttpOnly; Secure; SameSite=Lax`,
  },
  Location: {
    description: 'The address of the new task.',
    required: true,
    schema: { type: 'string', format: 'uri-reference', pattern: '^/api/tasks/[1-9][0-9]*$' },
    example: '/api/tasks/42',
  },
  'RateLimit-Policy': {
    description: 'How much is taken from one address, where that is limited (draft-ietf-httpapi-ratelimit-headers).',
    schema: { type: 'string', pattern: '^"(reads|changes)";q=[0-9]+;w=[0-9]+$' },
    example: '"changes";q=300;w=60',
  },
  RateLimit: {
    description: 'How much is left, and for how many seconds.',
    schema: { type: 'string', pattern: '^"(reads|changes)";r=[0-9]+;t=[0-9]+$' },
    example: '"changes";r=299;t=60',
  },
  'Retry-After': { description: 'Seconds to wait.', required: true, schema: { type: 'integer', minimum: 0 }, example: 5 },
  Allow: { description: 'The methods of this address.', required: true, schema: { type: 'string' }, example: 'GET, HEAD' },
} as const

/** What every answer may bring. */
const counted = { 'RateLimit-Policy': header('RateLimit-Policy'), RateLimit: header('RateLimit') }

const problemAnswer = (description: string, names: readonly ProblemName[], extra: Json = {}): Json => ({
  description,
  ...extra,
  content: { 'application/problem+json': { schema: schema('Problem'), examples: named(names) } },
})

/** The answers that are not as wished, by the name that operations refer to them under. */
const problems = {
  Malformed: problemAnswer('The address or the body cannot be read.', ['Malformed']),
  InvalidQuery: problemAnswer('The query does not fit, or the address cannot be read.', ['InvalidQuery', 'Malformed']),
  Forbidden: problemAnswer('It is not proven that this comes from this session and this site. Nothing was changed.', [
    'NoSession',
    'NoToken',
    'WrongToken',
    'CrossSite',
    'ForeignOrigin',
  ]),
  TaskNotFound: problemAnswer('There is no such task on this list; nor is it said whether another list has it.', ['TaskNotFound']),
  MethodNotAllowed: problemAnswer('The address does not answer this method.', ['MethodNotAllowed'], { headers: { Allow: header('Allow') } }),
  TooLarge: problemAnswer('The body is too large.', ['TooLarge']),
  UnsupportedMediaType: problemAnswer('The body is not application/json.', ['UnsupportedMediaType']),
  InvalidTask: problemAnswer('The body is JSON, and not what is asked for.', ['InvalidTask']),
  NotAdded: problemAnswer('The body is JSON, and not what is asked for; or the list is full.', ['InvalidTask', 'ListFull']),
  TooManyRequests: problemAnswer('Too much from one address.', ['TooManyRequests'], {
    headers: { ...counted, 'Retry-After': header('Retry-After') },
  }),
  Unavailable: problemAnswer('The database does not answer.', ['Unavailable'], { headers: { 'Retry-After': header('Retry-After') } }),
  Other: problemAnswer('Anything else that is not as wished.', ['NotFound', 'RequestTimeout', 'AddressTooLong', 'HeadersTooLarge', 'Unexpected']),
} as const

const statuses: Readonly<Record<string, keyof typeof problems>> = {
  400: 'Malformed',
  403: 'Forbidden',
  404: 'TaskNotFound',
  413: 'TooLarge',
  415: 'UnsupportedMediaType',
  422: 'InvalidTask',
  429: 'TooManyRequests',
  503: 'Unavailable',
}

const refuse = (...given: readonly (number | string)[]): Json => ({
  ...Object.fromEntries(given.map((status) => [String(status), { $ref: `#/components/responses/${statuses[status]}` }])),
  default: { $ref: '#/components/responses/Other' },
})

const refuseAdding: Json = { 422: { $ref: '#/components/responses/NotAdded' } }
const refuseQuery: Json = { 400: { $ref: '#/components/responses/InvalidQuery' } }

const ok = (description: string, name: keyof typeof answers, example: unknown, extra: readonly (keyof typeof headers)[] = []): Json => ({
  description,
  headers: { ...counted, ...Object.fromEntries(extra.map((name) => [name, header(name)])) },
  content: { 'application/json': { schema: schema(name), example } },
})

const parametersOf = ({ properties, required = [] }: { readonly properties: Readonly<Record<string, Json>>; readonly required?: readonly string[] }): Json[] =>
  Object.entries(properties).map(([name, { description, ...rules }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    description,
    schema: rules,
  }))

const body = (name: keyof typeof bodies, examples: Readonly<Record<string, unknown>>): Json => ({
  required: true,
  content: {
    'application/json': {
      schema: schema(name),
      examples: Object.fromEntries(Object.entries(examples).map(([key, value]) => [key, { value }])),
    },
  },
})

/** What a change must bring. */
const change = { security: [{ session: [], token: [] }] }
/** What reading brings where the client has it; a client without a session gets one, and an empty list. */
const read = { security: [{ session: [] }, {}] }

const task = { id: 42, title: 'Buy milk', complete: false }

const idParameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of a task on the list of this session.',
  schema: answers.Task.properties.id,
}

const paths = {
  '/api/tasks': {
    get: {
      operationId: 'listTasks',
      summary: 'A page of the list',
      tags: ['tasks'],
      ...read,
      parameters: parametersOf(queries.ListQuery),
      responses: {
        200: ok('The tasks, and cursors to the pages on both sides.', 'TaskPage', { tasks: [task], next: 'active-42', previous: null }, ['Set-Cookie']),
        ...refuseQuery,
        ...refuse(429, 503),
      },
    },
    post: {
      operationId: 'addTask',
      summary: 'Add a task',
      tags: ['tasks'],
      ...change,
      requestBody: body('NewTask', { add: { title: 'Buy milk' } }),
      responses: { 201: ok('The task that was added.', 'Task', task, ['Location']), ...refuse(400, 403, 413, 415, 429, 503), ...refuseAdding },
    },
    delete: {
      operationId: 'clearCompleted',
      summary: 'Delete everything that is done',
      tags: ['tasks'],
      ...change,
      parameters: parametersOf(queries.ClearQuery),
      responses: {
        200: ok('How many tasks were deleted.', 'Cleared', { deleted: 3 }),
        ...refuse(403, 413, 415, 429, 503),
        ...refuseQuery,
      },
    },
  },
  '/api/tasks/{id}': {
    parameters: [idParameter],
    get: {
      operationId: 'getTask',
      summary: 'One task',
      tags: ['tasks'],
      ...read,
      responses: { 200: ok('The task.', 'Task', task), ...refuse(400, 404, 429, 503) },
    },
    patch: {
      operationId: 'changeTask',
      summary: 'Edit, complete or reopen a task',
      tags: ['tasks'],
      ...change,
      requestBody: body('TaskChange', { complete: { complete: true }, reopen: { complete: false }, edit: { title: 'Buy oat milk' } }),
      responses: { 200: ok('The task as it is now.', 'Task', { ...task, complete: true }), ...refuse(400, 403, 404, 413, 415, 422, 429, 503) },
    },
    delete: {
      operationId: 'deleteTask',
      summary: 'Delete a task',
      tags: ['tasks'],
      ...change,
      responses: { 204: { description: 'The task is gone.', headers: counted }, ...refuse(400, 403, 404, 413, 415, 429, 503) },
    },
  },
  '/api/csrf-token': {
    get: {
      operationId: 'getCsrfToken',
      summary: 'The token that changes need',
      tags: ['session'],
      ...read,
      responses: {
        200: ok('A token for this session, which is begun where there is none.', 'CsrfToken', { token: 'dGhl….dG9rZW4', header: csrfHeader }, ['Set-Cookie']),
        ...refuse(429),
      },
    },
  },
  [openApiPath]: {
    get: {
      operationId: 'getOpenApi',
      summary: 'This document',
      tags: ['session'],
      security: [{}],
      responses: { 200: { description: 'OpenAPI 3.1.', headers: counted, content: { 'application/json': { schema: { type: 'object' } } } }, ...refuse(429) },
    },
  },
}

const exampleErrors: Partial<Record<ProblemName, readonly ProblemError[]>> = {
  InvalidTask: [{ detail: `Make it shorter: it has ${longestTitle + 1} characters, and ${longestTitle} fit.`, pointer: '#/title' }],
  InvalidQuery: [{ detail: 'Give one of all, active, done.', parameter: 'show' }],
}

const examples = Object.fromEntries(
  (Object.keys(explanations) as ProblemName[]).map((name) => [
    name,
    { summary: explanations[name].summary, value: problem(name, '4bf92f3577b34da6a3ce929d0e0e4736', exampleErrors[name]) },
  ]),
)

/** The document at `/api/openapi.json`: written from what requests are validated by and problems are made of. */
export const openApi = {
  openapi: '3.1.1',
  jsonSchemaDialect: 'https://spec.openapis.org/oas/3.1/dialect/base',
  info: {
    title: 'To-do list',
    version: '1.0.0',
    summary: 'The list of one browser, for programs.',
    description:
      'Each session has a list of its own. A program keeps the cookie that any GET sets, gets a token by GET /api/csrf-token and sends it with every change. ' +
      'No GET changes anything; HEAD answers as GET does, without a body. Anything that is not as wished is a problem (RFC 9457) whose `type` points to its description here.',
    license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/', description: 'The service that this document came from.' }],
  tags: [
    { name: 'tasks', description: 'What is to do, and what is done.' },
    { name: 'session', description: 'What a program needs before it changes something.' },
  ],
  paths,
  components: {
    schemas: { ...answers, ...bodies },
    headers,
    responses: problems,
    examples,
    securitySchemes: {
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: cookieName(true),
        description: `Signed by the service. Over plain HTTP, as on a laptop, its name is \`${cookieName(false)}\`.`,
      },
      token: { type: 'apiKey', in: 'header', name: csrfHeader, description: 'The token of GET /api/csrf-token, made for the same session.' },
    },
  },
} as const

export const writeOpenApi = (): string => JSON.stringify(openApi)
