import { fail, ok, type Result } from '@shiplock/findings'
import { list, record, text } from '../lock-document.ts'
import { componentFrom, distributionOf } from './foreign-component.ts'
import { hashAlgorithms, type ComponentLocation, type Hash, type SbomComponent } from './sbom-component.ts'
import { mostComponents, type Sbom } from './sbom-document.ts'

type Fields = ReadonlyMap<string, unknown>

/** CycloneDX 1.4 to 1.7: components at any depth, which may be inside of each other. */
export function readCycloneDx(bom: Fields): Result<Sbom, string> {
  const version = text(bom.get('specVersion')) ?? ''
  if (!/^1\.[4-7]$/.test(version)) return fail(`it is CycloneDX ${JSON.stringify(version)}; 1.4 to 1.7 are read`)
  const metadata = record(bom.get('metadata'))
  const root = record(metadata.get('component'))
  const components = new Map<string, SbomComponent>()
  const systems: Fields[] = []
  const queue = [...list(bom.get('components'))]
  for (let next = 0; next < queue.length; next += 1) {
    if (next >= mostComponents) return fail(`it has more than ${mostComponents} components`)
    const fields = record(queue[next])
    queue.push(...list(fields.get('components')).slice(0, mostComponents))
    if (fields.get('type') === 'operating-system') systems.push(fields)
    const component = componentOf(fields, next)
    if (component) components.set(component.ref, component)
  }
  const digest = [text(root.get('version')), text(root.get('purl')), propertiesOf(root).get('shiplock:digest')].flatMap((it) => /sha256(?::|%3A)([\da-f]{64})/.exec(it ?? '')?.[1] ?? [])[0]
  const [purl, created] = [text(root.get('purl')), text(metadata.get('timestamp'))]
  const all = [...components.values()]
  const distribution = distributionOf(systems.map((fields) => ({ name: text(fields.get('name')) ?? '', version: text(fields.get('version')) })), all)
  return ok({
    format: `CycloneDX ${version}`,
    subject: { name: text(root.get('name')) ?? 'without a name', ...(purl !== undefined && { purl }), ...(digest !== undefined && { digest: `sha256:${digest}` }) },
    ...(created !== undefined && { created }),
    ...(distribution && { distribution }),
    components: all,
    dependencies: new Map(list(bom.get('dependencies')).flatMap((it) => edgesOf(record(it), components))),
    unread: list(metadata.get('properties')).flatMap((it) => (record(it).get('name') === 'shiplock:unread' ? (text(record(it).get('value')) ?? []) : [])),
  })
}

function edgesOf(fields: Fields, components: ReadonlyMap<string, SbomComponent>): [string, string[]][] {
  const ref = text(fields.get('ref'))
  if (ref === undefined || !components.has(ref)) return []
  return [[ref, list(fields.get('dependsOn')).flatMap((to) => (typeof to === 'string' && components.has(to) ? [to] : []))]]
}

function componentOf(fields: Fields, position: number): SbomComponent | undefined {
  const type = fields.get('type')
  if (type === 'file') return undefined
  const properties = propertiesOf(fields)
  return componentFrom({
    ref: text(fields.get('bom-ref')) ?? `component-${position}`,
    type: type === 'operating-system' || type === 'application' ? type : 'library',
    name: [text(fields.get('group')), text(fields.get('name'))].filter((part) => part !== undefined).join('/'),
    version: text(fields.get('version')),
    purl: text(fields.get('purl')),
    cpe: text(fields.get('cpe')),
    licences: list(fields.get('licenses')).flatMap((it) => text(record(it).get('expression')) ?? text(record(record(it).get('license')).get('id')) ?? text(record(record(it).get('license')).get('name')) ?? []),
    hashes: list(fields.get('hashes')).flatMap(hashOf),
    supplier: text(record(fields.get('supplier')).get('name')),
    description: text(fields.get('description')),
    source: sourceOf(properties),
    locations: locationsOf(properties),
  })
}

function propertiesOf(fields: Fields): Map<string, string> {
  return new Map(list(fields.get('properties')).flatMap((it) => {
    const [name, value] = [text(record(it).get('name')), text(record(it).get('value'))]
    return name === undefined || value === undefined ? [] : [[name, value] as const]
  }))
}

function hashOf(value: unknown): Hash[] {
  const [name, content] = [record(value).get('alg'), text(record(value).get('content'))?.toLowerCase()]
  const algorithm = hashAlgorithms.find((it) => it === name)
  return algorithm === undefined || content === undefined || !/^[\da-f]{32,128}$/.test(content) ? [] : [{ algorithm, content }]
}

/** As this library, Syft and Trivy name a package's source. */
function sourceOf(properties: ReadonlyMap<string, string>): { readonly name: string; readonly version: string | undefined } | undefined {
  for (const [prefix, name, version] of [['shiplock:source:', 'name', 'version'], ['syft:metadata:', 'source', 'sourceVersion'], ['syft:metadata:', 'originPackage', ''], ['aquasecurity:trivy:', 'SrcName', 'SrcVersion']] as const) {
    const of = properties.get(prefix + name)
    if (of === undefined) continue
    const [epoch, at, release] = [properties.get('aquasecurity:trivy:SrcEpoch'), properties.get(prefix + version), properties.get('aquasecurity:trivy:SrcRelease')]
    return { name: of, version: prefix !== 'aquasecurity:trivy:' || at === undefined ? at : `${epoch === undefined || epoch === '0' ? '' : `${epoch}:`}${at}${release === undefined ? '' : `-${release}`}` }
  }
  return undefined
}

const mostLocations = 1000

function locationsOf(properties: ReadonlyMap<string, string>): ComponentLocation[] {
  const locations: ComponentLocation[] = []
  for (let n = 0; n < mostLocations; n += 1) {
    const path = properties.get(`shiplock:location:${n}:path`) ?? properties.get(`syft:location:${n}:path`)
    if (path === undefined) break
    const diffId = properties.get(`shiplock:location:${n}:layer:diffId`) ?? properties.get(`syft:location:${n}:layerID`)
    locations.push({ path: path.replace(/^\/+/, ''), ...(diffId !== undefined && { layer: { diffId, digest: properties.get(`shiplock:location:${n}:layer:digest`) ?? '' } }) })
  }
  const [diffId, digest] = [properties.get('aquasecurity:trivy:LayerDiffID'), properties.get('aquasecurity:trivy:LayerDigest')]
  if (locations.length === 0 && diffId !== undefined) locations.push({ path: properties.get('aquasecurity:trivy:FilePath') ?? '', layer: { diffId, digest: digest ?? '' } })
  return locations
}
