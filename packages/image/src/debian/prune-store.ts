import { join } from 'node:path'
import { isTemporary, list, look, remove } from '../node.ts'
import { baseFileName } from './base-layer.ts'
import type { DebianLock } from './lock.ts'

/**
 * Removes what no lock needs from a store, and what was left unfinished; the names of what went. Files used less than
 * `minimumAgeMs` ago stay: another build may be about to use them.
 */
export async function pruneStore(
  store: string,
  { keep, minimumAgeMs = 3_600_000 }: { readonly keep: readonly DebianLock[]; readonly minimumAgeMs?: number },
): Promise<readonly string[]> {
  const lists = keep.flatMap(({ packages }) => Object.values(packages))
  const needed = new Set(lists.flatMap((packages) => [baseFileName(packages), ...packages.map(({ sha256 }) => `${sha256}.deb`)]))
  const removed: string[] = []
  for (const name of await list(store)) {
    const isOurs = isTemporary(name) || /^(?:[0-9a-f]{64}\.deb|base-[0-9a-f]{64})$/.test(name)
    if (!isOurs || needed.has(name)) continue
    const facts = await look(join(store, name))
    if (facts === undefined || facts.ageMs < minimumAgeMs) continue
    await remove(join(store, name))
    removed.push(name)
  }
  return removed
}
