import { readdirSync, watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'

/** So often it is looked where the system has no more watches to give. */
const pollMs = 1000

/** Directories right below these; none of a directory that cannot be read. */
export function childDirectories(root: string, directories: Iterable<string>): Set<string> {
  return new Set([...directories].flatMap((directory) => childrenOf(root, directory)))
}

/** The given ones, and what has been made below them since only `known` was there, at any depth: a new folder is watched before it holds a file. */
export function withNewDirectories(root: string, directories: Iterable<string>, known: ReadonlySet<string>): Set<string> {
  const all = new Set(directories)
  // A set's iteration goes on to what is added meanwhile.
  for (const directory of all) for (const child of childrenOf(root, directory)) if (!known.has(child)) all.add(child)
  return all
}

const neverWatched = new Set(['.git', '.shiplock', 'node_modules'])

function childrenOf(root: string, directory: string): string[] {
  try {
    return readdirSync(join(root, directory), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !neverWatched.has(entry.name))
      .map(({ name }) => (directory === '.' ? name : `${directory}/${name}`))
  } catch {
    // Removed since, or closed to us: nothing in it can be watched.
    return []
  }
}

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
