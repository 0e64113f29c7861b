import { createServer as createHttp1, type IncomingMessage, type Server as Http1Server, type ServerResponse } from 'node:http'
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export type FrontRequest = IncomingMessage | Http2ServerRequest
export type FrontResponse = ServerResponse | Http2ServerResponse

export interface ConnectionHandlers {
  readonly onRequest: (request: FrontRequest, response: FrontResponse) => void
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly isUpgrade: (request: IncomingMessage) => boolean
}

/** How long a connection may say nothing at all before it is closed. */
const silentMs = 60_000
/** How HTTP/2 begins with prior knowledge (RFC 9113 §3.4): no request of HTTP/1.1 can. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

const nothing = Buffer.alloc(0)

/**
 * One port for HTTP/1.1 and for HTTP/2 without TLS: a connection is handed over when its first bytes have said which it is.
 * Node's parser refuses what two servers could read differently (both lengths, bare line feeds).
 */
export class Connections {
  readonly server: Server
  readonly #http1: Http1Server
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #undecided = new Set<Socket>()

  constructor({ onRequest, onUpgrade, isUpgrade }: ConnectionHandlers) {
    this.#http1 = createHttp1({
      // Google's front ends keep idle connections that long; each that is closed may cross with a request.
      keepAliveTimeout: 610_000,
      // h2c and others are offers that a server may ignore (RFC 9110 §7.8): such requests are answered as they are.
      shouldUpgradeCallback: isUpgrade,
    })
    this.#http1.on('request', onRequest)
    this.#http1.on('upgrade', onUpgrade)
    const http2 = createHttp2({ settings: { maxConcurrentStreams: 250 } })
    http2.on('request', onRequest)
    http2.on('session', (session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
      session.setTimeout(10 * silentMs, () => session.close())
      // What a client breaks ends its session and no other.
      session.on('error', () => session.destroy())
    })
    this.server = createServer({ noDelay: true }, (socket) => this.#decide(socket, http2))
    // What is not handed over cannot be seen by the servers; they begin to watch their time-outs when they listen.
    this.server.once('listening', () => this.#http1.emit('listening'))
    this.server.once('close', () => this.#http1.close())
  }

  /** Takes no new connections; HTTP/2 clients are told to go, idle connections are closed. */
  drain(): void {
    this.server.close()
    this.#http1.closeIdleConnections()
    for (const session of this.#sessions) session.close()
    for (const socket of this.#undecided) socket.destroy()
  }

  closeAll(): void {
    this.#http1.closeAllConnections()
    for (const session of this.#sessions) session.destroy()
    for (const socket of this.#undecided) socket.destroy()
  }

  #decide(socket: Socket, http2: ReturnType<typeof createHttp2>): void {
    this.#undecided.add(socket)
    const giveUp = () => socket.destroy()
    socket.setTimeout(silentMs, giveUp)
    socket.on('error', giveUp)
    socket.once('close', () => this.#undecided.delete(socket))
    let seen: Buffer = nothing
    const look = () => {
      const chunk = socket.read() as Buffer | null
      if (chunk === null) return
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk])
      const length = Math.min(seen.length, preface.length)
      const mayBeHttp2 = seen.compare(preface, 0, length, 0, length) === 0
      if (mayBeHttp2 && seen.length < preface.length) return
      socket.off('readable', look)
      socket.off('error', giveUp)
      socket.setTimeout(0, giveUp)
      socket.removeListener('timeout', giveUp)
      this.#undecided.delete(socket)
      socket.unshift(seen)
      // The handler of `close` lives as long as the connection, and with it what it could see.
      seen = nothing
      ;(mayBeHttp2 ? http2 : this.#http1).emit('connection', socket)
    }
    socket.on('readable', look)
  }
}
