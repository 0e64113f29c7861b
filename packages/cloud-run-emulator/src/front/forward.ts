import { request as sendRequest } from 'node:http'
import type { Instance } from '../instances/instance.ts'
import { answers, type Answer } from './answers.ts'
import { systemCode } from '../error.ts'
import type { FrontRequest, FrontResponse } from './connections.ts'
import { beginAnswer, Exchange, type BodySizes } from './exchange.ts'
import { responseHeaders } from './headers.ts'

export interface ForwardOptions {
  readonly instance: Instance
  readonly revision: string
  readonly timeoutMs: number
  /** Name, value, name, value, …; without those that frame the body. */
  readonly headers: readonly string[]
  /** The front's own fields of the answer. */
  readonly answerHeaders: readonly string[]
  /** Another instance, where this one takes no connections; what the client is told where there is none. */
  readonly renew: () => Promise<Instance | Answer>
}

/** Methods that may be sent twice (RFC 9110 §9.2.2), as far as they have no body. */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Passes a request to an instance over HTTP/1.1 and its answer back, both as streams. Fulfils when the exchange is over, however it ended. */
export function forward(incoming: FrontRequest, outgoing: FrontResponse, options: ForwardOptions): Promise<BodySizes> {
  const { revision, timeoutMs, headers, answerHeaders } = options
  const exchange = new Exchange(incoming, outgoing, revision, timeoutMs)
  const { sizes } = exchange
  const send = (instance: Instance, isSecond: boolean) => {
    const attempt = sendRequest({
      host: '127.0.0.1',
      port: instance.port,
      agent: instance.agent,
      method: incoming.method,
      path: incoming.url,
      headers: [...headers, ...framing(incoming, exchange.hasBody)],
      setDefaultHeaders: false,
    })
    exchange.abandon = () => attempt.destroy()
    attempt.on('response', (answer) => {
      if (exchange.isOver) return
      try {
        beginAnswer(outgoing, answer.statusCode ?? 0, [...responseHeaders(answer.rawHeaders), ...answerHeaders])
      } catch {
        // What Node refuses to write, a client must not be given.
        exchange.giveUp(answers.malformed(revision))
        return
      }
      answer.on('data', (chunk: Buffer) => {
        sizes.responseSize += chunk.length
      })
      answer.on('error', () => exchange.giveUp(answers.lost(revision)))
      answer.pipe(outgoing)
    })
    attempt.on('error', (error) => {
      if (exchange.isOver || outgoing.destroyed) return
      // Nothing was sent: it is for another instance, whatever it asks for.
      if (systemCode(error) === 'ECONNREFUSED') return void sendElsewhere()
      // A connection kept alive may have been closed by the instance just now: not an answer, and safe to ask again.
      const mayRepeat = !isSecond && !exchange.hasBody && !outgoing.headersSent && repeatable.has(incoming.method ?? '')
      if (attempt.reusedSocket && mayRepeat) send(instance, true)
      else exchange.giveUp(answers.lost(revision))
    })
    if (!exchange.hasBody) attempt.end()
    // The body is not touched before there is somebody to take it.
    else attempt.once('socket', (socket) => (socket.connecting ? socket.once('connect', () => incoming.pipe(attempt)) : incoming.pipe(attempt)))
  }
  const sendElsewhere = async () => {
    const next = await options.renew()
    if (exchange.isOver || outgoing.destroyed) return
    if ('status' in next) exchange.giveUp(next)
    else send(next, false)
  }
  send(options.instance, false)
  return exchange.over
}

/** How the instance knows where the body ends: the client's own length (which Node has checked), or chunks. */
function framing(incoming: FrontRequest, hasBody: boolean): readonly string[] {
  const length = incoming.headers['content-length']
  if (length !== undefined) return ['Content-Length', length]
  return hasBody ? ['Transfer-Encoding', 'chunked'] : []
}
