import { Readable, type Writable } from 'node:stream'
import { errors, type Dispatcher } from 'undici'
import type { Instance } from '../instances/instance.ts'
import type { Attempt } from '../instances/kept-connections.ts'
import { answers, type Answer } from './answers.ts'
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
  const { revision, timeoutMs } = options
  const exchange = new Exchange(incoming, outgoing, revision, timeoutMs)
  // How the instance knows where the body ends: the client's own length (which Node has checked), else chunks, which undici makes of a stream.
  const length = incoming.headers['content-length']
  const headers = length === undefined ? [...options.headers] : [...options.headers, 'Content-Length', length]
  const send = (instance: Instance, isSecond: boolean) => {
    const body = exchange.hasBody ? bodyOf(incoming) : null
    const attempt = new ForwardAttempt(exchange, options, (error) => {
      // Nothing was sent, now or before: it is for another instance, whatever it asks for. What an instance may have died of is for none.
      if (!attempt.isSent && !isSecond) return error instanceof errors.InvalidArgumentError ? exchange.giveUp(answers.badTarget) : void sendElsewhere()
      // A connection kept alive may have been closed by the instance just now: not an answer, and safe to ask again.
      const mayRepeat = !isSecond && !exchange.hasBody && !outgoing.headersSent && repeatable.has(incoming.method ?? '')
      if (attempt.isReused && mayRepeat) send(instance, true)
      else exchange.giveUp(answers.lost(revision))
    })
    instance.connections.send({ method: incoming.method as Dispatcher.HttpMethod, path: incoming.url ?? '/', headers, body }, attempt)
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

/** One request to one instance. */
class ForwardAttempt implements Attempt {
  isReused = false
  readonly #exchange: Exchange
  readonly #options: ForwardOptions
  readonly #onError: (error: Error) => void
  #controller: Dispatcher.DispatchController | undefined
  #isAbandoned = false

  constructor(exchange: Exchange, options: ForwardOptions, onError: (error: Error) => void) {
    this.#exchange = exchange
    this.#options = options
    this.#onError = onError
    exchange.abandon = () => this.#abandon()
  }

  /** Whether the instance may have seen any of it. */
  get isSent(): boolean {
    return this.#controller !== undefined
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isAbandoned) this.#abandon()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // What comes before the answer (RFC 9110 §15.2) is for this hop.
    if (status < 200 || this.#exchange.isOver) return
    const { outgoing } = this.#exchange
    try {
      beginAnswer(outgoing, status, [...responseHeaders(textOf(controller.rawHeaders)), ...this.#options.answerHeaders])
    } catch {
      // What Node refuses to write, a client must not be given.
      this.#exchange.giveUp(answers.malformed(this.#options.revision))
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { outgoing, sizes, isOver } = this.#exchange
    if (isOver || outgoing.destroyed) return
    sizes.responseSize += chunk.length
    // The two responses of Node agree on this much of `write`.
    if ((outgoing as Writable).write(chunk)) return
    controller.pause()
    outgoing.once('drain', () => controller.resume())
  }

  onResponseEnd(): void {
    if (!this.#exchange.isOver) this.#exchange.outgoing.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { isOver, outgoing } = this.#exchange
    if (!this.#isAbandoned && !isOver && !outgoing.destroyed) this.#onError(error)
  }

  #abandon(): void {
    this.#isAbandoned = true
    this.#controller?.abort(new Error('the client is gone, or its time is over'))
  }
}

/** The body as one attempt reads it: not touched before there is a connection to take it, and whole for the next where there is none. */
function bodyOf(incoming: FrontRequest): Readable {
  const stop = () => {
    incoming.off('data', onData).off('end', onEnd)
    incoming.pause()
  }
  const body = new Readable({
    read: () => void incoming.resume(),
    destroy: (error, done) => {
      stop()
      done(error)
    },
  })
  const onData = (chunk: Buffer) => {
    if (!body.push(chunk)) incoming.pause()
  }
  const onEnd = () => void body.push(null)
  incoming.on('data', onData).on('end', onEnd)
  incoming.pause()
  return body
}

/** Header fields as they came over the wire, each byte a character, as Node has them. */
function textOf(raw: Dispatcher.DispatchController['rawHeaders']): readonly string[] {
  return Array.isArray(raw) ? raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))) : []
}
