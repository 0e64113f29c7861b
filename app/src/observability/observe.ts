import type { IncomingMessage } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Log, LogFields, Severity } from './log.ts'
import type { Metrics } from './metrics.ts'
import { parseTrace } from './trace.ts'

/** Writes a line that belongs to a request: it carries the trace, the request id and what was asked for. */
export type RequestLog = (request: FastifyRequest, severity: Severity, message: string, fields?: LogFields) => void

const longestUrl = 1_000
const longestUserAgent = 300

/** The name of a request in logs and on error pages: its trace where it has one. */
export const requestId = (message: IncomingMessage): string => parseTrace(message.headers)?.traceId ?? randomUUID()

/** Binds `log` to requests. With `projectId` the trace is named in full, which is how Cloud Logging links it to Cloud Run's own entry. */
export function createRequestLog(log: Log, projectId: string | undefined): RequestLog {
  return (request, severity, message, fields = {}) => {
    const trace = parseTrace(request.headers)
    const { httpRequest, ...others } = fields
    log(severity, message, {
      requestId: request.id,
      ...(trace && {
        'logging.googleapis.com/trace': projectId === undefined ? trace.traceId : `projects/${projectId}/traces/${trace.traceId}`,
        'logging.googleapis.com/trace_sampled': trace.isSampled,
      }),
      ...(trace?.spanId !== undefined && { 'logging.googleapis.com/spanId': trace.spanId }),
      httpRequest: {
        requestMethod: request.method,
        requestUrl: request.url.slice(0, longestUrl),
        userAgent: request.headers['user-agent']?.slice(0, longestUserAgent),
        ...(typeof httpRequest === 'object' && httpRequest),
      },
      ...others,
    })
  }
}

/** Routes whose answers are counted but not logged: they come every few seconds, or with every page. */
const isQuiet = (route: string): boolean => route === '/health' || route === '/ready' || route.startsWith('/assets/')

/** Counts every answer and writes one line for each. */
export function observeRequests(app: FastifyInstance, { log, metrics }: { readonly log: RequestLog; readonly metrics: Metrics }): void {
  app.addHook('onResponse', (request, reply, done) => {
    // The route's pattern, never the path that was asked for: a label with outside text would grow without end.
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none')
    const status = reply.statusCode
    metrics.requests.increment({ method: request.method, route, status: String(status) })
    const isAdd = request.method === 'POST' && route === '/tasks'
    if (isAdd) metrics.addLatencySeconds.observe(reply.elapsedTime / 1_000)
    if (!isQuiet(route)) {
      log(request, status >= 500 ? 'ERROR' : 'INFO', `${request.method} ${route} ${status}`, {
        httpRequest: { status, latency: `${(reply.elapsedTime / 1_000).toFixed(6)}s` },
      })
    }
    done()
  })
}
