import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorPages } from '../error-pages.ts'
import type { RequestLog } from '../observability/observe.ts'
import { sendDocument, type RenderDocument } from '../page.ts'
import type { CsrfTokens } from '../security/csrf.ts'
import type { OwnerId, Sessions } from '../security/session.ts'
import { createDocumentCache } from './document-cache.ts'
import { findPage } from './list-page.ts'
import { firstPage, parseListView, pathOf, placeBefore, withoutEdit, type ListView } from './list-view.ts'
import { refuseOtherMethods } from './refuse-other-methods.ts'
import { taskListPage, type RefusedTitle } from './task-list-page.ts'
import { ListFullError, mostTasks, type TaskStore } from './task-store.ts'
import { parseTaskId, parseTitle, type Task } from './task.ts'

/** What the routes of the task list need, pages and API alike. */
export interface TaskRoutesParts {
  readonly store: TaskStore
  readonly sessions: Sessions
  readonly tokens: CsrfTokens
  readonly renderDocument: RenderDocument
  readonly errorPages: ErrorPages
  readonly log: RequestLog
}

interface ById {
  readonly Params: { readonly id: string }
}

/** What a task can be told by a button, with the word of the log line. */
const actions = {
  complete: { apply: (store, owner, id) => store.change(owner, id, { isComplete: true }), past: 'completed' },
  reopen: { apply: (store, owner, id) => store.change(owner, id, { isComplete: false }), past: 'reopened' },
  delete: { apply: (store, owner, id) => store.delete(owner, id), past: 'deleted' },
} satisfies Record<string, { apply: (store: TaskStore, owner: OwnerId, id: number) => Promise<unknown>; past: string }>

type Action = keyof typeof actions

/** Where a keyboard user goes on: in the part of the list that the task was in. */
const anchorAfter = (action: Action, { show }: ListView): string => (action === 'reopen' || show === 'done' ? '#done' : '#active')

/** The value of a field; undefined where it is absent. A form with a repeated field never gets here. */
const fieldOf = (body: unknown, name: string): string | undefined => (body as Readonly<Record<string, string>> | undefined)?.[name]

const listFull = `Your list is full: ${mostTasks.toLocaleString('en')} tasks fit on it. Delete some that you need no more, then add this one.`

const unlessFull = (adding: Promise<Task>): Promise<Task | undefined> =>
  adding.catch((error: unknown) => {
    if (error instanceof ListFullError) return undefined
    throw error
  })

/**
 * The task list and its forms. Each change answers 303, so that a reload repeats nothing, and leads back to the view that the
 * form was on. The CSRF guard of `app.ts` has run before any POST comes here.
 */
export function addTaskRoutes(app: FastifyInstance, { store, sessions, tokens, renderDocument, errorPages, log }: TaskRoutesParts): void {
  const documentOf = createDocumentCache(renderDocument, store.repeatsPages)

  const sendList = async (request: FastifyRequest, reply: FastifyReply, view: ListView, refused?: RefusedTitle): Promise<FastifyReply> => {
    const owner = sessions.findOrStart(request, reply)
    const found = await findPage(store, owner, view)
    const token = tokens.issue(owner)
    return sendDocument(reply, refused ? renderDocument(taskListPage({ ...found, token, refused })) : documentOf(found, token))
  }

  /** Shows the row of the task again with what was typed, wherever in the list the task is by now. */
  const sendRefusedEdit = async (request: FastifyRequest, reply: FastifyReply, refused: RefusedTitle & { id: number }): Promise<FastifyReply> => {
    const { id } = refused
    const task = await store.find(sessions.findOrStart(request, reply), id)
    if (!task) return errorPages.taskNotFound(request, reply)
    const view: ListView = { ...parseListView(request.body), edit: id }
    const found = await findPage(store, sessions.findOrStart(request, reply), view)
    const isThere = found.page.tasks.some((other) => other.id === id)
    const beginningThere: ListView = { show: 'all', after: placeBefore(task), edit: id }
    return sendList(request, reply.code(422), isThere ? view : beginningThere, refused)
  }

  app.get('/', (request, reply) => sendList(request, reply, parseListView(request.query)))

  // Where a browser asks for the address that a refused form left in the address bar.
  app.get('/tasks', (_request, reply) => reply.redirect('/', 303))
  app.get<ById>('/tasks/:id/edit', (request, reply) => {
    const id = parseTaskId(request.params.id)
    return id === undefined ? errorPages.taskNotFound(request, reply) : reply.redirect(`${pathOf({ show: 'all', edit: id })}#edit`, 303)
  })

  app.register(async (forms) => {
    forms.addHook('preHandler', (request, reply, done) => {
      if (Object.values((request.body ?? {}) as object).every((value) => typeof value === 'string')) done()
      // Sent twice: no form of ours does this.
      else errorPages.malformed(request, reply)
    })

    forms.post('/tasks', async (request, reply) => {
      const typed = fieldOf(request.body, 'title')
      if (typed === undefined) return errorPages.malformed(request, reply)
      const view = parseListView(request.body)
      const parsed = parseTitle(typed)
      if (!parsed.ok) return sendList(request, reply.code(422), view, { typed, problem: parsed.problem })
      const task = await unlessFull(store.add(sessions.findOrStart(request, reply), parsed.title))
      if (!task) return sendList(request, reply.code(422), view, { typed, problem: listFull })
      log(request, 'INFO', `Task added: ${task.id}`)
      // To the page that the new task is on: the first, and not among what is done.
      const next = firstPage(view)
      return reply.redirect(`${pathOf(next.show === 'done' ? { ...next, show: 'all' } : next)}#title`, 303)
    })

    forms.post<ById>('/tasks/:id/edit', async (request, reply) => {
      const id = parseTaskId(request.params.id)
      const typed = fieldOf(request.body, 'title')
      if (typed === undefined) return errorPages.malformed(request, reply)
      if (id === undefined) return errorPages.taskNotFound(request, reply)
      const parsed = parseTitle(typed)
      if (!parsed.ok) return sendRefusedEdit(request, reply, { id, typed, problem: parsed.problem })
      const task = await store.change(sessions.findOrStart(request, reply), id, { title: parsed.title })
      if (!task) return errorPages.taskNotFound(request, reply)
      log(request, 'INFO', `Task edited: ${id}`)
      return reply.redirect(`${pathOf(withoutEdit(parseListView(request.body)))}#e${id}`, 303)
    })

    for (const [action, { apply, past }] of Object.entries(actions)) {
      forms.post<ById>(`/tasks/:id/${action}`, async (request, reply) => {
        const id = parseTaskId(request.params.id)
        const isFound = id !== undefined && Boolean(await apply(store, sessions.findOrStart(request, reply), id))
        if (!isFound) return errorPages.taskNotFound(request, reply)
        log(request, 'INFO', `Task ${past}: ${id}`)
        const view = parseListView(request.body)
        return reply.redirect(`${pathOf(view)}${anchorAfter(action as Action, view)}`, 303)
      })
    }

    forms.post('/tasks/clear-completed', async (request, reply) => {
      const count = await store.clearCompleted(sessions.findOrStart(request, reply))
      log(request, 'INFO', `Completed tasks cleared: ${count}`)
      return reply.redirect(`${pathOf(parseListView(request.body))}#done`, 303)
    })
  })

  refuseOtherMethods(app, errorPages, '/', ['GET'])
  refuseOtherMethods(app, errorPages, '/tasks', ['GET', 'POST'])
  refuseOtherMethods(app, errorPages, '/tasks/:id/edit', ['GET', 'POST'])
  for (const path of ['/tasks/clear-completed', ...Object.keys(actions).map((action) => `/tasks/:id/${action}`)]) {
    refuseOtherMethods(app, errorPages, path, ['POST'])
  }
}
