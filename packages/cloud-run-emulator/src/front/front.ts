import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isToken } from '../bearer-token.ts'
import type { Lease, LeaseOutcome } from '../instances/revision-pool.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Platform } from '../platform/platform.ts'
import type { ServiceRecord } from '../platform/record.ts'
import type { RevisionSettings } from '../resource/service.ts'
import { isPublic } from '../resource/spec.ts'
import { secondsOf } from '../resource/template.ts'
import type { BoundedLog } from '../state/bounded-log.ts'
import { affinityCookie, affinityOf } from './affinity.ts'
import { answerBody, answerHeaders, answers, rawAnswer, type Answer } from './answers.ts'
import { Connections, type FrontRequest, type FrontResponse } from './connections.ts'
import { destinationOf, type Destination } from './destination.ts'
import { beginAnswer, closeAfter } from './exchange.ts'
import { forwardHttp2 } from './forward-http2.ts'
import { forward, type ForwardOptions } from './forward.ts'
import { requestHeaders, traceOf, type TraceContext } from './headers.ts'
import { severityOf, writeRequestLog, type ServedRequest } from './request-log.ts'
import { passUpgrade } from './upgrade.ts'

export interface FrontOptions {
  readonly platform: Platform
  readonly lease: (service: string, revision: string, timeoutMs: number, preferred?: string) => LeaseOutcome | Promise<LeaseOutcome>
  readonly token: string
  readonly requestLog: BoundedLog
  readonly metrics: Metrics
  /** In [0, 1). */
  readonly random: () => number
  /** Something that nobody foresaw went wrong with a request. */
  readonly onBug: (error: unknown) => void
}

/** A request that has found an instance. */
interface Admitted extends ForwardOptions {
  readonly release: () => void
  readonly speaksHttp2: boolean
}

type Admission = { readonly admitted: Admitted } | { readonly refused: Answer; readonly revision: string }

/** The front: one port for all services, where Google's front end would be. Every message is written anew. */
export class Front {
  readonly #options: FrontOptions
  readonly #connections: Connections
  #inFlight = 0
  #onIdle = () => {}
  #isStopping = false

  constructor(options: FrontOptions) {
    this.#options = options
    this.#connections = new Connections({
      onRequest: (request, response) => void this.#serve(request, response),
      onUpgrade: (request, socket, head) => void this.#upgrade(request, socket, head),
      isUpgrade: isWebSocket,
    })
  }

  get server(): Server {
    return this.#connections.server
  }

  /** Takes no new connections and waits for what is in flight, `graceMs` at most; then everything is closed. */
  async close(graceMs: number): Promise<void> {
    this.#isStopping = true
    this.#connections.drain()
    if (this.#inFlight > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#onIdle = resolve
      const timer = setTimeout(resolve, graceMs)
      await promise
      clearTimeout(timer)
    }
    this.#connections.closeAll()
  }

  async #serve(request: FrontRequest, response: FrontResponse): Promise<void> {
    const done = this.#begin()
    const startedAt = new Date()
    const began = performance.now()
    const trace = traceOf(request.headers)
    const destination = this.#destinationOf(request)
    const admission = await this.#admit(request, trace, destination)
    const revision = 'admitted' in admission ? admission.admitted.revision : admission.revision
    let sizes = { requestSize: 0, responseSize: 0 }
    try {
      if (this.#isStopping) closeAfter(response)
      if ('admitted' in admission)
        sizes = await (admission.admitted.speaksHttp2 ? forwardHttp2 : forward)(request, response, admission.admitted)
      else sizes = refuse(request, response, admission.refused)
    } catch (error) {
      // One request must not end the others.
      this.#options.onBug(error)
      response.destroy()
    } finally {
      if ('admitted' in admission) admission.admitted.release()
      // 499: the caller left before there was an answer.
      const status = response.headersSent ? response.statusCode : 499
      this.#record({ request, host: hostOf(request) ?? '', status, service: serviceIn(destination), revision, trace, startedAt, latencyMs: performance.now() - began, ...sizes })
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
      if ('admitted' in admission) admission.admitted.release()
      this.#record({ request, host: hostOf(request) ?? '', service: serviceIn(destination), revision, trace, startedAt, latencyMs: performance.now() - began, ...outcome })
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

  #destinationOf(request: FrontRequest): Destination {
    const destination = destinationOf(hostOf(request), this.#options.platform.services(), this.#options.random())
    if (destination.kind !== 'split') return destination
    // A client that has had an instance of a revision stays with it while that has traffic at all.
    const before = affinityOf(request)?.revision
    const { service } = destination
    const keeps = before !== undefined && service.statuses.some(({ serves, percent = 0 }) => serves === before && percent > 0)
    return keeps && settingsOf(service, before).sessionAffinity === true ? { ...destination, revision: before } : destination
  }

  async #admit(request: FrontRequest, trace: TraceContext, destination: Destination): Promise<Admission> {
    const { lease, token } = this.#options
    if (this.#isStopping) return { refused: answers.stopping, revision: '' }
    // Where a proxy would have to rewrite the target to agree with Host, two servers could read it differently.
    if (!request.url?.startsWith('/')) return { refused: answers.badTarget, revision: '' }
    if (destination.kind === 'no-service') return { refused: answers.noService(destination.host), revision: '' }
    const { service } = destination
    const credentials = credentialsIn(request, token)
    if (!credentials.isKnown && !isPublic(service.spec, service.policy)) return { refused: answers.forbidden(service.id), revision: '' }
    if (destination.kind === 'no-revision') return { refused: answers.noTraffic(service.id), revision: '' }
    const { revision } = destination
    const settings = settingsOf(service, revision)
    const before = settings.sessionAffinity === true ? affinityOf(request)?.instance : undefined
    const timeoutMs = secondsOf(settings.timeout ?? '300s') * 1000
    const began = performance.now()
    const left = () => timeoutMs - (performance.now() - began)
    const outcome = lease(service.id, revision, timeoutMs, before)
    const found = outcome instanceof Promise ? await outcome : outcome
    if (typeof found === 'string') return { refused: withoutLease(found, revision), revision }
    const { instance } = found
    let held: Lease | undefined = found
    let isOver = false
    const giveBack = () => {
      held?.release()
      held = undefined
    }
    const release = () => {
      isOver = true
      giveBack()
    }
    const renew = async () => {
      held?.refused()
      giveBack()
      const next = await lease(service.id, revision, left())
      if (typeof next === 'string') return withoutLease(next, revision)
      held = next
      // The client may have left meanwhile.
      if (isOver) giveBack()
      return next.instance
    }
    const headers = requestHeaders(request.rawHeaders, {
      host: hostOf(request) ?? 'localhost',
      remoteAddress: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      trace,
      withhold: credentials.fields,
    })
    const isNew = settings.sessionAffinity === true && instance.id !== before
    return {
      admitted: {
        release,
        renew,
        instance,
        revision,
        // What was waited for an instance is part of it.
        timeoutMs: left(),
        headers,
        answerHeaders: isNew ? ['Set-Cookie', affinityCookie({ revision, instance: instance.id })] : [],
        speaksHttp2: settings.containers?.[0]?.ports?.[0]?.name === 'h2c',
      },
    }
  }
}

function withoutLease(outcome: Exclude<LeaseOutcome, Lease>, revision: string): Answer {
  switch (outcome) {
    case 'none':
      return answers.noInstance(revision)
    case 'saturated':
      return answers.saturated(revision)
    case 'late':
      return answers.timedOut(revision)
  }
}

function settingsOf(service: ServiceRecord, revision: string): RevisionSettings {
  return service.revisions.find(({ name }) => name === revision)?.settings ?? {}
}

/** HTTP/2 has the host as a pseudo-header field. */
function hostOf({ headers }: FrontRequest): string | undefined {
  const { ':authority': authority } = headers as { readonly ':authority'?: string }
  return authority ?? headers.host
}

const serviceIn = (destination: Destination) => (destination.kind === 'no-service' ? '' : destination.service.id)

function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket' && request.method === 'GET'
}

/** Whether the request carries the admin token, and the fields that do: they are the front's and reach no instance. */
function credentialsIn(request: FrontRequest, token: string): { readonly isKnown: boolean; readonly fields: ReadonlySet<string> } {
  const fields = (['authorization', 'x-serverless-authorization'] as const).filter((name) => isToken(request.headers[name], token))
  return { isKnown: fields.length > 0, fields: new Set(fields) }
}

function refuse(request: FrontRequest, response: FrontResponse, answer: Answer): { requestSize: number; responseSize: number } {
  // The body was not read; a connection that still carries it cannot be used again.
  if (!request.complete) closeAfter(response)
  request.resume()
  beginAnswer(response, answer.status, Object.entries(answerHeaders(answer)).flat())
  response.end(request.method === 'HEAD' ? '' : answerBody(answer))
  return { requestSize: 0, responseSize: answerBody(answer).length }
}
