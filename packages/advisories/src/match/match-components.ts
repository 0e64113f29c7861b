import { compareSeverity } from '@shiplock/findings'
import { isAffected, smallestFix, withoutAliases, type Advisory } from '../advisory.ts'
import type { Distribution, SbomComponent } from '../sbom/sbom-component.ts'
import type { Family } from '../family.ts'
import { matchingOf, type Matching } from './ecosystem.ts'
import { pathsTo } from './paths.ts'
import { worstFirst } from './worst-first.ts'
import type { AskedSource, FixableUpdate, NotMatched, Vulnerability, VulnerabilityReport } from './vulnerability.ts'

/** Advisories of one family of ecosystems, as they are at hand. */
export interface AdvisorySource {
  readonly family: Family
  /** In plain words: `OSV Debian`. */
  readonly name: string
  readonly digest: string
  /** Milliseconds since 1970. */
  readonly checkedAt: number
  /** Those that it has anything of at all: `Debian:12`, `Debian:13`. */
  readonly ecosystems: ReadonlySet<string>
  /** Of the packages that were asked for: by ecosystem, and in it by name. */
  readonly advisories: ReadonlyMap<string, ReadonlyMap<string, readonly Advisory[]>>
}

/** What is in an image: a catalogue, or an SBOM of somebody else. */
export interface Inventory {
  readonly components: readonly SbomComponent[]
  readonly dependencies: ReadonlyMap<string, readonly string[]>
  readonly distribution?: Distribution
}

/** Whose advisories have to be at hand for these: names of packages by ecosystem, by family. */
export function askedOf(inventories: readonly Inventory[]): Map<Family, Map<string, Set<string>>> {
  const asked = new Map<Family, Map<string, Set<string>>>()
  for (const { components, distribution } of inventories)
    for (const component of components) {
      const matching = matchingOf(component, distribution)
      if (matching === undefined || !('family' in matching)) continue
      const ecosystems = asked.get(matching.family) ?? new Map<string, Set<string>>()
      asked.set(matching.family, ecosystems)
      ecosystems.set(matching.ecosystem, (ecosystems.get(matching.ecosystem) ?? new Set()).add(matching.name))
    }
  return asked
}

/**
 * What is known of the components of an image. Every component is either matched against a source that has its ecosystem, or counted in
 * `notMatched` with the reason. `now` is in milliseconds since 1970.
 */
export function matchComponents(inventory: Inventory, sources: readonly AdvisorySource[], now: number, fixableUpdates?: readonly FixableUpdate[]): VulnerabilityReport {
  const byFamily = new Map(sources.map((source) => [source.family, source]))
  const groups = new Map<string, { readonly source: AdvisorySource; readonly members: { readonly component: SbomComponent; readonly matching: Matching }[] }>()
  const notMatched = new Map<string, NotMatched>()
  const leaveOut = (ecosystem: string, why: string) => notMatched.set(ecosystem, { ecosystem, why: notMatched.get(ecosystem)?.why ?? why, components: (notMatched.get(ecosystem)?.components ?? 0) + 1 })
  for (const component of inventory.components) {
    const matching = matchingOf(component, inventory.distribution)
    if (matching === undefined) continue
    if (!('family' in matching)) {
      leaveOut(matching.ecosystem, matching.why)
      continue
    }
    const source = byFamily.get(matching.family)
    if (source === undefined) leaveOut(matching.ecosystem, 'there are no advisories of it here (`shiplock db update` fetches them)')
    else if (!source.ecosystems.has(matching.ecosystem)) leaveOut(matching.ecosystem, `${source.name} has nothing of this release`)
    else {
      const group = groups.get(matching.ecosystem) ?? { source, members: [] }
      groups.set(matching.ecosystem, group)
      group.members.push({ component, matching })
    }
  }
  const paths = pathsTo(inventory)
  const vulnerabilities: Vulnerability[] = []
  for (const [ecosystem, { source, members }] of groups) {
    const known = source.advisories.get(ecosystem)
    for (const { component, matching } of members) vulnerabilities.push(...vulnerabilitiesOf(component, matching, known?.get(matching.name) ?? [], source.name).map((it) => ({ ...it, path: paths(component.ref) })))
  }
  return {
    vulnerabilities: vulnerabilities.toSorted(worstFirst),
    sources: [...new Set([...groups.values()].map(({ source }) => source))].map((source) => askedSource(source, now, [...groups.values()].reduce((sum, group) => sum + (group.source === source ? group.members.length : 0), 0))),
    notMatched: [...notMatched.values()].toSorted((a, b) => (a.ecosystem < b.ecosystem ? -1 : 1)),
    ...(fixableUpdates && { fixableUpdates }),
  }
}

const askedSource = ({ name, digest, checkedAt }: AdvisorySource, now: number, components: number): AskedSource => ({ name, digest, checkedAt: new Date(checkedAt).toISOString(), ageMs: now - checkedAt, components })

function vulnerabilitiesOf(component: SbomComponent, { name, version, order }: Matching, advisories: readonly Advisory[], from: string): Omit<Vulnerability, 'path'>[] {
  const affecting = withoutCovered(withoutAliases(advisories.filter((advisory) => isAffected(advisory, version, order)), (a, b) => compareSeverity(b.severity, a.severity)))
  if (affecting.length === 0) return []
  const { source } = component
  return affecting.map((advisory) => {
    // Its own end, since a distribution mends flaws one by one, and none of them may have to wait for the others.
    const fixedIn = smallestFix(advisories.filter(({ id }) => id === advisory.id || advisory.aliases.includes(id)), version, order)
    return {
      id: advisory.id,
      aliases: advisory.aliases,
      summary: advisory.summary,
      url: advisory.url,
      severity: advisory.severity,
      isMalicious: advisory.isMalicious,
      component: { name: component.name, version: component.version, ref: component.ref, ...(component.purl !== undefined && { purl: component.purl }) },
      ...(source && (source.name !== component.name || source.version !== component.version) && { source: { name, version } }),
      ...(fixedIn !== undefined && { fixedIn }),
      ...(advisory.urgency !== undefined && { urgency: advisory.urgency }),
      locations: component.locations,
      from,
    }
  })
}

/** Debian's advisories (DSA, DLA) answer several flaws at once: one whose flaws are all there by their own names says nothing more. */
function withoutCovered(advisories: readonly Advisory[]): Advisory[] {
  const named = new Set(advisories.filter(({ covers }) => covers === undefined).flatMap(({ id, aliases }) => [id, ...aliases]))
  return advisories.filter(({ covers }) => covers === undefined || !covers.every((id) => named.has(id)))
}
