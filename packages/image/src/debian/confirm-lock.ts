import { fetchPackages } from './archive.ts'
import { lockedPackages, type DebianLock, type LockedPackage } from './lock.ts'
import { verifyParts, type Resolving } from './resolve.ts'
import { isDebianArchitecture } from './suites.ts'

export interface LockConfirmation {
  /** Packages that the signed archive has exactly so, for however many architectures. */
  readonly confirmed: number
  /** The others: the archive has moved on since, or somebody wrote them by hand. */
  readonly unconfirmed: readonly LockedPackage[]
  /** Those of them that the archive has in this very version, and otherwise: nobody but an editor of the lock made them so. */
  readonly contradicted: readonly LockedPackage[]
}

/**
 * Holds a lock against the signed archive. A lock is a file of the repository: its digests vouch for the packages, but nothing
 * vouches for the digests once somebody has edited them. Whoever reviews a changed lock asks here whether it is Debian's.
 */
export async function confirmLock(lock: DebianLock, access: Omit<Resolving, 'suite' | 'packages' | 'architectures' | 'previous'>): Promise<LockConfirmation> {
  const parts = await verifyParts({ ...access, suite: lock.suite, previous: lock })
  const unconfirmed: LockedPackage[] = []
  const contradicted: LockedPackage[] = []
  let confirmed = 0
  for (const architecture of Object.keys(lock.packages).filter(isDebianArchitecture)) {
    const packages = lockedPackages(lock, architecture)
    const names = new Set(packages.map(({ name }) => name))
    const offered = new Set<string>()
    const versions = new Set<string>()
    for (const { suite, release } of parts) {
      for (const found of await fetchPackages(suite, release, access, { architecture, isWanted: (name) => names.has(name) })) {
        offered.add(identity(found))
        versions.add(versionOf(found))
      }
    }
    const strange = packages.filter((locked) => !offered.has(identity(locked)))
    confirmed += packages.length - strange.length
    unconfirmed.push(...strange)
    contradicted.push(...strange.filter((locked) => versions.has(versionOf(locked))))
  }
  return { confirmed, unconfirmed, contradicted }
}

const versionOf = ({ name, version, architecture }: LockedPackage) => `${name} ${version} ${architecture}`

function identity({ name, version, architecture, sha256, size, source, sourceVersion, path, suite }: LockedPackage): string {
  return JSON.stringify([name, version, architecture, sha256, size, source, sourceVersion, path, suite])
}
