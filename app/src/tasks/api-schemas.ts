import { cursorPattern } from './list-view.ts'
import { longestTitle } from './task.ts'

// The one source of what the API takes and gives: the validators of requests are generated from it (`npm run generate -w app`
// after a change here), the OpenAPI document holds it, and the tests hold every answer to it.

export const defaultLimit = 20
export const greatestLimit = 100

/** `false` leaves no member out of sight: what is unknown is refused, and is never sent. */
const closed = { type: 'object', additionalProperties: false } as const

const id = {
  type: 'integer',
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Given by the service, never twice.',
  examples: [42],
} as const

const typedTitle = {
  type: 'string',
  description: `1 to ${longestTitle} characters (Unicode code points) after white space at both ends is taken off and line breaks and tabs are made spaces; something must be visible, and other control characters are refused.`,
  examples: ['Buy milk'],
} as const

const cursor = { type: 'string', pattern: cursorPattern, examples: ['active-42'] } as const

/** The bodies that requests bring. */
export const bodies = {
  NewTask: {
    ...closed,
    description: 'A task to add.',
    required: ['title'],
    properties: { title: typedTitle },
  },
  TaskChange: {
    ...closed,
    description: 'What a task is to become; what is absent stays.',
    minProperties: 1,
    properties: { title: typedTitle, complete: { type: 'boolean', description: 'Whether it is done.' } },
  },
} as const

/** The queries that requests bring: objects whose members are parameters. */
export const queries = {
  ListQuery: {
    ...closed,
    properties: {
      show: { type: 'string', enum: ['all', 'active', 'done'], default: 'all', description: 'Which tasks: what is to do, what is done, or both.' },
      after: { ...cursor, description: 'The page that follows this place: `next` of the page before. Not together with `before`.' },
      before: { ...cursor, description: 'The page that ends before this place: `previous` of the page after. Not together with `after`.' },
      limit: { type: 'integer', minimum: 1, maximum: greatestLimit, default: defaultLimit, description: 'The most tasks on a page.' },
    },
  },
  ClearQuery: {
    ...closed,
    required: ['show'],
    properties: { show: { type: 'string', enum: ['done'], description: 'Only what is done can be deleted together.' } },
  },
} as const

const place = { ...cursor, type: ['string', 'null'] } as const

/** The bodies that answers bring. */
export const answers = {
  Task: {
    ...closed,
    description: 'One thing to do.',
    required: ['id', 'title', 'complete'],
    properties: {
      id,
      title: { type: 'string', minLength: 1, maxLength: longestTitle, description: 'As typed, on one line.', examples: ['Buy milk'] },
      complete: { type: 'boolean', description: 'Whether it is done.' },
    },
  },
  TaskPage: {
    ...closed,
    description: 'A page of a list: what is to do first, then what is done, each newest first.',
    required: ['tasks', 'next', 'previous'],
    properties: {
      tasks: { type: 'array', maxItems: greatestLimit, items: { $ref: '#/components/schemas/Task' } },
      next: { ...place, description: 'An opaque cursor: send it as `after` to get what follows; null where nothing does.' },
      previous: { ...place, description: 'An opaque cursor: send it as `before` to get what comes before; null where nothing does.' },
    },
  },
  Cleared: {
    ...closed,
    required: ['deleted'],
    properties: { deleted: { type: 'integer', minimum: 0, description: 'How many tasks that were.', examples: [3] } },
  },
  CsrfToken: {
    ...closed,
    required: ['token', 'header'],
    properties: {
      token: { type: 'string', minLength: 1, description: 'Proves a change to come from this session; good for as many changes as you like.' },
      header: { type: 'string', const: 'x-csrf-token', description: 'The header to send it in.' },
    },
  },
  Problem: {
    ...closed,
    description: 'What went wrong (RFC 9457).',
    required: ['type', 'title', 'status', 'detail', 'instance'],
    properties: {
      type: {
        type: 'string',
        format: 'uri-reference',
        pattern: '^/api/openapi\\.json#/components/examples/[A-Za-z]+$',
        description: 'The kind of problem: it points to its description in this document.',
      },
      title: { type: 'string', description: 'The same for every problem of this kind.' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: { type: 'string', description: 'What to do about it.' },
      instance: { type: 'string', format: 'uri', pattern: '^urn:request:[0-9a-f-]+$', description: 'This request; its id is in the log of the service.' },
      errors: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['detail'],
          properties: {
            detail: { type: 'string', description: 'What is wrong with it, in a sentence for whoever typed it.' },
            pointer: { type: 'string', pattern: '^#', description: 'The member of the body: a JSON Pointer as URI fragment (RFC 6901).' },
            parameter: { type: 'string', description: 'The parameter of the query.' },
          },
          oneOf: [{ required: ['pointer'] }, { required: ['parameter'] }],
          additionalProperties: false,
        },
      },
    },
  },
} as const
