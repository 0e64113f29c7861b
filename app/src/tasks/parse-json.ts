import type { FastifyRequest } from 'fastify'

/** Every string of a JSON text, with the colon that makes it the name of a member. */
const strings = /"(?:[^"\\]|\\.)*"(\s*:)?/gs

const namesIn = (text: string): number => Array.from(text.matchAll(strings)).filter(([, colon]) => colon !== undefined).length

/** How deep objects and lists may lie in each other, ours lie one deep: else it would depend on the stack what can be read. */
const deepest = 32

const membersOf = (value: unknown, depth = 1): number => {
  if (typeof value !== 'object' || value === null) return 0
  if (depth > deepest) throw new MalformedJsonError(`The body is nested more than ${deepest} deep`)
  const inner = Object.values(value).reduce((count: number, member) => count + membersOf(member, depth + 1), 0)
  return Array.isArray(value) ? inner : inner + Object.keys(value).length
}

/** A body that is no JSON, or ambiguous; `statusCode` is what Fastify reads. */
export class MalformedJsonError extends Error {
  override readonly name = 'MalformedJsonError'
  readonly statusCode = 400
}

/**
 * Reads a body. A member that is there twice is refused: `JSON.parse` would take the last, others take the first, and
 * between them a check can be passed (RFC 8259 §4). An empty body is none.
 */
export function parseJson(_request: FastifyRequest, text: string, done: (error: Error | null, body?: unknown) => void): void {
  if (text === '') {
    done(null, undefined)
    return
  }
  try {
    const body: unknown = JSON.parse(text)
    if (membersOf(body) === namesIn(text)) done(null, body)
    else done(new MalformedJsonError('A member is there twice'))
  } catch (error) {
    done(error instanceof MalformedJsonError ? error : new MalformedJsonError('The body is no JSON', { cause: error }))
  }
}
