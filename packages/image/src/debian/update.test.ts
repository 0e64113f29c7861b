import { readdir } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { testArchive, today, type TestArchive } from '../testing/debian-archive.ts'
import { debFile, type DebPlan } from '../testing/deb-file.ts'
import { tarEntry, temporaryDirectory } from '../testing/rig.ts'
import { cveIdsBetween, findChangelog } from './changelog.ts'
import { resolveDebian } from './resolve.ts'
import { fixableUpdates, updateLock } from './update.ts'

const entry = (version: string, ...lines: readonly string[]): string => `glibc (${version}) trixie; urgency=medium\n\n${lines.map((line) => `  * ${line}\n`).join('')}\n -- A <a@example.org>  Thu, 26 Nov 2026 08:00:00 +0000\n\n`
const changelog = [
  entry('2.41-13', 'Not released here: CVE-2026-9999'),
  entry('2.41-12+deb13u2', 'CVE-2026-10000: overflow (Closes: #1).', 'CVE-2026-0861, CVE-2026-0861 again, not CVE-26-1 or XCVE-2026-1111'),
  entry('2.41-12+deb13u1', 'Fix a read behind the end', '  [CVE-2025-8058]'),
  entry('2.41-12', 'CVE-2024-1: too short; CVE-2024-2961'),
].join('')

/** A package with a changelog, as it is in a .deb: compressed bytes as a body. */
const withChangelog = (plan: DebPlan, text: string, name = plan.name ?? 'hello', file = 'changelog.Debian.gz'): DebPlan => {
  const bytes = gzipSync(text)
  return { ...plan, entries: [...(plan.entries ?? []), { header: { name: `./usr/share/doc/${name}/${file}`, size: bytes.length, type: 'file' }, body: bytes }] }
}
const documentsOf = (name: string, other: string) => tarEntry({ name: `./usr/share/doc/${name}`, type: 'symlink', linkname: other, size: 0 })

describe('a changelog', () => {
  test('names CVE ids in the entries after one version and up to another', () => {
    expect(cveIdsBetween(changelog, '2.41-12', '2.41-12+deb13u2')).toEqual(['CVE-2025-8058', 'CVE-2026-0861', 'CVE-2026-10000'])
    expect(cveIdsBetween(changelog, '2.41-12+deb13u1', '2.41-12+deb13u2')).toEqual(['CVE-2026-0861', 'CVE-2026-10000'])
    expect(cveIdsBetween(changelog, '2.41-12+deb13u2', '2.41-12+deb13u2')).toEqual([])
    expect(cveIdsBetween(changelog, '1.0', '2.41-12')).toEqual(['CVE-2024-2961'])
    expect(cveIdsBetween('no changelog\n CVE-2026-0861\n', '1', '2')).toEqual([])
  })

  test.each<[string, DebPlan, unknown]>([
    ['Debian\'s', withChangelog(withChangelog({}, 'upstream', 'hello', 'changelog.gz'), 'debian'), { kind: 'text', text: 'debian' }],
    ['that of a package of Debian alone', withChangelog({}, 'native', 'hello', 'changelog.gz'), { kind: 'text', text: 'native' }],
    ['one that is not compressed', { files: { 'usr/share/doc/hello/changelog.Debian': 'plain' } }, { kind: 'text', text: 'plain' }],
    ['that of the package its documents are linked to', { entries: [documentsOf('hello', 'gcc-14-base')] }, { kind: 'elsewhere', name: 'gcc-14-base' }],
    ['that of another package by an absolute link', { entries: [documentsOf('hello', '/usr/share/doc/gcc-14-base/')] }, { kind: 'elsewhere', name: 'gcc-14-base' }],
    ['one that is a link itself', { entries: [tarEntry({ name: './usr/share/doc/hello/changelog.Debian.gz', type: 'symlink', linkname: '../other/changelog.Debian.gz', size: 0 })] }, { kind: 'elsewhere', name: 'other' }],
    ['none', {}, { kind: 'absent' }],
  ])('is %s', async (_, plan, found) => {
    expect(await findChangelog(await debFile(plan), 'hello')).toEqual(found)
  })

  test('that is none, or a bomb, is refused by name', async () => {
    const bomb = withChangelog({}, '0'.repeat(33 * 1024 * 1024))
    await expect(findChangelog(await debFile(bomb), 'hello')).rejects.toMatchObject({ code: 'too-large' })
    await expect(findChangelog(await debFile({ files: { 'usr/share/doc/hello/changelog.gz': 'x' } }), 'hello')).rejects.toMatchObject({ code: 'package-invalid' })
  })
})

/** libc6 and what is linked to it, at a version of the source; the version of the binary may be another. */
const packagesAt = (version: string, extra: readonly DebPlan[] = []): readonly DebPlan[] => [
  withChangelog({ name: 'libc6', version, source: 'glibc' }, changelog),
  { name: 'libc-dev', version: `1:${version}`, source: `glibc (${version})`, entries: [documentsOf('libc-dev', 'libc6')] },
  { name: 'netbase', version: '6.5', architecture: 'all' },
  ...extra,
]
const accessOf = ({ parts, mirrors }: TestArchive) => ({ suite: 'trixie', mirrors, parts, now: today } as const)

describe('a lock that is made anew', () => {
  test('says what moved and which CVE ids the changelogs name, those of other packages too', async () => {
    const before = await testArchive({ main: packagesAt('2.41-12', [{ name: 'gone' }]) })
    const old = await resolveDebian({ ...accessOf(before), architectures: ['amd64'], packages: ['libc6', 'libc-dev', 'netbase', 'gone'] })
    const after = await testArchive({ main: packagesAt('2.41-12', [{ name: 'added', version: '3.0' }]), security: packagesAt('2.41-12+deb13u2').slice(0, 2) })
    const store = await temporaryDirectory()
    const { lock, updates } = await updateLock(old, { ...accessOf(after), architectures: ['amd64'], packages: ['libc6', 'libc-dev', 'netbase', 'added'], store })
    expect(lock.packages.amd64!.map(({ name, version }) => `${name} ${version}`)).toEqual(['added 3.0', 'libc-dev 1:2.41-12+deb13u2', 'libc6 2.41-12+deb13u2', 'netbase 6.5'])
    const cveIds = ['CVE-2025-8058', 'CVE-2026-0861', 'CVE-2026-10000']
    expect(updates).toEqual([
      { name: 'added', architectures: ['amd64'], to: '3.0', source: 'added', cveIds: [], changelog: 'not-asked' },
      { name: 'gone', architectures: ['amd64'], from: '1.0-1', source: 'gone', cveIds: [], changelog: 'not-asked' },
      { name: 'libc-dev', architectures: ['amd64'], from: '1:2.41-12', to: '1:2.41-12+deb13u2', source: 'glibc', cveIds, changelog: 'read' },
      { name: 'libc6', architectures: ['amd64'], from: '2.41-12', to: '2.41-12+deb13u2', source: 'glibc', cveIds, changelog: 'read' },
    ])
    // What was read is what the image will be made of; nothing else was fetched.
    expect(await readdir(store)).toHaveLength(2)
  })

  test('lists an update whose changelog names nothing, or that has none', async () => {
    const before = await testArchive({ main: [{ name: 'quiet' }, { name: 'silent' }] })
    const old = await resolveDebian({ ...accessOf(before), architectures: ['amd64'], packages: ['quiet', 'silent'] })
    const after = await testArchive({ main: [withChangelog({ name: 'quiet', version: '2.0' }, entry('2.0', 'Cleaner')), { name: 'silent', version: '2.0' }] })
    const { updates } = await updateLock(old, { ...accessOf(after), architectures: ['amd64'], packages: ['quiet', 'silent'], store: await temporaryDirectory() })
    expect(updates.map(({ name, cveIds, changelog: state }) => [name, cveIds, state])).toEqual([['quiet', [], 'read'], ['silent', [], 'absent']])
  })

  test('names an update once for all architectures that it is of', async () => {
    const both = (version: string): readonly DebPlan[] => [{ name: 'aa', version }, { name: 'aa', version, architecture: 'arm64' }]
    const plan = { architectures: ['amd64', 'arm64'], packages: ['aa'] } as const
    const old = await resolveDebian({ ...accessOf(await testArchive({ main: both('1.0') })), ...plan })
    const { updates } = await updateLock(old, { ...accessOf(await testArchive({ main: both('2.0') })), ...plan, store: await temporaryDirectory() })
    expect(updates).toMatchObject([{ name: 'aa', from: '1.0', to: '2.0', architectures: ['amd64', 'arm64'] }])
  })

  test('is new where there was none, and has no updates where nothing moved', async () => {
    const archive = await testArchive()
    const plan = { ...accessOf(archive), architectures: ['amd64'], packages: ['hello'], store: await temporaryDirectory() } as const
    const first = await updateLock(undefined, plan)
    expect(first.updates).toMatchObject([{ name: 'hello', to: '1.0-1' }])
    expect(await updateLock(first.lock, plan)).toEqual({ lock: first.lock, updates: [] })
  })

  test('does not go back to an older state of the archive', async () => {
    const old = await resolveDebian({ ...accessOf(await testArchive()), architectures: ['amd64'], packages: ['hello'] })
    const archive = await testArchive({ mainRelease: { Date: 'Wed, 25 Nov 2026 08:00:00 UTC' } })
    const updating = updateLock(old, { ...accessOf(archive), architectures: ['amd64'], packages: ['hello'], store: await temporaryDirectory() })
    await expect(updating).rejects.toMatchObject({ code: 'archive-replayed' })
  })
})

describe('what can be mended in any image', () => {
  const installed = [
    { name: 'libc6', version: '2.41-12' },
    { name: 'libc-dev', version: '1:2.41-12', sourceVersion: '2.41-12' },
    { name: 'netbase', version: '6.5' },
    { name: 'newer', version: '9.0' },
    { name: 'foreign', version: '1.0' },
  ]

  test('is every package that the archive has newer, with the CVE ids of its source', async () => {
    const archive = await testArchive({ main: packagesAt('2.41-12', [{ name: 'newer', version: '1.0' }]), security: packagesAt('2.41-12+deb13u1').slice(0, 2) })
    const cveIds = ['CVE-2025-8058']
    expect(await fixableUpdates(installed, { ...accessOf(archive), architecture: 'amd64', store: await temporaryDirectory() })).toEqual([
      { package: 'libc-dev', installed: '1:2.41-12', candidate: '1:2.41-12+deb13u1', source: 'glibc', suite: 'trixie-security', cveIds, changelog: 'read' },
      { package: 'libc6', installed: '2.41-12', candidate: '2.41-12+deb13u1', source: 'glibc', suite: 'trixie-security', cveIds, changelog: 'read' },
    ])
  })

  test('is known without fetching a package', async () => {
    const archive = await testArchive({ main: packagesAt('2.41-12+deb13u1') })
    const updates = await fixableUpdates(installed, { ...accessOf(archive), architecture: 'amd64' })
    expect(updates.map(({ package: name, cveIds, changelog: state }) => [name, cveIds, state])).toEqual([['libc-dev', [], 'not-asked'], ['libc6', [], 'not-asked']])
    expect(archive.mirror.asked.filter((path) => path.startsWith('pool/'))).toEqual([])
  })

  test('is unknown for versions that are none, which a foreign image may have', async () => {
    const archive = await testArchive()
    expect(await fixableUpdates([{ name: 'hello', version: 'not a version' }, { name: 'hello', version: '0.1', sourceVersion: '' }], { ...accessOf(archive), architecture: 'amd64' })).toEqual([])
  })
})
