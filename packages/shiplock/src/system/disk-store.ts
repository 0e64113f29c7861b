import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from './files.ts'

/**
 * Results between runs: one file a key, written atomically, each opening with the hash of the rest, so that a damaged
 * one is found out and dropped. Not for secrets.
 */
export class DiskStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  get = (key: string): string | undefined => {
    const path = this.#pathOf(key)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch {
      // Absent, or not readable: both a miss.
      return undefined
    }
    const value = text.slice(65)
    if (text.slice(0, 64) !== hashOf(value)) {
      rmSync(path, { force: true })
      return undefined
    }
    return value
  }

  set = (key: string, value: string): void => writeAtomically(this.#pathOf(key), `${hashOf(value)}\n${value}`, { mode: 0o600 })

  hasArtifact = (path: string): boolean => existsSync(path)

  /** Keys are hashes; anything else would be a path of the caller's making. */
  #pathOf(key: string): string {
    if (!/^[0-9a-f]{32,64}$/.test(key)) throw new Error(`not a hash: ${key}`)
    return join(this.#directory, key.slice(0, 2), key.slice(2))
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
