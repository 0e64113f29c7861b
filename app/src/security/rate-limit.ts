import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { networkOf, type ClientAddress } from './client-address.ts'
import { isRead } from './methods.ts'

/** What the limit needs to know and to tell. */
export interface RateLimitParts {
  /** Changes a minute from one client. */
  readonly changes: number
  readonly clientAddress: ClientAddress
  /** `isFirst`: of this client, since its count began. */
  readonly onRefused: (request: FastifyRequest, isFirst: boolean) => void
  readonly refuse: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
}

/** Reading costs less than changing, and a page is several requests. */
const readsPerChange = 10
const windowMs = 60_000
/** At some 150 bytes each, 3 MB. */
const mostClients = 20_000

interface Window {
  count: number
  readonly startMs: number
}

type Counted = (error: Error | null, result?: { readonly current: number; readonly ttl: number }) => void

/**
 * Counts in memory that is bounded: when it is full, the window that began first goes, which ends soonest anyway. Its clock
 * is monotonic, as a jump of the wall clock would lift the limit or make it last for hours.
 */
export class WindowStore {
  readonly #windows = new Map<string, Window>()

  get size(): number {
    return this.#windows.size
  }

  /** The signature is that of @fastify/rate-limit. */
  incr(key: string, done: Counted, timeWindow: number): void {
    const now = performance.now()
    const known = this.#windows.get(key)
    if (known !== undefined && known.startMs + timeWindow > now) {
      known.count += 1
      done(null, { current: known.count, ttl: known.startMs + timeWindow - now })
      return
    }
    // Deleted and set anew, so that the map stays in the order in which windows began.
    this.#windows.delete(key)
    if (this.#windows.size >= mostClients) {
      const { value } = this.#windows.keys().next()
      if (value !== undefined) this.#windows.delete(value)
    }
    this.#windows.set(key, { count: 1, startMs: now })
    done(null, { current: 1, ttl: timeWindow })
  }

  /** One store for all kinds of requests: the key tells them apart. */
  child(): this {
    return this
  }
}

/** Asked for by the platform, often, from few addresses; neither costs more for being asked often. */
const isExempt = ({ method, url }: FastifyRequest): boolean => (method === 'GET' || method === 'HEAD') && (url === '/health' || url === '/ready')

/**
 * Refuses with 429 what one client asks for beyond its share, before anything else is done for it. Each instance of the
 * service counts for itself. The headers are those of draft-ietf-httpapi-ratelimit-headers.
 */
export async function addRateLimit(app: FastifyInstance, { changes, clientAddress, onRefused, refuse }: RateLimitParts): Promise<void> {
  const { default: rateLimit } = await import('@fastify/rate-limit')
  await app.register(rateLimit, { global: false, store: WindowStore })
  const reads = changes * readsPerChange
  const count = app.createRateLimit({
    timeWindow: windowMs,
    max: ({ method }) => (isRead(method) ? reads : changes),
    // Nobody is banned here: it only tells the first refusal (one beyond the limit) from those after it.
    ban: 1,
    keyGenerator: ({ method, raw }) => `${isRead(method) ? 'read' : 'change'} ${networkOf(clientAddress(raw))}`,
  })
  const policies = { reads: `"reads";q=${reads};w=60`, changes: `"changes";q=${changes};w=60` }

  app.addHook('onRequest', async (request, reply) => {
    if (isExempt(request)) return undefined
    const counted = await count(request)
    if (counted.isAllowed) return undefined
    const kind = isRead(request.method) ? 'reads' : 'changes'
    reply.header('ratelimit-policy', policies[kind])
    reply.header('ratelimit', `"${kind}";r=${counted.remaining};t=${counted.ttlInSeconds}`)
    if (!counted.isExceeded) return undefined
    onRefused(request, !counted.isBanned)
    return refuse(request, reply.header('retry-after', counted.ttlInSeconds))
  })
}
