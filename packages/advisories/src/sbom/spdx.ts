import { joined, type SbomTool } from './cyclone-dx.ts'
import { isSpdxExpression } from './licence.ts'
import { imagePurl } from './purl.ts'
import type { Catalogue, ComponentLocation, SbomComponent } from './sbom-component.ts'
import { notWhole } from './sbom-document.ts'
import { uuidOf } from './uuid.ts'

/** The catalogue as an SPDX 2.3 JSON document; the same catalogue gives the same bytes. */
export function spdx(catalogue: Catalogue, { tool }: { readonly tool: SbomTool }): Uint8Array {
  const { image, components, dependencies, unread } = catalogue
  const ids = new Map(components.map(({ ref, name, type }) => [ref, `SPDXRef-${type}-${idPart(name)}-${uuidOf(ref).slice(0, 13)}`]))
  const rootId = `SPDXRef-image-${idPart(image.name)}`
  const licences = new Licences()
  const packages = [rootPackage(catalogue, rootId), ...components.map((it) => packageOf(it, ids.get(it.ref) ?? '', licences))]
  const relationships = [
    relationship('SPDXRef-DOCUMENT', 'DESCRIBES', rootId),
    ...components.flatMap(({ ref }) => {
      const id = ids.get(ref) ?? ''
      return [relationship(rootId, 'CONTAINS', id), ...(dependencies.get(ref) ?? []).flatMap((to) => relationship(id, 'DEPENDS_ON', ids.get(to) ?? ''))]
    }),
  ]
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: image.name,
    documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(image.name.toWellFormed())}-${uuidOf(`spdx:${image.digest}`)}`,
    creationInfo: { created: timeOf(image.created), creators: [`Tool: ${tool.name}-${tool.version}`] },
    ...(unread.length > 0 && { comment: [notWhole, ...unread].join('\n') }),
    packages,
    ...(licences.extracted.length > 0 && { hasExtractedLicensingInfos: licences.extracted }),
    relationships,
  }
  return new TextEncoder().encode(`${JSON.stringify(document, null, 1)}\n`)
}

/** Clause 6.9 wants seconds, and a time even where the image has none. */
function timeOf(created: string | undefined): string {
  const time = Date.parse(created ?? '')
  return new Date(Number.isNaN(time) ? 0 : time).toISOString().replace(/\.\d+Z$/, 'Z')
}

const idPart = (name: string) => name.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 100)

const relationship = (spdxElementId: string, relationshipType: string, relatedSpdxElement: string) => ({ spdxElementId, relationshipType, relatedSpdxElement })

const nothing = 'NOASSERTION'

const unanalysed = { downloadLocation: nothing, filesAnalyzed: false, licenseConcluded: nothing, copyrightText: nothing } as const

const rootPackage = ({ image }: Catalogue, SPDXID: string) => ({
  SPDXID,
  name: image.name,
  versionInfo: image.digest,
  ...unanalysed,
  licenseDeclared: nothing,
  primaryPackagePurpose: 'CONTAINER',
  checksums: [{ algorithm: 'SHA256', checksumValue: image.digest.replace(/^sha256:/, '') }],
  externalRefs: [purlReference(imagePurl(image.name, image.digest, image.architecture))],
})

const purposes = { library: 'LIBRARY', application: 'APPLICATION', 'operating-system': 'OPERATING_SYSTEM' } as const

const purlReference = (purl: string) => ({ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl })

function packageOf(it: SbomComponent, SPDXID: string, licences: Licences) {
  const externalRefs = [...(it.purl === undefined ? [] : [purlReference(it.purl)]), ...(it.cpe === undefined ? [] : [{ referenceCategory: 'SECURITY', referenceType: it.cpe.startsWith('cpe:2.3') ? 'cpe23Type' : 'cpe22Type', referenceLocator: it.cpe }])]
  return {
    SPDXID,
    name: it.name,
    ...(it.version !== '' && { versionInfo: it.version }),
    ...(it.supplier !== undefined && { supplier: supplierOf(it.supplier) }),
    ...unanalysed,
    licenseDeclared: it.licences.length === 0 ? nothing : joined(it.licences.map((licence) => licences.expressionOf(licence))),
    primaryPackagePurpose: purposes[it.type],
    ...(it.description !== undefined && { summary: it.description }),
    ...sourceInfo(it),
    ...(it.hashes.length > 0 && { checksums: it.hashes.map(({ algorithm, content }) => ({ algorithm: algorithm.replace('-', ''), checksumValue: content })) }),
    ...(externalRefs.length > 0 && { externalRefs }),
  }
}

/** `Name <address>` as clause 7.5 writes it. */
function supplierOf(written: string): string {
  // The last `<` only: a search from every one would take minutes for a long name out of an image.
  const opens = written.lastIndexOf('<')
  const address = opens < 0 ? undefined : /^<([^<>\s]+)>$/.exec(written.slice(opens))?.[1]
  const name = address === undefined ? written : written.slice(0, opens).trimEnd()
  return `Organization: ${name}${address === undefined ? '' : ` (${address})`}`
}

function sourceInfo({ source, locations }: SbomComponent): { readonly sourceInfo?: string } {
  const found = locations.map(placeOf)
  const lines = [...(source ? [`built from ${source.name} ${source.version}`] : []), ...(found.length > 0 ? [`found in ${found.join(', ')}`] : [])]
  return lines.length === 0 ? {} : { sourceInfo: lines.join('; ') }
}

const placeOf = ({ path, layer }: ComponentLocation) => (layer ? `${path} (layer ${layer.diffId})` : path)

/** Licences that the SPDX list does not have get a name in the document (clause 10). */
class Licences {
  readonly #names = new Map<string, string>()

  expressionOf(written: string): string {
    if (isSpdxExpression(written) && !written.includes('LicenseRef-')) return written
    const name = `LicenseRef-${idPart(written).replace(/^-+|-+$/g, '').slice(0, 40)}-${uuidOf(written).slice(0, 8)}`
    this.#names.set(name, written)
    return name
  }

  get extracted(): readonly object[] {
    return [...this.#names].toSorted().map(([licenseId, name]) => ({ licenseId, name, extractedText: `The package calls its licence ${JSON.stringify(name)}.` }))
  }
}
