import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { image, imageFiles, layers, nodeProgram, stanza } from '../testing/image-files.ts'
import { catalogue } from './catalogue.ts'
import { cycloneDx } from './cyclone-dx.ts'
import { readSbom } from './read-sbom.ts'
import type { Catalogue, SbomComponent } from './sbom-component.ts'
import { spdx } from './spdx.ts'

const tool = { name: 'shiplock', version: '0.1.0' }

const files = [
  ...imageFiles({
    'etc/os-release': 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
    'var/lib/dpkg/status': [stanza({ Package: 'libstdc++6', Version: '14.2.0-19', Architecture: 'amd64', Source: 'gcc-14', Maintainer: 'Debian GCC Maintainers <gcc@example.test>', Description: 'GNU Standard C++ Library', Depends: 'tar' }), stanza({ Package: 'tar', Version: '1:1.35+dfsg-3.1', Architecture: 'amd64' })].join('\n'),
    'usr/share/doc/tar/copyright': 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-3+\n\nFiles: x\nLicense: My-Own\n',
    'usr/local/bin/node': nodeProgram('26.10.0'),
  }),
  ...imageFiles({ 'app/node_modules/@s/a/package.json': JSON.stringify({ name: '@s/a', version: '1.0.0+build', license: '(MIT OR Apache-2.0)', dependencies: { b: '*' } }), 'app/node_modules/b/package.json': JSON.stringify({ name: 'b', version: '2.0.0', licenses: ['ISC', 'Custom\u202e licence'] }), 'app/node_modules/c/package.json': '{' }, layers[1]),
]
const read = () => catalogue(files, { image })

/** The schemas that CycloneDX publishes, as its library brings them, and as they are elsewhere on this machine. */
const brought = join(dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema')
const shared = join(import.meta.dirname, '../../../../../shared/data/schemas')
const places = [
  { whose: 'the library’s', folder: brought, kind: '.SNAPSHOT' },
  ...(existsSync(shared) ? [{ whose: 'the published', folder: shared, kind: '' }] : []),
]

function validator({ folder, kind }: (typeof places)[number], version: '1.6' | '1.7') {
  const schemaOf = (name: string) => {
    const file = join(folder, `${name}${kind}.schema.json`)
    return JSON.parse(readFileSync(existsSync(file) ? file : join(brought, `${name}.SNAPSHOT.schema.json`), 'utf8'))
  }
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'iri-reference': true, uri: true, date: true, 'date-time': (text: string) => !Number.isNaN(Date.parse(text)), 'idn-email': true, email: true } })
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    // The library names its copies otherwise than they name themselves.
    const { $id: _, ...schema } = schemaOf(name)
    ajv.addSchema(schema, `http://cyclonedx.org/schema/${name}${kind}.schema.json`)
  }
  const validate = ajv.compile(schemaOf(`bom-${version}`))
  return (document: Uint8Array) => (validate(JSON.parse(Buffer.from(document).toString('utf8'))) ? [] : validate.errors)
}

describe.each(places)('by $whose schemas', (place) => {
  test.each(['1.6', '1.7'] as const)('a document is CycloneDX %s', async (version) => {
    const errorsOf = validator(place, version)
    expect(errorsOf(cycloneDx(await read(), { version, tool }))).toEqual([])
    const { components: _, ...broken } = JSON.parse(Buffer.from(cycloneDx(await read(), { version, tool })).toString('utf8'))
    expect(errorsOf(Buffer.from(JSON.stringify({ ...broken, components: [{ name: 'without a type' }] })))).not.toEqual([])
  })

  test('a document is CycloneDX whatever the image holds', async () => {
    const errorsOf = validator(place, '1.6')
    const text = fc.oneof(fc.string({ minLength: 1, maxLength: 30 }), fc.constantFrom('MIT', 'MIT OR ISC', 'cpe:/x', '\ud800', '\u0000'))
    const component = fc.record({ name: text, version: text, licences: fc.array(text, { maxLength: 3 }), supplier: text, description: text, locations: text.map((path) => [{ path }]), ref: fc.uuid() })
    await fc.assert(fc.asyncProperty(fc.uniqueArray(component, { maxLength: 5, selector: ({ ref }) => ref }), async (found) => {
      const components = found.map((it): SbomComponent => ({ ...it, type: 'library', hashes: [] }))
      const anything: Catalogue = { image: { ...image, created: 'no time' }, components, dependencies: new Map(), unread: [] }
      expect(errorsOf(cycloneDx(anything, { tool }))).toEqual([])
    }), { numRuns: 50 })
  })
})

test('a document of CycloneDX says what the image is, where everything is from and what needs what', async () => {
  const document = JSON.parse(Buffer.from(cycloneDx(await read(), { tool })).toString('utf8'))
  expect(document.serialNumber).toMatch(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(document.metadata).toMatchObject({ timestamp: '2026-01-02T03:04:05.000Z', component: { type: 'container', name: image.name, version: image.digest, purl: `pkg:oci/app@${image.digest}?arch=amd64&repository_url=registry.example.test%2Fteam%2Fapp&tag=1.0` }, tools: { components: [{ name: 'shiplock', version: '0.1.0' }] } })
  expect(document.metadata.properties).toEqual([{ name: 'shiplock:unread', value: expect.stringContaining('app/node_modules/c/package.json: it is no JSON') }])
  const byName = new Map(document.components.map((it: { name: string }) => [it.name, it]))
  expect(byName.get('a')).toMatchObject({ group: '@s', purl: 'pkg:npm/%40s/a@1.0.0%2Bbuild', licenses: [{ expression: '(MIT OR Apache-2.0)' }] })
  expect(byName.get('tar')).toMatchObject({ version: '1:1.35+dfsg-3.1', licenses: expect.arrayContaining([{ license: { id: 'GPL-3.0-or-later' } }, { license: { name: 'My-Own' } }]) })
  expect(byName.get('libstdc++6')).toMatchObject({ properties: expect.arrayContaining([{ name: 'shiplock:location:0:layer:diffId', value: layers[0].diffId }, { name: 'shiplock:location:0:path', value: 'var/lib/dpkg/status' }, { name: 'shiplock:source:name', value: 'gcc-14' }]) })
  const edges = new Map(document.dependencies.map((it: { ref: string; dependsOn?: string[] }) => [it.ref, it.dependsOn ?? []]))
  expect(edges.get(document.metadata.component['bom-ref'])).toHaveLength(document.components.length)
  expect(edges.get('pkg:npm/%40s/a@1.0.0%2Bbuild')).toEqual(['pkg:npm/b@2.0.0'])
})

/** What clauses 6 to 11 of SPDX 2.3 ask of a document, as far as ours has it. */
test('a document of SPDX has what the specification asks for', async () => {
  const document = JSON.parse(Buffer.from(spdx(await read(), { tool })).toString('utf8'))
  expect(document).toMatchObject({ spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', SPDXID: 'SPDXRef-DOCUMENT', name: image.name, creationInfo: { created: '2026-01-02T03:04:05Z', creators: ['Tool: shiplock-0.1.0'] } })
  expect(document.documentNamespace).toMatch(/^https:\/\/[^#\s]+$/)
  const ids = new Set(['SPDXRef-DOCUMENT', ...document.packages.map((it: { SPDXID: string }) => it.SPDXID)])
  expect(ids.size).toBe(document.packages.length + 1)
  const declared = new Set((document.hasExtractedLicensingInfos ?? []).map((it: { licenseId: string }) => it.licenseId))
  for (const it of document.packages) {
    expect(it.SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/)
    expect(['LIBRARY', 'APPLICATION', 'OPERATING_SYSTEM', 'CONTAINER']).toContain(it.primaryPackagePurpose)
    expect([it.downloadLocation, it.filesAnalyzed, it.licenseConcluded, it.copyrightText]).toEqual(['NOASSERTION', false, 'NOASSERTION', 'NOASSERTION'])
    for (const { algorithm, checksumValue } of it.checksums ?? []) expect([algorithm, checksumValue]).toEqual(['SHA256', expect.stringMatching(/^[\da-f]{64}$/)])
    for (const name of it.licenseDeclared.match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? []) expect(declared).toContain(name)
    for (const { referenceCategory, referenceType } of it.externalRefs ?? []) expect([['PACKAGE-MANAGER', 'purl'], ['SECURITY', 'cpe23Type']]).toContainEqual([referenceCategory, referenceType])
  }
  for (const { spdxElementId, relatedSpdxElement, relationshipType } of document.relationships) {
    expect([ids.has(spdxElementId), ids.has(relatedSpdxElement)]).toEqual([true, true])
    expect(['DESCRIBES', 'CONTAINS', 'DEPENDS_ON']).toContain(relationshipType)
  }
  expect(document.packages.find((it: { name: string }) => it.name === 'libstdc++6')).toMatchObject({ versionInfo: '14.2.0-19', supplier: 'Organization: Debian GCC Maintainers (gcc@example.test)', sourceInfo: `built from gcc-14 14.2.0-19; found in var/lib/dpkg/status (layer ${layers[0].diffId})` })
  expect(document.packages.find((it: { name: string }) => it.name === 'tar').licenseDeclared).toMatch(/^GPL-3\.0-or-later AND LicenseRef-My-Own-[\da-f]{8}$/)
})

const write = { 'CycloneDX 1.6': (it: Catalogue) => cycloneDx(it, { tool }), 'CycloneDX 1.7': (it: Catalogue) => cycloneDx(it, { version: '1.7', tool }), 'SPDX 2.3': (it: Catalogue) => spdx(it, { tool }) }

describe.each(Object.entries(write))('a document of %s', (format, bytesOf) => {
  test('is the same bytes for the same image, in whatever order its files were read', async () => {
    expect(Buffer.from(bytesOf(await catalogue(files.toReversed(), { image })))).toEqual(Buffer.from(bytesOf(await read())))
  })

  test('is read back as what it was written from', async () => {
    const written = await read()
    const back = readSbom(bytesOf(written))
    if (!back.ok) throw new Error(back.failure)
    expect(back.value).toMatchObject({ format, subject: { name: image.name, digest: image.digest }, distribution: { id: 'debian', versionId: '13' }, unread: written.unread })
    const facts = (components: readonly SbomComponent[]) => components.map(({ type, name, version, purl, cpe, source, hashes }) => JSON.stringify({ type, name, version, purl, cpe, source: purl?.startsWith('pkg:deb/') ? source : undefined, hashes })).toSorted()
    expect(facts(back.value.components)).toEqual(facts(written.components))
    const edges = (dependencies: Catalogue['dependencies'], components: readonly SbomComponent[]) => {
      const purls = new Map(components.map(({ ref, purl, name }) => [ref, purl ?? name]))
      return [...dependencies].flatMap(([from, to]) => to.map((it) => `${purls.get(from)} > ${purls.get(it)}`)).toSorted()
    }
    expect(edges(back.value.dependencies, back.value.components)).toEqual(edges(written.dependencies, written.components))
  })
})

test('layers and paths come back from CycloneDX', async () => {
  const back = readSbom(cycloneDx(await read(), { tool }))
  expect(back.ok && back.value.components.find(({ name }) => name === '@s/a')?.locations).toEqual([{ path: 'app/node_modules/@s/a/package.json', layer: layers[1] }])
})

test('the bytes are these until somebody means to change them', async () => {
  const digests = Object.fromEntries(await Promise.all(Object.entries(write).map(async ([format, bytesOf]) => [format, createHash('sha256').update(bytesOf(await read())).digest('hex').slice(0, 16)])))
  expect(digests).toEqual({ 'CycloneDX 1.6': '81988527eae92dab', 'CycloneDX 1.7': 'bc7fb212c13cb7c0', 'SPDX 2.3': '8b1ab70cc7afedb4' })
})
