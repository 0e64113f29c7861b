import type { DebianArchitecture } from '../debian/suites.ts'
import { isDebianArchitecture } from '../debian/suites.ts'
import { isRecord } from '../oci/json.ts'

/** The Node that a lock pins: npm's packages of one version, each by its hash and by that of the program in it. */
export interface LockedNode {
  readonly version: string
  readonly packages: Readonly<Partial<Record<DebianArchitecture, LockedNodePackage>>>
}

export interface LockedNodePackage {
  /** As npm knows it. */
  readonly name: string
  /** Of the package, as Subresource Integrity spells it and a lock file of npm has it. */
  readonly integrity: string
  /** Of `bin/node` in it, in hex: whoever has that very file need not fetch the package. */
  readonly programSha256: string
}

/** npm's package with Node for a machine. */
export const nodePackageName = (architecture: DebianArchitecture): string => `node-linux-${architecture === 'arm64' ? 'arm64' : 'x64'}`

/** The one spelling of it. */
export function spelledNode({ version, packages }: LockedNode): LockedNode {
  const sorted = Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { version, packages: Object.fromEntries(sorted.map(([architecture, { name, integrity, programSha256 }]) => [architecture, { name, integrity, programSha256 }])) }
}

/** Reads what a lock says of Node; undefined where that makes no sense. */
export function readLockedNode(value: unknown): LockedNode | undefined {
  if (!isRecord(value) || typeof value['version'] !== 'string' || !/^\d{1,4}\.\d{1,4}\.\d{1,4}$/.test(value['version']) || !isRecord(value['packages'])) return undefined
  const packages: Partial<Record<DebianArchitecture, LockedNodePackage>> = {}
  for (const [architecture, item] of Object.entries(value['packages'])) {
    if (!isDebianArchitecture(architecture) || !isRecord(item)) return undefined
    const { name, integrity, programSha256 } = item
    // Whatever a pull request writes here is asked for in a registry: nothing but the one name.
    const isSound = name === nodePackageName(architecture) && typeof integrity === 'string' && /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) && typeof programSha256 === 'string' && /^[0-9a-f]{64}$/.test(programSha256)
    if (!isSound) return undefined
    packages[architecture] = { name, integrity, programSha256 }
  }
  return { version: value['version'], packages }
}
