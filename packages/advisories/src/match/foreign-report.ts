import { createHash } from 'node:crypto'
import { fail, ok, type Result, type Severity } from '@shiplock/findings'
import { readJsonDocument } from '../json-document.ts'
import { list, record, text } from '../lock-document.ts'
import { severityOfWord } from '../severity-word.ts'
import type { AskedSource, Vulnerability, VulnerabilityReport } from './vulnerability.ts'
import { worstFirst } from './worst-first.ts'

type Fields = ReadonlyMap<string, unknown>

/** Bytes of another scanner's report. */
const largestReport = 256 * 1024 * 1024

/** What another scanner found in an image, and which image that is. */
export interface ForeignReport extends VulnerabilityReport {
  /** Of the manifest, where the report says so: a report of another image is of no use. */
  readonly imageDigest?: string
  /** What each layer unpacks to, the lowest first, where the report says so. */
  readonly diffIds?: readonly string[]
}

/** Whether a report is of this image: by its manifest, or by what its layers unpack to, which is there for an image in no registry. */
export function isReportOf({ imageDigest, diffIds }: ForeignReport, image: { readonly digest: string; readonly diffIds: readonly string[] }): boolean {
  return imageDigest === image.digest || (diffIds !== undefined && diffIds.length > 0 && diffIds.length === image.diffIds.length && diffIds.every((it, position) => it === image.diffIds[position]))
}

/** Reads the JSON report of Trivy (schema version 2) or of Grype. `now` is in milliseconds since 1970. What is neither fails with a sentence; nothing in it throws. */
export function readForeignReport(bytes: Uint8Array, now: number): Result<ForeignReport, string> {
  const document = readJsonDocument(bytes, largestReport)
  if (!document.ok) return document
  const fields = record(document.value)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  if (fields.get('SchemaVersion') === 2 && fields.has('ArtifactName')) return ok(trivy(fields, digest, now))
  if (Array.isArray(fields.get('matches')) && record(fields.get('descriptor')).get('name') === 'grype') return ok(grype(fields, digest, now))
  return fail('it is neither a report of Trivy (schema version 2) nor of Grype')
}

function trivy(report: Fields, digest: string, now: number): ForeignReport {
  const results = list(report.get('Results')).map(record)
  const vulnerabilities = results.flatMap((result) => list(result.get('Vulnerabilities')).flatMap((it) => ofTrivy(record(it), text(result.get('Target')) ?? '')))
  const packages = results.reduce((sum, result) => sum + list(result.get('Packages')).length, 0)
  const metadata = record(report.get('Metadata'))
  const imageDigest = list(metadata.get('RepoDigests')).flatMap((it) => digestIn(it) ?? [])[0]
  const diffIds = list(metadata.get('DiffIDs')).flatMap((it) => digestIn(it) ?? [])
  return {
    vulnerabilities: vulnerabilities.toSorted(worstFirst),
    sources: [sourceOf('Trivy', { digest, at: text(report.get('CreatedAt')), now, components: Math.max(packages, componentsOf(vulnerabilities)) })],
    notMatched: [],
    ...(imageDigest !== undefined && { imageDigest }),
    ...(diffIds.length > 0 && { diffIds }),
  }
}

function ofTrivy(it: Fields, target: string): Vulnerability[] {
  const [id, name] = [text(it.get('VulnerabilityID')), text(it.get('PkgName'))]
  if (id === undefined || name === undefined) return []
  const [purl, fixedIn, diffId] = [text(record(it.get('PkgIdentifier')).get('PURL')), text(it.get('FixedVersion')), text(record(it.get('Layer')).get('DiffID'))]
  const path = text(it.get('PkgPath')) ?? target
  return [{
    id,
    aliases: list(it.get('VendorIDs')).flatMap((other) => text(other) ?? []),
    summary: text(it.get('Title')) ?? '',
    url: text(it.get('PrimaryURL')) ?? '',
    severity: severityOf(it.get('Severity')),
    isMalicious: false,
    component: { name, version: text(it.get('InstalledVersion')) ?? '', ...(purl !== undefined && { purl }) },
    ...(fixedIn !== undefined && { fixedIn }),
    ...urgencyOf(text(it.get('Status')), ['fixed', 'affected']),
    locations: [{ path, ...(diffId !== undefined && { layer: { diffId, digest: text(record(it.get('Layer')).get('Digest')) ?? '' } }) }],
    path: [],
    from: 'Trivy',
  }]
}

function grype(report: Fields, digest: string, now: number): ForeignReport {
  const matches = list(report.get('matches')).map(record)
  const vulnerabilities = matches.flatMap(ofGrype)
  const descriptor = record(report.get('descriptor'))
  const database = record(record(descriptor.get('db')).get('status') ?? descriptor.get('db'))
  const target = record(record(report.get('source')).get('target'))
  const imageDigest = [target.get('manifestDigest'), ...list(target.get('repoDigests'))].flatMap((it) => digestIn(it) ?? [])[0]
  const diffIds = list(target.get('layers')).flatMap((it) => digestIn(record(it).get('digest')) ?? [])
  return {
    vulnerabilities: vulnerabilities.toSorted(worstFirst),
    sources: [sourceOf('Grype', { digest, at: text(database.get('built')), now, components: componentsOf(vulnerabilities) })],
    notMatched: [],
    ...(imageDigest !== undefined && { imageDigest }),
    ...(diffIds.length > 0 && { diffIds }),
  }
}

function ofGrype(match: Fields): Vulnerability[] {
  const [flaw, artifact] = [record(match.get('vulnerability')), record(match.get('artifact'))]
  const [id, name] = [text(flaw.get('id')), text(artifact.get('name'))]
  if (id === undefined || name === undefined) return []
  const related = list(match.get('relatedVulnerabilities')).map(record)
  const [purl, fix] = [text(artifact.get('purl')), record(flaw.get('fix'))]
  const fixedIn = text(list(fix.get('versions'))[0])
  return [{
    id,
    aliases: related.flatMap((it) => text(it.get('id')) ?? []).filter((it) => it !== id),
    // A distribution's record often says nothing of what it is about.
    summary: [flaw, ...related].flatMap((it) => text(it.get('description')) ?? [])[0]?.replace(/\s+/g, ' ').slice(0, 200) ?? '',
    url: text(flaw.get('dataSource')) ?? '',
    severity: severityOf(flaw.get('severity')),
    isMalicious: id.startsWith('MAL-'),
    component: { name, version: text(artifact.get('version')) ?? '', ...(purl !== undefined && { purl }) },
    ...(fixedIn !== undefined && { fixedIn }),
    ...urgencyOf(text(fix.get('state')), ['fixed', 'not-fixed', 'unknown']),
    locations: list(artifact.get('locations')).map(record).map((it) => ({ path: (text(it.get('path')) ?? '').replace(/^\/+/, ''), ...layerOf(text(it.get('layerID'))) })),
    path: [],
    from: 'Grype',
  }]
}

const layerOf = (diffId: string | undefined) => (diffId === undefined ? {} : { layer: { diffId, digest: '' } })

/** `will_not_fix`, `wont-fix`, `end_of_life` …: worth a word where it is more than that there is a fix or none. */
const urgencyOf = (state: string | undefined, usual: readonly string[]) => (state === undefined || usual.includes(state) ? {} : { urgency: state.replaceAll(/[_-]/g, ' ') })

/** Both know two lower than low: what a distribution does not mind, and what nobody has rated. */
function severityOf(word: unknown): Severity {
  return severityOfWord(word) ?? (typeof word === 'string' && word.toLowerCase() === 'negligible' ? 'low' : 'medium')
}

const digestIn = (value: unknown) => /sha256:[\da-f]{64}$/.exec(typeof value === 'string' ? value : '')?.[0]

const componentsOf = (vulnerabilities: readonly Vulnerability[]) => new Set(vulnerabilities.map(({ component }) => `${component.purl ?? component.name}\0${component.version}`)).size

/** A report without a time is as old as can be. */
function sourceOf(name: string, { digest, at, now, components }: { readonly digest: string; readonly at: string | undefined; readonly now: number; readonly components: number }): AskedSource {
  const time = Date.parse(at ?? '')
  const checkedAt = Number.isNaN(time) ? 0 : time
  return { name, digest, checkedAt: new Date(checkedAt).toISOString(), ageMs: now - checkedAt, components }
}
