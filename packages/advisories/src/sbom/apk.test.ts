import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseApkInstalled } from './apk.ts'

const installed = `C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=
P:musl
V:1.2.5-r9
A:x86_64
S:411331
I:667648
T:the musl c library (libc) implementation
U:https://musl.libc.org/
L:MIT
o:musl
m:Natanael Copa <ncopa@example.test>
t:1732719325
c:0784374f561435f21c08a194986a0f80f3a1ef2d
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1Ie1NO4rGKbQHbYzNAsuuPjaXGMI=
R:libc.musl-x86_64.so.1

P:ssl_client
V:1.37.0-r12
A:x86_64
T:External ssl_client for busybox wget
L:GPL-2.0-only
o:busybox
D:so:libc.musl-x86_64.so.1 !old openssl>=3.0~rc
F:usr/bin
R:ssl_client
`

test('packages of Alpine are read with what they were built from, what they need and their files', () => {
  const { packages, skipped } = parseApkInstalled(installed)
  expect(packages.map(({ name, version, origin, licence, depends, provides, files }) => ({ name, version, origin, licence, depends, provides, files }))).toEqual([
    { name: 'musl', version: '1.2.5-r9', origin: 'musl', licence: 'MIT', depends: [], provides: ['so:libc.musl-x86_64.so.1'], files: ['lib/ld-musl-x86_64.so.1', 'lib/libc.musl-x86_64.so.1'] },
    { name: 'ssl_client', version: '1.37.0-r12', origin: 'busybox', licence: 'GPL-2.0-only', depends: ['so:libc.musl-x86_64.so.1', 'openssl'], provides: [], files: ['usr/bin/ssl_client'] },
  ])
  expect(skipped).toBe(0)
})

test('entries that are no packages are counted, and no text is too strange', () => {
  expect(parseApkInstalled('P:a\n\nV:1\n\nP:\u001b[2J\nV:1\n\n\n')).toEqual({ packages: [], skipped: 3 })
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('P', 'V', 'F', 'R', 'D', ':', '\n', ' ', '1', 'a', '\0', '\r') }), (text) => {
    parseApkInstalled(text)
  }))
})

test('packages with any names and versions are read as they were written', () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9._+-]{0,20}$/)
  const version = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(20)).map(([a, b, r]) => `${a}.${b}-r${r}`)
  fc.assert(
    fc.property(fc.array(fc.record({ P: name, V: version, o: name })), (written) => {
      const text = written.map((fields) => Object.entries(fields).map(([key, value]) => `${key}:${value}\n`).join('')).join('\n')
      expect(parseApkInstalled(text).packages.map((it) => ({ P: it.name, V: it.version, o: it.origin }))).toEqual(written)
    }),
  )
})
