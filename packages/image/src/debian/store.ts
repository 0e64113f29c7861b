import { join } from 'node:path'
import { ImageError, quote } from '../error.ts'
import { freshen, look, makeDirectory, publish, readPieces, readSmallFile, remove, temporaryPath, writeNew } from '../node.ts'
import { digestOf, meter } from '../oci/digest.ts'
import type { ArchiveAccess } from './archive.ts'
import { lockedPackages, type DebianLock, type LockedPackage } from './lock.ts'
import { fromMirrors } from './mirror.ts'
import type { ArchivePackage } from './packages-index.ts'
import { debianSuites, type ArchiveSuite, type DebianArchitecture } from './suites.ts'

/** How packages come into the store. */
export interface Fetching extends Partial<ArchiveAccess> {
  /** The directory of the store: each .deb by its SHA256, so that a lock builds when the archive has moved on. */
  readonly store: string
  /** Told before each package that is fetched. */
  readonly onProgress?: ((fetching: LockedPackage) => void) | undefined
  readonly parts?: readonly ArchiveSuite[] | undefined
}

/** What it took. */
export interface Fetched {
  readonly fetched: number
  readonly stored: number
  /** That came over the network. */
  readonly bytes: number
}

const fetchedAtOnce = 4
const updateHint = 'The archive has moved on. Make the lock anew: shiplock image build --update'

/**
 * Sees that every package of a lock is in the store. Without `mirrors` the network is not used, and what is not there is
 * `package-not-stored`. A package that the archive no longer has is `package-gone`; wrong bytes are `digest-mismatch`.
 */
export async function fetchDebs(lock: DebianLock, architecture: DebianArchitecture, fetching: Fetching): Promise<Fetched> {
  const { store, signal } = fetching
  await makeDirectory(store)
  const packages = lockedPackages(lock, architecture)
  const missing: LockedPackage[] = []
  for (const locked of packages) if (!(await isStored(store, locked))) missing.push(locked)
  const waiting = missing.values()
  async function work(): Promise<void> {
    for (const locked of waiting) {
      signal?.throwIfAborted()
      await fetchDeb(locked, { ...fetching, parts: fetching.parts ?? debianSuites[lock.suite] })
    }
  }
  // Settled, not raced: nothing may still write to the store when the caller hears of the first that failed.
  const [failed] = (await Promise.allSettled(Array.from({ length: fetchedAtOnce }, work))).filter((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return { fetched: missing.length, stored: packages.length - missing.length, bytes: missing.reduce((sum, { size }) => sum + size, 0) }
}

/** Sees that one package is in the store, as `fetchDebs` does for all of a lock. */
export async function fetchPackage(wanted: ArchivePackage, fetching: Fetching & { readonly parts: readonly ArchiveSuite[] }): Promise<void> {
  await makeDirectory(fetching.store)
  if (!(await isStored(fetching.store, wanted))) await fetchDeb(wanted, fetching)
}

async function fetchDeb(locked: LockedPackage, { store, mirrors, onProgress, parts, ...patience }: Fetching & { readonly parts: readonly ArchiveSuite[] }): Promise<void> {
  if (mirrors === undefined) {
    throw new ImageError('package-not-stored', `${label(locked)} is not in ${quote(store)}, and no network may be used`, {
      hint: 'Build once with the network; from then on the store has what the lock names.',
    })
  }
  const part = parts.find(({ codename }) => codename === locked.suite)
  if (part === undefined) throw new ImageError('lock-invalid', `${label(locked)} comes from ${quote(locked.suite)}, which is no part of the archive that is known`)
  onProgress?.(locked)
  const stored = await fromMirrors(mirrors[part.mirrors], locked.path, patience, async (body) => {
    await storeDeb(store, locked, body)
    return true
  })
  if (stored === undefined) throw new ImageError('package-gone', `No mirror has ${label(locked)} any more`, { hint: updateHint })
}

/** Size and digest are checked while it is written; it has its name only when it is whole and on the disk. */
async function storeDeb(store: string, locked: LockedPackage, body: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = temporaryPath(store)
  const read = meter()
  try {
    await writeNew(temporary, read.through(limited(body, locked)), { flush: true })
    if (read.size() !== locked.size || read.digest() !== `sha256:${locked.sha256}`) throw wrongBytes(locked)
    await publish(temporary, debPath(store, locked))
  } catch (error) {
    await remove(temporary)
    throw error
  }
}

async function* limited(body: AsyncIterable<Uint8Array>, locked: LockedPackage): AsyncGenerator<Uint8Array> {
  let left = locked.size
  for await (const piece of body) {
    left -= piece.length
    if (left < 0) throw wrongBytes(locked)
    yield piece
  }
}

/** The bytes of a package of the store, verified again: the store is a cache that anybody may have damaged. */
export async function readDeb(store: string, locked: LockedPackage): Promise<Uint8Array> {
  const bytes = await readSmallFile(debPath(store, locked), locked.size)
  if (bytes === undefined) {
    throw new ImageError('package-not-stored', `${label(locked)} is not in ${quote(store)}`, { hint: 'Fetch the packages of the lock first.' })
  }
  if (bytes.length !== locked.size || digestOf(bytes) !== `sha256:${locked.sha256}`) {
    throw new ImageError('digest-mismatch', `${label(locked)} in ${quote(store)} is not what the lock promises`, {
      hint: 'The store is damaged. Delete it and fetch the packages again.',
    })
  }
  return bytes
}

/** A damaged file is none: it is fetched again. A few MB are hashed faster than one would doubt them. */
async function isStored(store: string, locked: LockedPackage): Promise<boolean> {
  const file = debPath(store, locked)
  const facts = await look(file)
  if (facts?.kind !== 'file' || facts.size !== locked.size) return false
  const read = meter()
  for await (const _ of read.through(readPieces(file))) { /* only measured */ }
  // Whoever tidies the store up sees by its time that it is of use.
  return read.digest() === `sha256:${locked.sha256}` && (await freshen(file))
}

function debPath(store: string, { sha256 }: LockedPackage): string {
  return join(store, `${sha256}.deb`)
}

function wrongBytes(locked: LockedPackage): ImageError {
  return new ImageError('digest-mismatch', `${label(locked)} is not the ${locked.size} bytes with the SHA256 ${locked.sha256} that were promised`, {
    hint: 'The mirror is damaged or was tampered with. Use another one.',
  })
}

function label({ name, version, architecture }: LockedPackage): string {
  return `The package ${name} ${version} (${architecture})`
}
