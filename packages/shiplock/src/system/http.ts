import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { StageFailure } from '@shiplock/findings'

export interface FetchRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** From the first byte sent to the last received. Milliseconds; default 10 s. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Longer bodies are cut. Bytes; default 1 MiB. */
  readonly largestBody?: number
}

export interface FetchResponse {
  readonly status: number
  readonly headers: Headers
  /** Cut at the request's `largestBody`. */
  readonly body: string
}

/**
 * One HTTP request, redirects not followed. Names below `.localhost` are this machine (RFC 6761 §6.3), which glibc's
 * resolver does not know. No proxy and no ambient credentials are used: what is sent is what is given.
 */
export async function fetchOnce(request: FetchRequest): Promise<FetchResponse | StageFailure> {
  const url = new URL(request.url)
  // Loading it takes longer than a check with nothing to do, and only who asks needs it.
  const { request: send } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  const isLocal = url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  const { timeoutMs = 10_000 } = request
  return new Promise((resolve) => {
    const outgoing = send(url, {
      method: request.method,
      headers: { host: url.host, ...request.headers, ...(request.body !== undefined && { 'content-length': String(Buffer.byteLength(request.body)) }) },
      ...(isLocal && { hostname: '127.0.0.1', ...(url.protocol === 'https:' && { servername: url.hostname }) }),
      agent: false,
    })
    const unreachable = (why: string) => resolve({ reason: 'target-unreachable', message: `${request.method} ${url.href}: ${why}` })
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
    const abort = () => outgoing.destroy(new Error('cancelled'))
    if (request.signal?.aborted) abort()
    request.signal?.addEventListener('abort', abort, { once: true })
    const done = () => {
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', abort)
    }
    outgoing.on('error', (error) => (done(), unreachable(error.message)))
    // Where the other end wants to speak something else than HTTP from here on, there is neither an answer nor an error.
    outgoing.on('upgrade', (_, socket) => (socket.destroy(), done(), unreachable('it would switch to another protocol')))
    outgoing.on('response', (response) => {
      readBody(response, request.largestBody ?? 1024 * 1024).then(
        (body) => (done(), resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body })),
        (error: unknown) => (done(), unreachable(error instanceof Error ? error.message : String(error))),
      )
    })
    outgoing.end(request.body)
  })
}

export const isResponse = (answer: FetchResponse | StageFailure): answer is FetchResponse => 'status' in answer

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < response.rawHeaders.length; i += 2) headers.append(response.rawHeaders[i]!, response.rawHeaders[i + 1]!)
  return headers
}

async function readBody(response: IncomingMessage, largestBody: number): Promise<string> {
  async function* limited(): AsyncGenerator<Buffer> {
    let length = 0
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue
      yield chunk.subarray(0, largestBody - length)
      length += chunk.length
      if (length >= largestBody) return
    }
  }
  return await text(limited())
}
