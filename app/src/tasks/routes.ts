import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorPages } from '../error-pages.ts'
import type { RequestLog } from '../observability/observe.ts'
import type { SendPage } from '../page.ts'
import type { CsrfTokens } from '../security/csrf.ts'
import type { OwnerId, Sessions } from '../security/session.ts'
import { taskListPage, type RefusedTitle } from './task-list-page.ts'
import type { ListLimits, TaskStore } from './task-store.ts'
import { parseTaskId, parseTitle } from './task.ts'

/** What the routes of the task list need. */
export interface TaskRoutesParts {
  readonly store: TaskStore
  readonly sessions: Sessions
  readonly tokens: CsrfTokens
  readonly sendPage: SendPage
  readonly errorPages: ErrorPages
  readonly log: RequestLog
}

const limits: ListLimits = { active: 100, completed: 20 }

/** What a task can be told by a button, with the words of the log line and where the page goes on. */
const actions = {
  complete: { apply: (store, owner, id) => store.setComplete(owner, id, true), past: 'completed', anchor: 'active' },
  reopen: { apply: (store, owner, id) => store.setComplete(owner, id, false), past: 'reopened', anchor: 'completed' },
  delete: { apply: (store, owner, id) => store.delete(owner, id), past: 'deleted', anchor: 'active' },
} satisfies Record<string, { apply: (store: TaskStore, owner: OwnerId, id: number) => Promise<boolean>; past: string; anchor: string }>

/**
 * The task list and its forms. Each change answers 303, so that a reload repeats nothing; the fragment moves the focus to
 * where a keyboard user goes on. The CSRF guard of `app.ts` has run before any POST comes here.
 */
export function addTaskRoutes(app: FastifyInstance, { store, sessions, tokens, sendPage, errorPages, log }: TaskRoutesParts): void {
  const sendList = async (request: FastifyRequest, reply: FastifyReply, refused?: RefusedTitle): Promise<FastifyReply> => {
    const owner = sessions.findOrStart(request, reply)
    const list = await store.list(owner, limits)
    return sendPage(reply, taskListPage({ list, token: tokens.issue(owner), ...(refused && { refused }) }))
  }

  app.get('/', (request, reply) => sendList(request, reply))

  // Where a browser asks for the address that a refused form left in the address bar.
  app.get('/tasks', (_request, reply) => reply.redirect('/', 303))

  app.post<{ Body: Readonly<Record<string, unknown>> }>('/tasks', async (request, reply) => {
    const typed = request.body.title
    // Absent, or sent twice: no form of ours does this.
    if (typeof typed !== 'string') return errorPages.malformed(request, reply)
    const parsed = parseTitle(typed)
    if (!parsed.ok) return sendList(request, reply.code(422), { typed, problem: parsed.problem })
    const task = await store.add(sessions.findOrStart(request, reply), parsed.title)
    log(request, 'INFO', `Task added: ${task.id}`)
    return reply.redirect('/#title', 303)
  })

  for (const [action, { apply, past, anchor }] of Object.entries(actions)) {
    app.post<{ Params: { readonly id: string } }>(`/tasks/:id/${action}`, async (request, reply) => {
      const id = parseTaskId(request.params.id)
      const isFound = id !== undefined && (await apply(store, sessions.findOrStart(request, reply), id))
      if (!isFound) return errorPages.taskNotFound(request, reply)
      log(request, 'INFO', `Task ${past}: ${id}`)
      return reply.redirect(`/#${anchor}`, 303)
    })
  }
}
