import fc from 'fast-check'
import { PackageURL } from 'packageurl-js'
import { expect, test } from 'vitest'
import { purlOf } from '../component.ts'
import { apkPurl, debPurl, imagePurl, readPurl, writePurl } from './purl.ts'

const bookworm = { id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12 (bookworm)', codename: 'bookworm' }

test('packages of Debian have the purl that scanners write: epoch, plus and source', () => {
  const of = (name: string, version: string, source = { name, version }) => debPurl({ name, version, architecture: 'amd64', source }, bookworm)
  expect(of('libstdc++6', '12.2.0-14+deb12u1', { name: 'gcc-12', version: '12.2.0-14+deb12u1' })).toBe('pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=gcc-12')
  expect(of('tar', '1:1.34~rc1')).toBe('pkg:deb/debian/tar@1:1.34~rc1?arch=amd64&distro=debian-12')
  expect(of('perl-base', '5.36.0-7+b1', { name: 'perl', version: '5.36.0-7' })).toBe('pkg:deb/debian/perl-base@5.36.0-7%2Bb1?arch=amd64&distro=debian-12&upstream=perl%405.36.0-7')
})

test('a distribution without a number is named by its codename, and none at all by no qualifier', () => {
  const it = { name: 'a', version: '1', architecture: 'all', source: { name: 'a', version: '1' } }
  expect(debPurl(it, { id: 'debian', name: 'Debian', codename: 'forky' })).toBe('pkg:deb/debian/a@1?arch=all&distro=debian-forky')
  expect(debPurl(it, undefined)).toBe('pkg:deb/debian/a@1?arch=all')
  expect(debPurl(it, { id: 'ubuntu', name: 'Ubuntu', versionId: '24.04' })).toBe('pkg:deb/ubuntu/a@1?arch=all&distro=ubuntu-24.04')
})

test('packages of Alpine and images have theirs', () => {
  expect(apkPurl({ name: 'ssl_client', version: '1.37.0-r12', architecture: 'x86_64', source: { name: 'busybox', version: '1.37.0-r12' } }, { id: 'alpine', name: 'Alpine', versionId: '3.21.0' })).toBe('pkg:apk/alpine/ssl_client@1.37.0-r12?arch=x86_64&distro=alpine-3.21.0&upstream=busybox')
  const digest = `sha256:${'1'.repeat(64)}`
  expect(imagePurl('Registry.example.test:5000/team/App:1.0', digest, 'arm64')).toBe(`pkg:oci/app@${digest}?arch=arm64&repository_url=registry.example.test:5000%2Fteam%2Fapp&tag=1.0`)
  expect(imagePurl('localhost:5000/app', digest, 'amd64')).toBe(`pkg:oci/app@${digest}?arch=amd64&repository_url=localhost:5000%2Fapp`)
  expect(imagePurl(`app@${digest}`, digest, 'amd64')).toBe(`pkg:oci/app@${digest}?arch=amd64`)
})

const part = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((text) => text.isWellFormed() && /^[^/\s]+$/.test(text) && !/^\.+$/.test(text))

test('every purl is read by others as it was meant', () => {
  fc.assert(
    fc.property(part, part, part, fc.constantFrom('amd64', 'a b', 'x/y@1', 'ü'), (namespace, name, version, arch) => {
      const written = writePurl({ type: 'generic', namespace, name, version, qualifiers: { arch, none: undefined, empty: '' } })
      const read = PackageURL.fromString(written)
      expect([read.type, read.namespace, read.name, read.version, { ...read.qualifiers }]).toEqual(['generic', namespace, name, version, { arch }])
    }),
    { numRuns: 1000 },
  )
})

test('names of npm packages are read by others as they were meant', () => {
  for (const [name, expected] of [['a', [undefined, 'a']], ['@scope/b', ['@scope', 'b']]] as const) {
    const read = readPurl(purlOf(name, '1.0.0+build.1'))
    expect([read?.namespace, read?.name, read?.version]).toEqual([...expected, '1.0.0+build.1'])
  }
})

test('what is no purl is none, however it is written', () => {
  for (const text of ['', 'pkg:', 'pkg:npm', 'http://example.test', `pkg:npm/${'a'.repeat(5000)}@1`, 'pkg:npm/%@1', 'pkg:npm/a@%E0%A4%A'])
    expect(readPurl(text)).toBeUndefined()
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string().map((text) => `pkg:npm/${text}`)), (text) => {
    readPurl(text)
  }))
})
