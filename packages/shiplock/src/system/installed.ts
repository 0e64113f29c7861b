import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface InstalledPackage {
  readonly version: string
  /** Where `node_modules` with it is, relative to the root: `''` is the root itself. */
  readonly directory: string
}

/** Looks for a package in the tree's `node_modules`, from a directory upwards as Node does, never above the root. */
export const findInstalled =
  (root: string) =>
  async (name: string, from = ''): Promise<InstalledPackage | undefined> => {
    for (let directory = from === '.' ? '' : from; ; directory = dirname(directory) === '.' ? '' : dirname(directory)) {
      const version = versionIn(join(root, directory, 'node_modules', name, 'package.json'))
      if (version !== undefined) return { version, directory }
      if (directory === '') return undefined
    }
  }

function versionIn(path: string): string | undefined {
  try {
    const { version }: { version?: unknown } = JSON.parse(readFileSync(path, 'utf8'))
    return typeof version === 'string' ? version : undefined
  } catch {
    // Not installed here; one that is damaged cannot be run either.
    return undefined
  }
}
