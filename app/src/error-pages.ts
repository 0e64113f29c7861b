import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { html } from './html.ts'
import { errorFields } from './observability/log.ts'
import type { RequestLog } from './observability/observe.ts'
import type { SendPage } from './page.ts'
import { explanations, problem, problemContentType, type ProblemError, type ProblemName } from './problems.ts'
import type { CsrfRefusal } from './security/csrf.ts'
import { ListFullError, StoreUnavailableError } from './tasks/task-store.ts'

const refusals: Readonly<Record<CsrfRefusal, ProblemName>> = {
  'cross-site': 'CrossSite',
  'foreign-origin': 'ForeignOrigin',
  'no-session': 'NoSession',
  'no-token': 'NoToken',
  'wrong-token': 'WrongToken',
}

/** For the statuses below 500 that something beneath the routes answers with; all others are `Malformed`. */
const thrownNames: Readonly<Record<number, ProblemName>> = {
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'RequestTimeout',
  413: 'TooLarge',
  414: 'AddressTooLong',
  415: 'UnsupportedMediaType',
  429: 'TooManyRequests',
  431: 'HeadersTooLarge',
}

export const retryAfterSeconds = 5

/** The answers for everything that is not as it should be: a page for people, a problem (RFC 9457) for programs. */
export interface ErrorPages {
  readonly notFound: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
  readonly malformed: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
  readonly taskNotFound: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
  /** `allowed`: what the address answers, as the header Allow has it. */
  readonly methodNotAllowed: (request: FastifyRequest, reply: FastifyReply, allowed: string) => FastifyReply
  readonly invalid: (request: FastifyRequest, reply: FastifyReply, name: 'InvalidQuery' | 'InvalidTask', errors: readonly ProblemError[]) => FastifyReply
  readonly csrf: (request: FastifyRequest, reply: FastifyReply, refusal: CsrfRefusal) => FastifyReply
  readonly tooManyRequests: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
  /** The last resort for whatever was thrown: logs our own faults, and tells the reader nothing internal. */
  readonly thrown: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyReply
}

/** Everything under /api/ is for programs; elsewhere, who accepts JSON and no page. */
export function wantsProblem({ url, headers: { accept } }: Pick<FastifyRequest, 'url' | 'headers'>): boolean {
  if (/^\/api(?:[/?]|$)/.test(url)) return true
  return accept !== undefined && /\bjson\b/i.test(accept) && !/\btext\/html\b/i.test(accept)
}

/** What was typed into a form that was not taken: it is shown, so that nobody has to remember it. */
const typedIn = ({ body }: FastifyRequest): string | undefined => {
  const typed = typeof body === 'object' && body !== null && 'title' in body ? body.title : undefined
  return typeof typed === 'string' && typed.trim() !== '' ? typed : undefined
}

/** Makes the error pages; each names the request, so that a reader's report finds its log lines. */
export function createErrorPages(sendPage: SendPage, log: RequestLog): ErrorPages {
  const send = (request: FastifyRequest, reply: FastifyReply, name: ProblemName, errors?: readonly ProblemError[]): FastifyReply => {
    const { status, title, advice } = explanations[name]
    if (wantsProblem(request)) return reply.code(status).type(problemContentType).send(JSON.stringify(problem(name, request.id, errors)))
    // Another site could have typed it.
    const typed = name === 'CrossSite' || name === 'ForeignOrigin' ? undefined : typedIn(request)
    return sendPage(reply.code(status), {
      title: `${title} · To-do list`,
      main: html`<article class="notice">
<p class="status">${status}</p>
<h1>${title}</h1>
<p>${advice}</p>
${typed !== undefined && html`<p>You wrote:</p>\n<blockquote dir="auto">${typed}</blockquote>\n`}<p><a class="action" href="/">Open your list</a></p>
<p class="reference">Reference <code>${request.id}</code></p>
</article>`,
    })
  }

  return {
    notFound: (request, reply) => send(request, reply, 'NotFound'),
    malformed: (request, reply) => send(request, reply, 'Malformed'),
    taskNotFound: (request, reply) => send(request, reply, 'TaskNotFound'),
    methodNotAllowed: (request, reply, allowed) => send(request, reply.header('allow', allowed), 'MethodNotAllowed'),
    invalid: send,
    csrf: (request, reply, refusal) => send(request, reply, refusals[refusal]),
    tooManyRequests: (request, reply) => send(request, reply, 'TooManyRequests'),
    thrown(error, request, reply) {
      if (error instanceof StoreUnavailableError) {
        log(request, 'ERROR', 'The database cannot be reached', errorFields(error))
        return send(request, reply.header('retry-after', retryAfterSeconds), 'Unavailable')
      }
      if (error instanceof ListFullError) return send(request, reply, 'ListFull')
      const { statusCode = 500 } = error
      if (statusCode >= 400 && statusCode < 500) return send(request, reply, thrownNames[statusCode] ?? 'Malformed')
      log(request, 'ERROR', 'A request failed unexpectedly', errorFields(error))
      return send(request, reply, 'Unexpected')
    },
  }
}
