import { draftFinding, matchComponents, type AdvisorySource, type Inventory, type NotMatched } from '@shiplock/advisories/match'
import { askRegistry, families, findIndex, readSources } from '@shiplock/advisories/node'
import { readPurl, type SbomComponent } from '@shiplock/advisories/sbom'
import { count, ok, type FindingDraft, type Result } from '@shiplock/findings'
import { nodeSupport } from '@shiplock/image'
import type { CheckContext, CheckOutcome } from '../check.ts'
import type { VulnerabilitiesOptions } from './index.ts'
import { endOfLife } from './rules/end-of-life.ts'
import { malicious } from './rules/malicious.ts'
import { notMatched } from './rules/not-matched.ts'
import { unreadable } from './rules/unreadable.ts'
import { vulnerable } from './rules/vulnerable.ts'

const hour = 60 * 60 * 1000

/** What the result depends on besides the image: the indexes as they are, or the registry of this hour; and the day, by which Node's lines end. */
export function versions(maxAgeDays: number): Record<string, string> {
  const now = Date.now()
  const indexes = families.map((family) => [`advisories of ${family}`, findIndex(undefined, family)] as const)
  const known = indexes.map(([name, index]) => [name, index && now - index.checkedAt <= maxAgeDays * 24 * hour ? `osv ${index.digest}` : `none ${Math.floor(now / hour)}`])
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
  const report = matchComponents(inventory, sources.value, now)
  const lacking = report.notMatched.filter(({ ecosystem }) => families.some((family) => ecosystem.split(':', 1)[0] === family))
  const findings: FindingDraft[] = [
    ...report.vulnerabilities.map((it) => draftFinding(it, { vulnerable: vulnerable.id, malicious: malicious.id })),
    ...inventory.components.flatMap((it) => unsupported(it, now)),
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
