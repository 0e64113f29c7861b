import { request as sendRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Lease } from '../instances/revision-pool.ts'
import { answerBody, answerHeaders, answers, type Answer } from './answers.ts'
import { responseHeaders } from './headers.ts'

export interface ForwardOptions {
  readonly lease: Lease
  readonly revision: string
  readonly timeoutMs: number
  /** Name, value, name, value, …; without those that frame the body. */
  readonly headers: readonly string[]
}

/** Bytes of the bodies. */
export interface BodySizes {
  readonly requestSize: number
  readonly responseSize: number
}

/** Methods that may be sent twice (RFC 9110 §9.2.2), as far as they have no body. */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Passes a request to an instance and its answer back, both as streams. Fulfils when the exchange is over, however it ended. */
export function forward(incoming: IncomingMessage, outgoing: ServerResponse, options: ForwardOptions): Promise<BodySizes> {
  const { promise, resolve } = Promise.withResolvers<BodySizes>()
  const hasBody =
    incoming.headers['content-length'] !== undefined
      ? incoming.headers['content-length'] !== '0'
      : incoming.headers['transfer-encoding'] !== undefined
  const sizes = { requestSize: 0, responseSize: 0 }
  let upstream: ClientRequest | undefined
  let isOver = false

  const finish = () => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    resolve(sizes)
  }
  const giveUp = (answer: Answer) => {
    upstream?.destroy()
    // Once the answer has begun, only breaking it off tells the client that it is not whole.
    if (outgoing.headersSent) outgoing.destroy()
    else {
      if (!incoming.complete) outgoing.shouldKeepAlive = false
      outgoing.writeHead(answer.status, answerHeaders(answer))
      outgoing.end(answerBody(answer))
    }
  }
  const timer = setTimeout(() => giveUp(answers.timedOut(options.revision)), options.timeoutMs)

  outgoing.once('close', () => {
    // The client left, or all was sent; an instance that is still talking has nobody to talk to.
    if (!outgoing.writableFinished) upstream?.destroy()
    finish()
  })
  incoming.on('data', (chunk: Buffer) => {
    sizes.requestSize += chunk.length
  })
  incoming.pause()

  const send = (isSecond: boolean) => {
    const attempt = sendRequest({
      host: '127.0.0.1',
      port: options.lease.instance.port,
      agent: options.lease.instance.agent,
      method: incoming.method,
      path: incoming.url,
      headers: [...options.headers, ...framing(incoming, hasBody)],
      setDefaultHeaders: false,
    })
    upstream = attempt
    // Nobody asked for another protocol: a 101 is no answer.
    attempt.on('upgrade', (_, socket) => {
      socket.destroy()
      giveUp(answers.malformed(options.revision))
    })
    attempt.on('response', (answer) => {
      try {
        // Without the reason phrase, which means nothing (RFC 9112 §4) and may hold what Node refuses to write.
        outgoing.writeHead(answer.statusCode ?? 0, responseHeaders(answer.rawHeaders))
      } catch {
        giveUp(answers.malformed(options.revision))
        return
      }
      answer.on('data', (chunk: Buffer) => {
        sizes.responseSize += chunk.length
      })
      answer.on('error', () => giveUp(answers.lost(options.revision)))
      answer.pipe(outgoing)
    })
    attempt.on('error', () => {
      if (isOver || outgoing.destroyed) return
      // A connection kept alive may have been closed by the instance just now: not an answer, and safe to ask again.
      if (attempt.reusedSocket && !isSecond && !hasBody && !outgoing.headersSent && repeatable.has(incoming.method ?? '')) send(true)
      else giveUp(answers.lost(options.revision))
    })
    if (hasBody) incoming.pipe(attempt)
    else attempt.end()
  }
  send(false)
  if (!hasBody) incoming.resume()
  return promise
}

/** How the instance knows where the body ends: the client's own length (which Node has checked), or chunks. */
function framing(incoming: IncomingMessage, hasBody: boolean): readonly string[] {
  const length = incoming.headers['content-length']
  if (length !== undefined) return ['Content-Length', length]
  return hasBody ? ['Transfer-Encoding', 'chunked'] : []
}
