// By its parts: the whole loads validators too, which take longer than writing a document.
import * as Enums from '@cyclonedx/cyclonedx-library/Enums'
import * as Models from '@cyclonedx/cyclonedx-library/Models'
import * as Serialize from '@cyclonedx/cyclonedx-library/Serialize'
import * as Spec from '@cyclonedx/cyclonedx-library/Spec'
import { isSpdxExpression, spdxIdOf } from './licence.ts'
import { imagePurl } from './purl.ts'
import type { Catalogue, ComponentLocation, Hash, SbomComponent } from './sbom-component.ts'
import { uuidOf } from './uuid.ts'

export interface SbomTool {
  readonly name: string
  readonly version: string
}

export interface CycloneDxOptions {
  readonly version?: '1.6' | '1.7'
  readonly tool: SbomTool
}

/**
 * The catalogue as a CycloneDX JSON document. The same catalogue gives the same bytes: the serial number is made from the image's
 * digest, the time is the image's own. Where each component comes from is in properties `shiplock:location:N:…`, since the library
 * that writes the document knows no `evidence.occurrences`.
 */
export function cycloneDx({ image, components, dependencies, unread }: Catalogue, { version = '1.6', tool }: CycloneDxOptions): Uint8Array {
  const bom = new Models.Bom({ serialNumber: `urn:uuid:${uuidOf(`cyclonedx:${image.digest}`)}` })
  const purl = imagePurl(image.name, image.digest, image.architecture)
  const root = new Models.Component(Enums.ComponentType.Container, image.name, { bomRef: purl, version: image.digest, purl, hashes: hashesOf([{ algorithm: 'SHA-256', content: image.digest.replace(/^sha256:/, '') }]) })
  for (const [n, { digest, diffId }] of image.layers.entries()) addAll(root, { [`layer:${n}:digest`]: digest, [`layer:${n}:diffId`]: diffId })
  const time = image.created === undefined ? Number.NaN : Date.parse(image.created)
  if (!Number.isNaN(time)) bom.metadata.timestamp = new Date(time)
  bom.metadata.component = root
  bom.metadata.tools.components.add(new Models.Component(Enums.ComponentType.Application, tool.name, { version: tool.version }))
  for (const it of unread) bom.metadata.properties.add(new Models.Property('shiplock:unread', it))
  const byRef = new Map(components.map((it) => [it.ref, componentOf(it)]))
  for (const [ref, component] of byRef) {
    bom.components.add(component)
    root.dependencies.add(component.bomRef)
    for (const to of dependencies.get(ref) ?? []) {
      const needed = byRef.get(to)
      if (needed) component.dependencies.add(needed.bomRef)
    }
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(version === '1.7' ? Spec.Spec1dot7 : Spec.Spec1dot6))
  return new TextEncoder().encode(`${serializer.serialize(bom, { sortLists: true, space: 1 })}\n`)
}

const types = { library: Enums.ComponentType.Library, application: Enums.ComponentType.Application, 'operating-system': Enums.ComponentType.OperatingSystem } as const

function componentOf(it: SbomComponent): Models.Component {
  const [group, name] = it.purl?.startsWith('pkg:npm/') && it.name.startsWith('@') ? it.name.split('/', 2) : [undefined, it.name]
  const component = new Models.Component(types[it.type], name ?? it.name, {
    bomRef: it.ref,
    version: it.version,
    hashes: hashesOf(it.hashes),
    licenses: new Models.LicenseRepository(licencesOf(it.licences)),
    ...(group !== undefined && { group }),
    ...(it.purl !== undefined && { purl: it.purl }),
    ...(it.description !== undefined && { description: it.description }),
    ...(it.supplier !== undefined && { supplier: new Models.OrganizationalEntity({ name: it.supplier }) }),
  })
  if (it.cpe !== undefined && isCpe(it.cpe)) component.cpe = it.cpe
  if (it.source) addAll(component, { 'source:name': it.source.name, 'source:version': it.source.version })
  for (const [n, location] of it.locations.entries()) addAll(component, locationProperties(location, n))
  return component
}

const isCpe = (text: string) => /^cpe:2\.3:[aho]:|^cpe:\/[aho]:/i.test(text)

const locationProperties = ({ path, layer }: ComponentLocation, n: number) => ({ [`location:${n}:path`]: path, ...(layer && { [`location:${n}:layer:digest`]: layer.digest, [`location:${n}:layer:diffId`]: layer.diffId }) })

function addAll(to: Models.Component, properties: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(properties)) to.properties.add(new Models.Property(`shiplock:${name}`, value))
}

const hashNames = { MD5: Enums.HashAlgorithm.MD5, 'SHA-1': Enums.HashAlgorithm['SHA-1'], 'SHA-256': Enums.HashAlgorithm['SHA-256'], 'SHA-384': Enums.HashAlgorithm['SHA-384'], 'SHA-512': Enums.HashAlgorithm['SHA-512'] } as const

const hashesOf = (hashes: readonly Hash[]) => new Models.HashDictionary(hashes.map(({ algorithm, content }) => [hashNames[algorithm], content]))

/** The schema takes a list of licences or one expression, so that several of which one is an expression become one where they can. */
function licencesOf(written: readonly string[]): Models.License[] {
  if (written.every((it) => spdxIdOf(it) !== undefined)) return written.map((it) => new Models.SpdxLicense(it))
  if (written.every(isSpdxExpression)) return [new Models.LicenseExpression(joined(written))]
  return written.map((it) => (spdxIdOf(it) === undefined ? new Models.NamedLicense(it) : new Models.SpdxLicense(it)))
}

/** All of them hold, as several licences of one package do. */
export const joined = (expressions: readonly string[]): string => (expressions.length === 1 ? (expressions[0] ?? '') : expressions.map((it) => (/\s/.test(it) ? `(${it})` : it)).join(' AND '))
