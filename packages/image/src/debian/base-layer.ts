import { join } from 'node:path'
import { ImageError, quote } from '../error.ts'
import { freshen } from '../node.ts'
import { digestOf, hexOf } from '../oci/digest.ts'
import { canonicalJson } from '../oci/json.ts'
import type { LayerEntry } from '../oci/layer-entry.ts'
import { baseEntries } from '../runtime/base-files.ts'
import { unpackDeb, type DebEntry, type UnpackedDeb } from './deb.ts'
import { lockedPackages, type DebianLock, type LockedPackage } from './lock.ts'
import { recallEntries, rememberEntries, type HeldEntry } from './remembered-entries.ts'
import { readDeb } from './store.ts'
import type { DebianArchitecture } from './suites.ts'
import { isKept, trimRules } from './trim.ts'

/** Where every certificate authority is that programs trust. */
const certificateBundle = 'etc/ssl/certs/ca-certificates.crt'
const certificate = /^usr\/share\/ca-certificates\/.+\.crt$/

/** Raised whenever the same packages would give other entries, so that none that were unpacked before are taken. */
const baseFormat = 1

export interface BaseLayerOptions {
  /** Where the packages are, and entries that were unpacked before. */
  readonly store: string
  /** `digest` unpacks the packages anew: each is verified by the lock, what was unpacked before by nobody. */
  readonly trust?: 'size' | 'digest' | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The lowest layer of an image: the packages of a lock out of the store, trimmed (`trimRules`), with what their maintainer
 * scripts would have made, since none of those runs: users, name lookup, the bundle of certificates, the links of merged
 * /usr. Which packages they are stays in `/var/lib/dpkg/status.d`, where scanners look.
 */
export async function baseLayer(lock: DebianLock, architecture: DebianArchitecture, options: BaseLayerOptions): Promise<readonly LayerEntry[]> {
  const packages = lockedPackages(lock, architecture)
  const remembered = join(options.store, baseFileName(packages))
  let entries = options.trust === 'digest' ? undefined : await recallEntries(remembered)
  if (entries !== undefined) await freshen(remembered)
  else {
    entries = await unpackPackages(packages, options)
    await rememberEntries(remembered, entries)
  }
  const merged = new Map<string, LayerEntry>(entries.map((entry) => [entry.path, entry]))
  for (const entry of [...baseEntries(), ...mergedUsr(architecture)]) merged.set(entry.path, entry)
  return [...merged.values()]
}

/** Where a store has the entries of these packages: a name over all that they depend on. */
export function baseFileName(packages: readonly LockedPackage[]): string {
  const rules = trimRules.map(({ pattern, isKept }) => [String(pattern), isKept])
  const key = digestOf(canonicalJson({ baseFormat, rules, packages: packages.map(({ name, version, architecture, sha256 }) => [name, version, architecture, sha256]) }))
  return `base-${hexOf(key)}`
}

async function unpackPackages(packages: readonly LockedPackage[], { store, signal }: BaseLayerOptions): Promise<readonly HeldEntry[]> {
  const merged = new Map<string, HeldEntry>()
  const certificates = new Map<string, Uint8Array>()
  for (const locked of packages) {
    signal?.throwIfAborted()
    const deb = await unpackLocked(store, locked)
    for (const entry of deb.entries) {
      if (entry.kind === 'file' && certificate.test(entry.path)) certificates.set(entry.path, entry.bytes)
      if (isKept(entry.path)) add(merged, layerEntry(entry), locked)
    }
    for (const entry of statusEntries(locked, deb)) add(merged, entry, locked)
  }
  for (const entry of bundle(certificates)) merged.set(entry.path, entry)
  return [...merged.values()]
}

/** A package of the lock, which is the one that its control file says it is. */
async function unpackLocked(store: string, locked: LockedPackage): Promise<UnpackedDeb> {
  const what = `The package ${locked.name} ${locked.version}`
  const deb = await unpackDeb(await readDeb(store, locked), what, { isWanted: (path) => isKept(path) || certificate.test(path) })
  for (const [field, value] of [['Package', locked.name], ['Version', locked.version], ['Architecture', locked.architecture]] as const) {
    const found = deb.fields.get(field.toLowerCase())
    if (found !== value) throw new ImageError('package-invalid', `${what} says in its control file that its ${field} is ${quote(String(found))}`)
  }
  return deb
}

/** Nobody but root may write, not even where a distribution lets everybody (/var/tmp): services have /tmp and no more. */
function layerEntry(entry: DebEntry): HeldEntry {
  if (entry.kind === 'symlink') return entry
  const mode = entry.mode & 0o755
  return entry.kind === 'file' ? { kind: 'file', path: entry.path, mode, content: entry.bytes } : { kind: 'directory', path: entry.path, mode }
}

/** Directories may be shared; dpkg too refuses a file of two packages. */
function add(merged: Map<string, HeldEntry>, entry: HeldEntry, locked: LockedPackage): void {
  const known = merged.get(entry.path)
  if (known === undefined) merged.set(entry.path, entry)
  else if (known.kind !== 'directory' || entry.kind !== 'directory') {
    throw new ImageError('package-invalid', `The path ${quote(entry.path)} of ${locked.name} is in another package too`)
  }
}

function statusEntries({ name }: LockedPackage, { control, md5sums }: UnpackedDeb): readonly HeldEntry[] {
  const status = textFile(`var/lib/dpkg/status.d/${name}`, `${control.trimEnd()}\n`)
  return md5sums === undefined ? [status] : [status, textFile(`var/lib/dpkg/status.d/${name}.md5sums`, md5sums)]
}

function mergedUsr(architecture: DebianArchitecture): readonly LayerEntry[] {
  const names = architecture === 'amd64' ? ['bin', 'lib', 'lib64', 'sbin'] : ['bin', 'lib', 'sbin']
  return names.flatMap((name): readonly LayerEntry[] => [
    { kind: 'directory', path: `usr/${name}`, mode: 0o755 },
    { kind: 'symlink', path: name, target: `usr/${name}` },
  ])
}

/** All certificates in one file, in the order of their names, as update-ca-certificates(8) writes it. */
function bundle(certificates: ReadonlyMap<string, Uint8Array>): readonly HeldEntry[] {
  if (certificates.size === 0) return []
  const texts = [...certificates].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => `${new TextDecoder().decode(bytes).trimEnd()}\n`)
  return [textFile(certificateBundle, texts.join(''))]
}

function textFile(path: string, text: string): HeldEntry {
  return { kind: 'file', path, mode: 0o644, content: new TextEncoder().encode(text) }
}
