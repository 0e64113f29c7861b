import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { html } from './html.ts'
import { errorFields } from './observability/log.ts'
import type { RequestLog } from './observability/observe.ts'
import type { SendPage } from './page.ts'
import type { CsrfRefusal } from './security/csrf.ts'
import { StoreUnavailableError } from './tasks/task-store.ts'

/** What went wrong, and what the reader can do: never why inside. */
interface Explanation {
  readonly title: string
  readonly advice: string
}

const unexpected: Explanation = {
  title: 'Something went wrong',
  advice: 'It is our fault, and it has been noted. Go back to your list and look whether your change is there before you try again.',
}

const malformed: Explanation = {
  title: 'This request makes no sense',
  advice: 'The address or the form was damaged on its way. Go back to your list and try again.',
}

const missing: Explanation = { title: 'There is no such page', advice: 'The address may be old or mistyped.' }

const unavailable: Explanation = {
  title: 'Your list cannot be reached just now',
  advice: 'Nothing was changed and nothing is lost. Try again in a few seconds.',
}

/** For the statuses below 500 that Fastify itself answers with; the others are `malformed`. */
const explanations: Readonly<Record<number, Explanation>> = {
  404: missing,
  413: { title: 'That is too much', advice: 'A task is at most 200 characters long. Nothing was changed.' },
  414: { title: 'This address is too long', advice: 'Go back to your list and start from there.' },
  415: { title: 'This form cannot be read', advice: 'It was not sent the way that browsers send forms. Nothing was changed.' },
}

const refusals: Readonly<Record<CsrfRefusal, Explanation>> = {
  'cross-site': {
    title: 'This did not come from your list',
    advice: 'Another website sent this form, so it was refused and nothing was changed. If it was you, do it again from your list.',
  },
  'foreign-origin': {
    title: 'This did not come from your list',
    advice: 'The form came from another address than this one, so it was refused and nothing was changed. Do it again from your list.',
  },
  'no-session': {
    title: 'Your session is not there',
    advice: 'Nothing was changed. Allow cookies for this site, or, if you did, open your list again: the session has ended.',
  },
  'no-token': {
    title: 'This form was not complete',
    advice: 'A part was missing that proves it to be yours, so nothing was changed. Open your list again and repeat what you did.',
  },
  'wrong-token': {
    title: 'This page was too old',
    advice: 'It belonged to an earlier session, so nothing was changed. Open your list again and repeat what you did.',
  },
}

const retryAfterSeconds = 5

/** The pages for everything that is not as it should be. */
export interface ErrorPages {
  readonly notFound: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
  readonly malformed: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
  readonly taskNotFound: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
  readonly csrf: (request: FastifyRequest, reply: FastifyReply, refusal: CsrfRefusal) => FastifyReply
  /** The last resort for whatever was thrown: logs our own faults, and tells the reader nothing internal. */
  readonly thrown: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyReply
}

/** Makes the error pages; each names the request, so that a reader's report finds its log lines. */
export function createErrorPages(sendPage: SendPage, log: RequestLog): ErrorPages {
  const send = (request: FastifyRequest, reply: FastifyReply, status: number, { title, advice }: Explanation): FastifyReply =>
    sendPage(reply.code(status), {
      title: `${title} · To-do list`,
      main: html`<article class="notice">
<p class="status">${status}</p>
<h1>${title}</h1>
<p>${advice}</p>
<p><a class="action" href="/">Open your list</a></p>
<p class="reference">Reference <code>${request.id}</code></p>
</article>`,
    })

  return {
    notFound: (request, reply) => send(request, reply, 404, missing),
    malformed: (request, reply) => send(request, reply, 400, malformed),
    taskNotFound: (request, reply) =>
      send(request, reply, 404, { title: 'This task is not on your list', advice: 'It may have been deleted in another tab.' }),
    csrf: (request, reply, refusal) => send(request, reply, 403, refusals[refusal]),
    thrown(error, request, reply) {
      if (error instanceof StoreUnavailableError) {
        log(request, 'ERROR', 'The database cannot be reached', errorFields(error))
        return send(request, reply.header('retry-after', retryAfterSeconds), 503, unavailable)
      }
      const { statusCode = 500 } = error
      if (statusCode >= 400 && statusCode < 500) return send(request, reply, statusCode, explanations[statusCode] ?? malformed)
      log(request, 'ERROR', 'A request failed unexpectedly', errorFields(error))
      return send(request, reply, 500, unexpected)
    },
  }
}
