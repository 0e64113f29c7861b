import semver from 'semver'
import type { Severity } from '@shiplock/findings'
import { list, record, text } from './lock-document.ts'
import { severityOf } from './severity.ts'
import { semverOrder, type VersionOrder } from './version-order.ts'

/** What is known of a flaw in one package, from OSV or from a registry. */
export interface Advisory {
  readonly id: string
  readonly aliases: readonly string[]
  readonly summary: string
  readonly severity: Severity
  /** The package itself is the attack. */
  readonly isMalicious: boolean
  readonly url: string
  readonly ranges: readonly Events[]
  /** Listed one by one, for versions that no range can say. */
  readonly versions: readonly string[]
  /** As npm's bulk endpoint says it, in place of `ranges`. */
  readonly vulnerableVersions?: string
  /** Of those, as Node says it of itself: versions that are without it. */
  readonly patchedVersions?: string
  /** Flaws of other databases that this one record answers, where it is about several: Debian's advisories are. */
  readonly covers?: readonly string[]
  /** How a distribution sees it, in its own word. */
  readonly urgency?: string
}

/** Events of one range of OSV's schema, of a type that semver orders. */
export type Events = readonly { readonly kind: 'introduced' | 'fixed' | 'last_affected' | 'limit'; readonly version: string }[]

export interface PackageAdvisory {
  readonly name: string
  /** As OSV's schema spells it, with the release of a distribution: `npm`, `Debian:13`. */
  readonly ecosystem: string
  readonly advisory: Advisory
}

/** An OSV record as the advisories of the packages of one ecosystem that it affects, in whichever release; none where it was withdrawn or makes no sense. */
export function readOsv(value: unknown, ecosystem = 'npm'): PackageAdvisory[] {
  const fields = record(value)
  const id = text(fields.get('id'))
  if (id === undefined || text(fields.get('withdrawn')) !== undefined) return []
  const upstream = list(fields.get('upstream')).flatMap((it) => text(it) ?? [])
  // Distributions have one record of each CVE, under a name that says so; what covers several is not any one of them.
  const isCopy = upstream.length === 1 && id.endsWith(`-${upstream[0]}`)
  const aliases = [...list(fields.get('aliases')).flatMap((it) => text(it) ?? []), ...(isCopy ? upstream : [])]
  const isMalicious = [id, ...aliases].some((it) => it.startsWith('MAL-'))
  return list(fields.get('affected')).flatMap((affected) => {
    const it = record(affected)
    const of = record(it.get('package'))
    const [name, within] = [text(of.get('name')), text(of.get('ecosystem'))]
    if (name === undefined || within === undefined || (within !== ecosystem && !within.startsWith(`${ecosystem}:`))) return []
    const urgency = text(record(it.get('ecosystem_specific')).get('urgency'))
    const advisory: Advisory = {
      id,
      aliases,
      summary: text(fields.get('summary')) ?? firstLine(text(fields.get('details')) ?? ''),
      severity: isMalicious ? 'critical' : severityOf([...list(it.get('severity')), ...list(fields.get('severity'))], record(fields.get('database_specific')).get('severity'), urgency),
      isMalicious,
      url: `https://osv.dev/vulnerability/${encodeURIComponent(id.toWellFormed())}`,
      ranges: list(it.get('ranges')).flatMap((range) => (['SEMVER', 'ECOSYSTEM'].includes(String(record(range).get('type'))) ? [eventsOf(record(range).get('events'))] : [])),
      versions: list(it.get('versions')).flatMap((version) => text(version) ?? []),
      ...(upstream.length > 0 && !isCopy && { covers: upstream }),
      ...(urgency !== undefined && { urgency }),
    }
    return [{ name, ecosystem: within, advisory }]
  })
}

const kinds = ['introduced', 'fixed', 'last_affected', 'limit'] as const

const eventsOf = (value: unknown): Events =>
  list(value).flatMap((event) =>
    kinds.flatMap((kind) => {
      const version = text(record(event).get(kind))
      return version === undefined ? [] : [{ kind, version }]
    }),
  )

/** Whether the version is affected, by the evaluation that OSV's schema describes. */
export function isAffected(advisory: Advisory, version: string, order: VersionOrder = semverOrder): boolean {
  if (advisory.versions.includes(version)) return true
  if (!order.isVersion(version)) return false
  const { vulnerableVersions, patchedVersions, ranges } = advisory
  if (vulnerableVersions !== undefined) return semver.satisfies(version, vulnerableVersions, { includePrerelease: true, loose: true }) && !(patchedVersions !== undefined && semver.satisfies(version, patchedVersions, { includePrerelease: true, loose: true }))
  return ranges.some((events) => isInRange(events, version, order))
}

function isInRange(events: Events, version: string, order: VersionOrder): boolean {
  const compare = comparing(order)
  const limits = events.filter(({ kind }) => kind === 'limit')
  if (limits.length > 0 && !limits.some((limit) => limit.version === '*' || compare(version, limit.version) < 0)) return false
  let affected = false
  // Those of one version stay as they are written: introduced and then fixed is nothing, the other way round a new range.
  for (const { kind, version: at } of events.toSorted((a, b) => compare(a.version, b.version))) {
    if (kind === 'introduced' && compare(version, at) >= 0) affected = true
    if (kind === 'fixed' && compare(version, at) >= 0) affected = false
    if (kind === 'last_affected' && compare(version, at) > 0) affected = false
  }
  return affected
}

/** `0` stands for before everything. */
const comparing = (order: VersionOrder) => (a: string, b: string): number => {
  if (a === b) return 0
  if (b === '0') return 1
  return a === '0' ? -1 : order.compare(a, b)
}

/** The lowest version above that none of the advisories affects, as far as they say where they end. */
export function smallestFix(advisories: readonly Advisory[], version: string, order: VersionOrder = semverOrder): string | undefined {
  const compare = comparing(order)
  const candidates = advisories.flatMap((advisory) => [
    ...advisory.ranges.flat().flatMap((event) => (event.kind === 'fixed' ? [event.version] : [])),
    ...[...(advisory.vulnerableVersions ?? '').matchAll(/<(?!=)\s*v?(\d[\w.+-]*)/g)].flatMap((match) => match[1] ?? []),
    ...[...(advisory.patchedVersions ?? '').matchAll(/(?:^|[\s|^~=])v?(\d+\.\d+\.\d+[\w.+-]*)/g)].flatMap((match) => match[1] ?? []),
  ])
  return [...new Set(candidates)]
    .filter((candidate) => order.isExact(candidate) && compare(candidate, version) > 0 && !advisories.some((advisory) => isAffected(advisory, candidate, order)))
    .toSorted(compare)[0]
}

/** One of each flaw: those that share an id or an alias are the same, and the worst of them speaks. */
export function withoutAliases(advisories: readonly Advisory[], worse: (a: Advisory, b: Advisory) => number): Advisory[] {
  const flaws: { readonly advisory: Advisory; readonly ids: Set<string> }[] = []
  for (const advisory of advisories.toSorted((a, b) => worse(a, b) || (a.id < b.id ? -1 : 1))) {
    const ids = [advisory.id, ...advisory.aliases]
    const known = flaws.find((flaw) => ids.some((id) => flaw.ids.has(id)))
    if (known) for (const id of ids) known.ids.add(id)
    else flaws.push({ advisory, ids: new Set(ids) })
  }
  return flaws.map(({ advisory, ids }) => ({ ...advisory, aliases: [...ids].filter((id) => id !== advisory.id).toSorted() }))
}

const firstLine = (value: string) => (value.split('\n').find((line) => line.trim() !== '') ?? '').slice(0, 200)
