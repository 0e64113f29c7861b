import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'

/** So often it is looked where the system has no more watches to give. */
const pollMs = 1000

export interface Watching {
  /** Resolves when something happened in one of the directories and then nothing for a while; false when it was given up. */
  readonly changed: Promise<boolean>
  readonly stop: () => void
}

/**
 * Watches directories, not what is below them: those of a snapshot are few, while below a root lie the thousands of
 * node_modules. What happened is not said, since systems differ in it; who asks compares snapshots.
 */
export function watchDirectories(root: string, directories: Iterable<string>, calmMs: number): Watching {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const watchers: FSWatcher[] = []
  let timer: NodeJS.Timeout | undefined
  const end = (hasChanged: boolean) => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
    resolve(hasChanged)
  }
  const soon = (delayMs = calmMs) => {
    clearTimeout(timer)
    timer = setTimeout(() => end(true), delayMs)
  }
  for (const directory of directories) {
    try {
      watchers.push(watch(join(root, directory), () => soon()).on('error', () => soon()))
    } catch {
      // Removed since, or no watch is left: looking again after a while finds out what happened.
      soon(pollMs)
    }
  }
  return { changed: promise, stop: () => end(false) }
}
