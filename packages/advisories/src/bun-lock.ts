import { parse, type ParseError } from 'jsonc-parser'
import { askedBy, record, sourceOf, splitAt, text, type Entry, type LockDocument, type Root } from './lock-document.ts'

/** bun.lock: JSON with comments; each package is an array that begins with its name and version. */
export function readBunLock(source: string): LockDocument {
  const errors: ParseError[] = []
  const lock = record(parse(source, errors, { allowTrailingComma: true }))
  if (errors[0]) throw new Error(`it is not well-formed at offset ${errors[0].offset}`)
  if (typeof lock.get('lockfileVersion') !== 'number') throw new Error('it has no lockfileVersion')
  const entries = new Map<string, Entry>()
  for (const [key, value] of record(lock.get('packages'))) {
    const parts: unknown[] = Array.isArray(value) ? value : []
    const [name, locked] = splitAt(text(parts[0]) ?? '') ?? [key, '']
    const facts = parts.find((part) => typeof part === 'object' && part !== null)
    const isRegistry = parts.length >= 4
    const address = isRegistry ? text(parts[1]) : locked
    entries.set(key, {
      name,
      version: locked,
      source: isRegistry ? (address?.startsWith('http:') ? 'http' : 'registry') : sourceOf(address),
      resolved: address,
      integrity: parts.slice(1).map(text).find((part) => part !== undefined && /^(?:sha\d+-|[\da-f]{7,})/.test(part)),
      isWorkspace: locked.startsWith('workspace:'),
      dependencies: askedBy(facts, { dev: false }),
      lineKey: key,
    })
  }
  const roots = new Map<string, Root>([...record(lock.get('workspaces'))].map(([folder, it]) => [folder, { dependencies: askedBy(it), isLocked: true }]))
  const names = new Map([...record(lock.get('workspaces'))].map(([folder, it]) => [folder, text(record(it).get('name'))]))
  const resolve = (from: string, name: string): string | undefined => {
    for (let at = names.get(from) ?? from; at !== ''; at = at.replace(lastName, '')) if (entries.has(`${at}/${name}`)) return `${at}/${name}`
    return entries.has(name) ? name : undefined
  }
  return { entries, roots, resolve, keepsIntegrity: true, keepsRanges: true }
}

/** The last package of a key; one with a scope is one step, so that `@x/b` of `@x/a` is not taken for what `@x/a` brings. */
const lastName = /(?:^|\/)(?:@[^/]*\/)?[^/]*$/
