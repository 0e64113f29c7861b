import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readTextFile } from './files.ts'

const packageDirectory = dirname(dirname(import.meta.dirname))

/**
 * What this Shiplock is, for fingerprints: the version of its package; in a checkout, where the version stands still while
 * the code moves, also the size and time of every source file of its workspaces. A few milliseconds.
 */
export const ownVersion = (): string => (known ??= versionNow())

/** The code that runs is what was loaded, whatever becomes of its files meanwhile. */
let known: string | undefined

/** Of our package, as documents name whoever wrote them. */
export function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(readTextFile(join(packageDirectory, 'package.json')) ?? '{}')
  return version
}

/** The same of the files as they are at this moment. */
export function versionNow(): string {
  const version = packageVersion()
  const workspaces = dirname(packageDirectory)
  if (!existsSync(join(workspaces, 'findings/src'))) return version
  const hash = createHash('sha256')
  for (const name of readdirSync(workspaces).toSorted()) addSources(hash, join(workspaces, name, 'src'))
  return `${version}+${hash.digest('hex').slice(0, 16)}`
}

function addSources(hash: ReturnType<typeof createHash>, directory: string): void {
  if (!existsSync(directory)) return
  for (const entry of readdirSync(directory, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) {
      if (entry.name !== 'fixtures') addSources(hash, path)
    } else if (!entry.name.includes('.test')) {
      const { size, mtimeMs } = statSync(path)
      hash.update(`${path}\0${size}\0${mtimeMs}\n`)
    }
  }
}
