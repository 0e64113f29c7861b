import type { FastifyInstance, HTTPMethods } from 'fastify'
import type { ErrorPages } from '../error-pages.ts'

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Answers every method that `url` does not have with 405, before a body is read. HEAD comes with GET. */
export function refuseOtherMethods(app: FastifyInstance, errorPages: ErrorPages, url: string, allowed: readonly HTTPMethods[]): void {
  const all = allowed.includes('GET') ? (['HEAD', ...allowed] as const) : allowed
  const allow = all.toSorted().join(', ')
  app.route({
    method: methods.filter((method) => !all.includes(method)),
    url,
    exposeHeadRoute: false,
    onRequest: (request, reply) => void errorPages.methodNotAllowed(request, reply, allow),
    // Never reached; a route must have one.
    handler: (request, reply) => errorPages.methodNotAllowed(request, reply, allow),
  })
}
