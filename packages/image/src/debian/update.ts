import { changelogReader, cveIdsBetween } from './changelog.ts'
import type { DebianLock, LockedPackage } from './lock.ts'
import { newestPackages, resolveDebian, verifyParts, type Resolving } from './resolve.ts'
import { fetchPackage, readDeb, type Fetching } from './store.ts'
import type { ArchivePackage } from './packages-index.ts'
import { debianSuites, type DebianArchitecture } from './suites.ts'
import { compareVersions, isDebianVersion } from './version.ts'

/** Whether a changelog was read for CVE ids: without one, no ids means nothing. */
export type ChangelogState = 'read' | 'absent' | 'not-asked'

/** A package that another version takes the place of in a lock. */
export interface PackageUpdate {
  readonly name: string
  readonly architectures: readonly DebianArchitecture[]
  /** Absent where the package is new in the lock. */
  readonly from?: string
  /** Absent where the package is no longer in the lock. */
  readonly to?: string
  readonly source: string
  /** That the changelog names in the entries between the two source versions. */
  readonly cveIds: readonly string[]
  readonly changelog: ChangelogState
}

export interface LockUpdate {
  readonly lock: DebianLock
  /** Every package that moved, also those whose changelogs name no CVE. */
  readonly updates: readonly PackageUpdate[]
}

/** Makes a lock anew, and says what moved and which CVE ids the new changelogs name. Packages that moved are fetched into the store. */
export async function updateLock(old: DebianLock | undefined, resolving: Resolving & { readonly store: string }): Promise<LockUpdate> {
  const lock = await resolveDebian({ ...resolving, previous: resolving.previous ?? old })
  const updates = new Map<string, PackageUpdate>()
  for (const architecture of resolving.architectures) {
    const was = new Map((old?.packages[architecture] ?? []).map((locked) => [locked.name, locked]))
    const is = new Map((lock.packages[architecture] ?? []).map((locked) => [locked.name, locked]))
    const changelogOf = changelogReader(packageReader(is, resolving))
    for (const name of [...new Set([...was.keys(), ...is.keys()])].toSorted()) {
      const [before, after] = [was.get(name), is.get(name)]
      if (before?.version === after?.version) continue
      const key = `${name} ${before?.version} ${after?.version}`
      const known = updates.get(key)
      const update = known ?? { name, ...(await change(before, after, changelogOf)), architectures: [] }
      updates.set(key, { ...update, architectures: [...update.architectures, architecture] })
    }
  }
  return { lock, updates: [...updates.values()] }
}

type Change = Omit<PackageUpdate, 'name' | 'architectures'>

async function change(before: LockedPackage | undefined, after: LockedPackage | undefined, changelogOf: (name: string) => Promise<string | undefined>): Promise<Change> {
  if (before === undefined || after === undefined) {
    return {
      ...(before === undefined ? {} : { from: before.version }),
      ...(after === undefined ? {} : { to: after.version }),
      source: (after ?? before)?.source ?? '',
      cveIds: [],
      changelog: 'not-asked',
    }
  }
  const text = await changelogOf(after.name)
  return { from: before.version, to: after.version, source: after.source, ...named(text, before.sourceVersion, after.sourceVersion) }
}

function named(changelog: string | undefined, after: string, upTo: string): Pick<PackageUpdate, 'cveIds' | 'changelog'> {
  return changelog === undefined ? { cveIds: [], changelog: 'absent' } : { cveIds: cveIdsBetween(changelog, after, upTo), changelog: 'read' }
}

/** A package as an image has it, of whatever origin. */
export interface InstalledPackage {
  readonly name: string
  readonly version: string
  /** As the image's package database says (`Source`); that of the package itself where it says nothing. */
  readonly sourceVersion?: string | undefined
}

/** An update that the archive has for a package of an image. */
export interface FixableUpdate {
  readonly package: string
  readonly installed: string
  readonly candidate: string
  readonly source: string
  /** The part of the archive that has it, e.g. `trixie-security`. */
  readonly suite: string
  readonly cveIds: readonly string[]
  readonly changelog: ChangelogState
}

export interface FixableOptions extends Omit<Resolving, 'packages' | 'architectures'> {
  readonly architecture: DebianArchitecture
  /** Where the new packages go, to read CVE ids in their changelogs. Without it no package is fetched. */
  readonly store?: string | undefined
}

/**
 * The packages of any image of Debian that the archive has newer versions of. It finds what is fixed and not installed, no
 * more: what has no fix yet is not seen, so this is no full scan.
 */
export async function fixableUpdates(installed: readonly InstalledPackage[], options: FixableOptions): Promise<readonly FixableUpdate[]> {
  const { architecture, store } = options
  const parts = await verifyParts(options)
  // Documents are only linked to packages that a package depends on, which are installed too.
  const names = new Set(installed.map(({ name }) => name))
  const newest = await newestPackages(parts, options, { architecture, isWanted: (name) => names.has(name) })
  const changelogOf = store === undefined ? undefined : changelogReader(packageReader(newest, { ...options, store }))
  const updates: FixableUpdate[] = []
  for (const { name, version, sourceVersion = version } of installed.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const candidate = newest.get(name)
    // An image's database may hold anything; what is no version has no place before or behind another.
    if (candidate === undefined || !isDebianVersion(version) || !isDebianVersion(sourceVersion)) continue
    if (compareVersions(candidate.version, version) <= 0) continue
    const facts: Pick<FixableUpdate, 'cveIds' | 'changelog'> = changelogOf === undefined
      ? { cveIds: [], changelog: 'not-asked' }
      : named(await changelogOf(name), sourceVersion, candidate.sourceVersion)
    updates.push({ package: name, installed: version, candidate: candidate.version, source: candidate.source, suite: candidate.suite, ...facts })
  }
  return updates
}

/** Packages by name, fetched into the store when they are asked for. */
function packageReader(
  packages: ReadonlyMap<string, ArchivePackage>,
  { suite, parts = debianSuites[suite], ...fetching }: Fetching & Pick<Resolving, 'suite'>,
): (name: string) => Promise<Uint8Array | undefined> {
  return async (name) => {
    const found = packages.get(name)
    if (found === undefined) return undefined
    await fetchPackage(found, { ...fetching, parts })
    return readDeb(fetching.store, found)
  }
}
