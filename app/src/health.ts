import type { FastifyInstance } from 'fastify'
import { errorFields } from './observability/log.ts'
import type { RequestLog } from './observability/observe.ts'
import type { TaskStore } from './tasks/task-store.ts'

/** What the health routes look at. */
export interface HealthParts {
  readonly store: TaskStore
  readonly log: RequestLog
  readonly isDraining: () => boolean
}

/** Soon, since what is wrong is looked at with every request. */
const retryAfterSeconds = 5

/**
 * `/health`: the process answers, nothing else is looked at; whoever restarts on it would not mend a database.
 * `/ready`: the database answers too and the service is not about to end, else 503.
 */
export function addHealthRoutes(app: FastifyInstance, { store, log, isDraining }: HealthParts): void {
  app.get('/health', (_request, reply) => reply.send({ status: 'ok' }))

  app.get('/ready', async (request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'draining' })
    try {
      await store.check()
    } catch (error) {
      log(request, 'ERROR', 'Not ready: the database does not answer', errorFields(error))
      return reply.code(503).header('retry-after', retryAfterSeconds).send({ status: 'unavailable' })
    }
    return reply.send({ status: 'ready' })
  })
}
