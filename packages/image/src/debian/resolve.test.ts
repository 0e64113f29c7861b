import { describe, expect, test } from 'vitest'
import { archiveFiles, mirrorOf, signedBy, testArchive, testKey, today, type Answer, type TestArchive, type TestArchivePlan } from '../testing/debian-archive.ts'
import { text } from '../testing/rig.ts'
import { lockBytes, parseLock, type DebianLock } from './lock.ts'
import { resolveDebian, type Resolving } from './resolve.ts'

/** Impatient: nothing of the time that tests spend is on waiting. */
const impatient = { rounds: 2, pauseMs: 1 }

const asked = ({ parts, mirrors }: TestArchive, change: Partial<Resolving> = {}): Resolving => ({
  suite: 'trixie', architectures: ['amd64'], packages: ['hello'], mirrors, now: today, parts, ...impatient, ...change,
})
const resolveIn = async (plan: TestArchivePlan, change: Partial<Resolving> = {}): Promise<DebianLock> => resolveDebian(asked(await testArchive(plan), change))
const versionsOf = ({ packages }: DebianLock): readonly string[] => (packages.amd64 ?? []).map(({ name, version, suite }) => `${name} ${version} ${suite}`)

const index = 'dists/trixie/main/binary-amd64'

/** Answers for one path, or for all that begin so. */
const at = (start: string, answer: Answer) => (path: string): Answer => (path.startsWith(start) ? answer : undefined)
const status = (code: number): Answer => (response) => response.writeHead(code).end()

describe('packages', () => {
  test('are pinned with all that the archive says of them', async () => {
    const archive = await testArchive({ main: [{ name: 'libc6', version: '2.41-1', source: 'glibc' }, { name: 'netbase', architecture: 'all', version: '6.5', source: 'netbase (6.5~src)' }] })
    const lock = await resolveDebian(asked(archive, { packages: ['netbase', 'libc6'] }))
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/)
    expect(lock).toEqual({
      suite: 'trixie',
      releases: [
        { codename: 'trixie', date: '2026-11-26T08:00:00Z', signedBy: [archive.keys.main.pinned.fingerprint] },
        { codename: 'trixie-security', date: '2026-11-26T08:00:00Z', signedBy: [archive.keys.security.pinned.fingerprint] },
      ],
      packages: {
        amd64: [
          { name: 'libc6', version: '2.41-1', architecture: 'amd64', sha256, size: expect.any(Number), source: 'glibc', sourceVersion: '2.41-1', path: 'pool/main/l/libc6/libc6_2.41-1_amd64.deb', suite: 'trixie' },
          { name: 'netbase', version: '6.5', architecture: 'all', sha256, size: expect.any(Number), source: 'netbase', sourceVersion: '6.5~src', path: 'pool/main/n/netbase/netbase_6.5_all.deb', suite: 'trixie' },
        ],
      },
    })
    expect(parseLock(lockBytes(lock))).toEqual(lock)
  })

  test('are the newest of all parts by dpkg\'s order', async () => {
    const main = [{ name: 'aa', version: '1.10-1' }, { name: 'bb', version: '2.0-1' }, { name: 'cc', version: '1.0-1' }]
    const security = [{ name: 'aa', version: '1.9-1+deb13u1' }, { name: 'bb', version: '2.0-1+deb13u1' }, { name: 'bb', version: '2.0-1+deb13u1~bpo1' }]
    const lock = await resolveIn({ main, security }, { packages: ['aa', 'bb', 'cc', 'aa'] })
    expect(versionsOf(lock)).toEqual(['aa 1.10-1 trixie', 'bb 2.0-1+deb13u1 trixie-security', 'cc 1.0-1 trixie'])
  })

  test('are looked up for each architecture, and only by the names that are asked for', async () => {
    const main = [{ name: 'aa' }, { name: 'aa', architecture: 'arm64', version: '1.0-2' }, { name: 'other' }]
    const { packages } = await resolveIn({ main }, { architectures: ['amd64', 'arm64'], packages: ['aa'] })
    expect(Object.entries(packages).map(([architecture, list]) => [architecture, list.map(({ name, version }) => `${name} ${version}`)]))
      .toEqual([['amd64', ['aa 1.0-1']], ['arm64', ['aa 1.0-2']]])
  })

  test('that the archive does not have are named', async () => {
    await expect(resolveIn({}, { packages: ['hello', 'absent'] })).rejects.toMatchObject({ code: 'package-unknown', message: 'trixie has no package "absent" for amd64' })
  })
})

describe('an archive', () => {
  test('is asked for indexes by hash, and by name where a mirror has none by hash', async () => {
    const archive = await testArchive()
    await resolveDebian(asked(archive))
    expect(archive.mirror.asked).toEqual(['dists/trixie/InRelease', 'dists/trixie-security/InRelease', expect.stringMatching(/^dists\/trixie\/main\/binary-amd64\/by-hash\/SHA256\/[0-9a-f]{64}$/), expect.stringContaining('by-hash')])
    const old = await testArchive({ mainRelease: { 'Acquire-By-Hash': undefined } })
    await resolveDebian(asked(old))
    expect(old.mirror.asked).toContain(`${index}/Packages.gz`)
    const lacking = await testArchive({ answer: at(`${index}/by-hash`, status(404)) })
    await resolveDebian(asked(lacking))
    expect(lacking.mirror.asked).toContain(`${index}/Packages.gz`)
  })

  test('whose Release is refused is refused', async () => {
    const key = await testKey()
    const stranger = await archiveFiles({ codename: 'trixie', packages: [{}], keys: [key] })
    const answer = (path: string): Answer => (path === 'dists/trixie/InRelease' ? stranger.get(path) : undefined)
    await expect(resolveIn({ answer })).rejects.toMatchObject({ code: 'archive-unsigned' })
    await expect(resolveIn({ securityRelease: { 'Valid-Until': 'Thu, 26 Nov 2026 08:00:00 UTC' } })).rejects.toMatchObject({ code: 'archive-outdated' })
    await expect(resolveIn({ mainRelease: { Codename: 'sid' } })).rejects.toMatchObject({ code: 'archive-invalid' })
  })

  test('that shows an older state than the lock\'s is refused, whichever part it is', async () => {
    const previous = await resolveIn({})
    const older = { Date: 'Thu, 26 Nov 2026 07:59:59 UTC' }
    await expect(resolveIn({ mainRelease: older }, { previous })).rejects.toMatchObject({ code: 'archive-replayed' })
    await expect(resolveIn({ securityRelease: older }, { previous })).rejects.toMatchObject({ code: 'archive-replayed' })
    await expect(resolveIn({}, { previous })).resolves.toBeDefined()
  })

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['edited', (bytes) => Uint8Array.from(bytes, (byte, position) => (position === 30 ? byte ^ 1 : byte))],
    ['longer', (bytes) => Buffer.concat([bytes, text('x')])],
    ['shorter', (bytes) => bytes.subarray(0, -1)],
    ['empty', () => new Uint8Array()],
  ])('whose index is %s is refused, by hash and by name', async (_, edit) => {
    for (const byHash of ['yes', undefined]) {
      const archive = await testArchive({ mainRelease: { 'Acquire-By-Hash': byHash } })
      for (const [path, bytes] of archive.files) if (path.startsWith(index)) archive.files.set(path, edit(bytes))
      await expect(resolveDebian(asked(archive))).rejects.toMatchObject({ code: expect.stringMatching(/^(?:digest-mismatch|too-large)$/) })
    }
  })

  test.each<[string, string, string]>([
    ['a package whose name is a path', 'Package: ../a', 'archive-invalid'],
    ['a package outside of its pool', 'Filename: pool/../../etc/a.deb', 'archive-invalid'],
    ['a package of another place', 'Filename: http://a.example/a.deb', 'archive-invalid'],
    ['a package of no size', 'Size: 0', 'archive-invalid'],
    ['a package of absurd size', 'Size: 99999999999', 'archive-invalid'],
    ['a package without a hash', 'SHA256: x', 'archive-invalid'],
    ['a package with an impossible version', 'Version: a b', 'archive-invalid'],
    ['a field twice', 'Architecture: amd64\nArchitecture: all', 'archive-invalid'],
  ])('that signed %s is refused', async (_, line, code) => {
    const [field = ''] = line.split(':')
    const archive = await testArchive()
    const sound = new TextDecoder().decode(archive.files.get(`${index}/Packages`))
    const broken = sound.replace(new RegExp(`^${field}: .*$`, 'm'), line)
    expect(broken).not.toBe(sound)
    await expect(resolveDebian({ ...(await withIndex(archive, broken)), packages: ['hello', '../a'] })).rejects.toMatchObject({ code })
  })

  test('whose index does not have the size that it has unpacked is refused', async () => {
    const archive = await testArchive()
    const sound = new TextDecoder().decode(archive.files.get(`${index}/Packages`))
    for (const [change, code] of [[1, 'archive-invalid'], [-1, 'too-large']] as const) {
      await expect(resolveDebian(await withIndex(archive, sound, change))).rejects.toMatchObject({ code })
    }
  })

  test('that lists no packages for an architecture is refused', async () => {
    await expect(resolveIn({ mainRelease: { Architectures: 'arm64' } })).rejects.toMatchObject({ code: 'archive-invalid' })
    const archive = await testArchive()
    archive.files.set('dists/trixie/InRelease', text(await signedBy([archive.keys.main], ['Origin: Debian', 'Suite: stable', 'Codename: trixie', 'Date: Thu, 26 Nov 2026 08:00:00 UTC', 'Architectures: amd64', 'SHA256:', ` ${'0'.repeat(64)} 1 x`, ''].join('\n'))))
    await expect(resolveDebian(asked(archive))).rejects.toMatchObject({ code: 'archive-invalid' })
  })
})

/** The archive with another index, rightly signed. */
async function withIndex(archive: TestArchive, content: string, unpackedBy = 0): Promise<Resolving> {
  const { createHash } = await import('node:crypto')
  const { gzipSync } = await import('node:zlib')
  const bytes = text(content)
  const packed = gzipSync(bytes)
  const line = (path: string, of: Uint8Array, size = of.length): string => ` ${createHash('sha256').update(of).digest('hex')} ${size} ${path}`
  const lines = [line('main/binary-amd64/Packages', bytes, bytes.length + unpackedBy), line('main/binary-amd64/Packages.gz', packed)]
  archive.files.set('dists/trixie/InRelease', text(await signedBy([archive.keys.main], `Origin: Debian\nSuite: stable\nCodename: trixie\nDate: Thu, 26 Nov 2026 08:00:00 UTC\nArchitectures: amd64\nSHA256:\n${lines.join('\n')}\n`)))
  archive.files.set(`${index}/Packages.gz`, packed)
  return asked(archive)
}

describe('a mirror', () => {
  test('that stumbles is asked again, after a pause', async () => {
    let failures = 0
    const stumble = (path: string): Answer => (path === 'dists/trixie/InRelease' && failures++ < 1 ? status(503) : undefined)
    const archive = await testArchive({ answer: stumble })
    await expect(resolveDebian(asked(archive))).resolves.toBeDefined()
    expect(failures).toBe(2)
  })

  // What is short is how long the bad one is waited for: the good one answers on loopback.
  test.each<[string, Answer, Partial<Resolving>?]>([
    ['only fails', status(500)],
    ['wants to be paid', status(403)],
    ['breaks off', (response) => response.writeHead(200, { 'content-length': 1000 }).write('half', () => response.destroy())],
    ['says nothing', () => undefined, { idleMs: 1000 }],
    ['never comes to its end', (response) => {
      const timer = setInterval(() => response.write('slowly '), 5)
      response.on('close', () => clearInterval(timer))
    }, { totalMs: 1500 }],
    ['leads in a circle', (response) => response.writeHead(302, { location: '/dists/trixie/InRelease' }).end()],
  ])('that %s is left, and its successor asked', async (_, answer, patience = {}) => {
    const archive = await testArchive()
    const bad = await mirrorOf(at('dists/trixie/InRelease', answer))
    const mirrors = { main: [bad.address], security: archive.mirrors.security }
    await expect(resolveDebian(asked(archive, { mirrors, ...patience, rounds: 1 }))).rejects.toMatchObject({ code: 'archive-unreachable' })
    const both = { ...mirrors, main: [bad.address, archive.mirror.address] }
    await expect(resolveDebian(asked(archive, { mirrors: both, ...patience, rounds: 1 }))).resolves.toBeDefined()
  })

  test('that leads to a file of this machine is not followed', async () => {
    const answer = at('dists/trixie/InRelease', (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end())
    await expect(resolveIn({ answer })).rejects.toMatchObject({ code: 'archive-unreachable', message: expect.stringContaining('which is not followed') })
  })

  test('that is tampered with is left, and its successor asked', async () => {
    const archive = await testArchive()
    const bad = await mirrorOf((path) => (path.endsWith('InRelease') ? text('nothing signed') : undefined))
    await expect(resolveDebian(asked(archive, { mirrors: { main: [bad.address, archive.mirror.address], security: archive.mirrors.security } }))).resolves.toBeDefined()
    expect(bad.asked[0]).toBe('dists/trixie/InRelease')
  })

  test('is named without its password, and without what a terminal would obey', async () => {
    const archive = await testArchive()
    const mirrors = { main: ['http://user:secret@127.0.0.1:9/debian'], security: archive.mirrors.security }
    const error = await resolveDebian(asked(archive, { mirrors })).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'archive-unreachable', message: expect.stringContaining('http://127.0.0.1:9/debian/dists/trixie/InRelease') })
    expect(String(error)).not.toContain('secret')
  })

  test('that is no web address is refused', async () => {
    const archive = await testArchive()
    await expect(resolveDebian(asked(archive, { mirrors: { main: ['file:///srv/debian'], security: [] } }))).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('that sends more than there can be is cut off', async () => {
    const large: Answer = (response) => response.writeHead(200).end(Buffer.alloc(32 * 1024 * 1024, 'x'))
    await expect(resolveIn({ answer: at('dists/trixie/InRelease', large) })).rejects.toMatchObject({ code: 'too-large' })
  })

  test('is left at once when the caller says so', async () => {
    const archive = await testArchive({ answer: at('dists/trixie/InRelease', () => undefined) })
    const stop = new AbortController()
    const resolving = resolveDebian(asked(archive, { signal: stop.signal }))
    stop.abort(new Error('told to stop'))
    await expect(resolving).rejects.toThrow('told to stop')
  })

  test('may lead to another address', async () => {
    const archive = await testArchive()
    const front = await mirrorOf((path) => (response) => response.writeHead(302, { location: `${archive.mirror.address}/${path}` }).end())
    await expect(resolveDebian(asked(archive, { mirrors: { main: [front.address], security: [front.address] } }))).resolves.toBeDefined()
  })
})
