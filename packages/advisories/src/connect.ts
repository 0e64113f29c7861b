import { purlOf, type Component } from './component.ts'
import { unalias, type LockDocument } from './lock-document.ts'
import type { LockFile, Manifests, OutOfStep } from './lock-file.ts'

interface Reached {
  parent: string | undefined
  isDev: boolean
  isOptional: boolean
}

/** Walks from what the repository asks for to everything that is installed for it: paths, and what is only for development. */
export function connect(document: LockDocument, text: string, manifests: Manifests): LockFile {
  const { entries } = document
  const ranges = new Map<string, Set<string>>()
  const reached = new Map<string, Reached>()
  const queue: string[] = []
  const askedAs = new Map<string, string>()
  const replacements = manifests.get('')?.replacements ?? new Set()
  const reach = (key: string, name: string, range: string, it: Reached) => {
    const entry = entries.get(key)
    if (document.keepsRanges && entry && !entry.isWorkspace && entry.source === 'registry' && entry.name !== name && entry.name !== unalias(name, range).name && !replacements.has(entry.name)) askedAs.set(key, name)
    const known = ranges.get(key) ?? new Set()
    ranges.set(key, known.add(range))
    const before = reached.get(key)
    if (before && (it.isDev || !before.isDev) && (it.isOptional || !before.isOptional)) return
    if (before) {
      // Reached by production as well: everything below is to be walked once more, with that.
      if (before.isDev && !it.isDev) before.parent = it.parent
      before.isDev &&= it.isDev
      before.isOptional &&= it.isOptional
    } else reached.set(key, it)
    queue.push(key)
  }
  for (const [folder, { dependencies }] of document.roots)
    for (const [name, { range, isDev, isOptional }] of dependencies) {
      const key = document.resolve(folder, name, range)
      if (key !== undefined) reach(key, name, range, { parent: undefined, isDev, isOptional })
    }
  for (let next = 0; next < queue.length; next += 1) {
    const key = queue[next] ?? ''
    const { isDev, isOptional } = reached.get(key) ?? { isDev: false, isOptional: false }
    for (const [name, asked] of entries.get(key)?.dependencies ?? []) {
      const to = document.resolve(key, name, asked.range)
      if (to !== undefined && to !== key) reach(to, name, asked.range, { parent: key, isDev: isDev || asked.isDev, isOptional: isOptional || asked.isOptional })
    }
  }
  const lineOf = lines(text)
  const components: Component[] = []
  for (const [key, entry] of entries) {
    if (entry.isWorkspace) continue
    const at = reached.get(key)
    components.push({
      name: entry.name,
      version: entry.version,
      purl: purlOf(entry.name, entry.version),
      source: entry.source,
      ...(entry.resolved !== undefined && { resolved: entry.resolved }),
      ...(entry.integrity !== undefined && { integrity: entry.integrity }),
      isBundled: entry.isBundled ?? false,
      ...(askedAs.has(key) && { askedAs: askedAs.get(key)! }),
      isDev: at?.isDev ?? false,
      isOptional: at?.isOptional ?? false,
      hasInstallScript: entry.hasInstallScript ?? false,
      ...(entry.deprecated !== undefined && { deprecated: entry.deprecated }),
      ...(entry.licence !== undefined && { licence: entry.licence }),
      path: pathTo(key, document, reached),
      ranges: [...new Set([...(ranges.get(key) ?? [])].map((range) => bareRange(entry.name, range)))],
      line: lineOf.get(entry.lineKey) ?? 1,
    })
  }
  return { components, outOfStep: outOfStep(document, manifests), keepsIntegrity: document.keepsIntegrity, workspaces: new Set(document.roots.keys()) }
}

/** Without the name that an alias or pnpm writes in front, and the peers that pnpm writes behind. */
function bareRange(name: string, range: string): string {
  const bare = unalias(name, range).range.replace(/\(.*$/s, '').replace(/^\//, '')
  return bare.startsWith(`${name}@`) ? bare.slice(name.length + 1) : bare
}

const longestPath = 50

function pathTo(key: string, { entries }: LockDocument, reached: ReadonlyMap<string, Reached>): string[] {
  const path: string[] = []
  if (!reached.has(key)) return path
  for (let at: string | undefined = key; at !== undefined && path.length < longestPath; at = reached.get(at)?.parent) {
    const entry = entries.get(at)
    if (entry) path.unshift(entry.isWorkspace ? entry.name : `${entry.name}@${entry.version}`)
  }
  return path
}

function outOfStep({ roots, resolve }: LockDocument, manifests: Manifests): OutOfStep[] {
  const found: OutOfStep[] = []
  for (const [workspace, { dependencies, peers }] of manifests) {
    const root = roots.get(workspace)
    if (!root) continue
    for (const [name, { range }] of dependencies) {
      if (root.isLocked ? root.dependencies.get(name)?.range !== range : resolve(workspace, name, range) === undefined)
        found.push({ workspace, name, range, locked: root.isLocked ? root.dependencies.get(name)?.range : undefined })
    }
    if (root.isLocked) for (const [name, { range }] of root.dependencies) if (!dependencies.has(name) && !peers.has(name)) found.push({ workspace, name, range: '', locked: range })
  }
  return found
}

/** The first line of each key: what stands before `: {`, `: [` or a colon at the end, without quotes. */
function lines(text: string): Map<string, number> {
  const found = new Map<string, number>()
  let line = 0
  for (let from = 0; from <= text.length; ) {
    line += 1
    const end = text.indexOf('\n', from)
    const stop = end < 0 ? text.length : end
    if (stop - from < longestKeyLine) {
      const key = keyOf(text.slice(from, stop).trim())
      // Yarn writes everything that was asked for into one line.
      for (const one of key === undefined ? [] : [key, ...key.split(/,\s*/)]) if (!found.has(one)) found.set(one, line)
    }
    from = stop + 1
  }
  return found
}

const longestKeyLine = 4000

function keyOf(line: string): string | undefined {
  const opening = line.search(/": [[{]/)
  const end = opening > 0 ? opening : line.endsWith(':') ? line.length - 1 : -1
  return end > 0 ? line.slice(0, end).replaceAll(/["']/g, '') : undefined
}
