import type { OwnerId } from '../security/session.ts'
import type { Task } from './task.ts'

/** Which tasks of a list are looked at. */
export type Show = 'all' | 'active' | 'done'

/** A place in a list, named by the task that is there or was: the order needs both of its values. */
export interface Cursor {
  readonly isComplete: boolean
  readonly id: number
}

/** A page of a list: what is to do first, then what is done, each newest first. At most one of `after` and `before`. */
export interface ListQuery {
  readonly show: Show
  /** The most tasks on a page, at least 1. */
  readonly limit: number
  /** The page that follows this place. */
  readonly after?: Cursor
  /** The page that ends before this place. */
  readonly before?: Cursor
}

/**
 * What one owner sees of a list. A store that says so (`repeatsPages`) hands out the very same page again while nothing has
 * changed, so that what was made of it serves again too. How long the list is is not known: counting would cost more the longer it is.
 */
export interface TaskPage {
  /** In the order of the list, whichever way was paged. */
  readonly tasks: readonly Task[]
  readonly hasNext: boolean
  /** After paging forward always true, although what was there may have been deleted since. */
  readonly hasPrevious: boolean
}

/** What a task is to become; what is absent stays. */
export interface TaskChange {
  readonly title?: string
  readonly isComplete?: boolean
}

/** Connections to the database; a file has one. */
export interface PoolUse {
  readonly limit: number
  readonly open: number
  readonly inUse: number
  /** Requests that wait for a connection. */
  readonly waiting: number
}

/**
 * Where tasks are kept. Every method looks at one owner's tasks only: another's id is as if it did not exist. When the
 * storage cannot answer now (locked, full, gone, out of connections) a method rejects with `StoreUnavailableError`; then
 * either nothing was changed or, where the connection broke while the answer was awaited, the whole change was made.
 */
export interface TaskStore {
  /** Whether `list` hands out the very same page again while nothing has changed. */
  readonly repeatsPages: boolean
  list(owner: OwnerId, query: ListQuery): Promise<TaskPage>
  find(owner: OwnerId, id: number): Promise<Task | undefined>
  /** `title` is one that `parseTitle` accepted. Rejects with `ListFullError` when the owner has as many tasks as fit. */
  add(owner: OwnerId, title: string): Promise<Task>
  /** The task as it is then; undefined when the owner has no such task. Setting what is already so is no error. */
  change(owner: OwnerId, id: number, change: TaskChange): Promise<Task | undefined>
  /** False when the owner had no such task. */
  delete(owner: OwnerId, id: number): Promise<boolean>
  /**
   * Deletes what is done, part by part so that nobody waits for a long list; resolves with how many tasks that were. When it
   * rejects, some may be gone; doing it again is safe.
   */
  clearCompleted(owner: OwnerId): Promise<number>
  /** Resolves when the storage answers, and could take a write. */
  check(): Promise<void>
  poolUse(): PoolUse
  /** Waits for what is under way. */
  close(): Promise<void>
}

/** How many tasks fit on a list; nobody needs them, and without a bound one visitor could fill the disk. */
export const mostTasks = 100_000

/** The owner has as many tasks as fit on a list. */
export class ListFullError extends Error {
  override readonly name = 'ListFullError'

  constructor() {
    super('The list is full')
  }
}

/** The storage cannot answer now; trying again later may help. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
}
