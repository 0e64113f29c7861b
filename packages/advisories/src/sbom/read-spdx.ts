import { fail, ok, type Result } from '@shiplock/findings'
import { list, record, text } from '../lock-document.ts'
import { componentFrom, distributionOf } from './foreign-component.ts'
import { hashAlgorithms, type Hash, type SbomComponent } from './sbom-component.ts'
import { mostComponents, notWhole, type Sbom } from './sbom-document.ts'

type Fields = ReadonlyMap<string, unknown>

/** SPDX 2.3 (2.2 is the same for what is read here). */
export function readSpdx(document: Fields): Result<Sbom, string> {
  const version = text(document.get('spdxVersion')) ?? ''
  if (!/^SPDX-2\.[23]$/.test(version)) return fail(`it is ${JSON.stringify(version.slice(0, 50))}; SPDX-2.2 and SPDX-2.3 are read`)
  const packages = list(document.get('packages')).map(record)
  if (packages.length > mostComponents) return fail(`it has more than ${mostComponents} packages`)
  const relationships = list(document.get('relationships')).map(record)
  const described = new Set([...list(document.get('documentDescribes')), ...relationships.flatMap((it) => (it.get('relationshipType') === 'DESCRIBES' ? [it.get('relatedSpdxElement')] : []))])
  const root = packages.find((it) => described.has(it.get('SPDXID')))
  const components = new Map<string, SbomComponent>()
  for (const [position, fields] of packages.entries()) {
    if (fields === root) continue
    const component = componentOf(fields, position)
    if (component) components.set(component.ref, component)
  }
  const all = [...components.values()]
  const created = text(record(document.get('creationInfo')).get('created'))
  const systems = packages.filter((it) => it.get('primaryPackagePurpose') === 'OPERATING-SYSTEM' || it.get('primaryPackagePurpose') === 'OPERATING_SYSTEM').map((it) => ({ name: text(it.get('name')) ?? '', version: text(it.get('versionInfo')) }))
  const distribution = distributionOf(systems, all)
  return ok({
    format: version.replace('-', ' '),
    subject: subjectOf(document, root),
    ...(created !== undefined && { created }),
    ...(distribution && { distribution }),
    components: all,
    dependencies: edgesOf(relationships, components),
    unread: unreadOf(text(document.get('comment')) ?? ''),
  })
}

const unreadOf = (comment: string) => (comment.startsWith(`${notWhole}\n`) ? comment.split('\n').slice(1) : [])

function subjectOf(document: Fields, root: Fields | undefined): Sbom['subject'] {
  const purl = root && locatorOf(root, 'purl')
  const digest = [text(root?.get('versionInfo')), purl].flatMap((it) => /sha256(?::|%3A)([\da-f]{64})/.exec(it ?? '')?.[1] ?? [])[0]
  return { name: text(root?.get('name')) ?? text(document.get('name')) ?? 'without a name', ...(purl !== undefined && { purl }), ...(digest !== undefined && { digest: `sha256:${digest}` }) }
}

function componentOf(fields: Fields, position: number): SbomComponent | undefined {
  const declared = text(fields.get('licenseDeclared'))
  const purpose = fields.get('primaryPackagePurpose')
  return componentFrom({
    ref: text(fields.get('SPDXID')) ?? `package-${position}`,
    type: purpose === 'OPERATING-SYSTEM' || purpose === 'OPERATING_SYSTEM' ? 'operating-system' : purpose === 'APPLICATION' ? 'application' : 'library',
    name: text(fields.get('name')) ?? '',
    version: text(fields.get('versionInfo')),
    purl: locatorOf(fields, 'purl'),
    cpe: locatorOf(fields, 'cpe23Type') ?? locatorOf(fields, 'cpe22Type'),
    licences: declared === undefined || declared === 'NOASSERTION' || declared === 'NONE' ? [] : [declared],
    hashes: list(fields.get('checksums')).flatMap(hashOf),
    supplier: text(fields.get('supplier'))?.replace(/^(?:Organization|Person): /, ''),
    description: text(fields.get('summary')),
    source: undefined,
    locations: [],
  })
}

const locatorOf = (fields: Fields, type: string) => list(fields.get('externalRefs')).flatMap((it) => (record(it).get('referenceType') === type ? (text(record(it).get('referenceLocator')) ?? []) : []))[0]

function hashOf(value: unknown): Hash[] {
  const [name, content] = [record(value).get('algorithm'), text(record(value).get('checksumValue'))?.toLowerCase()]
  const algorithm = hashAlgorithms.find((it) => it.replace('-', '') === name)
  return algorithm === undefined || content === undefined || !/^[\da-f]{32,128}$/.test(content) ? [] : [{ algorithm, content }]
}

function edgesOf(relationships: readonly Fields[], components: ReadonlyMap<string, SbomComponent>): Map<string, string[]> {
  const edges = new Map<string, string[]>()
  const add = (from: unknown, to: unknown) => {
    if (typeof from !== 'string' || typeof to !== 'string' || !components.has(from) || !components.has(to)) return
    const known = edges.get(from)
    if (known) known.push(to)
    else edges.set(from, [to])
  }
  for (const it of relationships) {
    if (it.get('relationshipType') === 'DEPENDS_ON') add(it.get('spdxElementId'), it.get('relatedSpdxElement'))
    if (it.get('relationshipType') === 'DEPENDENCY_OF') add(it.get('relatedSpdxElement'), it.get('spdxElementId'))
  }
  return edges
}
