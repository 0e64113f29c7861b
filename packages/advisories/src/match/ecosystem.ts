import { compareVersions, isDebianVersion } from '@shiplock/image'
import { apkOrder } from '../apk-version.ts'
import type { Family } from '../family.ts'
import { readPurl } from '../sbom/purl.ts'
import type { Distribution, SbomComponent } from '../sbom/sbom-component.ts'
import { orderOf, semverOrder, type VersionOrder } from '../version-order.ts'

/** What advisories of a component are kept under, and how its versions are compared. */
export interface Matching {
  /** `npm`, `Debian`, `Alpine`, `Node.js`: the source of advisories that is asked. */
  readonly family: Family
  /** With the release, as OSV spells it: `Debian:13`. */
  readonly ecosystem: string
  readonly name: string
  readonly version: string
  readonly order: VersionOrder
}

/** Why no advisories can be asked for, in the form of the sentence "Fedora: …". */
export interface Unmatchable {
  readonly ecosystem: string
  readonly why: string
}

/** dpkg's order. */
export const debianOrder: VersionOrder = orderOf(isDebianVersion, compareVersions)

/** Where to look for a component's advisories: by its purl, since a name alone says nothing of whose package it is. */
export function matchingOf(component: SbomComponent, distribution: Distribution | undefined): Matching | Unmatchable | undefined {
  // What the distribution is called is not a package of it.
  if (component.type === 'operating-system') return undefined
  const purl = component.purl === undefined ? undefined : readPurl(component.purl)
  if (purl === undefined) return { ecosystem: 'without a package URL', why: 'nothing says what kind of package they are' }
  const { version } = component
  if (purl.type === 'npm') return versioned({ family: 'npm', ecosystem: 'npm', name: purl.namespace === undefined ? purl.name : `${purl.namespace}/${purl.name}`, version, order: semverOrder })
  if (purl.type === 'generic' && purl.name === 'node') return versioned({ family: 'Node.js', ecosystem: 'Node.js', name: 'node', version, order: semverOrder })
  if (purl.type === 'deb') return debian(component, purl.namespace ?? '', purl.qualifiers.get('distro') ?? distroOfDistribution(distribution))
  if (purl.type === 'apk') return alpine(component, purl.namespace ?? '', purl.qualifiers.get('distro') ?? distroOfDistribution(distribution))
  return { ecosystem: purl.type, why: 'there is no source of advisories for it here' }
}

function versioned(matching: Matching): Matching | Unmatchable {
  return matching.order.isVersion(matching.version) ? matching : { ecosystem: `${matching.family} without a version`, why: `${JSON.stringify(matching.version.slice(0, 60))} of ${matching.name.slice(0, 100)} is no version` }
}

const distroOfDistribution = (it: Distribution | undefined) => (it?.versionId === undefined ? it?.codename : it.versionId)

const debianCodenames: ReadonlyMap<string, string> = new Map([['buster', '10'], ['bullseye', '11'], ['bookworm', '12'], ['trixie', '13'], ['forky', '14']])

/** `debian-12`, `debian-12.10`, `bookworm`, `12`: the release in OSV's ecosystem is the number before the dot. */
function debian({ source, name, version }: SbomComponent, namespace: string, distro: string | undefined): Matching | Unmatchable {
  if (namespace !== 'debian') return { ecosystem: namespace === '' ? 'deb' : namespace, why: 'there is no source of advisories for it here' }
  const written = (distro ?? '').replace(/^debian-/, '')
  const release = debianCodenames.get(written) ?? /^(\d+)(?:\.\d+)*$/.exec(written)?.[1]
  if (release === undefined) return { ecosystem: 'Debian', why: distro === undefined ? 'nothing says of which release it is' : `${JSON.stringify(distro.slice(0, 60))} is no release of which advisories are kept` }
  return versioned({ family: 'Debian', ecosystem: `Debian:${release}`, name: source?.name ?? name, version: source?.version ?? version, order: debianOrder })
}

/** `alpine-3.18.4`, `3.18`: OSV's ecosystem has the first two numbers. */
function alpine({ source, name, version }: SbomComponent, namespace: string, distro: string | undefined): Matching | Unmatchable {
  if (namespace !== 'alpine') return { ecosystem: namespace === '' ? 'apk' : namespace, why: 'there is no source of advisories for it here' }
  const release = /^(?:alpine-)?v?(\d+\.\d+)(?:[._].*)?$/.exec(distro ?? '')?.[1]
  if (release === undefined) return { ecosystem: 'Alpine', why: distro === undefined ? 'nothing says of which release it is' : `${JSON.stringify(distro.slice(0, 60))} is no release of which advisories are kept` }
  return versioned({ family: 'Alpine', ecosystem: `Alpine:v${release}`, name: source?.name ?? name, version: source?.version ?? version, order: apkOrder })
}
