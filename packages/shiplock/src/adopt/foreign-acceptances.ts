import { parse as parseToml } from 'smol-toml'
import type { TreeFacts } from './detect.ts'
import { readYaml } from './read-yaml.ts'

/** What a file or comment of another tool says is accepted. */
export interface Acceptance {
  /** The file, and in it the line where there is one. */
  readonly source: string
  readonly line?: number
  /** As the other tool names it: `CVE-2021-23337`, `security/detect-child-process`, `generic-api-key`. */
  readonly id: string
  readonly about: AcceptedThing
  readonly reason?: string
  /** The last day on which the other tool would heed it, `YYYY-MM-DD`. */
  readonly until?: string
}

export type AcceptedThing =
  | { readonly kind: 'advisory'; readonly purls?: readonly string[] }
  | { readonly kind: 'secret'; readonly path: string; readonly line: number }
  /** Lines of a file; without an end all that follows. */
  | { readonly kind: 'code'; readonly path: string; readonly from: number; readonly to?: number }
  /** Something that only the other tool knows, such as a check of its own. */
  | { readonly kind: 'other' }

/** A comment that tells a linter to leave something out. */
export interface ToolComment {
  readonly path: string
  readonly line: number
  readonly told?: string
}

export interface ForeignAcceptances {
  readonly acceptances: readonly Acceptance[]
  /** Files that could not be read, and why. */
  readonly problems: readonly string[]
}

/** Everything that other tools were told to leave alone, wherever the tree says so. */
export function readForeignAcceptances({ paths, read }: TreeFacts, comments: readonly ToolComment[]): ForeignAcceptances {
  const problems: string[] = []
  const acceptances = paths.flatMap((path) => {
    const reader = Object.entries(readers).find(([name]) => path === name || path.endsWith(`/${name}`))?.[1]
    const text = reader && read(path)
    if (text === undefined) return []
    try {
      return reader!(path, text)
    } catch (error) {
      problems.push(`${path} cannot be read: ${(error instanceof Error ? error.message : String(error)).split('\n')[0]}`)
      return []
    }
  })
  return { acceptances: [...acceptances, ...comments.flatMap(ofComment)], problems }
}

const readers: Readonly<Record<string, (path: string, text: string) => Acceptance[]>> = { '.trivyignore': trivyIgnore, '.trivyignore.yaml': trivyIgnoreYaml, '.gitleaksignore': gitleaksIgnore, 'osv-scanner.toml': osvScanner }

const isAdvisory = (id: string) => /^(?:CVE|GHSA|OSV|MAL|DLA|DSA|DEBIAN|RUSTSEC|PYSEC|GO|SNYK|NSWG|TEMP)-/i.test(id)
const isDay = (text: unknown): text is string => typeof text === 'string' && /^\d{4}-\d{2}-\d{2}/.test(text)

/** https://trivy.dev/docs/latest/configuration/filtering: an id a line, `exp:` behind it, comments above. */
function trivyIgnore(source: string, text: string): Acceptance[] {
  const found: Acceptance[] = []
  let reason: string | undefined
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = whole.trim()
    if (line.startsWith('#')) reason = line.slice(1).trim() || undefined
    else if (line === '') reason = undefined
    else {
      const [id = '', ...rest] = line.split(/\s+/)
      const until = rest.find((word) => word.startsWith('exp:'))?.slice(4)
      found.push({ source, line: index + 1, id, about: isAdvisory(id) ? { kind: 'advisory' } : { kind: 'other' }, ...(reason !== undefined && { reason }), ...(isDay(until) && { until }) })
    }
  }
  return found
}

function trivyIgnoreYaml(source: string, text: string): Acceptance[] {
  const document: unknown = readYaml(text)
  return ['vulnerabilities', 'misconfigurations', 'secrets', 'licenses'].flatMap((section) =>
    records(isRecord(document) ? document[section] : undefined).flatMap((entry) => {
      const { id, purls, statement, expired_at: until } = entry
      if (typeof id !== 'string') return []
      const named = Array.isArray(purls) ? purls.filter((purl): purl is string => typeof purl === 'string') : []
      return [{
        source,
        id,
        about: section === 'vulnerabilities' ? { kind: 'advisory', ...(named.length > 0 && { purls: named }) } : { kind: 'other' },
        ...(typeof statement === 'string' && { reason: statement }),
        ...(isDay(until) && { until: until.slice(0, 10) }),
      } satisfies Acceptance]
    }),
  )
}

/** A fingerprint a line: `path:rule:line`, with the commit before it where it is about the history. */
function gitleaksIgnore(source: string, text: string): Acceptance[] {
  return text.split(/\r?\n/).flatMap((whole, index): Acceptance[] => {
    const line = whole.replace(/\s*#.*$/, '').trim()
    const parts = /^(?:[0-9a-f]{40}:)?(.+):([^:]+):(\d+)$/.exec(line)
    if (!parts) return line === '' ? [] : [{ source, line: index + 1, id: line.slice(0, 100), about: { kind: 'other' } }]
    const [, path = '', id = '', at = ''] = parts
    return [{ source, line: index + 1, id, about: { kind: 'secret', path, line: Number(at) } }]
  })
}

/** https://google.github.io/osv-scanner/configuration */
function osvScanner(source: string, text: string): Acceptance[] {
  const document = parseToml(text)
  const dayOf = (value: unknown) => (value instanceof Date ? value.toISOString().slice(0, 10) : isDay(value) ? value.slice(0, 10) : undefined)
  const ids = records(document['IgnoredVulns']).flatMap((entry): Acceptance[] => {
    const until = dayOf(entry['ignoreUntil'])
    return typeof entry['id'] === 'string' ? [{ source, id: entry['id'], about: { kind: 'advisory' }, ...(typeof entry['reason'] === 'string' && { reason: entry['reason'] }), ...(until !== undefined && { until }) }] : []
  })
  // A whole package that is left out, whatever becomes known of it: a waiver is about one flaw.
  const packages = records(document['PackageOverrides']).flatMap((entry): Acceptance[] => (typeof entry['name'] === 'string' ? [{ source, id: entry['name'], about: { kind: 'other' } }] : []))
  return [...ids, ...packages]
}

/** `eslint-disable-next-line security/detect-child-process`: each rule by itself. */
function ofComment({ path, line, told = '' }: ToolComment): Acceptance[] {
  const directive = /^(?:es|ox)lint-disable(-next-line|-line)?\s+([^]*)$/i.exec(told)
  if (!directive) return []
  const [, where, names = ''] = directive
  const lines = where === undefined ? { from: line } : where === '-line' ? { from: line, to: line } : { from: line + 1, to: line + 1 }
  return names.split(/[\s,]+/).flatMap((id): Acceptance[] => (/^[@\w/-]+$/.test(id) ? [{ source: path, line, id, about: { kind: 'code', path, ...lines } }] : []))
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
const records = (value: unknown) => (Array.isArray(value) ? value.filter(isRecord) : [])
