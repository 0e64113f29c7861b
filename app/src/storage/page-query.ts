import type { Task } from '../tasks/task.ts'
import type { ListQuery, TaskPage } from '../tasks/task-store.ts'

/**
 * A run of tasks that are alike in `isComplete`, as one range of the index (owner, complete, id): read from its end when
 * paging forward (newest first), from its start when paging backward. `bound` is excluded.
 */
export interface Half {
  readonly isComplete: boolean
  readonly bound: number
}

/** How a page is read: the halves in the order of reading, one more row than the page holds. */
export interface PageQuery {
  readonly isForward: boolean
  /** None: nothing can be on the page. */
  readonly halves: readonly [] | readonly [Half] | readonly [Half, Half]
}

/** What a row of a page is read as, in this order. */
export type PageRow = [id: number, title: string, complete: number]

/** Greater than every id that JavaScript holds exactly but the last. */
const endOfIds = Number.MAX_SAFE_INTEGER

/** Which ranges of the index hold the page. A cursor cuts its own half, and leaves out the one on its other side. */
export function planPage({ show, after, before }: ListQuery): PageQuery {
  const isForward = before === undefined
  const cursor = before ?? after
  const shown = show === 'all' ? [false, true] : [show === 'done']
  const halves: Half[] = []
  for (const isComplete of isForward ? shown : shown.toReversed()) {
    if (cursor?.isComplete === isComplete) halves.push({ isComplete, bound: cursor.id })
    else if (!cursor || cursor.isComplete !== isForward) halves.push({ isComplete, bound: isForward ? endOfIds : 0 })
  }
  return { isForward, halves: halves as unknown as PageQuery['halves'] }
}

/** Makes the page of its rows; they come in the order of reading, and one more than `limit` says that the list goes on. */
export function toPage(rows: readonly PageRow[], { limit, after }: ListQuery, { isForward }: PageQuery): TaskPage {
  const goesOn = rows.length > limit
  const tasks: Task[] = []
  for (let place = 0; place < rows.length && place < limit; place += 1) {
    const [id, title, complete] = rows[place] as PageRow
    tasks.push({ id, title, isComplete: complete === 1 })
  }
  if (isForward) return { tasks, hasNext: goesOn, hasPrevious: after !== undefined }
  return { tasks: tasks.toReversed(), hasNext: true, hasPrevious: goesOn }
}
