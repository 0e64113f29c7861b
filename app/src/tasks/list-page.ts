import type { OwnerId } from '../security/session.ts'
import { firstPage, placeAfter, type ListView } from './list-view.ts'
import type { ListQuery, TaskPage, TaskStore } from './task-store.ts'

/** The most tasks on a page. */
export const pageSize = 20

/** A view, and what it shows. */
export interface FoundPage {
  readonly view: ListView
  readonly page: TaskPage
}

const queryOf = ({ show, after, before }: ListView): ListQuery => ({
  show,
  limit: pageSize,
  ...(after && { after }),
  ...(before && { before }),
})

/**
 * Reads the page that a view leads to, by one query unless tasks have gone since: then the view is mended, so that nobody
 * stands on an empty page while the list has some, or on a short first page.
 */
export async function findPage(store: TaskStore, owner: OwnerId, view: ListView): Promise<FoundPage> {
  const page = await store.list(owner, queryOf(view))
  const { after, before } = view
  if (before) return page.hasPrevious ? { view, page } : startOf(store, owner, view, page)
  if (!after || page.tasks.length > 0) return { view, page }
  // Nothing comes after that place any more: show what ends with it.
  const last = { ...firstPage(view), before: placeAfter(after) }
  const found = await findPage(store, owner, last)
  return { view: found.view, page: { ...found.page, hasNext: false } }
}

const startOf = async (store: TaskStore, owner: OwnerId, view: ListView, page: TaskPage): Promise<FoundPage> => {
  const first = firstPage(view)
  return { view: first, page: page.tasks.length === pageSize ? page : await store.list(owner, queryOf(first)) }
}
