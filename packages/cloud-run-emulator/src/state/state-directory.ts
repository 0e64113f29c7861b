import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EmulatorError, systemCode } from '../error.ts'
import { replaceFile } from './atomic-file.ts'

/** Where everything lies that outlives the emulator, and everything that says what it does. */
export interface StateDirectory extends Disposable {
  readonly root: string
  readonly tokenFile: string
  readonly services: string
  readonly jobs: string
  readonly secrets: string
  /** One file for each process that was started and not seen to end. */
  readonly processes: string
  readonly logs: string
  /** Unpacked images. */
  readonly images: string
  /** The OCI layout of images that were pulled; made when the first is. */
  readonly pulled: string
  /** Small files that instances are given, and what they write where nothing confines them. */
  readonly run: string
}

/** Opens the directory for this process alone; another emulator on it throws `state-in-use`. Disposing lets go of it. */
export function openStateDirectory(root: string): StateDirectory {
  const inside = (name: string) => join(root, name)
  mkdirSync(root, { recursive: true })
  const lock = lockDirectory(root)
  const [services, jobs, secrets, processes, logs, images, run] = ['services', 'jobs', 'secrets', 'processes', 'logs', 'images', 'run'].map((name) => {
    // Logs and state hold what users sent and what templates configure: for the owner only. Images are public by
    // nature, and an instance under another user id has to reach them.
    mkdirSync(inside(name), { recursive: true, mode: name === 'images' || name === 'run' ? 0o755 : 0o700 })
    return inside(name)
  }) as [string, string, string, string, string, string, string]
  return {
    root,
    tokenFile: inside('admin-token'),
    services,
    jobs,
    secrets,
    processes,
    logs,
    images,
    pulled: inside('pulled'),
    run,
    [Symbol.dispose]: () => lock.isOpen && lock.close(),
  }
}

/** The lock is SQLite's, hence the kernel's: kill -9 releases it, so there is no stale lock to judge. */
function lockDirectory(root: string): DatabaseSync {
  const lock = new DatabaseSync(join(root, 'lock.sqlite'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock.close()
    throw new EmulatorError('state-in-use', `Another emulator works on ${JSON.stringify(root)}`, {
      cause,
      hint: 'Stop it, or choose another state directory.',
    })
  }
}

/** The admin token, made at the first start: 256 random bits, in a file that only the owner may read. */
export function openToken(file: string): string {
  const existing = readToken(file)
  if (existing !== undefined) {
    chmodSync(file, 0o600)
    return existing
  }
  const token = randomBytes(32).toString('base64url')
  replaceFile(file, `${token}\n`)
  return token
}

function readToken(file: string): string | undefined {
  try {
    const token = readFileSync(file, 'utf8').trim()
    return /^[\w-]{43}$/.test(token) ? token : undefined
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
