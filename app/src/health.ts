import type { FastifyInstance, FastifyRequest } from 'fastify'
import { retryAfterSeconds } from './error-pages.ts'
import { errorFields } from './observability/log.ts'
import type { RequestLog } from './observability/observe.ts'
import type { TaskStore } from './tasks/task-store.ts'

/** What the health routes look at. */
export interface HealthParts {
  readonly store: TaskStore
  readonly log: RequestLog
  readonly isDraining: () => boolean
}

/** For how long an answer of the database serves everyone who asks: a flood must not take its connections from the pages. */
const checkServesMs = 1_000

/**
 * `/health`: the process answers, nothing else is looked at; whoever restarts on it would not mend a database.
 * `/ready`: the database answers too and the service is not about to end, else 503.
 */
export function addHealthRoutes(app: FastifyInstance, { store, log, isDraining }: HealthParts): void {
  let latest: { readonly isReady: Promise<boolean>; endsMs: number } | undefined

  async function look(request: FastifyRequest): Promise<boolean> {
    try {
      await store.check()
      return true
    } catch (error) {
      log(request, 'ERROR', 'Not ready: the database does not answer', errorFields(error))
      return false
    }
  }

  function isReady(request: FastifyRequest): Promise<boolean> {
    if (latest !== undefined && performance.now() < latest.endsMs) return latest.isReady
    // However long it takes, there is one at a time.
    const check = { isReady: look(request), endsMs: Number.POSITIVE_INFINITY }
    latest = check
    void check.isReady.then(() => (check.endsMs = performance.now() + checkServesMs))
    return check.isReady
  }

  app.get('/health', (_request, reply) => reply.send({ status: 'ok' }))

  app.get('/ready', async (request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'draining' })
    if (await isReady(request)) return reply.send({ status: 'ready' })
    return reply.code(503).header('retry-after', retryAfterSeconds).send({ status: 'unavailable' })
  })
}
