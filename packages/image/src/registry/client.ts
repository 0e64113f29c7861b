import { ImageError, quote } from '../error.ts'
import { isLoopback, now, openHttp, wait, type HttpAnswer, type HttpRequest } from '../node/http.ts'
import { failureOf, readSmallAnswer } from './answer.ts'
import { openAuthority } from './authority.ts'
import { dockerCredentials, type CredentialSource } from './credentials.ts'
import { apiHost } from './reference.ts'

export interface RegistryOptions {
  /** Where credentials come from: what `docker login` left, unless said otherwise. */
  readonly credentials?: CredentialSource
  /** Certificates in PEM that are trusted besides Node's own. */
  readonly ca?: string
  /** Speak HTTP without TLS also to a registry that is not on loopback, where it does not know TLS. */
  readonly insecure?: boolean
  /** How often a request is made at most when the registry fails in a way that may pass. */
  readonly attempts?: number
  /** The first pause between two attempts; each further one is twice as long. */
  readonly pauseMs?: number
  /** The longest pause that a registry may ask for (Retry-After). */
  readonly longestPauseMs?: number
  /** How long to wait for a connection that brings nothing. */
  readonly idleMs?: number
  /** A blob that comes slower than that, over all attempts and after the grace, is given up. */
  readonly slowest?: { readonly graceMs: number; readonly bytesPerSecond: number }
  readonly signal?: AbortSignal
}

export interface RegistryRequest {
  readonly method: HttpRequest['method']
  /** Below `/v2/`, or an absolute URL that the registry gave. */
  readonly path: string | URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: HttpRequest['body']
  /** What a token must allow, e.g. `repository:library/node:pull`. */
  readonly scopes: readonly string[]
  /** The statuses that are answers; every other is an error. */
  readonly expect: readonly number[]
  /** For messages, e.g. `the manifest 1.2.0`. */
  readonly what: string
  /**
   * When the request is made again by itself: after every failure that may pass, or, since it may have had an effect, only
   * after the registry itself has said "not now" (429, 503).
   */
  readonly repeat?: 'always' | 'when-told'
}

export interface DocumentAnswer extends Pick<HttpAnswer, 'status' | 'headers'> {
  readonly bytes: Uint8Array
}

/** A connection to one registry. */
export interface Registry extends Disposable {
  readonly host: string
  readonly request: (request: RegistryRequest) => Promise<HttpAnswer>
  /** Makes a request whose answer is small and read as a whole; what is larger than `maxBytes` is `too-large`. */
  readonly requestDocument: (request: RegistryRequest, maxBytes: number) => Promise<DocumentAnswer>
  /** Waits before attempt number `attempt` (from 1); the answer's Retry-After is honoured. */
  readonly pause: (attempt: number, retryAfter?: string) => Promise<void>
  readonly attempts: number
  /** How long a blob of so many bytes may take, all attempts together. */
  readonly longestMs: (bytes: number) => number
  readonly signal: AbortSignal | undefined
}

const maxRedirects = 5
const told: ReadonlySet<number> = new Set([429, 503])
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/** Opens a registry by its host; whether it speaks TLS is found out where it may do without (loopback, `insecure`). */
export async function openRegistry(name: string, options: RegistryOptions = {}): Promise<Registry> {
  const { credentials = dockerCredentials(), ca, insecure = false, attempts = 5, pauseMs = 500, longestPauseMs = 60_000, idleMs = 30_000, slowest = { graceMs: 300_000, bytesPerSecond: 32 * 1024 }, signal } = options
  const host = apiHost(name)
  const http = openHttp({ ca, idleMs })
  const base = new URL(`https://${host}/v2/`)
  const mayBePlain = insecure || isLoopback(base.hostname)
  try {
    if (mayBePlain && !(await speaksTls(http.send, base, signal))) base.protocol = 'http:'
  } catch (error) {
    http[Symbol.dispose]()
    throw error
  }

  const checkUrl = (url: URL, what: string): void => {
    const isPlainAllowed = base.protocol === 'http:' && (insecure || isLoopback(url.hostname))
    if (url.protocol === 'https:' || (url.protocol === 'http:' && isPlainAllowed)) return
    throw new ImageError('registry-insecure', `${quote(host)} leads to ${what} ${quote(url.origin)}, which is not protected by TLS`)
  }

  const authority = openAuthority({ registry: name, credentials, send: http.send, checkUrl })

  /** Sends and follows redirects; what proves who asks goes to the registry's own origin alone. */
  const follow = async (request: RegistryRequest): Promise<HttpAnswer> => {
    let url = new URL(request.path, base)
    for (let hops = 0; ; hops++) {
      checkUrl(url, 'the address')
      const own = url.origin === base.origin ? authority.header(request.scopes) : undefined
      const headers = { 'user-agent': 'shiplock', ...request.headers, ...(own === undefined ? {} : { authorization: own }) }
      const answer = await http.send({ method: request.method, url, headers, signal, ...(request.body === undefined ? {} : { body: request.body }) })
      const location = [301, 302, 303, 307, 308].includes(answer.status) ? answer.headers.get('location') : undefined
      if (location === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return answer
      answer.drop()
      if (hops === maxRedirects) throw new ImageError('registry-invalid', `${quote(host)} redirects ${request.what} more than ${maxRedirects} times`)
      if (!URL.canParse(location, url)) throw new ImageError('registry-invalid', `${quote(host)} redirects ${request.what} to what is no URL`)
      url = new URL(location, url)
    }
  }

  const authorised = async (request: RegistryRequest): Promise<HttpAnswer> => {
    const { scopes } = request
    const shown = authority.header(scopes)
    const answer = await follow(request)
    const challenge = answer.status === 401 ? answer.headers.get('www-authenticate') : undefined
    if (challenge === undefined || !(await authority.answer({ challenge, scopes, shown, signal }))) return answer
    answer.drop()
    return follow(request)
  }

  const pause = async (attempt: number, retryAfter?: string): Promise<void> => {
    const own = Math.min(longestPauseMs, pauseMs * 2 ** (attempt - 1))
    // Spread, so that many clients that failed together do not come back together.
    await wait(Math.max(retryAfterMs(retryAfter) ?? 0, own * (0.5 + Math.random() / 2)), signal)
  }

  /** Makes a request, again and again while it fails in a way that may pass, until its answer is used. */
  const tryAll = async <T>(request: RegistryRequest, use: (answer: HttpAnswer) => Promise<T>): Promise<T> => {
    const isToldOnly = request.repeat === 'when-told'
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      const isLast = attempt >= attempts
      try {
        const answer = await authorised(request)
        if (request.expect.includes(answer.status)) return await use(answer)
        const retryAfter = answer.headers.get('retry-after')
        if (isLast || !(isToldOnly ? told : passing).has(answer.status) || (retryAfterMs(retryAfter) ?? 0) > longestPauseMs) {
          throw await failureOf(answer, { what: request.what, host, mask: authority.mask })
        }
        answer.drop()
        await pause(attempt, retryAfter)
      } catch (error) {
        if (isLast || isToldOnly || !isPassing(error)) throw error
        await pause(attempt)
      }
    }
  }

  return {
    host,
    attempts,
    longestMs: (bytes) => slowest.graceMs + (bytes / slowest.bytesPerSecond) * 1000,
    signal,
    pause,
    request: async (request) => tryAll(request, async (answer) => answer),
    requestDocument: async (request, maxBytes) =>
      tryAll(request, async (answer) => ({ status: answer.status, headers: answer.headers, bytes: await readSmallAnswer(answer, maxBytes, `${quote(host)}: ${request.what}`) })),
    [Symbol.dispose]: () => http[Symbol.dispose](),
  }
}

/** A failure of the connection that may pass: it broke, or brought nothing. A wrong certificate does not pass. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ImageError)) return false
  if (error.code === 'registry-slow') return true
  const cause = error.cause
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const codes = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH']
  return error.code === 'registry-unreachable' && typeof code === 'string' && codes.includes(code)
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now())
}

async function speaksTls(send: (request: HttpRequest) => Promise<HttpAnswer>, url: URL, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const answer = await send({ method: 'GET', url, signal })
    answer.drop()
    return true
  } catch (error) {
    const cause = error instanceof ImageError ? error.cause : undefined
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    // What a server that expects HTTP makes of a TLS greeting: an answer that is no TLS, or a closed connection.
    if (code === 'EPROTO' || code === 'ECONNRESET' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') return false
    throw error
  }
}
