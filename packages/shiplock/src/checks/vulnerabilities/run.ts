import { draftFinding, matchComponents, mergeReports, type AdvisorySource, type FixableUpdate, type Inventory, type NotMatched, type VulnerabilityReport } from '@shiplock/advisories/match'
import { dayOf, askRegistry, families, findIndex, readSources } from '@shiplock/advisories/node'
import { readPurl, type SbomComponent } from '@shiplock/advisories/sbom'
import { count, ok, type FindingDraft, type Result } from '@shiplock/findings'
import { nodeSupport } from '@shiplock/image'
import type { CheckContext, CheckOutcome } from '../check.ts'
import type { VulnerabilitiesOptions } from './index.ts'
import { endOfLife } from './rules/end-of-life.ts'
import { fixableUpdate } from './rules/fixable-update.ts'
import { malicious } from './rules/malicious.ts'
import { notMatched } from './rules/not-matched.ts'
import { unreadable } from './rules/unreadable.ts'
import { vulnerable } from './rules/vulnerable.ts'

const hour = 60 * 60 * 1000

/** What the result depends on besides the image: the indexes as they are, or the registry of this hour; and the day, by which Node's lines end. */
export function versions(maxAgeDays: number): Record<string, string> {
  const now = Date.now()
  const indexes = families.map((family) => [`advisories of ${family}`, findIndex(undefined, family)] as const)
  const known = indexes.map(([name, index]) => [name, index && now - index.checkedAt <= maxAgeDays * 24 * hour ? `osv ${index.digest}${dayOf(index)}` : `none ${Math.floor(now / hour)}`])
  return { ...Object.fromEntries(known), day: new Date(now).toISOString().slice(0, 10) }
}

export async function run(context: CheckContext<VulnerabilitiesOptions>): Promise<CheckOutcome> {
  const { image, options } = context
  if (!image) throw new Error('the check of an image was given none')
  const inventory = withoutTree(image)
  if (inventory.components.length === 0 && image.unread.length === 0) return { kind: 'skipped', reason: 'nothing in the image says what it is made of' }
  const now = Date.now()
  const sources = await sourcesFor(inventory, options.maxAgeDays, now, context)
  if (!sources.ok) return { kind: 'failed', failure: sources.failure }
  const others = context.known?.reports ?? []
  const old = others.flatMap((it) => it.sources).find(({ ageMs }) => ageMs > options.maxAgeDays * 24 * hour || ageMs < -24 * hour)
  if (old) return { kind: 'failed', failure: { reason: 'advisories-unavailable', message: `the report of ${old.name} is of ${old.checkedAt}: ${options.maxAgeDays} days are what is believed`, hint: `have ${old.name} scan the image anew with data of today` } }
  const report = mergeReports(matchComponents(inventory, sources.value, now), others)
  const lacking = report.notMatched.filter(({ ecosystem }) => families.some((family) => ecosystem.split(':', 1)[0] === family))
  const findings: FindingDraft[] = [
    ...report.vulnerabilities.map((it) => draftFinding(it, { vulnerable: vulnerable.id, malicious: malicious.id })),
    ...inventory.components.flatMap((it) => unsupported(it, now)),
    ...updatesLeft(context.known?.updates ?? [], report).map(whatIsFixable),
    ...report.notMatched.filter((it) => !lacking.includes(it)).map(whatIsNotMatched),
    ...image.unread.map((text) => ({ rule: unreadable.id, message: text })),
  ]
  if (lacking.length > 0) return failed(findings, lacking)
  return { kind: 'completed', findings, summary: `${count(inventory.components.length, 'component')}${report.sources.map(({ name, ageMs }) => `; ${name}, ${Math.max(0, Math.floor(ageMs / hour))} h old`).join('')}` }
}

/** What only a lock file of the tree names was held against advisories by `dependencies`, which knows who asks for it. */
function withoutTree(image: Inventory): Inventory {
  return { ...image, components: image.components.filter(({ locations }) => locations.length === 0 || locations.some(({ layer }) => layer)) }
}

async function sourcesFor(inventory: Inventory, maxAgeDays: number, now: number, { signal, findProgram }: Pick<CheckContext<unknown>, 'signal' | 'findProgram'>): Promise<Result<readonly AdvisorySource[]>> {
  const sources = await readSources([inventory], { now, maxAgeDays })
  if (!sources.ok || sources.value.some(({ family }) => family === 'npm')) return sources
  const npm = inventory.components.filter(({ purl }) => purl?.startsWith('pkg:npm/'))
  if (npm.length === 0) return sources
  const answer = await askRegistry(npm, { signal, findProgram })
  // That it has nothing to say is told with what was not matched.
  if (!answer.ok) return ok(sources.value)
  return ok([...sources.value, { family: 'npm', name: 'the registry', digest: '', checkedAt: now, ecosystems: new Set(['npm']), advisories: new Map([['npm', answer.value]]) }])
}

/** Those that no advisory tells of already: of the same package, by all the flaws that the changelog names. */
function updatesLeft(updates: readonly FixableUpdate[], { vulnerabilities }: VulnerabilityReport): FixableUpdate[] {
  const told = new Set(vulnerabilities.flatMap(({ component, id, aliases }) => [id, ...aliases].map((it) => `${component.name} ${it.replace('DEBIAN-', '')}`)))
  return updates.filter(({ package: name, cveIds }) => cveIds.length === 0 || !cveIds.every((id) => told.has(`${name} ${id}`)))
}

/** That a changelog names no flaw is no proof that there was none: the update is told all the same, as less. */
const whatIsFixable = ({ package: name, installed, candidate, cveIds }: FixableUpdate): FindingDraft => ({
  rule: fixableUpdate.id,
  message: `${name} ${installed}: the archive has ${candidate}${cveIds.length > 0 ? `, whose changelog names ${cveIds.slice(0, 20).join(', ')}${cveIds.length > 20 ? ' and others' : ''}` : ''}`,
  ...(cveIds.length === 0 && { severity: 'low' as const }),
})

function unsupported({ name, version, purl, locations }: SbomComponent, now: number): FindingDraft[] {
  const named = purl === undefined ? undefined : readPurl(purl)
  if (named?.type !== 'generic' || named.name !== 'node') return []
  const support = nodeSupport(version, new Date(now))
  if (support.kind !== 'end-of-life') return []
  return [{ rule: endOfLife.id, message: `${name} ${version}: line ${support.major} has had no security fixes since ${support.endOfLife}`, ...(purl !== undefined && { purl }), ...(locations[0] && { location: { path: locations[0].path } }) }]
}

const whatIsNotMatched = ({ ecosystem, components, why }: NotMatched): FindingDraft => ({ rule: notMatched.id, message: `${ecosystem}: ${count(components, 'component')}; ${why}` })

/** Without advisories a verdict may be provisional; not where something was found that needs none of those that lack. */
function failed(findings: readonly FindingDraft[], lacking: readonly NotMatched[]): CheckOutcome {
  const why = `not matched against known vulnerabilities: ${lacking.map((it) => `${it.ecosystem} (${count(it.components, 'component')}), ${it.why}`).join('; ')}`
  const detail = findings.map(({ rule, message }) => `${rule}: ${message}`).join('\n')
  const said = { hint: 'run `shiplock db update` where OSV or a mirror of it can be reached', ...(detail !== '' && { detail: `found all the same:\n${detail}`.slice(0, 16_000) }) }
  if (findings.length > 0) return { kind: 'failed', failure: { reason: 'tool-failed', message: `${count(findings.length, 'finding')}, and the rest is ${why}`, ...said } }
  return { kind: 'failed', failure: { reason: 'advisories-unavailable', message: why, ...said } }
}
