import { parseSyml } from '@yarnpkg/parsers'
import { list, record, sourceOf, splitAt, text, type Entry, type LockDocument, type Root } from './lock-document.ts'
import type { Asked, Manifests } from './lock-file.ts'

/** pnpm-lock.yaml, version 6 (pnpm 8) and 9 (pnpm 9 and later). */
export function readPnpmLock(source: string, manifests: Manifests): LockDocument {
  // Yarn's reader takes pnpm's YAML too, every scalar as text, in a tenth of the time; what aliases repeat it shares.
  // pnpm 11 puts what it needs itself into a document of its own in front.
  const documents = source.split(/^---[ \t]*(?:\r?\n|$)/m).filter((document) => document.trim() !== '').map((document) => record(parseSyml(document)))
  if (documents.length > longestStream) throw new Error(`it has ${documents.length} documents`)
  const lock = documents.length === 1 ? documents[0]! : joined(documents)
  const version = String(lock.get('lockfileVersion'))
  if (!/^[69]\./.test(version)) throw new Error(`its lockfileVersion is ${version.slice(0, 20)}; 6 and 9 are read`)
  const packages = record(lock.get('packages'))
  const snapshots = lock.has('snapshots') ? record(lock.get('snapshots')) : packages
  const entries = new Map<string, Entry>()
  for (const [key, snapshot] of snapshots) {
    const bare = withoutPeers(key)
    const fields = record(packages.get(bare) ?? packages.get(key))
    const [name, locked] = splitAt(bare.replace(/^\//, '')) ?? []
    const resolution = record(fields.get('resolution'))
    const resolved = text(resolution.get('tarball')) ?? (resolution.get('type') === 'git' ? `git+${text(resolution.get('repo')) ?? ''}#${text(resolution.get('commit')) ?? ''}` : undefined)
    const written = text(fields.get('version')) ?? locked ?? ''
    entries.set(key, {
      name: text(fields.get('name')) ?? name ?? bare,
      version: written,
      source: resolution.has('directory') ? 'file' : sourceOf(resolved ?? (/^(?:https?|git|file)[:+]/.test(written) ? written : undefined)),
      resolved,
      integrity: text(resolution.get('integrity')) ?? integrityOfVariants(resolution.get('variants')),
      hasInstallScript: fields.get('requiresBuild') === 'true',
      deprecated: text(fields.get('deprecated')),
      dependencies: new Map([...versions(record(snapshot).get('dependencies'), false), ...versions(record(snapshot).get('optionalDependencies'), true)]),
      lineKey: lock.has('snapshots') ? bare : key,
    })
  }
  const importers = lock.has('importers') ? record(lock.get('importers')) : new Map([['.', Object.fromEntries(lock)]])
  const roots = new Map<string, Root>()
  const targets = new Map<string, string>()
  const overridden = new Set([...record(lock.get('overrides')).keys()].map((key) => splitAt(key)?.[0] ?? key))
  for (const [folder, value] of importers) {
    const workspace = folder === '.' ? '' : folder
    const dependencies = new Map<string, Asked>()
    for (const [field, isDev, isOptional] of fieldsOfImporters)
      for (const [name, it] of record(record(value).get(field))) {
        // What an override rewrote is written as rewritten, and says nothing of package.json.
        const asked = overridden.has(name) ? manifests.get(workspace)?.dependencies.get(name)?.range : undefined
        dependencies.set(name, { range: asked ?? text(record(it).get('specifier')) ?? '', isDev, isOptional })
        targets.set(`${workspace}\0${name}`, text(record(it).get('version')) ?? '')
      }
    roots.set(workspace, { dependencies, isLocked: true })
  }
  const find = (name: string, version: string) => [`${name}@${version}`, `/${name}@${version}`, version].find((key) => entries.has(key))
  // What a package asks for is written as what it got; what a folder asks for has both.
  const resolve = (from: string, name: string, range: string) => find(name, entries.has(from) ? range : (targets.get(`${from}\0${name}`) ?? range))
  return { entries, roots, resolve, keepsIntegrity: true, keepsRanges: false }
}

const fieldsOfImporters = [['devDependencies', true, false], ['dependencies', false, false], ['optionalDependencies', false, true]] as const

/** A runtime such as Node has an archive for each platform; one without a hash is as if none had one. */
function integrityOfVariants(variants: unknown): string | undefined {
  const hashes = list(variants).map((variant) => text(record(record(variant).get('resolution')).get('integrity')))
  return hashes.includes(undefined) ? undefined : hashes[0]
}

/** pnpm writes two documents. */
const longestStream = 8

/** One lock file of several documents: the last of them is the repository's own, and what those before install is installed too. */
function joined(documents: readonly ReadonlyMap<string, unknown>[]): Map<string, unknown> {
  const lock = new Map(documents.flatMap((document) => [...document]))
  for (const field of ['packages', 'snapshots']) if (documents.some((document) => document.has(field))) lock.set(field, Object.fromEntries(documents.flatMap((document) => [...record(document.get(field))])))
  return lock
}

const withoutPeers = (key: string) => (key.indexOf('(') < 0 ? key : key.slice(0, key.indexOf('(')))

function versions(value: unknown, isOptional: boolean): [string, Asked][] {
  return [...record(value)].flatMap(([name, version]) => (typeof version === 'string' ? [[name, { range: version, isDev: false, isOptional }] as [string, Asked]] : []))
}
