import type { FindingDraft, RuleId } from '@shiplock/findings'
import type { Vulnerability } from './vulnerability.ts'

/** Rules of the check that hands the findings over. */
export interface VulnerabilityRules {
  readonly vulnerable: RuleId
  readonly malicious: RuleId
}

/** A vulnerability as a finding, at the file of the image that the component is known from. */
export function draftFinding(it: Vulnerability, rules: VulnerabilityRules): FindingDraft {
  const { component, source, locations, path } = it
  const [first, ...others] = locations.filter((location) => location.path !== '')
  return {
    rule: it.isMalicious ? rules.malicious : rules.vulnerable,
    message: `${component.name}@${component.version}: ${it.summary === '' ? it.id : `${it.summary} (${it.id})`}`,
    severity: it.severity,
    ...(first && { location: { path: first.path } }),
    ...(others.length > 0 && { related: others.map((location) => ({ path: location.path })) }),
    ...(component.purl !== undefined && { purl: component.purl }),
    advisory: { id: it.id, aliases: it.aliases, ...(it.url !== '' && { url: it.url }) },
    ...(it.isMalicious ? {} : { fix: fixOf(it) }),
    detail: [
      ...(path.length > 0 ? [path.join(' > ')] : []),
      ...(source ? [`built from ${source.name} ${source.version}`] : []),
      ...(first?.layer ? [`in layer ${first.layer.diffId}`] : []),
      ...(it.urgency === undefined ? [] : [`the distribution says: ${it.urgency}`]),
      ...(it.url === '' ? [] : [it.url]),
      `according to ${it.from}`,
    ].join('\n'),
  }
}

/** One sentence that says what to do. */
export const fixOf = ({ component, source, fixedIn }: Vulnerability): string =>
  fixedIn === undefined ? `No version of ${source?.name ?? component.name} is known to be without it: replace it, or see whether the flaw can be reached.` : source && source.name !== component.name ? `Upgrade ${component.name} to a build of ${source.name} ${fixedIn}.` : `Upgrade ${component.name} to ${fixedIn}.`
