import { isAffected, smallestFix, withoutAliases, type Advisory, type Component } from '@shiplock/advisories'
import { compareSeverity, type FindingDraft } from '@shiplock/findings'
import semver from 'semver'
import { pathDetail } from './examine-component.ts'
import { malicious } from './rules/malicious.ts'
import { vulnerable } from './rules/vulnerable.ts'

/** What advisories say of a component. */
export function examineKnown(component: Component, advisories: readonly Advisory[], path: string): FindingDraft[] {
  const { name, version, line } = component
  const affecting = withoutAliases(advisories.filter((advisory) => isAffected(advisory, version)), (a, b) => compareSeverity(b.severity, a.severity))
  if (affecting.length === 0) return []
  const upgrade = smallestFix(advisories, version)
  return affecting.map((advisory) => {
    const what = `${name}@${version}: ${advisory.summary === '' ? advisory.id : `${advisory.summary} (${advisory.id})`}`
    const at = { message: what, severity: advisory.severity, location: { path, startLine: line }, purl: component.purl, advisory: { id: advisory.id, aliases: advisory.aliases, url: advisory.url }, detail: `${pathDetail(component).detail}\n${advisory.url}` }
    return advisory.isMalicious ? { ...at, rule: malicious.id } : { ...at, rule: vulnerable.id, fix: fixOf(component, upgrade) }
  })
}

function fixOf({ name, version, ranges, path }: Component, upgrade: string | undefined): string {
  if (upgrade === undefined) return `No version of ${name} is known to be without it: replace it, or see whether the flaw can be reached.`
  const parent = path.at(-2)
  const by = parent === undefined ? 'package.json' : parent
  const narrow = ranges.filter((range) => !semver.satisfies(upgrade, range))
  // pnpm writes what was taken and not what was asked for.
  if (ranges.every((range) => range === version)) return `Upgrade ${name} to ${upgrade}.`
  if (narrow.length === 0) return `Upgrade ${name} to ${upgrade}, which is in the range that is asked for (${ranges.join(', ')}).`
  return `Upgrade ${name} to ${upgrade}, which is out of the range ${narrow.join(', ')}: ${by} has to be upgraded too, or the version overridden.`
}
