import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isToken } from '../bearer-token.ts'
import type { Lease, LeaseOutcome } from '../instances/revision-pool.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Platform } from '../platform/platform.ts'
import { isPublic } from '../resource/spec.ts'
import { secondsOf } from '../resource/template.ts'
import type { BoundedLog } from '../state/bounded-log.ts'
import { answerBody, answerHeaders, answers, rawAnswer, type Answer } from './answers.ts'
import { destinationOf, type Destination } from './destination.ts'
import { forward } from './forward.ts'
import { requestHeaders, traceOf, type TraceContext } from './headers.ts'
import { severityOf, writeRequestLog, type ServedRequest } from './request-log.ts'
import { passUpgrade } from './upgrade.ts'

export interface FrontOptions {
  readonly platform: Platform
  readonly lease: (service: string, revision: string, timeoutMs: number, preferred?: string) => Promise<LeaseOutcome>
  readonly token: string
  readonly requestLog: BoundedLog
  readonly metrics: Metrics
  /** In [0, 1). */
  readonly random: () => number
  /** Something that nobody foresaw went wrong with a request. */
  readonly onBug: (error: unknown) => void
}

/** A request that has found an instance. */
interface Admitted {
  readonly lease: Lease
  readonly revision: string
  readonly timeoutMs: number
  readonly headers: string[]
}

type Admission = { readonly admitted: Admitted } | { readonly refused: Answer; readonly revision: string }

/**
 * The front: one port for all services, where Google's front end would be. It is HTTP/1.1 on both sides; Node's parser
 * refuses what two servers could read differently (both lengths, bare line feeds), and every message is written anew.
 */
export class Front {
  readonly server: Server
  readonly #options: FrontOptions
  #inFlight = 0
  #onIdle = () => {}
  #isStopping = false

  constructor(options: FrontOptions) {
    this.#options = options
    this.server = createServer({
      keepAliveTimeout: 65_000,
      // h2c and others are offers that a server may ignore (RFC 9110 §7.8): such requests are answered as they are.
      shouldUpgradeCallback: (request) => isWebSocket(request),
    })
    this.server.on('request', (request, response) => void this.#serve(request, response))
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => void this.#upgrade(request, socket, head))
  }

  /** Takes no new connections and waits for what is in flight, `graceMs` at most; then everything is closed. */
  async close(graceMs: number): Promise<void> {
    this.#isStopping = true
    this.server.close()
    this.server.closeIdleConnections()
    if (this.#inFlight > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#onIdle = resolve
      const timer = setTimeout(resolve, graceMs)
      await promise
      clearTimeout(timer)
    }
    this.server.closeAllConnections()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const done = this.#begin()
    const startedAt = new Date()
    const began = performance.now()
    const trace = traceOf(request.headers)
    const destination = this.#destinationOf(request)
    const admission = await this.#admit(request, trace, destination)
    const revision = 'admitted' in admission ? admission.admitted.revision : admission.revision
    let sizes = { requestSize: 0, responseSize: 0 }
    try {
      if (this.#isStopping) response.shouldKeepAlive = false
      if ('admitted' in admission) sizes = await forward(request, response, admission.admitted)
      else sizes = refuse(request, response, admission.refused)
    } catch (error) {
      // One request must not end the others.
      this.#options.onBug(error)
      response.destroy()
    } finally {
      if ('admitted' in admission) admission.admitted.lease.release()
      // 499: the caller left before there was an answer.
      const status = response.headersSent ? response.statusCode : 499
      this.#record({ request, status, service: serviceIn(destination), revision, trace, startedAt, latencyMs: performance.now() - began, ...sizes })
      done()
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const done = this.#begin()
    socket.on('error', () => socket.destroy())
    const startedAt = new Date()
    const began = performance.now()
    const trace = traceOf(request.headers)
    const destination = this.#destinationOf(request)
    // On a Node that has no shouldUpgradeCallback, other upgrades come here too.
    const admission = isWebSocket(request) ? await this.#admit(request, trace, destination) : { refused: answers.badUpgrade, revision: '' }
    let outcome = { status: 'refused' in admission ? admission.refused.status : 503, requestSize: 0, responseSize: 0 }
    try {
      if ('admitted' in admission) outcome = await passUpgrade(request, socket as Socket, head, admission.admitted)
      else socket.end(rawAnswer(admission.refused))
    } catch (error) {
      this.#options.onBug(error)
      socket.destroy()
    } finally {
      const revision = 'admitted' in admission ? admission.admitted.revision : admission.revision
      if ('admitted' in admission) admission.admitted.lease.release()
      this.#record({ request, service: serviceIn(destination), revision, trace, startedAt, latencyMs: performance.now() - began, ...outcome })
      done()
    }
  }

  #record(served: ServedRequest): void {
    const { requestLog, platform, metrics } = this.#options
    writeRequestLog(requestLog, platform.place.parent, served)
    if (served.revision === '') return
    metrics.request(served.service, served.revision, served.status, served.latencyMs)
    metrics.logEntry(served.service, served.revision, 'requests', severityOf(served.status))
  }

  #begin(): () => void {
    this.#inFlight += 1
    return () => {
      this.#inFlight -= 1
      if (this.#inFlight === 0) this.#onIdle()
    }
  }

  #destinationOf(request: IncomingMessage): Destination {
    return destinationOf(request.headers.host, this.#options.platform.services(), this.#options.random())
  }

  async #admit(request: IncomingMessage, trace: TraceContext, destination: Destination): Promise<Admission> {
    const { platform, lease, token } = this.#options
    if (this.#isStopping) return { refused: answers.stopping, revision: '' }
    // Where a proxy would have to rewrite the target to agree with Host, two servers could read it differently.
    if (!request.url?.startsWith('/') && request.url !== '*') return { refused: answers.badTarget, revision: '' }
    if (destination.kind === 'no-service') return { refused: answers.noService(destination.host), revision: '' }
    const { spec, policy, id } = destination.service
    const credentials = credentialsIn(request, token)
    if (!credentials.isKnown && !isPublic(spec, policy)) return { refused: answers.forbidden(id), revision: '' }
    if (destination.kind === 'no-revision') return { refused: answers.noTraffic(id), revision: '' }
    const { revision } = destination
    const timeout = platform.find(id)?.revisions.find(({ name }) => name === revision)?.settings.timeout ?? '300s'
    const timeoutMs = secondsOf(timeout) * 1000
    const began = performance.now()
    const found = await lease(id, revision, timeoutMs)
    if (found === 'none') return { refused: answers.noInstance(revision), revision }
    if (found === 'saturated') return { refused: answers.saturated(revision), revision }
    if (found === 'late') return { refused: answers.timedOut(revision), revision }
    const remoteAddress = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    const headers = requestHeaders(request.rawHeaders, {
      host: request.headers.host ?? 'localhost',
      remoteAddress,
      trace,
      withhold: credentials.fields,
    })
    return { admitted: { lease: found, revision, timeoutMs: timeoutMs - (performance.now() - began), headers } }
  }
}

const serviceIn = (destination: Destination) => (destination.kind === 'no-service' ? '' : destination.service.id)

function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket' && request.method === 'GET'
}

/** Whether the request carries the admin token, and the fields that do: they are the front's and reach no instance. */
function credentialsIn(request: IncomingMessage, token: string): { readonly isKnown: boolean; readonly fields: ReadonlySet<string> } {
  const fields = (['authorization', 'x-serverless-authorization'] as const).filter((name) => isToken(request.headers[name], token))
  return { isKnown: fields.length > 0, fields: new Set(fields) }
}

function refuse(request: IncomingMessage, response: ServerResponse, answer: Answer): { requestSize: number; responseSize: number } {
  // The body was not read; a connection that still carries it cannot be used again.
  if (!request.complete) response.shouldKeepAlive = false
  request.resume()
  response.writeHead(answer.status, answerHeaders(answer))
  response.end(request.method === 'HEAD' ? undefined : answerBody(answer))
  return { requestSize: 0, responseSize: answerBody(answer).length }
}
