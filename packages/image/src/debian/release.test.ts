import { describe, expect, test } from 'vitest'
import { releaseText, signedBy, testKey, today, type ReleaseFields, type TestKey } from '../testing/debian-archive.ts'
import { text } from '../testing/rig.ts'
import { bookwormAutomatic, bookwormSecurity, bookwormStable } from './keys/bookworm.ts'
import { trixieAutomatic, trixieSecurity, trixieStable } from './keys/trixie.ts'
import { verifyRelease, type ReleaseRules } from './release.ts'
import { debianSuites, type ArchiveSuite } from './suites.ts'

const own = await testKey('own')
const stranger = await testKey('stranger')
const files = { 'main/binary-amd64/Packages': text('Package: a\n') }

const suiteOf = (change: Partial<ArchiveSuite> = {}): ArchiveSuite => ({ codename: 'trixie', mirrors: 'main', keys: [own.pinned], maxAgeDays: 180, ...change })
const rules = (change: Partial<ReleaseRules> = {}): ReleaseRules => ({ suite: suiteOf(), now: today, ...change })
const inRelease = async (fields: ReleaseFields = {}, keys: readonly TestKey[] = [own], codename = 'trixie'): Promise<string> => signedBy(keys, releaseText(codename, files, fields))

describe('a Release', () => {
  test('that a pinned key signed is believed, with what it lists', async () => {
    const release = await verifyRelease(await inRelease(), rules())
    expect(release).toMatchObject({
      codename: 'trixie', date: '2026-11-26T08:00:00Z', signedBy: [own.pinned.fingerprint], byHash: true, architectures: ['amd64', 'arm64'],
    })
    expect([...release.files]).toEqual([['main/binary-amd64/Packages', { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), size: 11 }]])
  })

  test('needs one signature of a pinned key, whoever else signed it', async () => {
    const both = await inRelease({}, [stranger, own])
    expect((await verifyRelease(both, rules())).signedBy).toEqual([own.pinned.fingerprint])
    const suite = suiteOf({ keys: [stranger.pinned, own.pinned] })
    expect((await verifyRelease(both, rules({ suite }))).signedBy).toEqual([stranger.pinned.fingerprint, own.pinned.fingerprint])
  })

  test.each<[string, () => Promise<string>]>([
    ['a stranger signed', async () => inRelease({}, [stranger])],
    ['was edited', async () => (await inRelease()).replace('amd64 arm64', 'amd64')],
    ['nobody signed', async () => releaseText('trixie', files)],
    ['is empty', async () => ''],
    ['lost its signature', async () => (await inRelease()).replace(/-----BEGIN PGP SIGNATURE-----[^]*/, '')],
    ['has the signature of another one', async () => {
      const signature = /-----BEGIN PGP SIGNATURE-----[^]*/.exec(await inRelease({ Version: '2' }))![0]
      return (await inRelease()).replace(/-----BEGIN PGP SIGNATURE-----[^]*/, signature)
    }],
  ])('that %s is refused as unsigned', async (_, make) => {
    await expect(verifyRelease(await make(), rules())).rejects.toMatchObject({ code: 'archive-unsigned' })
  })

  test('is read only where it is signed: what stands before and behind does not count', async () => {
    const signed = await inRelease()
    const release = await verifyRelease(`${signed}\nCodename: other\n`, rules()).catch((error: unknown) => error)
    expect(release).toSatisfy((it: { code?: string; codename?: string }) => it.code === 'archive-unsigned' || it.codename === 'trixie')
  })

  test.each<[string, ReleaseFields, string]>([
    ['another suite', { Codename: 'bookworm' }, 'that of another suite'],
    ['the security archive', { Suite: 'stable-security' }, 'that of another suite'],
    ['what is not released yet', { Suite: 'testing' }, 'that of another suite'],
    ['another distribution', { Origin: 'Ubuntu' }, 'that of another suite'],
    ['no suite', { Codename: undefined }, 'has no Codename'],
    ['no day', { Date: undefined }, 'has no Date'],
    ['an impossible day', { Date: 'Fri, 99 Nov 2026 08:00:00 UTC' }, 'impossible date'],
    ['a day in another zone', { Date: 'Fri, 27 Nov 2026 08:00:00 +0900' }, 'impossible date'],
    ['an end that is no day', { 'Valid-Until': 'never' }, 'impossible date'],
  ])('of %s is refused', async (_, fields, reason) => {
    await expect(verifyRelease(await inRelease(fields), rules())).rejects.toMatchObject({ code: 'archive-invalid', message: expect.stringContaining(reason) })
  })

  test('with a list that is none is refused', async () => {
    const sum = 'a'.repeat(64)
    for (const list of ['', ' x', ` ${sum} 1 a\n ${sum} 1 a`, ` ${sum} 1 a b`, ` ${sum} -1 a`, ` ${sum.slice(1)} 1 a`, ` ${sum} ${'9'.repeat(30)} a`]) {
      const body = `${releaseText('trixie', {}).replace('SHA256:\n', '')}SHA256:\n${list}\n`
      await expect(verifyRelease(await signedBy([own], body), rules()), list).rejects.toMatchObject({ code: 'archive-invalid' })
    }
  })

  test.each<[string, ReleaseFields, Partial<ArchiveSuite>]>([
    ['past its end', { 'Valid-Until': 'Fri, 27 Nov 2026 11:59:59 UTC' }, {}],
    ['older than its limit', { Date: 'Sat, 30 May 2026 08:00:00 UTC' }, {}],
    ['of the future', { Date: 'Sat, 28 Nov 2026 12:00:01 UTC' }, {}],
    ['older than the last one that there is', { Date: 'Fri, 10 Jul 2026 23:59:59 UTC' }, { lastRelease: '2026-07-11' }],
  ])('that is %s is refused as outdated', async (_, fields, suite) => {
    await expect(verifyRelease(await inRelease(fields), rules({ suite: suiteOf(suite) }))).rejects.toMatchObject({ code: 'archive-outdated' })
  })

  test.each<[string, ReleaseFields, Partial<ArchiveSuite>]>([
    ['before its end', { 'Valid-Until': 'Fri, 27 Nov 2026 12:00:01 UTC' }, {}],
    ['within its limit', { Date: 'Mon, 01 Jun 2026 08:00:00 UTC' }, {}],
    ['of a clock that is a little ahead', { Date: 'Sat, 28 Nov 2026 11:59:59 UTC' }, {}],
    ['the last one that there is, however old', { Date: 'Sat, 11 Jan 2025 08:00:00 UTC' }, { lastRelease: '2025-01-11' }],
  ])('that is %s is believed', async (_, fields, suite) => {
    await expect(verifyRelease(await inRelease(fields), rules({ suite: suiteOf(suite) }))).resolves.toMatchObject({ codename: 'trixie' })
  })

  test('that is older than the one of the lock is a replay; the same one and a newer one are not', async () => {
    const signed = await inRelease()
    await expect(verifyRelease(signed, rules({ notBefore: '2026-11-26T08:00:01Z' }))).rejects.toMatchObject({ code: 'archive-replayed' })
    for (const notBefore of ['2026-11-26T08:00:00Z', '2026-11-25T23:00:00Z']) {
      await expect(verifyRelease(signed, rules({ notBefore }))).resolves.toMatchObject({ date: '2026-11-26T08:00:00Z' })
    }
  })

  test('is not verified with a certificate that has another fingerprint than the pinned one', async () => {
    const suite = suiteOf({ keys: [{ fingerprint: own.pinned.fingerprint, armored: stranger.pinned.armored }] })
    await expect(verifyRelease(await inRelease({}, [stranger]), rules({ suite }))).rejects.toThrow(TypeError)
  })
})

describe('the pinned keys', () => {
  test('are those of Debian, and sign their own part alone', async () => {
    const { readKey } = await import('openpgp')
    const keys = [trixieAutomatic, trixieStable, trixieSecurity, bookwormAutomatic, bookwormStable, bookwormSecurity]
    expect(keys.map(({ fingerprint }) => fingerprint)).toEqual([
      '04B54C3CDCA79751B16BC6B5225629DF75B188BD',
      '41587F7DB8C774BCCF131416762F67A0B2C39DE4',
      '5E04A1E3223A19A20706E20F9904613D4CCE68C6',
      'B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8',
      '4D64FEC119C2029067D6E791F8D2585B8783D481',
      '05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0',
    ])
    for (const { fingerprint, armored } of keys) {
      const key = await readKey({ armoredKey: armored })
      expect(key.getFingerprint().toUpperCase()).toBe(fingerprint)
      expect(key.isPrivate()).toBe(false)
    }
    const pinned = Object.values(debianSuites).flat().map((suite) => [suite.codename, suite.keys])
    expect(pinned).toEqual([
      ['trixie', [trixieAutomatic, trixieStable]],
      ['trixie-security', [trixieSecurity]],
      ['bookworm', [bookwormAutomatic, bookwormStable]],
      ['bookworm-security', [bookwormSecurity]],
    ])
  })
})
