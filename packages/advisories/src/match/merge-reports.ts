import { compareSeverity } from '@shiplock/findings'
import { readPurl } from '../sbom/purl.ts'
import type { Vulnerability, VulnerabilityReport } from './vulnerability.ts'
import { worstFirst } from './worst-first.ts'

/**
 * What several scanners found of one image, each flaw of a component once: the first that has it tells, the others are named beside
 * it, and the worst severity counts. What the first could not match stays told: a report does not say what it did not look at.
 */
export function mergeReports(first: VulnerabilityReport, others: readonly VulnerabilityReport[]): VulnerabilityReport {
  const merged: Vulnerability[] = [...first.vulnerabilities]
  const byComponent = new Map<string, number[]>()
  const place = (it: Vulnerability, at: number) => byComponent.set(keyOf(it), [...(byComponent.get(keyOf(it)) ?? []), at])
  merged.forEach(place)
  for (const it of others.flatMap(({ vulnerabilities }) => vulnerabilities)) {
    const ids = idsOf(it)
    const at = byComponent.get(keyOf(it))?.find((index) => !ids.isDisjointFrom(idsOf(merged[index]!)))
    if (at === undefined) place(it, merged.push(it) - 1)
    else merged[at] = joined(merged[at]!, it)
  }
  return { ...first, vulnerabilities: merged.toSorted(worstFirst), sources: [...first.sources, ...others.flatMap(({ sources }) => sources)] }
}

function joined(known: Vulnerability, it: Vulnerability): Vulnerability {
  const aliases = [...new Set([...known.aliases, it.id, ...it.aliases])].filter((id) => id !== known.id)
  const fixedIn = known.fixedIn ?? it.fixedIn
  return {
    ...known,
    aliases,
    severity: compareSeverity(known.severity, it.severity) < 0 ? it.severity : known.severity,
    summary: known.summary === '' ? it.summary : known.summary,
    ...(fixedIn !== undefined && { fixedIn }),
    from: known.from.split(', ').includes(it.from) ? known.from : `${known.from}, ${it.from}`,
  }
}

/** The same component by whatever scanner: kind, name and version. Architecture and release are said by one and not by another. */
function keyOf({ component: { purl, name, version } }: Vulnerability): string {
  const read = purl === undefined ? undefined : readPurl(purl)
  return read ? JSON.stringify([read.type, [read.namespace, read.name].filter((it) => it !== undefined && it !== '').join('/'), version]) : JSON.stringify(['', name, version])
}

/** Under all of its names, and under a distribution's (`DEBIAN-CVE-…`) also as the CVE that it is. */
const idsOf = ({ id, aliases }: Vulnerability): Set<string> => new Set([id, ...aliases].map((it) => it.replace(/^(?:DEBIAN|ALPINE|UBUNTU)-(?=CVE-)/, '')))
