import type { Asked } from './lock-file.ts'
import type { Source } from './component.ts'

/** What every format of lock file comes down to: packages by a key, and who asks for which. */
export interface LockDocument {
  readonly entries: ReadonlyMap<string, Entry>
  /** What the lock file says that each folder of the repository asks for. */
  readonly roots: ReadonlyMap<string, Root>
  /** The entry that `name` means to the one with `from` as its key, or to the folder where `from` is one of `roots`. */
  readonly resolve: (from: string, name: string, range: string) => string | undefined
  readonly keepsIntegrity: boolean
  /** Whether what a package asks for is written as it asked, and not as what it got. */
  readonly keepsRanges: boolean
}

export interface Root {
  readonly dependencies: ReadonlyMap<string, Asked>
  /** Whether `dependencies` is the lock file's own word, to be compared with package.json. */
  readonly isLocked: boolean
}

export interface Entry {
  readonly name: string
  readonly version: string
  readonly source: Source
  readonly resolved?: string | undefined
  readonly integrity?: string | undefined
  readonly hasInstallScript?: boolean
  readonly deprecated?: string | undefined
  readonly licence?: string | undefined
  /** Its content comes inside another package's archive, whose integrity covers it. */
  readonly isBundled?: boolean
  /** It is a folder of the repository: no component, but its dependencies are. */
  readonly isWorkspace?: boolean
  readonly dependencies: ReadonlyMap<string, Asked>
  /** How the line that begins it is written, without quotes and what follows the key. */
  readonly lineKey: string
}

/** A value as a record, whatever was there; own properties alone, so that `__proto__` is a name like any other. */
export function record(value: unknown): ReadonlyMap<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : new Map()
}

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Dependencies of all kinds of something that is written like a package.json. Peers are other packages' to ask for. */
export function askedBy(value: unknown, { dev = true } = {}): Map<string, Asked> {
  const fields = record(value)
  const asked = new Map<string, Asked>()
  const add = (field: string, isDev: boolean, isOptional: boolean) => {
    for (const [name, range] of record(fields.get(field))) if (typeof range === 'string') asked.set(name, { range, isDev, isOptional })
  }
  if (dev) add('devDependencies', true, false)
  add('dependencies', false, false)
  add('optionalDependencies', false, true)
  return asked
}

const gitSource = /^(?:git\+|git:|github:|gitlab:|bitbucket:|gist:|ssh:|git@)|\.git(?:#|$)|^https?:\/\/codeload\.github\.com\//

/** Where something that is written as a URL or as a specifier comes from. */
export function sourceOf(resolved: string | undefined, registryHosts: (url: string) => boolean = looksLikeRegistry): Source {
  if (resolved === undefined) return 'registry'
  if (gitSource.test(resolved)) return 'git'
  if (resolved.startsWith('http:')) return 'http'
  if (resolved.startsWith('https:')) return registryHosts(resolved) ? 'registry' : 'https'
  if (/^(?:file|link|portal):/.test(resolved)) return 'file'
  return 'registry'
}

/** Archives of registries, public or private, are at `…/name/-/name-1.0.0.tgz`; others of them at `…/name/download/…`. */
const looksLikeRegistry = (url: string) => /\/-\/[^/]+\.tgz|\/download\/|npm\.pkg\.github\.com\//.test(url)

/** `npm:real@^1` as an alias is written: the real name and what follows. */
export function unalias(name: string, range: string): { readonly name: string; readonly range: string } {
  const alias = /^npm:((?:@[^/@]+\/)?[^@]+)(?:@(.*))?$/s.exec(range)
  // Berry writes `npm:^1.0.0` for an ordinary range; no package's name begins as a range does.
  if (!alias?.[1] || (alias[2] === undefined && /^[\d^~<>=*vx]/.test(alias[1]))) return { name, range: range.replace(/^npm:/, '') }
  return { name: alias[1], range: alias[2] ?? '*' }
}

/** `name@rest`, the name possibly scoped. */
export function splitAt(key: string): readonly [string, string] | undefined {
  const at = key.indexOf('@', 1)
  return at < 1 ? undefined : [key.slice(0, at), key.slice(at + 1)]
}
