import { answerBody, answerHeaders, answers, type Answer } from './answers.ts'
import type { FrontRequest, FrontResponse } from './connections.ts'

/** Bytes of the bodies. */
export interface BodySizes {
  readonly requestSize: number
  readonly responseSize: number
}

/** Begins an answer; `fields` are name, value, name, value, …. Without a reason phrase, which means nothing (RFC 9112 §4). */
export function beginAnswer(outgoing: FrontResponse, status: number, fields: readonly string[]): void {
  if (!('stream' in outgoing)) {
    outgoing.writeHead(status, [...fields])
    return
  }
  for (let index = 0; index < fields.length; index += 2) outgoing.appendHeader(fields[index]!, fields[index + 1]!)
  outgoing.writeHead(status)
}

/** Whether a body follows the header fields. */
export function hasBody(incoming: FrontRequest): boolean {
  if ('stream' in incoming) return !incoming.stream.endAfterHeaders
  const length = incoming.headers['content-length']
  return length === undefined ? incoming.headers['transfer-encoding'] !== undefined : length !== '0'
}

/** Tells an HTTP/1.1 client that its connection ends with this answer. */
export function closeAfter(outgoing: FrontResponse): void {
  if (!('stream' in outgoing)) outgoing.shouldKeepAlive = false
}

/** One request with its answer, from the side of the client: whoever forwards it says how it goes on, and this sees to its end. */
export class Exchange {
  readonly incoming: FrontRequest
  readonly outgoing: FrontResponse
  readonly hasBody: boolean
  readonly over: Promise<BodySizes>
  readonly sizes = { requestSize: 0, responseSize: 0 }
  /** Ends what has been asked of the instance. */
  abandon: () => void = () => {}
  readonly #finish: (sizes: BodySizes) => void
  readonly #timer: NodeJS.Timeout
  #isOver = false
  #isSent = false

  constructor(incoming: FrontRequest, outgoing: FrontResponse, revision: string, timeoutMs: number) {
    this.incoming = incoming
    this.outgoing = outgoing
    this.hasBody = hasBody(incoming)
    const { promise, resolve } = Promise.withResolvers<BodySizes>()
    this.over = promise
    this.#finish = resolve
    this.#timer = setTimeout(() => this.giveUp(answers.timedOut(revision)), timeoutMs)
    outgoing.once('finish', () => {
      this.#isSent = true
    })
    outgoing.once('close', () => {
      // The client left, or all was sent; an instance that is still talking has nobody to talk to.
      if (!this.#isSent) this.abandon()
      this.#end()
    })
    if (this.hasBody) {
      incoming.on('data', (chunk: Buffer) => {
        this.sizes.requestSize += chunk.length
      })
      incoming.pause()
    }
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Answers instead of the instance. Once its answer has begun, only breaking it off tells the client that it is not whole. */
  giveUp(answer: Answer): void {
    this.abandon()
    const { incoming, outgoing } = this
    if (this.#isOver) return
    if (outgoing.headersSent) {
      outgoing.destroy()
      return
    }
    if (!incoming.complete) closeAfter(outgoing)
    beginAnswer(outgoing, answer.status, Object.entries(answerHeaders(answer)).flat())
    outgoing.end(answerBody(answer))
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    // What nobody reads any more stands before the connection's next request.
    if (this.hasBody) this.incoming.resume()
    this.#finish(this.sizes)
  }
}
