import { basename } from 'node:path/posix'
import { hostOf, type Component, type LockFile } from '@shiplock/advisories'
import type { FindingDraft } from '@shiplock/findings'
import type { ToolContext } from '../check.ts'
import type { DependenciesOptions } from './index.ts'
import { otherRegistry } from './rules/other-registry.ts'

/** A host that fewer packages than these come from is one that somebody may have slipped in. */
const few = 3
const fewOf = 0.05

const longestConfiguration = 1024 * 1024

/** Hosts that the package managers' own configuration in the tree names. */
export async function namedHosts({ files }: Pick<ToolContext, 'files'>, { registries }: DependenciesOptions): Promise<ReadonlySet<string>> {
  if (registries.length > 0) return new Set(registries)
  const names = ['.npmrc', '.yarnrc', '.yarnrc.yml', 'bunfig.toml', 'pnpm-workspace.yaml']
  const texts = await Promise.all(files.paths.filter((path) => names.includes(basename(path)) && !files.isLink(path) && files.size(path) <= longestConfiguration).map((path) => files.text(path)))
  return new Set(texts.flatMap((text) => [...text.matchAll(/https?:\/\/[^\s'"#]+/g)].flatMap(([address]) => hostOf(address) ?? [])))
}

/** Where the packages of a lock file come from, and the few that come from elsewhere: the way to slip one in that looks right. */
export function examineRegistries({ path, components }: Pick<LockFile, 'components'> & { readonly path: string }, hosts: ReadonlySet<string>, { registries }: DependenciesOptions): FindingDraft[] {
  const byHost = Map.groupBy(components.filter(({ source }) => source === 'registry' || source === 'http'), ({ resolved = '' }) => hostOf(resolved))
  byHost.delete(undefined)
  const [most] = [...byHost].toSorted(([, a], [, b]) => b.length - a.length)
  if (!most) return []
  const [main, ofMain] = most
  const isStrange = (host: string | undefined, of: readonly Component[]) => host !== undefined && !hosts.has(host) && (registries.length > 0 || (host !== main && (of.length <= few || of.length < fewOf * components.length)))
  return [...byHost].flatMap(([host, of]): FindingDraft[] => {
    if (!isStrange(host, of)) return []
    const names = [...new Set(of.map(({ name, version }) => `${name}@${version}`))]
    const rest = registries.length > 0 ? `which is none of ${registries.join(', ')}` : `and ${ofMain.length} others from ${main}`
    return [{ rule: otherRegistry.id, message: `from ${host}: ${names.slice(0, few).join(', ')}${names.length > few ? ` and ${names.length - few} more` : ''}, ${rest}`, location: { path, startLine: of[0]?.line ?? 1 }, ...(registries.length > 0 && { severity: 'high', confidence: 'high' }) }]
  })
}
