import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { openApiPath } from '../problems.ts'
import { csrfHeader } from '../security/csrf.ts'
import { parseClearQuery, parseListQuery, parseNewTask, parseTaskChange } from './api-requests.ts'
import { formatCursor, placeAfter } from './list-view.ts'
import { writeOpenApi } from './openapi.ts'
import { parseJson } from './parse-json.ts'
import { refuseOtherMethods } from './refuse-other-methods.ts'
import type { TaskRoutesParts } from './routes.ts'
import type { Cursor, ListQuery, TaskPage } from './task-store.ts'
import { parseTaskId, type Task } from './task.ts'

interface ById {
  readonly Params: { readonly id: string }
}

const jsonContentType = 'application/json; charset=utf-8'

const send = (reply: FastifyReply, body: object): FastifyReply => reply.type(jsonContentType).send(JSON.stringify(body))

const taskBody = ({ id, title, isComplete }: Task): object => ({ id, title, complete: isComplete })

const pageBody = ({ tasks, hasNext, hasPrevious }: TaskPage, { after }: ListQuery): object => {
  // A page that tasks have gone from since still leads back to where they were.
  const gone: Cursor | undefined = after && placeAfter(after)
  const [first, last] = [tasks[0] ?? gone, tasks.at(-1)]
  return {
    tasks: tasks.map(taskBody),
    next: hasNext && last ? formatCursor(last) : null,
    previous: hasPrevious && first ? formatCursor(first) : null,
  }
}

/** The list as JSON, for programs. The CSRF guard of `app.ts` has run before any change comes here: its token is in a header. */
export function addTaskApi(app: FastifyInstance, { store, sessions, tokens, errorPages, log }: TaskRoutesParts): void {
  const ownerOf = (request: FastifyRequest, reply: FastifyReply) => sessions.findOrStart(request, reply)

  app.register(async (api) => {
    api.removeAllContentTypeParsers()
    api.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson)

    api.get('/api/tasks', async (request, reply) => {
      const query = parseListQuery(request.query)
      if (!query.ok) return errorPages.invalid(request, reply, 'InvalidQuery', query.errors)
      return send(reply, pageBody(await store.list(ownerOf(request, reply), query.value), query.value))
    })

    api.post('/api/tasks', async (request, reply) => {
      const body = parseNewTask(request.body)
      if (!body.ok) return errorPages.invalid(request, reply, 'InvalidTask', body.errors)
      const task = await store.add(ownerOf(request, reply), body.value.title)
      log(request, 'INFO', `Task added: ${task.id}`)
      return send(reply.code(201).header('location', `/api/tasks/${task.id}`), taskBody(task))
    })

    api.delete('/api/tasks', async (request, reply) => {
      const query = parseClearQuery(request.query)
      if (!query.ok) return errorPages.invalid(request, reply, 'InvalidQuery', query.errors)
      const deleted = await store.clearCompleted(ownerOf(request, reply))
      log(request, 'INFO', `Completed tasks cleared: ${deleted}`)
      return send(reply, { deleted })
    })

    api.get<ById>('/api/tasks/:id', async (request, reply) => {
      const id = parseTaskId(request.params.id)
      const task = id === undefined ? undefined : await store.find(ownerOf(request, reply), id)
      return task ? send(reply, taskBody(task)) : errorPages.taskNotFound(request, reply)
    })

    api.patch<ById>('/api/tasks/:id', async (request, reply) => {
      const id = parseTaskId(request.params.id)
      const body = parseTaskChange(request.body)
      if (!body.ok) return errorPages.invalid(request, reply, 'InvalidTask', body.errors)
      const task = id === undefined ? undefined : await store.change(ownerOf(request, reply), id, body.value)
      if (!task) return errorPages.taskNotFound(request, reply)
      const { title, isComplete } = body.value
      if (title !== undefined) log(request, 'INFO', `Task edited: ${task.id}`)
      if (isComplete !== undefined) log(request, 'INFO', `Task ${isComplete ? 'completed' : 'reopened'}: ${task.id}`)
      return send(reply, taskBody(task))
    })

    api.delete<ById>('/api/tasks/:id', async (request, reply) => {
      const id = parseTaskId(request.params.id)
      const isFound = id !== undefined && (await store.delete(ownerOf(request, reply), id))
      if (!isFound) return errorPages.taskNotFound(request, reply)
      log(request, 'INFO', `Task deleted: ${id}`)
      return reply.code(204).send()
    })

    api.get('/api/csrf-token', (request, reply) => send(reply, { token: tokens.issue(ownerOf(request, reply)), header: csrfHeader }))

    let document: string | undefined
    api.get(openApiPath, (_request, reply) => {
      document ??= writeOpenApi()
      return reply.header('cache-control', 'public, max-age=3600').type(jsonContentType).send(document)
    })

    refuseOtherMethods(api, errorPages, '/api/tasks', ['GET', 'POST', 'DELETE'])
    refuseOtherMethods(api, errorPages, '/api/tasks/:id', ['GET', 'PATCH', 'DELETE'])
    refuseOtherMethods(api, errorPages, '/api/csrf-token', ['GET'])
    refuseOtherMethods(api, errorPages, openApiPath, ['GET'])
  })
}
