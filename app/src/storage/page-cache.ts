import type { OwnerId } from '../security/session.ts'
import type { ListQuery, TaskPage } from '../tasks/task-store.ts'

/** Pages that were read, each the very same object until something changes. */
export interface PageCache {
  get(owner: OwnerId, query: ListQuery, read: () => TaskPage): TaskPage
  /** What the owner's list shows is about to change. */
  forget(owner: OwnerId): void
}

/** Owners whose pages are kept, and pages of each: some 20 MB where all titles are as long as can be, usually a hundredth. */
const [mostOwners, mostPages] = [64, 4]

/**
 * Makes an empty cache for a database in a file, where asking whether anybody has changed it costs a fraction of reading a page.
 * `version` answers that: it differs after another connection has committed; what goes through this one is told by `forget`.
 */
export function createPageCache(version: () => number): PageCache {
  const byOwner = new Map<OwnerId, Map<string, TaskPage>>()
  let seen = Number.NaN

  return {
    get(owner, query, read) {
      const current = version()
      if (current !== seen) {
        byOwner.clear()
        seen = current
      }
      const key = keyOf(query)
      const known = byOwner.get(owner)?.get(key)
      if (known !== undefined) return known
      const page = read()
      const pages = byOwner.get(owner) ?? new Map<string, TaskPage>()
      if (pages.size >= mostPages) pages.clear()
      pages.set(key, page)
      const [oldest] = byOwner.size >= mostOwners && !byOwner.has(owner) ? byOwner.keys() : []
      if (oldest !== undefined) byOwner.delete(oldest)
      byOwner.set(owner, pages)
      return page
    },
    forget: (owner) => void byOwner.delete(owner),
  }
}

const keyOf = ({ show, limit, after, before }: ListQuery): string => {
  const cursor = after ?? before
  return cursor === undefined ? `${show} ${limit}` : `${show} ${limit} ${after ? 'after' : 'before'} ${Number(cursor.isComplete)} ${cursor.id}`
}
