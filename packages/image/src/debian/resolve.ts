import { ImageError, quote } from '../error.ts'
import { fetchPackages, fetchRelease, type ArchiveAccess } from './archive.ts'
import type { DebianLock, LockedRelease } from './lock.ts'
import type { ArchivePackage } from './packages-index.ts'
import type { Release } from './release.ts'
import { debianSuites, type ArchiveSuite, type DebianArchitecture, type DebianSuite } from './suites.ts'
import { compareVersions } from './version.ts'

/** What a lock is made of, and of which archive. */
export interface Resolving extends ArchiveAccess {
  readonly suite: DebianSuite
  readonly architectures: readonly DebianArchitecture[]
  /** By name, all of them: what they depend on is not added. */
  readonly packages: readonly string[]
  readonly now: Date
  /** The lock so far: a Release that is older than one of its own is a replay and refused. */
  readonly previous?: DebianLock | undefined
  /** The parts of the archive. Those of Debian, with Debian's keys, unless said otherwise. */
  readonly parts?: readonly ArchiveSuite[] | undefined
}

/** A part of the archive whose Release was verified. */
export interface VerifiedPart {
  readonly suite: ArchiveSuite
  readonly release: Release
}

/** Looks up the newest version of each package in the signed archive. The lock holds what is to be fetched, not the packages. */
export async function resolveDebian(resolving: Resolving): Promise<DebianLock> {
  const { suite, architectures, packages } = resolving
  const parts = await verifyParts(resolving)
  const locked: Partial<Record<DebianArchitecture, readonly ArchivePackage[]>> = {}
  for (const architecture of architectures) {
    const names = new Set(packages)
    const newest = await newestPackages(parts, resolving, { architecture, isWanted: (name) => names.has(name) })
    locked[architecture] = [...names].toSorted().map((name) => newest.get(name) ?? unknown(name, suite, architecture))
  }
  return { suite, releases: parts.map(({ release }) => lockedRelease(release)), packages: locked }
}

/** The Releases of all parts, each at least as new as the lock's. */
export async function verifyParts({ suite, now, previous, parts = debianSuites[suite], ...access }: Omit<Resolving, 'packages' | 'architectures'>): Promise<readonly VerifiedPart[]> {
  const verified: VerifiedPart[] = []
  for (const part of parts) {
    const notBefore = previous?.releases.find(({ codename }) => codename === part.codename)?.date
    verified.push({ suite: part, release: await fetchRelease(part, access, { now, notBefore }) })
  }
  return verified
}

/** The newest version of each wanted package by dpkg's order, over all parts; the first part's where two have the same. */
export async function newestPackages(
  parts: readonly VerifiedPart[],
  access: ArchiveAccess,
  wanted: { readonly architecture: DebianArchitecture; readonly isWanted: (name: string) => boolean },
): Promise<ReadonlyMap<string, ArchivePackage>> {
  const newest = new Map<string, ArchivePackage>()
  for (const { suite, release } of parts) {
    for (const found of await fetchPackages(suite, release, access, wanted)) {
      const known = newest.get(found.name)
      if (known === undefined || compareVersions(found.version, known.version) > 0) newest.set(found.name, found)
    }
  }
  return newest
}

function lockedRelease({ codename, date, signedBy }: Release): LockedRelease {
  return { codename, date, signedBy }
}

function unknown(name: string, suite: DebianSuite, architecture: DebianArchitecture): never {
  throw new ImageError('package-unknown', `${suite} has no package ${quote(name)} for ${architecture}`, {
    hint: 'See packages.debian.org for its name in this release.',
  })
}
