import { join } from 'node:path'
import { isTemporary, list, look, remove } from '../node.ts'
import { baseFileName } from './base-layer.ts'
import { nodeFileName } from '../runtime/node-layer.ts'
import type { DebianLock } from './lock.ts'

/**
 * Removes what no lock needs from a store of packages or of Nodes, and what was left unfinished; the names of what went. Files used less than
 * `minimumAgeMs` ago stay: another build may be about to use them.
 */
export async function pruneStore(
  store: string,
  { keep, minimumAgeMs = 3_600_000 }: { readonly keep: readonly DebianLock[]; readonly minimumAgeMs?: number },
): Promise<readonly string[]> {
  const lists = keep.flatMap(({ packages }) => Object.values(packages))
  const nodes = keep.flatMap(({ node }) => Object.values(node?.packages ?? {})).map(({ integrity }) => nodeFileName(integrity))
  const needed = new Set(nodes)
  for (const name of lists.flatMap((packages) => [baseFileName(packages), ...packages.map(({ sha256 }) => `${sha256}.deb`)])) needed.add(name)
  const removed: string[] = []
  for (const name of await list(store)) {
    const isOurs = isTemporary(name) || /^(?:[0-9a-f]{64}\.deb|base-[0-9a-f]{64}|node-[0-9a-f]{128})$/.test(name)
    if (!isOurs || needed.has(name)) continue
    const facts = await look(join(store, name))
    if (facts === undefined || facts.ageMs < minimumAgeMs) continue
    await remove(join(store, name))
    removed.push(name)
  }
  return removed
}
