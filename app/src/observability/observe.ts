import type { IncomingMessage } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ClientAddress } from '../security/client-address.ts'
import { quote, type Log, type LogFields, type Severity } from './log.ts'
import type { Histogram, Metrics } from './metrics.ts'
import { parseTrace, type Trace } from './trace.ts'

/** Writes a line that belongs to a request: it carries the trace, the request id and what was asked for. */
export type RequestLog = (request: FastifyRequest, severity: Severity, message: string, fields?: LogFields) => void

/** What every line of a request needs beside the request. */
export interface RequestLogParts {
  /** With it the trace is named in full, which is how Cloud Logging links it to Cloud Run's own entry. */
  readonly projectId: string | undefined
  readonly clientAddress: ClientAddress
}

const longestUrl = 1_000
const longestUserAgent = 300

/** The name of a request in logs and on error pages: its trace where it has one. */
export const requestId = (message: IncomingMessage): string => parseTrace(message.headers)?.traceId ?? randomUUID()

const traceName = ({ traceId }: Trace, projectId: string | undefined): string =>
  projectId === undefined ? traceId : `projects/${projectId}/traces/${traceId}`

/** Binds `log` to requests. */
export function createRequestLog(log: Log, parts: RequestLogParts): RequestLog {
  return (request, severity, message, fields) => {
    log(severity, message, fields, `${requestMembers(request, parts)}}`)
  }
}

/** What a line says of its request, as JSON without the brace that ends `httpRequest`. */
function requestMembers(request: FastifyRequest, { projectId, clientAddress }: RequestLogParts): string {
  const { raw, url, id, method } = request
  const userAgent = raw.headers['user-agent']
  return (
    `"requestId":${quote(id)},${traceMembers(raw, projectId)}"httpRequest":{"requestMethod":${quote(method)},` +
    `"requestUrl":${quote(url.length > longestUrl ? url.slice(0, longestUrl) : url)},` +
    `${userAgent === undefined ? '' : `"userAgent":${quote(userAgent.slice(0, longestUserAgent))},`}` +
    `"remoteIp":${quote(clientAddress(raw))},"protocol":"HTTP/${raw.httpVersion}"`
  )
}

/** Routes whose answers are counted but not logged: they come every few seconds, or with every page. */
const isQuiet = (route: string): boolean => route === '/health' || route === '/ready' || route.startsWith('/assets/')

/** The two ways to add a task. */
const isAdd = (method: string, route: string): boolean => method === 'POST' && (route === '/tasks' || route === '/api/tasks')

/** What is the same for all answers of one route that have one status: looked up once, not with every request. */
interface AnswerKind {
  readonly duration: Histogram
  readonly severity: Severity
  readonly message: string
}

/** Whom the answers are told. */
export interface ObserverParts extends RequestLogParts {
  readonly log: Log
  readonly metrics: Metrics
}

/** Counts every answer and writes one line for each. Routes that are added later are watched too; those before are not. */
export function observeRequests(app: FastifyInstance, parts: ObserverParts): void {
  app.addHook('onRoute', (route) => {
    // Given to the route itself, it need not find out with every request whose answer this is. HEAD comes as a route of its own.
    const methods = Array.isArray(route.method) ? route.method : [route.method]
    const observers = new Map(methods.map((method) => [method, createObserver(parts, method, route.url)]))
    const [only] = methods.length === 1 ? observers.values() : []
    const given = route.onResponse ?? []
    route.onResponse = [
      ...(Array.isArray(given) ? given : [given]),
      (request, reply, done) => {
        ;(only ?? observers.get(request.method))?.(request, reply)
        done()
      },
    ]
  })

  // The path that was asked for is never a label: outside text would make metrics grow without end.
  const strangers = new Map<string, Observe>()
  app.addHook('onResponse', (request, reply, done) => {
    if (request.is404) {
      const watch = strangers.get(request.method) ?? createObserver(parts, request.method, 'none')
      strangers.set(request.method, watch)
      watch(request, reply)
    }
    done()
  })
}

type Observe = (request: FastifyRequest, reply: FastifyReply) => void

function createObserver(parts: ObserverParts, method: string, route: string): Observe {
  const { log, metrics } = parts
  const kinds = new Map<number, AnswerKind>()
  const kindOf = (status: number): AnswerKind => {
    const kind: AnswerKind = {
      duration: metrics.requestDurationSeconds.with({ method, route, status: String(status) }),
      severity: status >= 500 ? 'ERROR' : 'INFO',
      message: `${method} ${route} ${status}`,
    }
    kinds.set(status, kind)
    return kind
  }
  const isQuietRoute = isQuiet(route)
  const isAddRoute = isAdd(method, route)

  return (request, reply) => {
    const status = reply.statusCode
    const { duration, severity, message } = kinds.get(status) ?? kindOf(status)
    const seconds = reply.elapsedTime / 1_000
    duration.observe(seconds)
    if (isAddRoute) {
      metrics.requests.increment()
      metrics.addLatencySeconds.observe(seconds)
    }
    if (isQuietRoute) return

    const size = reply.getHeader('content-length')
    const answer = `"status":${status}${size === undefined ? '' : `,"responseSize":"${String(size)}"`},"latency":"${seconds.toFixed(6)}s"`
    log(severity, message, undefined, `${requestMembers(request, parts)},${answer}}`)
  }
}

function traceMembers({ headers }: IncomingMessage, projectId: string | undefined): string {
  const trace = parseTrace(headers)
  if (trace === undefined) return ''
  const span = trace.spanId === undefined ? '' : `"logging.googleapis.com/spanId":"${trace.spanId}",`
  return `"logging.googleapis.com/trace":${quote(traceName(trace, projectId))},"logging.googleapis.com/trace_sampled":${trace.isSampled},${span}`
}
