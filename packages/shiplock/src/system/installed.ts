import { lstatSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'

export interface InstalledPackage {
  readonly version: string
  /** Where `node_modules` with it is, relative to the root: `''` is the root itself. */
  readonly directory: string
  /** As its package.json says it, an SPDX expression where it is well written. */
  readonly licence?: string
}

/** Looks for a package in the tree's `node_modules`, from a directory upwards as Node does, never above the root. */
export const findInstalled =
  (root: string) =>
  async (name: string, from = ''): Promise<InstalledPackage | undefined> => {
    for (let directory = from === '.' ? '' : from; ; directory = dirname(directory) === '.' ? '' : dirname(directory)) {
      const facts = factsIn(root, join(directory, 'node_modules', name, 'package.json'))
      if (facts) return { ...facts, directory }
      if (directory === '') return undefined
    }
  }

/** The largest in the registry are a tenth of it. */
const largestManifest = 1024 * 1024

function factsIn(root: string, path: string): Pick<InstalledPackage, 'version' | 'licence'> | undefined {
  try {
    const file = join(root, path)
    const stats = lstatSync(file)
    if (!stats.isFile() || stats.size > largestManifest) return undefined
    const { version, license, licenses }: { version?: unknown; license?: unknown; licenses?: unknown } = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof version !== 'string') return undefined
    if (!isBelow(root, file)) return { version }
    const licence = licenceOf(license) ?? (Array.isArray(licenses) ? licenses.map(licenceOf).filter((it) => it !== undefined).join(' OR ') : '')
    return { version, ...(licence !== '' && { licence }) }
  } catch {
    // Not installed here; one that is damaged cannot be run either.
    return undefined
  }
}

/** Whether links on the way lead nowhere else: pnpm's lead within node_modules, which may itself be a link to a shared one. */
function isBelow(root: string, file: string): boolean {
  const real = realpathSync(file)
  return [root, join(root, 'node_modules')].some((folder) => real.startsWith(realpathSync(folder) + sep))
}

/** Old packages have an object with a type, or a list of those. */
function licenceOf(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && value.type !== '' ? value.type : undefined
}
