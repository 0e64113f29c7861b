import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import fastify, { type FastifyInstance } from 'fastify'
import { createErrorPages } from './error-pages.ts'
import { addHealthRoutes } from './health.ts'
import type { Log } from './observability/log.ts'
import type { Metrics } from './observability/metrics.ts'
import { createRefusalLog, createRequestLog, observeRequests, requestId, type Refused } from './observability/observe.ts'
import { createDocument, createSendPage } from './page.ts'
import { createClientAddress } from './security/client-address.ts'
import { addCsrfGuard, createCsrfTokens } from './security/csrf.ts'
import { addSecurityHeaders, securityHeadersFor } from './security/headers.ts'
import { httpLimits, type HttpLimits } from './security/http-limits.ts'
import { createHttpServer, type HttpRefusal } from './security/http-server.ts'
import { addRateLimit } from './security/rate-limit.ts'
import { createSessions } from './security/session.ts'
import { serveStaticFiles, type StaticFiles } from './static-files.ts'
import { addTaskApi } from './tasks/api.ts'
import { addTaskRoutes, type TaskRoutesParts } from './tasks/routes.ts'
import type { TaskStore } from './tasks/task-store.ts'

/** What the application is made of; who makes it also closes it (`store` included). */
export interface AppParts {
  readonly store: TaskStore
  readonly sessionKey: Buffer
  /** The key before it, while browsers still have its cookies. */
  readonly previousSessionKey?: Buffer
  readonly log: Log
  readonly metrics: Metrics
  readonly staticFiles: StaticFiles
  readonly projectId?: string
  /** Changes a minute from one client; 0 or absent, as many as come. */
  readonly rateLimit?: number
  /** Proxies in front of us whose X-Forwarded-For is true; absent, none. */
  readonly trustedProxyHops?: number
  readonly limits?: HttpLimits
  /** Whether the service is about to end; absent, only `close` says so. */
  readonly isDraining?: () => boolean
}

const noSchemas = (): never => {
  throw new Error('A route has a schema, but no compiler for it is set: see schemaController in app.ts')
}

/** Builds the application; it does not listen. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { store, log, metrics, staticFiles, projectId, rateLimit = 0, limits = httpLimits, isDraining = () => false } = parts
  const keys = { current: parts.sessionKey, ...(parts.previousSessionKey && { previous: parts.previousSessionKey }) }
  const clientAddress = createClientAddress(parts.trustedProxyHops ?? 0)
  const requestLog = createRequestLog(log, { projectId, clientAddress })
  const renderDocument = createDocument(staticFiles)
  const sendPage = createSendPage(renderDocument)
  const errorPages = createErrorPages(sendPage, requestLog)
  const sessions = createSessions(keys)
  const tokens = createCsrfTokens(keys)

  const logRefusal = createRefusalLog(log, { projectId, clientAddress })
  const refused = (reason: HttpRefusal | 'address', what: Refused): void => {
    metrics.httpRefusals.increment({ reason })
    // Slow and idle clients are many, and no attack.
    if (reason !== 'timeout') logRefusal(reason, what)
  }

  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    genReqId: requestId,
    serverFactory: (handle) => createHttpServer(handle, limits, (reason, socket, message) => refused(reason, { socket, message })),
    // createHttpServer has done what there is to do.
    clientErrorHandler: () => {},
    // No route has a schema: what is read (a title, an id, a token) is parsed beside its meaning. Given here, the compilers of
    // Fastify's choice are not even loaded, which is a good part of the time to start.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // See closeConnectionsWhenDraining.
    return503OnClosing: false,
    // For an address that cannot be routed (a broken percent-encoding); Fastify runs no hooks then.
    frameworkErrors: (error, request, reply) => {
      refused('address', { socket: request.raw.socket, message: request.raw, id: request.id })
      errorPages.thrown(error, request, reply.headers(securityHeadersFor(request)))
    },
  })

  // Forms, and what a route for programs adds for itself. A text body would be a way around the browser's rules for forms.
  app.removeAllContentTypeParsers()
  await app.register(formbody)
  await app.register(cookie)

  closeConnectionsWhenDraining(app, isDraining)
  addSecurityHeaders(app)
  observeRequests(app, { log, metrics, projectId, clientAddress })
  if (rateLimit > 0) {
    await addRateLimit(app, {
      changes: rateLimit,
      clientAddress,
      onRefused: (request, isFirst) => {
        metrics.rateLimitRefusals.increment()
        if (isFirst) requestLog(request, 'WARNING', 'Rate limit: one client has sent too many requests, and is refused until its minute is over')
      },
      refuse: errorPages.tooManyRequests,
    })
  }
  addCsrfGuard(app, { sessions, tokens, log: requestLog, metrics, refuse: errorPages.csrf })
  app.setErrorHandler(errorPages.thrown)
  app.setNotFoundHandler(errorPages.notFound)

  serveStaticFiles(app, staticFiles)
  addHealthRoutes(app, { store, log: requestLog, isDraining })
  const taskParts: TaskRoutesParts = { store, sessions, tokens, renderDocument, errorPages, log: requestLog }
  addTaskRoutes(app, taskParts)
  addTaskApi(app, taskParts)

  await app.ready()
  return app
}

/**
 * While draining, what still comes on an open connection is answered as always, and its connection closed after it.
 * Fastify does that for requests that begin then; those that began before would keep theirs open until it times out.
 */
function closeConnectionsWhenDraining(app: FastifyInstance, isDraining: () => boolean): void {
  let isClosing = false
  app.addHook('preClose', (done) => {
    isClosing = true
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing || isDraining()) reply.header('connection', 'close')
    done(null, payload)
  })
}
