import { Client, Pool, type Dispatcher } from 'undici'

/** What becomes of a request to an instance. */
export interface Attempt extends Dispatcher.DispatchHandler {
  /** It goes over a connection that has been there before: the instance may be closing it just now. */
  isReused: boolean
}

/** The connections of HTTP/1.1 to one instance, kept alive between requests. */
export class KeptConnections {
  readonly #pool: Pool

  constructor(port: number) {
    this.#pool = new Pool(`http://127.0.0.1:${port}`, {
      factory: (origin, options) => new KeptConnection(origin, options),
      // One request at a time on each: what is behind a slow one must not wait for it.
      pipelining: 1,
      // Unless the instance announces a time of its own.
      keepAliveTimeout: 600_000,
      // The request time-out is the front's.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  send(options: Dispatcher.DispatchOptions, attempt: Attempt): void {
    this.#pool.dispatch(options, attempt)
  }

  /** Breaks off what is in flight. */
  destroy(): void {
    void this.#pool.destroy()
  }
}

class KeptConnection extends Client {
  #isConnected = false

  constructor(origin: URL, options: Client.Options) {
    super(origin, options)
    this.on('connect', () => {
      this.#isConnected = true
    })
    this.on('disconnect', () => {
      this.#isConnected = false
    })
  }

  override dispatch(options: Dispatcher.DispatchOptions, attempt: Attempt): boolean {
    attempt.isReused = this.#isConnected
    return super.dispatch(options, attempt)
  }
}
