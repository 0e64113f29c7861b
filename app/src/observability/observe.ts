import type { IncomingMessage } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
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
    log(severity, message, fields, `${requestMembers(request.raw, request.id, parts)}}`)
  }
}

/** What there is to tell of something that was refused before it was a request to route. */
export interface Refused {
  readonly socket: Socket
  /** Absent where the parser made nothing of what came. */
  readonly message?: IncomingMessage | undefined
  /** Absent where it got none. */
  readonly id?: string | undefined
}

/** For how long a further refusal for the same reason has no line of its own. */
const quietMs = 1_000

/**
 * Writes the lines of what no route ever sees. Such things come by the thousand, and smaller than their lines: for each reason
 * one is written, and at the end of its second how many more there were.
 */
export function createRefusalLog(log: Log, parts: RequestLogParts): (reason: string, refused: Refused) => void {
  const leftOut = new Map<string, number>()
  return (reason, { socket, message, id }) => {
    const count = leftOut.get(reason)
    if (count !== undefined) {
      leftOut.set(reason, count + 1)
      return
    }
    leftOut.set(reason, 0)
    setTimeout(() => {
      const more = leftOut.get(reason) ?? 0
      leftOut.delete(reason)
      if (more > 0) log('WARNING', `HTTP refusal: ${reason}, ${more} more within a second`, { leftOut: more })
    }, quietMs).unref()
    const members = message
      ? requestMembers(message, id ?? requestId(message), parts)
      : `"httpRequest":{"remoteIp":${quote(parts.clientAddress({ headers: {}, socket }))}`
    log('WARNING', `HTTP refusal: ${reason}`, undefined, `${members}}`)
  }
}

/** What a line says of its request, as JSON without the brace that ends `httpRequest`. */
function requestMembers(raw: IncomingMessage, id: string, { projectId, clientAddress }: RequestLogParts): string {
  const { url = '', method = '', headers } = raw
  const userAgent = headers['user-agent']
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
    // The first of a client's refusals has a line, written by the limit; one for each would be more than was sent.
    if (isQuietRoute || status === 429) return

    const size = reply.getHeader('content-length')
    const answer = `"status":${status}${size === undefined ? '' : `,"responseSize":"${String(size)}"`},"latency":"${seconds.toFixed(6)}s"`
    log(severity, message, undefined, `${requestMembers(request.raw, request.id, parts)},${answer}}`)
  }
}

function traceMembers({ headers }: IncomingMessage, projectId: string | undefined): string {
  const trace = parseTrace(headers)
  if (trace === undefined) return ''
  const span = trace.spanId === undefined ? '' : `"logging.googleapis.com/spanId":"${trace.spanId}",`
  return `"logging.googleapis.com/trace":${quote(traceName(trace, projectId))},"logging.googleapis.com/trace_sampled":${trace.isSampled},${span}`
}
