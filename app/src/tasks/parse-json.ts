import type { FastifyRequest } from 'fastify'

/** Every string of a JSON text, with the colon that makes it the name of a member. */
const strings = /"(?:[^"\\]|\\.)*"(\s*:)?/gs

const namesIn = (text: string): number => Array.from(text.matchAll(strings)).filter(([, colon]) => colon !== undefined).length

const membersOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value).reduce((count: number, member) => count + membersOf(member), 0)
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
    done(new MalformedJsonError('The body is no JSON', { cause: error }))
  }
}
