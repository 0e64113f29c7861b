import semver from 'semver'
import type { Severity } from '@shiplock/findings'
import { list, record, text } from './lock-document.ts'
import { severityOf } from './severity.ts'

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
}

/** Events of one range of OSV's schema, of a type that semver orders. */
export type Events = readonly { readonly kind: 'introduced' | 'fixed' | 'last_affected' | 'limit'; readonly version: string }[]

export interface PackageAdvisory {
  readonly name: string
  readonly advisory: Advisory
}

/** An OSV record as the advisories of the npm packages it affects; none where it was withdrawn or makes no sense. */
export function readOsv(value: unknown): PackageAdvisory[] {
  const fields = record(value)
  const id = text(fields.get('id'))
  if (id === undefined || text(fields.get('withdrawn')) !== undefined) return []
  const aliases = list(fields.get('aliases')).flatMap((it) => text(it) ?? [])
  const isMalicious = [id, ...aliases].some((it) => it.startsWith('MAL-'))
  return list(fields.get('affected')).flatMap((affected) => {
    const it = record(affected)
    const of = record(it.get('package'))
    const name = text(of.get('name'))
    if (of.get('ecosystem') !== 'npm' || name === undefined) return []
    const advisory: Advisory = {
      id,
      aliases,
      summary: text(fields.get('summary')) ?? firstLine(text(fields.get('details')) ?? ''),
      severity: isMalicious ? 'critical' : severityOf([...list(it.get('severity')), ...list(fields.get('severity'))], record(fields.get('database_specific')).get('severity')),
      isMalicious,
      url: `https://osv.dev/vulnerability/${encodeURIComponent(id.toWellFormed())}`,
      ranges: list(it.get('ranges')).flatMap((range) => (['SEMVER', 'ECOSYSTEM'].includes(String(record(range).get('type'))) ? [eventsOf(record(range).get('events'))] : [])),
      versions: list(it.get('versions')).flatMap((version) => text(version) ?? []),
    }
    return [{ name, advisory }]
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
export function isAffected(advisory: Advisory, version: string): boolean {
  if (advisory.versions.includes(version)) return true
  if (semver.valid(version, { loose: true }) === null) return false
  if (advisory.vulnerableVersions !== undefined) return semver.satisfies(version, advisory.vulnerableVersions, { includePrerelease: true, loose: true })
  return advisory.ranges.some((events) => isInRange(events, version))
}

function isInRange(events: Events, version: string): boolean {
  const limits = events.filter(({ kind }) => kind === 'limit')
  if (limits.length > 0 && !limits.some((limit) => limit.version === '*' || compare(version, limit.version) < 0)) return false
  let affected = false
  for (const { kind, version: at } of events.toSorted(inOrder)) {
    if (kind === 'introduced' && compare(version, at) >= 0) affected = true
    if (kind === 'fixed' && compare(version, at) >= 0) affected = false
    if (kind === 'last_affected' && compare(version, at) > 0) affected = false
  }
  return affected
}

/** Those of one version stay as they are written: introduced and then fixed is nothing, the other way round a new range. */
const inOrder = (a: Events[number], b: Events[number]) => compare(a.version, b.version)

/** `0` stands for before everything; what is no version is after everything, so that it fixes nothing. */
function compare(a: string, b: string): number {
  if (a === b) return 0
  if (b === '0') return 1
  if (a === '0') return -1
  const [left, right] = [semver.parse(a, { loose: true }), semver.parse(b, { loose: true })]
  if (!left || !right) return Number(left === null) - Number(right === null)
  return left.compare(right)
}

/** The lowest version above that none of the advisories affects, as far as they say where they end. */
export function smallestFix(advisories: readonly Advisory[], version: string): string | undefined {
  const candidates = advisories.flatMap((advisory) => [
    ...advisory.ranges.flat().flatMap((event) => (event.kind === 'fixed' ? [event.version] : [])),
    ...[...(advisory.vulnerableVersions ?? '').matchAll(/<(?!=)\s*v?(\d[\w.+-]*)/g)].flatMap((match) => match[1] ?? []),
  ])
  return [...new Set(candidates)]
    .filter((candidate) => semver.valid(candidate) !== null && compare(candidate, version) > 0 && !advisories.some((advisory) => isAffected(advisory, candidate)))
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
