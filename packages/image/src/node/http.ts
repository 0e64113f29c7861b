/**
 * HTTP as a registry client needs it: bodies that stream both ways, redirects and failures left to the caller, nothing
 * waited for without an end.
 */
import { Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { Agent as SecureAgent, request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { getCACertificates } from 'node:tls'
import { setTimeout as delay } from 'node:timers/promises'
import { ImageError, quote } from '../error.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: { readonly size: number; readonly pieces: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array> }
  readonly signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  readonly status: number
  /** By name in lower case; where a name came more than once, joined by a comma. */
  readonly headers: ReadonlyMap<string, string>
  /** Must be read to its end or `drop`ped, or the connection is never used again. */
  readonly body: AsyncIterable<Uint8Array>
  readonly drop: () => void
}

export interface HttpClient extends Disposable {
  readonly send: (request: HttpRequest) => Promise<HttpAnswer>
}

export interface HttpOptions {
  /** Certificates in PEM that are trusted besides Node's own. */
  readonly ca?: string | undefined
  /** A connection that brings less than 16 KiB in this time, while something is waited for, is given up. */
  readonly idleMs: number
}

const leastBytes = 16 * 1024
const uploadBlockBytes = 256 * 1024

/** Connections are kept for the next request; what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say holds except on loopback. */
export function openHttp({ ca, idleMs }: HttpOptions): HttpClient {
  const settings = { keepAlive: true, maxSockets: 16 }
  const proxyEnv = Object.fromEntries(['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'].map((name) => [name, process.env[name]]))
  // Handed to each agent alone, `ca` would replace Node's own certificates.
  const trust = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }
  const agents = {
    direct: { 'http:': new Agent(settings), 'https:': new SecureAgent({ ...settings, ...trust }) },
    proxied: { 'http:': new Agent({ ...settings, proxyEnv }), 'https:': new SecureAgent({ ...settings, ...trust, proxyEnv }) },
  }
  return {
    async send(request) {
      const protocol = request.url.protocol === 'https:' ? 'https:' : 'http:'
      const agent = agents[isLoopback(request.url.hostname) ? 'direct' : 'proxied'][protocol]
      return sendOnce(request, agent, idleMs)
    },
    [Symbol.dispose]() {
      for (const group of Object.values(agents)) for (const agent of Object.values(group)) agent.destroy()
    },
  }
}

/** Whether a host's name is this machine itself, as a URL spells it. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

/** Waits; an aborted signal ends it with its reason. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** Milliseconds since 1970. */
export function now(): number {
  return Date.now()
}

async function sendOnce({ method, url, headers = {}, body, signal }: HttpRequest, agent: Agent | SecureAgent, idleMs: number): Promise<HttpAnswer> {
  const outgoing: OutgoingHttpHeaders = { ...headers, ...(body === undefined ? {} : { 'content-length': body.size }) }
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = send(url, { method, headers: outgoing, agent, ...(signal === undefined ? {} : { signal }) }, resolve)
  sent.setTimeout(idleMs, () => sent.destroy(slow(url, idleMs)))
  let own: { readonly reason: unknown } | undefined
  sent.on('error', (error) => reject(own?.reason ?? (signal?.aborted ? (signal.reason as unknown) : asFailure(url, error))))
  if (body === undefined) sent.end()
  else {
    // Our own bytes that cannot be read are no failure of the connection, although they end it.
    const pieces = inBlocks(body.pieces(), (reason) => { own = { reason } })
    // Whatever goes wrong destroys the request, which then says so itself.
    pipeline(Readable.from(pieces, { objectMode: true, highWaterMark: 1 }), sent).catch(() => {})
  }
  const answer = await promise
  sent.setTimeout(0)
  // Whoever reads the body hears of it; where nobody reads, it is of no interest.
  answer.on('error', () => {})
  return {
    status: answer.statusCode ?? 0,
    headers: new Map(Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')])),
    body: piecesOf(answer, { url, idleMs, signal }),
    drop() {
      // A short rest is read, so that the connection can be used again.
      if (Number(answer.headers['content-length'] ?? Number.NaN) <= leastBytes) answer.resume()
      else answer.destroy()
    },
  }
}

/** A file's pieces are 1 MiB: smaller ones let a slow connection show that it moves. */
async function* inBlocks(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, fail: (reason: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of pieces) {
      for (let offset = 0; offset < piece.length; offset += uploadBlockBytes) yield piece.subarray(offset, offset + uploadBlockBytes)
    }
  } catch (error) {
    fail(error)
    throw error
  }
}

interface Waiting {
  readonly url: URL
  readonly idleMs: number
  readonly signal: AbortSignal | undefined
}

/** Only the time that the other side takes counts, not what is done with a piece here. */
async function* piecesOf(answer: IncomingMessage, { url, idleMs, signal }: Waiting): AsyncGenerator<Uint8Array> {
  let isWaiting = true
  const timer = setTimeout(() => isWaiting && answer.destroy(slow(url, idleMs)), idleMs)
  let waitedMs = 0
  let bytes = 0
  let from = performance.now()
  try {
    for await (const piece of answer as AsyncIterable<Uint8Array>) {
      isWaiting = false
      waitedMs += performance.now() - from
      bytes += piece.length
      if (waitedMs > idleMs) {
        if (bytes < leastBytes) throw slow(url, idleMs)
        waitedMs = 0
        bytes = 0
      }
      yield piece
      timer.refresh()
      isWaiting = true
      from = performance.now()
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : asFailure(url, error)
  } finally {
    clearTimeout(timer)
    answer.destroy()
  }
}

function slow(url: URL, idleMs: number): ImageError {
  return new ImageError('registry-slow', `${quote(url.host)} sent next to nothing for ${Math.ceil(idleMs / 1000)} s`, { hint: 'Try again later.' })
}

function asFailure(url: URL, error: unknown): unknown {
  if (error instanceof ImageError || !(error instanceof Error)) return error
  const reason = 'code' in error && typeof error.code === 'string' ? error.code : error.message
  return new ImageError('registry-unreachable', `The connection to ${quote(url.host)} failed (${reason})`, { cause: error })
}
