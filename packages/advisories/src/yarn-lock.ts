import { matchesGlob } from 'node:path'
import { parseSyml } from '@yarnpkg/parsers'
import { askedBy, record, sourceOf, splitAt, text, unalias, type Entry, type LockDocument, type Root } from './lock-document.ts'
import type { Manifests } from './lock-file.ts'

/** yarn.lock, classic and berry: packages by everything that was asked for. What the repository asks for is in its package.json. */
export function readYarnLock(source: string, manifests: Manifests): LockDocument {
  const lock = record(parseSyml(source))
  const isBerry = lock.has('__metadata')
  const entries = new Map<string, Entry>()
  const keys = new Map<string, string>()
  const byResolved = new Map<string, string>()
  for (const [key, value] of lock) {
    if (key === '__metadata') continue
    const fields = record(value)
    const asked = key.split(/,\s*/)
    const [askedName, askedRange] = splitAt(asked[0] ?? '') ?? [key, '']
    const [name, reference] = splitAt(text(fields.get('resolution')) ?? '') ?? [isBerry ? askedName : unalias(askedName, askedRange).name, undefined]
    const resolved = isBerry ? (reference?.startsWith('npm:') ? undefined : reference) : text(fields.get('resolved'))
    const version = text(fields.get('version')) ?? ''
    // The parser gives what was asked for in one line one by one, each with the same package.
    const same = resolved === undefined ? key : (byResolved.get(`${name}@${version} ${resolved}`) ?? key)
    byResolved.set(`${name}@${version} ${resolved}`, same)
    for (const one of asked) keys.set(one, same)
    if (same !== key) continue
    entries.set(key, {
      name,
      version,
      source: sourceOf(resolved),
      resolved,
      // A classic lock file that was made before integrity was kept has the archive's SHA-1 behind the `#`.
      integrity: text(fields.get('checksum')) ?? text(fields.get('integrity')) ?? (resolved === undefined ? undefined : /#([\da-f]{40})$/.exec(resolved)?.[1]),
      // Berry keeps no checksum of what is only for another platform.
      isBundled: fields.has('conditions'),
      isWorkspace: reference?.startsWith('workspace:') ?? false,
      dependencies: askedBy(Object.fromEntries(fields), { dev: false }),
      lineKey: key,
    })
  }
  const globs = manifests.get('')?.workspaces ?? []
  const own = [...manifests].filter(([folder]) => folder === '' || globs.some((glob) => matchesGlob(folder, glob.replace(/^\.\/|\/$/g, ''))))
  const roots = new Map<string, Root>(own.map(([folder, { dependencies }]) => [folder, { dependencies, isLocked: false }]))
  const names = new Map(own.flatMap(([folder, { name }]) => (name === undefined ? [] : [[name, folder] as const])))
  const resolve = (_from: string, name: string, range: string) => {
    const key = keys.get(`${name}@${range}`) ?? keys.get(`${name}@npm:${range}`)
    if (key !== undefined) return key
    // Patches and resolutions rewrite what was asked for, and folders of the repository are in no classic lock file.
    if (isBerry || names.has(name) || /^(?:workspace|file|link|portal|patch):/.test(range)) return [...entries.keys()].find((it) => it.startsWith(`${name}@`)) ?? ''
    return undefined
  }
  return { entries, roots, resolve, keepsIntegrity: true, keepsRanges: false }
}
