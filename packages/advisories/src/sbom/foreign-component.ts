import { distroOf, readPurl } from './purl.ts'
import type { ComponentLocation, Distribution, Hash, SbomComponent } from './sbom-component.ts'

/** What a document of somebody else says of a component, before it is believed to be one. */
export interface ForeignComponent {
  readonly ref: string
  readonly type: SbomComponent['type']
  readonly name: string
  readonly version: string | undefined
  readonly purl: string | undefined
  readonly cpe: string | undefined
  readonly licences: readonly string[]
  readonly hashes: readonly Hash[]
  readonly supplier: string | undefined
  readonly description: string | undefined
  readonly source: { readonly name: string; readonly version: string | undefined } | undefined
  readonly locations: readonly ComponentLocation[]
}

const longest = 1000

/** A component, with what its purl says where the document says nothing else. Undefined without a name. */
export function componentFrom(it: ForeignComponent): SbomComponent | undefined {
  const read = it.purl === undefined ? undefined : readPurl(it.purl)
  const name = it.name === '' ? (read?.name ?? '') : it.name
  if (name === '' || name.length > longest || it.ref.length > 4 * longest) return undefined
  // Trivy has the epoch in a qualifier of its own, and not in the version.
  const epoch = read?.type === 'deb' ? read.qualifiers.get('epoch') : undefined
  const version = it.version ?? read?.version ?? ''
  const whole = epoch === undefined || version.includes(':') ? version : `${epoch}:${version}`
  const upstream = read?.qualifiers.get('upstream')
  const [ofName, ofVersion] = upstream === undefined ? [undefined, undefined] : splitUpstream(upstream)
  const source = it.source ?? (ofName === undefined ? undefined : { name: ofName, version: ofVersion })
  const isSystem = read?.type === 'deb' || read?.type === 'apk'
  return {
    ref: it.ref,
    type: it.type,
    name,
    version: whole.slice(0, longest),
    ...(it.purl !== undefined && read && { purl: it.purl }),
    ...(it.cpe !== undefined && { cpe: it.cpe.slice(0, longest) }),
    licences: it.licences.slice(0, 100).map((licence) => licence.slice(0, longest)),
    hashes: it.hashes,
    ...(it.supplier !== undefined && { supplier: it.supplier.slice(0, longest) }),
    ...(it.description !== undefined && { description: it.description.slice(0, longest) }),
    ...(isSystem && { source: { name: source?.name ?? name, version: source?.version ?? whole } }),
    locations: it.locations,
  }
}

/** `glibc@2.36-9`, or a name alone. */
function splitUpstream(upstream: string): readonly [string, string | undefined] {
  const at = upstream.indexOf('@')
  return at < 1 ? [upstream, undefined] : [upstream.slice(0, at), upstream.slice(at + 1)]
}

/** The distribution: an operating system among the components, else what the purls of most packages say. */
export function distributionOf(systems: readonly { readonly name: string; readonly version: string | undefined }[], components: readonly SbomComponent[]): Distribution | undefined {
  const system = systems.find(({ name }) => /^[a-z0-9._-]+$/i.test(name))
  if (system) return { id: system.name.toLowerCase(), name: system.name, ...(system.version !== undefined && system.version !== '' && { versionId: system.version }) }
  const counts = new Map<string, number>()
  for (const { purl } of components) {
    const read = purl === undefined ? undefined : readPurl(purl)
    const distro = read?.qualifiers.get('distro')
    if (read && (read.type === 'deb' || read.type === 'apk') && distro !== undefined) counts.set(`${read.namespace ?? ''}\0${distro}`, (counts.get(`${read.namespace ?? ''}\0${distro}`) ?? 0) + 1)
  }
  const [most] = [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  if (most === undefined) return undefined
  const [id = '', distro = ''] = most[0].split('\0')
  const versionId = distro.startsWith(`${id}-`) ? distro.slice(id.length + 1) : distro
  return { id, name: distroOf({ id, name: id, versionId }), versionId }
}
