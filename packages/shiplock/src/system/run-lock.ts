import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { readTextFile, writeAtomically } from './files.ts'

/** Who has the lock, for people; the lock itself does not rest on it. */
export interface LockHolder {
  readonly pid: number
  readonly command: string
}

export interface Lock {
  readonly release: () => void
}

/**
 * One run at a time in one checkout. Waits for the holder (`onWait` is told once). The lock is SQLite's, hence the
 * kernel's: kill -9 releases it, so there is no stale lock to break and no guess at who is still alive. Rejects with the
 * signal's reason.
 */
export async function acquireRunLock(path: string, command: string, signal: AbortSignal, onWait: (holder: LockHolder | undefined) => void): Promise<Lock> {
  mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path, { timeout: 0 })
  const holderPath = `${path}.json`
  try {
    for (let hasTold = false; !tryLock(database); hasTold = true) {
      if (!hasTold) onWait(readHolder(holderPath))
      // The abort's own reason is what is told, not that the sleep was cut short.
      await sleep(100, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
    writeAtomically(holderPath, JSON.stringify({ pid: process.pid, command } satisfies LockHolder))
  } catch (error) {
    database.close()
    throw error
  }
  return {
    release: () => {
      rmSync(holderPath, { force: true })
      database.close()
    },
  }
}

function tryLock(database: DatabaseSync): boolean {
  const sqliteBusy = 5
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return false
    throw error
  }
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const holder: LockHolder = JSON.parse(readTextFile(path) ?? '')
    return Number.isInteger(holder.pid) ? holder : undefined
  } catch {
    // Between two holders: somebody has it, and it does not say yet who.
    return undefined
  }
}
