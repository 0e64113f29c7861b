import type { FastifyInstance } from 'fastify'
import { errorFields } from './observability/log.ts'
import type { RequestLog } from './observability/observe.ts'
import type { TaskStore } from './tasks/task-store.ts'

/** `/health`: the process answers, nothing else is looked at. `/ready`: the database answers too, else 503. */
export function addHealthRoutes(app: FastifyInstance, store: TaskStore, log: RequestLog): void {
  app.get('/health', (_request, reply) => reply.send({ status: 'ok' }))

  app.get('/ready', async (request, reply) => {
    try {
      await store.check()
    } catch (error) {
      log(request, 'ERROR', 'Not ready: the database does not answer', errorFields(error))
      return reply.code(503).send({ status: 'unavailable' })
    }
    return reply.send({ status: 'ready' })
  })
}
