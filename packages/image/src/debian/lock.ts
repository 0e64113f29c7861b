import { ImageError, quote } from '../error.ts'
import { isRecord, isTextArray, parseJson } from '../oci/json.ts'
import { readLockedNode, spelledNode, type LockedNode } from '../runtime/locked-node.ts'
import { isPackageName, isPoolPath, maxDebBytes, type ArchivePackage } from './packages-index.ts'
import { debianSuites, isDebianArchitecture, isDebianSuite, type DebianArchitecture, type DebianSuite } from './suites.ts'
import { isDebianVersion } from './version.ts'

/** The name of the file that a lock is kept in, in a repository's root. */
export const lockFileName = 'shiplock.image.lock'
const lockVersion = 1
export const maxLockBytes = 4 * 1024 * 1024

/** A package that a lock pins. Its fields are those of the archive's index. */
export type LockedPackage = ArchivePackage

/** The Release of one part of the archive that a lock was made from. */
export interface LockedRelease {
  readonly codename: string
  /** RFC 3339, UTC, whole seconds. No older Release is believed from now on. */
  readonly date: string
  /** Fingerprints of the pinned keys that had signed it, 40 hex digits in upper case. */
  readonly signedBy: readonly string[]
}

/** Which packages an image is made of, down to the byte. The same lock gives the same image for ever. */
export interface DebianLock {
  readonly suite: DebianSuite
  readonly releases: readonly LockedRelease[]
  /** For each architecture its packages by name. */
  readonly packages: Readonly<Partial<Record<DebianArchitecture, readonly LockedPackage[]>>>
  /** Absent in a lock of Debian alone. */
  readonly node?: LockedNode
}

/** The one spelling of a lock: two spaces, keys and lists in a fixed order, so that a review shows what moved. */
export function lockBytes(lock: DebianLock): Uint8Array {
  const packages = Object.entries(lock.packages).toSorted(byFirst).map(([architecture, list]) => [architecture, list.toSorted(byName).map(spelled)])
  const releases = lock.releases.toSorted((a, b) => (a.codename < b.codename ? -1 : 1))
    .map(({ codename, date, signedBy }) => ({ codename, date, signedBy: signedBy.toSorted() }))
  const document = { lockVersion, suite: lock.suite, releases, ...(lock.node && { node: spelledNode(lock.node) }), packages: Object.fromEntries(packages) }
  return new TextEncoder().encode(`${JSON.stringify(document, undefined, 2)}\n`)
}

function spelled({ name, version, architecture, source, sourceVersion, suite, path, size, sha256 }: LockedPackage): LockedPackage {
  return { name, version, architecture, source, sourceVersion, suite, path, size, sha256 }
}

function byFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function byName(a: LockedPackage, b: LockedPackage): number {
  return a.name < b.name ? -1 : 1
}

/** Reads a lock. It is a file of the repository, so nothing in it is believed to be well-formed: `lock-invalid`. */
export function parseLock(bytes: Uint8Array): DebianLock {
  if (bytes.length > maxLockBytes) throw new ImageError('too-large', `The lock has ${bytes.length} bytes, the limit is ${maxLockBytes}`)
  const document = parseJson(bytes, 'lock-invalid', 'The lock')
  if (!isRecord(document)) throw invalid('it is no object')
  if (document['lockVersion'] !== lockVersion) {
    throw invalid(`its lockVersion is ${quote(String(document['lockVersion']))}, this program reads ${lockVersion}`)
  }
  const { suite, releases, packages } = document
  if (!isDebianSuite(suite)) throw invalid(`its suite ${quote(String(suite))} is none that is known`)
  if (!Array.isArray(releases) || !isRecord(packages)) throw invalid('it lacks releases or packages')
  const parts = debianSuites[suite].map(({ codename }) => codename)
  const node = document['node'] === undefined ? undefined : (readLockedNode(document['node']) ?? malformedNode())
  const read = { suite, ...(node && { node }), releases: releases.map((release: unknown) => readRelease(release)), packages: readPackages(packages, parts) }
  const codenames = read.releases.map(({ codename }) => codename).toSorted()
  if (codenames.join() !== parts.toSorted().join()) throw invalid(`its releases are not those of ${suite}: ${parts.join(', ')}`)
  return read
}

function readRelease(value: unknown): LockedRelease {
  if (!isRecord(value)) throw invalid('a release is no object')
  const { codename, date, signedBy } = value
  const isSound = typeof codename === 'string' && typeof date === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date)
    && !Number.isNaN(Date.parse(date)) && isTextArray(signedBy) && signedBy.length > 0 && signedBy.every((key) => /^[0-9A-F]{40}$/.test(key))
  if (!isSound) throw invalid(`the release ${quote(String(codename))} is malformed`)
  return { codename, date, signedBy }
}

function readPackages(value: Readonly<Record<string, unknown>>, suites: readonly string[]): DebianLock['packages'] {
  const packages: Partial<Record<DebianArchitecture, readonly LockedPackage[]>> = {}
  for (const [architecture, list] of Object.entries(value)) {
    if (!isDebianArchitecture(architecture)) throw invalid(`the architecture ${quote(architecture)} is none that is known`)
    if (!Array.isArray(list)) throw invalid(`the packages of ${architecture} are no list`)
    const read = list.map((item: unknown) => readPackage(item, architecture, suites))
    if (new Set(read.map(({ name }) => name)).size !== read.length) throw invalid(`a package of ${architecture} is there twice`)
    packages[architecture] = read
  }
  return packages
}

function readPackage(value: unknown, wanted: DebianArchitecture, suites: readonly string[]): LockedPackage {
  if (!isRecord(value)) throw invalid('a package is no object')
  const { name, version, architecture, source, sourceVersion, suite, path, size, sha256 } = value
  const isSound = isPackageName(name) && isVersion(version) && typeof architecture === 'string' && [wanted, 'all'].includes(architecture)
    && isPackageName(source) && isVersion(sourceVersion) && typeof suite === 'string' && suites.includes(suite) && isPoolPath(path)
    && typeof size === 'number' && Number.isSafeInteger(size) && size > 0 && size <= maxDebBytes
    && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)
  if (!isSound) throw invalid(`the package ${quote(String(name))} is malformed or for another architecture than ${wanted}`)
  return { name, version, architecture, source, sourceVersion, suite, path, size, sha256 }
}

function malformedNode(): never {
  throw invalid('what it says of Node is malformed')
}

function isVersion(value: unknown): value is string {
  return typeof value === 'string' && isDebianVersion(value)
}

function invalid(why: string): ImageError {
  return new ImageError('lock-invalid', `${lockFileName} cannot be used: ${why}`, {
    hint: 'Make it again: shiplock image build --update',
  })
}

/** The packages for one architecture; a lock that has none for it is `lock-invalid`. */
export function lockedPackages(lock: DebianLock, architecture: DebianArchitecture): readonly LockedPackage[] {
  const packages = lock.packages[architecture]
  if (packages === undefined) throw invalid(`it has no packages for ${architecture}`)
  return packages
}

/** Why a lock is not the one of what is asked for now, one sentence each; none where it is. */
export function lockDifferences(lock: DebianLock, wanted: { readonly suite: DebianSuite; readonly architectures: readonly DebianArchitecture[]; readonly packages: readonly string[]; readonly node?: string }): readonly string[] {
  if (lock.suite !== wanted.suite) return [`The lock is of ${lock.suite}, asked for is ${wanted.suite}.`]
  if (wanted.node !== undefined && lock.node?.version !== wanted.node) return [`The lock pins ${lock.node ? `Node ${lock.node.version}` : 'no Node'}, asked for is ${wanted.node}.`]
  return wanted.architectures.flatMap((architecture) => {
    const locked = lock.packages[architecture]
    if (locked === undefined) return [`The lock has no packages for ${architecture}.`]
    const names = new Set(locked.map(({ name }) => name))
    const lacking = wanted.packages.filter((name) => !names.has(name)).map((name) => `The lock lacks ${name} for ${architecture}.`)
    const extra = [...names].filter((name) => !wanted.packages.includes(name)).map((name) => `The lock has ${name} for ${architecture}, which is not asked for.`)
    return [...lacking, ...extra]
  })
}

/** Of when the archive is that a lock was made from: of the part that was published last. RFC 3339, UTC. */
export function lockDate({ releases }: DebianLock): string {
  return releases.map(({ date }) => date).toSorted().at(-1) ?? ''
}
