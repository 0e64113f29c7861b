import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject } from '../resource/proto-json.ts'
import { sendSignal } from './process-exit.ts'
import { bootId, startTimeOf } from './proc.ts'

/**
 * Which processes were started and not seen to end, on disk: a killed emulator leaves them to the next one, which ends
 * exactly those. A process is named by id, start time and boot, so that a stranger who got the id later is left alone.
 */
export interface ProcessRecords {
  add(pid: number): void
  remove(pid: number): void
  /** Ends what an earlier emulator left: SIGTERM, then SIGKILL after `graceMs`. Returns how many there were. */
  endOrphans(graceMs: number): Promise<number>
}

export function openProcessRecords(directory: string): ProcessRecords {
  const fileOf = (pid: number) => join(directory, `${pid}.json`)
  return {
    add(pid) {
      writeFileSync(fileOf(pid), JSON.stringify({ pid, startTime: startTimeOf(pid), boot: bootId() }), { mode: 0o600 })
    },
    remove(pid) {
      rmSync(fileOf(pid), { force: true })
    },
    async endOrphans(graceMs) {
      const orphans = readdirSync(directory).flatMap((name) => {
        const orphan = readRecord(join(directory, name))
        if (orphan === undefined || !isAlive(orphan)) rmSync(join(directory, name))
        return orphan !== undefined && isAlive(orphan) ? [orphan] : []
      })
      await Promise.all(orphans.map(async (orphan) => endOrphan(orphan, graceMs)))
      for (const { pid } of orphans) rmSync(fileOf(pid), { force: true })
      return orphans.length
    },
  }
}

interface ProcessRecord {
  readonly pid: number
  readonly startTime: string
  readonly boot: string
}

function readRecord(file: string): ProcessRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (!isJsonObject(value)) return undefined
    const { pid, startTime, boot } = value
    // 0 and negative ids mean groups to kill(2), and 1 is the system.
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 1 || typeof startTime !== 'string' || typeof boot !== 'string')
      return undefined
    return { pid, startTime, boot }
  } catch (error) {
    // Half a record: the emulator was killed while writing it.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isAlive({ pid, startTime, boot }: ProcessRecord): boolean {
  return boot === bootId() && startTimeOf(pid) === startTime
}

async function endOrphan(orphan: ProcessRecord, graceMs: number): Promise<void> {
  signalGroup(orphan, 'SIGTERM')
  for (const deadline = performance.now() + graceMs; isAlive(orphan) && performance.now() < deadline;) await delay(20)
  if (isAlive(orphan)) signalGroup(orphan, 'SIGKILL')
}

/** Instances lead a process group of their own where nothing else ends their children. */
function signalGroup({ pid }: ProcessRecord, signal: NodeJS.Signals): void {
  void (sendSignal(-pid, signal) || sendSignal(pid, signal))
}
