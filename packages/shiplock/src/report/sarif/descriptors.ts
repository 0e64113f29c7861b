import type { PropertyBag, ReportingDescriptor } from 'sarif'
import { severities, type Finding, type Rule, type Severity } from '@shiplock/findings'
import { ruleSection, whyItMatters, type CheckDocument } from '../check-document.ts'
import { githubLimits } from './limits.ts'

export const levels = { critical: 'error', high: 'error', medium: 'warning', low: 'note' } as const satisfies Record<Severity, string>

/** In the middle of the ranges by which GitHub names a score critical, high, medium or low; a string there. */
const scores = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' } as const satisfies Record<Severity, string>

/** Checks that look for mistakes rather than for weaknesses: a failed test is no vulnerability. */
const qualityChecks = new Set(['lint', 'types', 'tests'])

/** All rules of a check, sorted by id, and those that findings name beyond: of another version, or of a check nobody describes. */
export function ruleDescriptors(check: string, document: CheckDocument | undefined, findings: readonly Finding[]): ReportingDescriptor[] {
  const rules = new Map<string, Rule>(document?.rules.map((rule) => [rule.id, rule]))
  for (const { rule: id, severity, confidence, fix } of findings)
    if (!rules.has(id)) rules.set(id, { id, title: id, severity, confidence, fix: fix ?? 'See the message.' })
  return [...rules.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((rule) => descriptor(check, rule, document?.page ?? ''))
}

function descriptor(check: string, rule: Rule, page: string): ReportingDescriptor {
  const section = ruleSection(page, rule.id)
  const markdown = section && [section, whyItMatters(page)].filter(Boolean).map((part) => part?.trim()).join('\n\n')
  return {
    id: rule.id,
    shortDescription: { text: short(rule.title) },
    fullDescription: { text: short(`${rule.title}. ${rule.fix}`) },
    help: { text: rule.fix, ...(markdown && { markdown }) },
    defaultConfiguration: { level: levels[rule.severity] },
    properties: propertiesOf(check, rule),
  }
}

/** Tags and properties that GitHub reads; a weakness is spelled as CodeQL spells it, with three digits at least. */
function propertiesOf(check: string, { severity, confidence, cwe, alsoCwe = [], alias }: Rule): PropertyBag {
  const isSecurity = cwe !== undefined || !qualityChecks.has(check)
  return {
    precision: confidence,
    ...(isSecurity ? { 'security-severity': scores[severity] } : { 'problem.severity': levels[severity] === 'note' ? 'recommendation' : levels[severity] }),
    tags: [isSecurity ? 'security' : 'correctness', check, ...(cwe ? [cwe, ...alsoCwe].map((weakness) => `external/cwe/cwe-${weakness.slice('CWE-'.length).padStart(3, '0')}`) : []), ...(alias === undefined ? [] : [alias])],
  }
}

const short = (text: string) => (text.length > githubLimits.descriptionLength ? `${text.slice(0, githubLimits.descriptionLength - 1)}…` : text)

/** SARIF's rank, 0 to 100: severity only, for viewers that sort by it. */
export const rankOf = (severity: Severity) => ((severities.indexOf(severity) + 1) * 100) / severities.length
