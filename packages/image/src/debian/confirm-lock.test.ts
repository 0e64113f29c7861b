import { expect, test } from 'vitest'
import { testArchive, today } from '../testing/debian-archive.ts'
import { confirmLock } from './confirm-lock.ts'
import type { DebianLock, LockedPackage } from './lock.ts'
import { resolveDebian } from './resolve.ts'

const plan = { main: [{ name: 'aa' }, { name: 'bb' }, { name: 'aa', architecture: 'arm64' }, { name: 'bb', architecture: 'arm64' }], security: [{ name: 'bb', version: '1.0-1+deb13u1' }] }

async function rig(): Promise<{ readonly lock: DebianLock; readonly access: Parameters<typeof confirmLock>[1] }> {
  const { parts, mirrors } = await testArchive(plan)
  const access = { parts, mirrors, now: today, rounds: 1 }
  return { access, lock: await resolveDebian({ ...access, suite: 'trixie', architectures: ['amd64', 'arm64'], packages: ['aa', 'bb'] }) }
}

test('a lock that was made from the archive is confirmed by it', async () => {
  const { lock, access } = await rig()
  expect(await confirmLock(lock, access)).toEqual({ confirmed: 4, unconfirmed: [], contradicted: [] })
})

test.each<[string, Partial<LockedPackage>]>([
  ['another hash', { sha256: '0'.repeat(64) }],
  ['another size', { size: 7 }],
  ['another version', { version: '0.9-1' }],
  ['another source', { source: 'openssl' }],
  ['another path', { path: 'pool/main/o/other/other_1_amd64.deb' }],
  ['another part', { suite: 'trixie-security' }],
])('a package that somebody gave %s is not confirmed', async (_, change) => {
  const { lock, access } = await rig()
  const [first, ...others] = lock.packages.amd64!
  const edited = { ...first!, ...change }
  const { confirmed, unconfirmed, contradicted } = await confirmLock({ ...lock, packages: { ...lock.packages, amd64: [edited, ...others] } }, access)
  // Of a version that the archive does not have it may be that it has moved on.
  expect({ confirmed, unconfirmed, contradicted }).toEqual({ confirmed: 3, unconfirmed: [edited], contradicted: 'version' in change ? [] : [edited] })
})

test('a lock is not confirmed by an archive that is older than it', async () => {
  const { lock, access } = await rig()
  const releases = lock.releases.map((release) => ({ ...release, date: '2026-11-27T00:00:00Z' }))
  await expect(confirmLock({ ...lock, releases }, access)).rejects.toMatchObject({ code: 'archive-replayed' })
})
