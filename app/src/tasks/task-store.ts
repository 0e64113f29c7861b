import type { OwnerId } from '../security/session.ts'
import type { Task } from './task.ts'

/** Part of a list, newest first. */
export interface TaskPage {
  readonly tasks: readonly Task[]
  /** Whether there are more than were asked for. How many is not known: counting would cost more the longer the list. */
  readonly hasMore: boolean
}

/** What one owner sees. */
export interface TaskList {
  readonly active: TaskPage
  readonly completed: TaskPage
}

/** The most tasks of each kind that `list` hands over. */
export interface ListLimits {
  readonly active: number
  readonly completed: number
}

/**
 * Where tasks are kept. Every method looks at one owner's tasks only: another's id is as if it did not exist. When the
 * storage cannot answer now (locked, full, gone) a method rejects with `StoreUnavailableError`, and nothing was changed.
 */
export interface TaskStore {
  list(owner: OwnerId, limits: ListLimits): Promise<TaskList>
  /** `title` is one that `parseTitle` accepted. */
  add(owner: OwnerId, title: string): Promise<Task>
  /** False when the owner has no such task. Setting what is already so is no error. */
  setComplete(owner: OwnerId, id: number, isComplete: boolean): Promise<boolean>
  /** False when the owner had no such task. */
  delete(owner: OwnerId, id: number): Promise<boolean>
  /** Resolves when the storage answers, and could take a write. */
  check(): Promise<void>
  close(): void
}

/** The storage cannot answer now; trying again later may help. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
}
