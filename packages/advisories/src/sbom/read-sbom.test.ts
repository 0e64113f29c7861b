import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSbom } from './read-sbom.ts'

const read = (value: unknown) => readSbom(new TextEncoder().encode(JSON.stringify(value)))
const digest = `sha256:${'1'.repeat(64)}`

describe('documents of others', () => {
  test('as Syft writes CycloneDX are read with sources, layers and distribution', () => {
    const document = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { timestamp: '2026-01-01T00:00:00Z', component: { type: 'container', name: 'app:1.0', version: digest } },
      components: [
        { 'bom-ref': 'os:debian@12', type: 'operating-system', name: 'debian', version: '12' },
        { 'bom-ref': 'libc6?package-id=1', type: 'library', name: 'libc6', version: '2.36-9+deb12u10', purl: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12&upstream=glibc', properties: [{ name: 'syft:location:0:path', value: '/var/lib/dpkg/status.d/libc6' }, { name: 'syft:location:0:layerID', value: digest }, { name: 'syft:metadata:source', value: 'glibc' }] },
        { 'bom-ref': 'a?package-id=2', type: 'library', group: '@s', name: 'a', version: '1.0.0', purl: 'pkg:npm/%40s/a@1.0.0', licenses: [{ license: { id: 'MIT' } }], hashes: [{ alg: 'SHA-256', content: '1'.repeat(64) }, { alg: 'BLAKE3', content: '2' }] },
        { type: 'file', name: '/etc/passwd' },
      ],
      dependencies: [{ ref: 'libc6?package-id=1', dependsOn: ['a?package-id=2', 'absent'] }],
    }
    expect(read(document)).toEqual({
      ok: true,
      value: {
        format: 'CycloneDX 1.6',
        subject: { name: 'app:1.0', digest },
        created: '2026-01-01T00:00:00Z',
        distribution: { id: 'debian', name: 'debian', versionId: '12' },
        components: [
          { ref: 'os:debian@12', type: 'operating-system', name: 'debian', version: '12', licences: [], hashes: [], locations: [] },
          { ref: 'libc6?package-id=1', type: 'library', name: 'libc6', version: '2.36-9+deb12u10', purl: document.components[1]?.purl, licences: [], hashes: [], source: { name: 'glibc', version: '2.36-9+deb12u10' }, locations: [{ path: 'var/lib/dpkg/status.d/libc6', layer: { diffId: digest, digest: '' } }] },
          { ref: 'a?package-id=2', type: 'library', name: '@s/a', version: '1.0.0', purl: 'pkg:npm/%40s/a@1.0.0', licences: ['MIT'], hashes: [{ algorithm: 'SHA-256', content: '1'.repeat(64) }], locations: [] },
        ],
        dependencies: new Map([['libc6?package-id=1', ['a?package-id=2']]]),
        unread: [],
      },
    })
  })

  test('as Trivy writes CycloneDX are read with the epoch that it has in places of its own', () => {
    const properties = Object.entries({ SrcName: 'perl', SrcVersion: '5.36.0', SrcRelease: '7', SrcEpoch: '1', LayerDiffID: digest, LayerDigest: digest }).map(([name, value]) => ({ name: `aquasecurity:trivy:${name}`, value }))
    const document = { bomFormat: 'CycloneDX', specVersion: '1.4', metadata: { component: { name: 'app', purl: `pkg:oci/app@${digest.replace(':', '%3A')}?arch=amd64` } }, components: [{ 'bom-ref': 'x', type: 'library', name: 'perl-base', version: '5.36.0-7', purl: 'pkg:deb/debian/perl-base@5.36.0-7?arch=amd64&distro=debian-12.10&epoch=1', properties }] }
    expect(read(document)).toMatchObject({ ok: true, value: { subject: { digest }, distribution: { id: 'debian', versionId: '12.10' }, components: [{ version: '1:5.36.0-7', source: { name: 'perl', version: '1:5.36.0-7' }, locations: [{ layer: { diffId: digest, digest } }] }] } })
  })

  test('as SPDX are read with purls, relations either way round and whom they describe', () => {
    const purl = (referenceLocator: string) => [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator }]
    const document = {
      spdxVersion: 'SPDX-2.3',
      name: 'app',
      creationInfo: { created: '2026-01-01T00:00:00Z' },
      documentDescribes: ['SPDXRef-root'],
      packages: [
        { SPDXID: 'SPDXRef-root', name: 'app', versionInfo: digest },
        { SPDXID: 'SPDXRef-a', name: 'musl', versionInfo: '1.2.5-r9', licenseDeclared: 'MIT', externalRefs: purl('pkg:apk/alpine/musl@1.2.5-r9?arch=x86_64&distro=alpine-3.21.0') },
        { SPDXID: 'SPDXRef-b', name: 'b', versionInfo: '1.0.0', licenseDeclared: 'NOASSERTION', checksums: [{ algorithm: 'SHA256', checksumValue: '1'.repeat(64) }], externalRefs: purl('pkg:npm/b@1.0.0') },
      ],
      relationships: [{ spdxElementId: 'SPDXRef-a', relationshipType: 'DEPENDENCY_OF', relatedSpdxElement: 'SPDXRef-b' }, { spdxElementId: 'SPDXRef-b', relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'SPDXRef-nobody' }],
    }
    expect(read(document)).toMatchObject({ ok: true, value: { format: 'SPDX 2.3', subject: { name: 'app', digest }, distribution: { id: 'alpine', versionId: '3.21.0' }, components: [{ name: 'musl', licences: ['MIT'], source: { name: 'musl', version: '1.2.5-r9' } }, { name: 'b', licences: [], hashes: [{ algorithm: 'SHA-256' }] }], dependencies: new Map([['SPDXRef-b', ['SPDXRef-a']]]) } })
  })
})

describe('a document that is refused', () => {
  test.each([
    ['{', 'it is no JSON'],
    ['[]', 'it is neither CycloneDX nor SPDX 2'],
    ['{"bomFormat":"CycloneDX","specVersion":"1.3"}', 'it is CycloneDX "1.3"; 1.4 to 1.7 are read'],
    ['{"spdxVersion":"SPDX-3.0"}', 'it is "SPDX-3.0"'],
    [`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${'0,'.repeat(200_000)}0]}`, 'it has more than 200000 components'],
    [`{"spdxVersion":"SPDX-2.3","packages":[${'0,'.repeat(200_000)}0]}`, 'it has more than 200000 packages'],
  ])('says why: %.60s', (text, why) => {
    const result = readSbom(new TextEncoder().encode(text))
    expect(result.ok ? '' : result.failure).toContain(why)
  })

  test('may be no text at all', () => {
    expect(readSbom(Uint8Array.from([0x7b, 0xff, 0xfe, 0x7d])).ok).toBe(false)
  })
})

test('components inside of components are found, however deep, and without a stack to overflow', () => {
  let text = '{"name":"z","type":"library"}'
  for (let depth = 0; depth < 5000; depth += 1) text = `{"name":"c","type":"library","components":[${text}]}`
  const result = readSbom(new TextEncoder().encode(`{"bomFormat":"CycloneDX","specVersion":"1.5","components":[${text}]}`))
  expect(result.ok && result.value.components.length).toBe(5001)
})

test('whatever a document holds is read or refused, never more', () => {
  const word = fc.constantFrom('bomFormat', 'CycloneDX', 'specVersion', '1.6', 'components', 'name', 'type', 'purl', 'pkg:npm/a@1', 'pkg:deb/debian/a@1?upstream=@', 'bom-ref', 'dependencies', 'ref', 'dependsOn', 'properties', 'value', 'licenses', 'license', 'hashes', 'spdxVersion', 'SPDX-2.3', 'packages', 'SPDXID', 'relationships', 'externalRefs', '__proto__', 'metadata', 'component')
  const value = fc.letrec((tie) => ({ any: fc.oneof({ depthSize: 'small' }, word, fc.constantFrom(null, 1, true), fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(word, tie('any'), { maxKeys: 6 })) })).any
  fc.assert(
    fc.property(value, fc.boolean(), (it, isSpdx) => {
      read({ ...(typeof it === 'object' && it !== null ? it : {}), ...(isSpdx ? { spdxVersion: 'SPDX-2.3' } : { bomFormat: 'CycloneDX', specVersion: '1.6' }) })
    }),
    { numRuns: 2000 },
  )
})
