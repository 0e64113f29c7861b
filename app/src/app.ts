import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import fastify, { type FastifyInstance } from 'fastify'
import { createErrorPages } from './error-pages.ts'
import { addHealthRoutes } from './health.ts'
import type { Log } from './observability/log.ts'
import type { Metrics } from './observability/metrics.ts'
import { createRequestLog, observeRequests, requestId } from './observability/observe.ts'
import { createSendPage } from './page.ts'
import { addCsrfGuard, createCsrfTokens } from './security/csrf.ts'
import { addSecurityHeaders, securityHeaders } from './security/headers.ts'
import { createSessions } from './security/session.ts'
import { serveStaticFiles, type StaticFiles } from './static-files.ts'
import { addTaskRoutes } from './tasks/routes.ts'
import type { TaskStore } from './tasks/task-store.ts'

/** What the application is made of; who makes it also closes it (`store` included). */
export interface AppParts {
  readonly store: TaskStore
  readonly sessionKey: Buffer
  readonly log: Log
  readonly metrics: Metrics
  readonly staticFiles: StaticFiles
  readonly projectId?: string
}

/** The largest form: 200 characters of four bytes, each byte percent-encoded, and room for the token. */
const bodyLimitBytes = 16 * 1024
/** How long a client may take to send its whole request; without it, slow ones could hold every connection. */
const requestTimeoutMs = 10_000

const noSchemas = (): never => {
  throw new Error('A route has a schema, but no compiler for it is set: see schemaController in app.ts')
}

/** Builds the application; it does not listen. */
export async function buildApp({ store, sessionKey, log, metrics, staticFiles, projectId }: AppParts): Promise<FastifyInstance> {
  const requestLog = createRequestLog(log, projectId)
  const sendPage = createSendPage(staticFiles)
  const errorPages = createErrorPages(sendPage, requestLog)
  const sessions = createSessions(sessionKey)
  const tokens = createCsrfTokens(sessionKey)

  const app = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    genReqId: requestId,
    // No route has a schema: what is read (a title, an id, a token) is parsed beside its meaning. Given here, the compilers of
    // Fastify's choice are not even loaded, which is a good part of the time to start.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // See closeConnectionsWhenDraining.
    return503OnClosing: false,
    // For an address that cannot be routed (a broken percent-encoding); Fastify runs no hooks then.
    frameworkErrors: (error, request, reply) => void errorPages.thrown(error, request, reply.headers(securityHeaders)),
  })

  // Forms are the only bodies here. A JSON or text body would be a way around the browser's rules for forms.
  app.removeAllContentTypeParsers()
  await app.register(formbody)
  await app.register(cookie)

  closeConnectionsWhenDraining(app)
  addSecurityHeaders(app)
  observeRequests(app, { log: requestLog, metrics })
  addCsrfGuard(app, { sessions, tokens, log: requestLog, metrics, refuse: errorPages.csrf })
  app.setErrorHandler(errorPages.thrown)
  app.setNotFoundHandler(errorPages.notFound)

  serveStaticFiles(app, staticFiles)
  addHealthRoutes(app, store, requestLog)
  addTaskRoutes(app, { store, sessions, tokens, sendPage, errorPages, log: requestLog })

  await app.ready()
  return app
}

/**
 * While draining, what still comes on an open connection is answered as always, and its connection closed after it.
 * Fastify does that for requests that begin then; those that began before would keep theirs open until it times out.
 */
function closeConnectionsWhenDraining(app: FastifyInstance): void {
  let isDraining = false
  app.addHook('preClose', (done) => {
    isDraining = true
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining) reply.header('connection', 'close')
    done(null, payload)
  })
}
