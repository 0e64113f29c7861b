import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { securityHeaders } from './headers.ts'
import type { HttpLimits } from './http-limits.ts'

/** Why a request was refused before any route saw it; the words are those of a metric's label. */
export type HttpRefusal =
  | 'malformed'
  | 'version'
  | 'host'
  | 'target'
  | 'method'
  | 'expectation'
  | 'url-too-long'
  | 'headers-too-large'
  | 'too-many-headers'
  | 'timeout'
  | 'pipelined'

/** All but `pipelined`, which is not answered at all: answers are what piles up. */
type AnsweredRefusal = Exclude<HttpRefusal, 'pipelined'>

/** Who is told of a refusal. `message` is absent where there was none to read. */
export type OnRefused = (refusal: HttpRefusal, socket: Socket, message?: IncomingMessage) => void

const refusals: Readonly<Record<AnsweredRefusal, { readonly status: number; readonly line: string; readonly advice: string }>> = {
  malformed: { status: 400, line: 'Bad Request', advice: 'This is not HTTP/1.1 as RFC 9112 has it.' },
  version: { status: 505, line: 'HTTP Version Not Supported', advice: 'This speaks HTTP/1.1, and HTTP/1.0.' },
  host: { status: 400, line: 'Bad Request', advice: 'A request names exactly one Host.' },
  target: { status: 400, line: 'Bad Request', advice: 'The target of a request is a path here; this is no proxy.' },
  method: { status: 405, line: 'Method Not Allowed', advice: 'No address here knows this method.' },
  expectation: { status: 417, line: 'Expectation Failed', advice: 'Only 100-continue can be expected.' },
  'url-too-long': { status: 414, line: 'URI Too Long', advice: 'The address is too long.' },
  'headers-too-large': { status: 431, line: 'Request Header Fields Too Large', advice: 'The headers are too large; clearing the cookies of this site may help.' },
  'too-many-headers': { status: 431, line: 'Request Header Fields Too Large', advice: 'There are too many headers.' },
  timeout: { status: 408, line: 'Request Timeout', advice: 'The request took too long to arrive.' },
}

/** Every method that some route here may have. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const refusalsByCode: Readonly<Record<string, AnsweredRefusal>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_INVALID_METHOD: 'method',
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
}

/** More than any number of requests, and so it stays when one of them is answered. */
const over = Number.POSITIVE_INFINITY

const isHost = (name: string): boolean => name.length === 4 && name.toLowerCase() === 'host'

/** What Node's parser lets pass and two programs in a row could read in two ways; or what no route here needs. */
export function refusalOf(message: IncomingMessage, limits: HttpLimits): AnsweredRefusal | undefined {
  const { method = '', url = '', rawHeaders, httpVersion } = message
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'version'
  if (!methods.has(method)) return 'method'
  // A path: not a whole URL (only a proxy needs it; its host would have to win over Host), not `*`.
  if (url.charCodeAt(0) !== 0x2f) return 'target'
  if (url.length > limits.urlLength) return 'url-too-long'
  // Node would leave out what is beyond its own limit and say nothing.
  if (rawHeaders.length > 2 * limits.headerCount) return 'too-many-headers'
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) if (isHost(rawHeaders[index] ?? '')) hosts += 1
  // RFC 9112 §3.2: exactly one; HTTP/1.0 had none yet.
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return 'host'
  return undefined
}

const answerHeaders = { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8', connection: 'close' }
const bodyOf = (refusal: AnsweredRefusal): string => `${refusals[refusal].advice}\n`
const allow = Array.from(methods).join(', ')
const headersOf = (refusal: AnsweredRefusal): Record<string, string | number> => ({
  ...answerHeaders,
  'content-length': bodyOf(refusal).length,
  ...(refusal === 'method' && { allow }),
})

/** The whole answer, for a connection on which there is nothing yet to answer with. */
const rawAnswers = new Map(
  (Object.keys(refusals) as AnsweredRefusal[]).map((refusal) => {
    const { status, line } = refusals[refusal]
    const headers = Object.entries(headersOf(refusal)).map(([name, value]) => `${name}: ${value}\r\n`)
    return [refusal, `HTTP/1.1 ${status} ${line}\r\n${headers.join('')}\r\n${bodyOf(refusal)}`]
  }),
)

/**
 * The HTTP server in front of Fastify. It refuses what breaks HTTP/1.1, what is too large and what is too slow, each with
 * an answer that carries the security headers, and closes the connection: what follows on it cannot be trusted to be a request.
 */
export function createHttpServer(handle: RequestListener, limits: HttpLimits, onRefused: OnRefused): Server {
  /** The requests of each connection that are not yet answered; `over` once nothing more is taken from it. */
  const unanswered = new WeakMap<Socket, number>()
  const countOf = (socket: Socket): number => unanswered.get(socket) ?? 0

  function leave(this: ServerResponse): void {
    const { socket } = this.req
    unanswered.set(socket, countOf(socket) - 1)
  }

  const takeNoMore = (socket: Socket): void => {
    unanswered.set(socket, over)
    stopParsing(socket)
  }

  const take: RequestListener = (message, response) => {
    const { socket } = message
    const count = countOf(socket) + 1
    // What came in the same read as something after which nothing more is taken.
    if (count === over) return
    if (count > limits.pipelined) {
      takeNoMore(socket)
      onRefused('pipelined', socket, message)
      socket.destroy()
      return
    }
    const refusal = refusalOf(message, limits)
    if (refusal !== undefined) {
      refuse(refusal, response)
      return
    }
    unanswered.set(socket, count)
    response.once('close', leave)
    if (message.headers.upgrade !== undefined) {
      // The parser may have taken what follows in the same read for the other protocol, and the next answer would be that of a later request.
      takeNoMore(socket)
      response.shouldKeepAlive = false
    }
    handle(message, response)
  }

  const refuse = (refusal: AnsweredRefusal, response: ServerResponse): void => {
    const { req: message } = response
    takeNoMore(message.socket)
    onRefused(refusal, message.socket, message)
    response.writeHead(refusals[refusal].status, headersOf(refusal)).end(bodyOf(refusal))
  }

  const refuseRaw = (refusal: AnsweredRefusal, socket: Socket, message?: IncomingMessage): void => {
    onRefused(refusal, socket, message)
    // Half-closed and not destroyed, so that the answer arrives; and then not left to the other side.
    socket.end(rawAnswers.get(refusal) ?? '')
    setTimeout(() => socket.destroy(), 1_000).unref()
  }

  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      // Checked in refusalOf, where the answer gets its headers.
      requireHostHeader: false,
      // Nothing here speaks another protocol: such a request is answered as if it did not offer one.
      shouldUpgradeCallback: () => false,
    },
    take,
  )
  // Counted in refusalOf instead.
  server.maxHeadersCount = 0
  server.maxConnections = limits.connections
  server.setTimeout(limits.silenceMs)
  server.on('checkExpectation', (message, response) => {
    if (countOf(message.socket) !== over) refuse('expectation', response)
  })
  server.on('connect', (message, socket) => refuseRaw('method', socket as Socket, message))
  server.on('clientError', (error: NodeJS.ErrnoException, connection) => {
    // Declared as any stream, as whoever makes a server may give it some; this one listens, and has sockets.
    const socket = connection as Socket
    const response = responseOn(socket)
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy()
    } else if (response?.req.complete === true && !response.writableFinished) {
      // The fault is in what follows a request that was whole: that one has its answer, and nothing comes after it.
      onRefused(refusalsByCode[error.code ?? ''] ?? 'malformed', socket)
      response.once('finish', () => socket.end())
    } else if (response?.headersSent === true) {
      // Another answer would be read as part of this one.
      socket.destroy()
    } else {
      refuseRaw(refusalsByCode[error.code ?? ''] ?? 'malformed', socket)
    }
  })
  return server
}

/**
 * Has the parser leave the rest of the bytes that it was given. It goes on through all of them otherwise, whatever became of the
 * connection, and Node then makes an error with a stack for each request: 0.1 s for 64 kB. There is no public way to ask for it;
 * without this one, it only takes longer.
 */
function stopParsing(socket: Socket): void {
  const { parser } = socket as Socket & { readonly parser?: { onIncoming: unknown } | null }
  // As Node's own answers where an upgrade is taken: no body and no other message comes.
  if (parser) parser.onIncoming = () => 2
}

/** Node keeps the response under way on its socket; there is no public way to ask for it (its own default handler looks there too). */
function responseOn(socket: Duplex): ServerResponse | undefined {
  const { _httpMessage: response } = socket as Duplex & { readonly _httpMessage?: ServerResponse | null }
  return response ?? undefined
}
