import type { RenderDocument } from '../page.ts'
import { randomId } from '../security/mac.ts'
import type { FoundPage } from './list-page.ts'
import { taskListPage } from './task-list-page.ts'
import type { TaskPage } from './task-store.ts'

/**
 * Renders a list, and where the store hands out the very same page again keeps its document for as long as it does. Only the
 * token differs from one look to the next: the document is kept in the parts between which it stands.
 */
export function createDocumentCache(render: RenderDocument, repeatsPages: boolean): (found: FoundPage, token: string) => string {
  const known = new WeakMap<TaskPage, readonly string[]>()
  // Stands for the token, and in no title: nobody knows it.
  const hole = randomId()

  return (found, token) => {
    // A row that is being edited is not part of the page.
    if (!repeatsPages || found.view.edit !== undefined) return render(taskListPage({ ...found, token }))
    const kept = known.get(found.page)
    if (kept !== undefined) return kept.join(token)
    const parts = render(taskListPage({ ...found, token: hole })).split(hole)
    known.set(found.page, parts)
    return parts.join(token)
  }
}
