import { parse } from 'yaml'

/** What package managers need of a package.json to install from a lock file. Scripts, hooks and the choice of another manager are not among it. */
const kept = [
  'name', 'version', 'private', 'type', 'workspaces', 'dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta',
  'bundleDependencies', 'bundledDependencies', 'dependenciesMeta', 'overrides', 'resolutions', 'installConfig',
] as const

/** What of pnpm's settings says which packages there are. */
export const keptOfPnpm = ['packages', 'catalog', 'catalogs', 'overrides', 'packageExtensions', 'patchedDependencies', 'ignoredOptionalDependencies'] as const

/** A package.json with what an install needs and nothing else. */
export function manifestForInstall(text: string, { withoutDev = false } = {}): string {
  const manifest: Record<string, unknown> = JSON.parse(text)
  const fields = kept.filter((field) => Object.hasOwn(manifest, field) && !(withoutDev && field === 'devDependencies')).map((field) => [field, manifest[field]])
  const pnpm = manifest['pnpm']
  const ofPnpm = isRecord(pnpm) ? [['pnpm', pick(pnpm, keptOfPnpm)]] : []
  return JSON.stringify(Object.fromEntries([...fields, ...ofPnpm]))
}

/** The root of workspaces, with what it says of their packages and without what only itself asks for. */
export function rootForInstall(text: string, workspaces?: readonly string[]): string {
  const manifest: Record<string, unknown> = JSON.parse(manifestForInstall(text, { withoutDev: true }))
  for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies']) delete manifest[field]
  return JSON.stringify({ ...manifest, private: true, ...(workspaces && { workspaces }) })
}

export const pick = (from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> => Object.fromEntries(names.filter((name) => Object.hasOwn(from, name)).map((name) => [name, from[name]]))

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Settings in YAML; none where the text is missing or no record, which the package manager will complain of where it matters. */
export function settingsOf(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = text === undefined ? undefined : parse(text, { maxAliasCount: 100 })
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

/** A file that a setting names, by a path that stays beside the lock file. */
export function patchBeside(path: string, read: (path: string) => string | undefined): [string, string][] {
  if (path.startsWith('/') || path.split(/[\\/]/).includes('..')) return []
  const content = read(path)
  return content === undefined ? [] : [[path.replace(/^\.\//, ''), content]]
}

/** Yarn writes what it patches, and where the patch is, percent-encoded. What is no UTF-8 stays what it is. */
export const percentDecoded = (text: string): string => text.replaceAll(/%([0-7][\da-f])/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
