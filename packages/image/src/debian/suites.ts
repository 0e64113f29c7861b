import { bookwormAutomatic, bookwormSecurity, bookwormStable } from './keys/bookworm.ts'
import type { PinnedKey } from './keys/pinned-key.ts'
import { trixieAutomatic, trixieSecurity, trixieStable } from './keys/trixie.ts'

/** The releases of Debian that images are made from. */
export type DebianSuite = 'trixie' | 'bookworm'
export type DebianArchitecture = 'amd64' | 'arm64'

/** Where the archive is: the directories that have `dists/` and `pool/`, tried in turn. */
export interface DebianMirrors {
  readonly main: readonly string[]
  readonly security: readonly string[]
}

/** One signed part of the archive that packages are taken from. */
export interface ArchiveSuite {
  /** As its Release spells it, e.g. `trixie-security`. */
  readonly codename: string
  readonly mirrors: keyof DebianMirrors
  /** Whoever signs this part and no other: the key of the security archive cannot sign the main one. */
  readonly keys: readonly PinnedKey[]
  /** Days that a Release without `Valid-Until` is believed, against a mirror that shows old things for ever. */
  readonly maxAgeDays: number
  /** The last point release, where there will be no other: from then on the part stays as it is and has no age. */
  readonly lastRelease?: string
}

/** Point releases of a stable Debian come every two to four months. */
const pointReleaseDays = 180
/** The security archive is signed anew every day, also when nothing is new. */
const securityDays = 14

export const debianSuites: Readonly<Record<DebianSuite, readonly ArchiveSuite[]>> = {
  trixie: [
    { codename: 'trixie', mirrors: 'main', keys: [trixieAutomatic, trixieStable], maxAgeDays: pointReleaseDays },
    { codename: 'trixie-security', mirrors: 'security', keys: [trixieSecurity], maxAgeDays: securityDays },
  ],
  bookworm: [
    { codename: 'bookworm', mirrors: 'main', keys: [bookwormAutomatic, bookwormStable], maxAgeDays: pointReleaseDays, lastRelease: '2026-07-11' },
    { codename: 'bookworm-security', mirrors: 'security', keys: [bookwormSecurity], maxAgeDays: securityDays },
  ],
}

export function isDebianSuite(value: unknown): value is DebianSuite {
  return value === 'trixie' || value === 'bookworm'
}

export function isDebianArchitecture(value: unknown): value is DebianArchitecture {
  return value === 'amd64' || value === 'arm64'
}

/**
 * What Node needs and no more: not the closure of `Depends`, in which certificates alone bring openssl, debconf and Perl.
 * gcc-N-base has the copyright and the changelog of the three libraries of GCC.
 */
export function defaultPackages(suite: DebianSuite): readonly string[] {
  const compiler = { trixie: 'gcc-14-base', bookworm: 'gcc-12-base' }[suite]
  return ['base-files', 'ca-certificates', compiler, 'libatomic1', 'libc6', 'libgcc-s1', 'libstdc++6', 'netbase', 'tzdata']
}

/** The classic hosts, which every network that knows Debian knows. Signatures, not the transport, say what is Debian's. */
export const defaultMirrors: DebianMirrors = {
  main: ['http://ftp.debian.org/debian'],
  security: ['http://security.debian.org/debian-security'],
}
