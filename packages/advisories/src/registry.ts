import semver from 'semver'
import type { Advisory, PackageAdvisory } from './advisory.ts'
import { list, record, text } from './lock-document.ts'
import { severityOfWord } from './severity-word.ts'

/** The answer of npm's bulk endpoint: advisories by the name of the package. Undefined where it is none. */
export function readBulkAnswer(value: unknown): PackageAdvisory[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  // Registries that know no such endpoint answer it with an error in JSON.
  if ([...record(value).values()].some((it) => !Array.isArray(it))) return undefined
  return [...record(value)].flatMap(([name, advisories]) => list(advisories).flatMap((it) => advisoryOf(record(it)).map((advisory) => ({ name, ecosystem: 'npm', advisory }))))
}

function advisoryOf(fields: ReadonlyMap<string, unknown>): Advisory[] {
  const vulnerableVersions = text(fields.get('vulnerable_versions'))
  if (vulnerableVersions === undefined) return []
  const url = text(fields.get('url')) ?? ''
  const id = /GHSA(?:-[\w]{4}){3}/.exec(url)?.[0] ?? `npm:${String(fields.get('id'))}`
  const summary = text(fields.get('title')) ?? ''
  const isMalicious = /^malware in /i.test(summary)
  return [{ id, aliases: [], summary, severity: isMalicious ? 'critical' : (severityOfWord(fields.get('severity')) ?? 'medium'), isMalicious, url, ranges: [], versions: [], vulnerableVersions }]
}

/** Bodies for the endpoint: versions by name, a few hundred names each. */
export function bulkBodies(components: readonly { readonly name: string; readonly version: string }[], batch = 500): string[] {
  const versions = new Map<string, Set<string>>()
  for (const { name, version } of components) if (semver.valid(version, { loose: true }) !== null) versions.set(name, (versions.get(name) ?? new Set()).add(version))
  const names = [...versions].map(([name, of]) => [name, [...of]] as const)
  return Array.from({ length: Math.ceil(names.length / batch) }, (_, n) => JSON.stringify(Object.fromEntries(names.slice(n * batch, (n + 1) * batch))))
}
