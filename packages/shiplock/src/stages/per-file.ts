import { createHash } from 'node:crypto'
import type { Store } from '../engine/cache.ts'
import { keyOfPath, type Snapshot } from '../system/snapshot.ts'

export interface PerFileRequest<T> {
  readonly check: string
  readonly key: string
  readonly paths: readonly string[]
  readonly snapshot: Snapshot
  readonly store?: Store
  readonly examine: (paths: readonly string[]) => Promise<ReadonlyMap<string, readonly T[]>>
}

/** key of the path → [digest of the content, what was found] of the last run with this key. */
type Remembered<T> = Readonly<Record<string, readonly [string, readonly T[]]>>

/**
 * Findings (or what else there is to find) of a check that looks at one file at a time: only files whose content is new are examined. The last run's
 * answers are one entry of the store, so an unchanged repository of a thousand files costs one read.
 */
export async function perFile<T>(request: PerFileRequest<T>): Promise<T[]> {
  const { snapshot, store, paths } = request
  const entry = createHash('sha256').update(JSON.stringify(['per-file', 2, request.check, request.key])).digest('hex')
  const remembered = new Map(Object.entries(parse<T>(store?.get(entry))))
  const keys = new Map(paths.map((path) => [path, keyOfPath(path)]))
  const knownOf = (path: string) => remembered.get(keys.get(path) ?? '')
  const stale = paths.filter((path) => knownOf(path)?.[0] !== snapshot.files.get(path)?.digest)
  const examined = stale.length > 0 ? await request.examine(stale) : new Map<string, readonly T[]>()
  const next = paths.map((path): [string, readonly [string, readonly T[]]] => {
    const digest = snapshot.files.get(path)?.digest ?? ''
    const known = knownOf(path)
    const findings = known?.[0] === digest ? known[1] : examined.get(path)
    if (!findings) throw new Error(`check ${request.check} gave no answer for ${path}`)
    return [keys.get(path) ?? '', [digest, findings]]
  })
  if (stale.length > 0 || next.length !== remembered.size) store?.set(entry, JSON.stringify(Object.fromEntries(next)))
  return next.flatMap(([, [, findings]]) => findings)
}

function parse<T>(text: string | undefined): Remembered<T> {
  return text === undefined ? {} : JSON.parse(text)
}
