import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LockHolder {
  readonly pid: number
  /** Start time of the process from `/proc`, so that a recycled pid is not taken for the holder. */
  readonly startTime: string
  readonly command: string
}

export interface Lock {
  readonly release: () => void
}

/**
 * One run at a time in one checkout. Waits for a live holder (`onWait` is told once); a holder that was killed leaves
 * a lock that names a process that is gone, and is taken over. Rejects with the signal's reason.
 */
export async function acquireRunLock(path: string, command: string, signal: AbortSignal, onWait: (holder: LockHolder) => void): Promise<Lock> {
  mkdirSync(dirname(path), { recursive: true })
  const mine: LockHolder = { pid: process.pid, startTime: startTimeOf(process.pid) ?? '', command }
  const proposal = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(proposal, JSON.stringify(mine))
  try {
    for (let hasTold = false; ; ) {
      if (tryLink(proposal, path)) return { release: () => releaseIfMine(path, mine) }
      const holder = readHolder(path)
      if (!holder || !isAlive(holder)) {
        takeOver(path, holder)
        continue
      }
      if (!hasTold) onWait(holder)
      hasTold = true
      await sleep(100, undefined, { signal })
    }
  } finally {
    rmSync(proposal, { force: true })
  }
}

/** A hard link either appears or the name was taken: atomic, and the content is whole from the first moment. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Removes a dead holder's lock, unless somebody else has taken it over in the meantime. */
function takeOver(path: string, dead: LockHolder | undefined): void {
  const now = readHolder(path)
  if (now && dead && (now.pid !== dead.pid || now.startTime !== dead.startTime)) return
  rmSync(path, { force: true })
}

function releaseIfMine(path: string, mine: LockHolder): void {
  const holder = readHolder(path)
  if (holder?.pid === mine.pid && holder.startTime === mine.startTime) rmSync(path, { force: true })
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const holder: LockHolder = JSON.parse(readFileSync(path, 'utf8'))
    return Number.isInteger(holder.pid) ? holder : undefined
  } catch {
    // Gone again, or written by something else: nobody holds it.
    return undefined
  }
}

function isAlive(holder: LockHolder): boolean {
  const startTime = startTimeOf(holder.pid)
  if (startTime !== undefined) return startTime === holder.startTime
  try {
    process.kill(holder.pid, 0)
    return process.platform !== 'linux'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Clock ticks since boot at which the process began (proc(5), field 22 of stat); undefined where it is gone. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    // No such process, or no /proc on this system.
    return undefined
  }
}
