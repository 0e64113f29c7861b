import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createCleartextMessage, generateKey, readPrivateKey, sign, type PrivateKey } from 'openpgp'
import { onTestFinished } from 'vitest'
import type { PinnedKey } from '../debian/keys/pinned-key.ts'
import type { ArchiveSuite, DebianMirrors } from '../debian/suites.ts'
import { controlOf, debFile, type DebPlan } from './deb-file.ts'
import { text } from './rig.ts'

/** The day that the archives of tests are of. */
export const today = new Date('2026-11-27T12:00:00Z')

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A key that a test signs with, and what is pinned of it. */
export interface TestKey {
  readonly secret: PrivateKey
  readonly pinned: PinnedKey
}

export async function testKey(name = 'archive'): Promise<TestKey> {
  const date = new Date('2025-01-01T00:00:00Z')
  const { privateKey, publicKey } = await generateKey({ userIDs: [{ name, email: `${name}@example.org` }], date, format: 'armored' })
  const secret = await readPrivateKey({ armoredKey: privateKey })
  return { secret, pinned: { fingerprint: secret.getFingerprint().toUpperCase(), armored: publicKey } }
}

/** Text as an InRelease has it: signed by each of the keys. */
export async function signedBy(keys: readonly TestKey[], body: string, date: Date = new Date(today.getTime() - 3_600_000)): Promise<string> {
  return sign({ message: await createCleartextMessage({ text: body }), signingKeys: keys.map(({ secret }) => secret), date })
}

/** What a Release says; `undefined` leaves a field out. */
export type ReleaseFields = Readonly<Record<string, string | undefined>>

export function releaseText(codename: string, files: Readonly<Record<string, Uint8Array>>, changes: ReleaseFields = {}): string {
  const fields: ReleaseFields = {
    Origin: 'Debian',
    Suite: codename.endsWith('-security') ? 'stable-security' : 'stable',
    Codename: codename,
    Date: 'Thu, 26 Nov 2026 08:00:00 UTC',
    'Acquire-By-Hash': 'yes',
    Architectures: 'amd64 arm64',
    ...changes,
  }
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  const sums = Object.entries(files).map(([path, bytes]) => ` ${sha256(bytes)} ${String(bytes.length).padStart(8)} ${path}`)
  return [...lines, 'SHA256:', ...sums, ''].join('\n')
}

/** One part of an archive, as a test wants it. */
export interface PartPlan {
  readonly codename: string
  readonly packages: readonly DebPlan[]
  readonly release?: ReleaseFields
  readonly keys: readonly TestKey[]
  readonly date?: Date
}

/** The files of a part by path: InRelease, indexes by name and by hash, and the pool. */
export async function archiveFiles({ codename, packages, release, keys, date }: PartPlan): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  const indexes: Record<string, Uint8Array> = {}
  for (const architecture of ['amd64', 'arm64']) {
    const paragraphs: string[] = []
    for (const plan of packages) {
      const { name = 'hello', version = '1.0-1', architecture: own = 'amd64' } = plan
      if (own !== architecture && own !== 'all') continue
      const deb = await debFile(plan)
      const path = `pool/main/${name[0]}/${name}/${name}_${version.replace(/^\d+:/, '')}_${own}.deb`
      files.set(path, deb)
      paragraphs.push(`${controlOf(plan)}Filename: ${path}\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\n`)
    }
    const index = text(paragraphs.join('\n'))
    indexes[`main/binary-${architecture}/Packages`] = index
    indexes[`main/binary-${architecture}/Packages.gz`] = gzipSync(index)
  }
  for (const [path, bytes] of Object.entries(indexes)) {
    files.set(`dists/${codename}/${path}`, bytes)
    files.set(`dists/${codename}/${path.replace(/[^/]*$/, '')}by-hash/SHA256/${sha256(bytes)}`, bytes)
  }
  files.set(`dists/${codename}/InRelease`, text(await signedBy(keys, releaseText(codename, indexes, release), date)))
  return files
}

/** What a mirror does with a request: the bytes, or something else than a sound answer. */
export type Answer = Uint8Array | ((response: ServerResponse) => void) | undefined

export interface TestMirror {
  readonly address: string
  /** What was asked for, in order. */
  readonly asked: readonly string[]
}

/** A web server on loopback, for the length of the test. */
export async function mirrorOf(answer: (path: string) => Answer): Promise<TestMirror> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').slice(1))
    asked.push(path)
    const found = answer(path)
    if (typeof found === 'function') found(response)
    else if (found === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-length': found.length }).end(found)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

/** A small archive of two parts on one mirror, each part signed by a key of its own. */
export interface TestArchive {
  readonly files: Map<string, Uint8Array>
  readonly parts: readonly ArchiveSuite[]
  readonly mirrors: DebianMirrors
  readonly mirror: TestMirror
  readonly keys: { readonly main: TestKey; readonly security: TestKey }
}

export interface TestArchivePlan {
  readonly main?: readonly DebPlan[]
  readonly security?: readonly DebPlan[]
  /** What the Releases say otherwise. */
  readonly mainRelease?: ReleaseFields
  readonly securityRelease?: ReleaseFields
  /** Stands before the files: what it answers `undefined` to is looked up in them. */
  readonly answer?: (path: string) => Answer
}

export async function testArchive({ main = [{}], security = [], mainRelease, securityRelease, answer }: TestArchivePlan = {}): Promise<TestArchive> {
  const keys = { main: await testKey('main'), security: await testKey('security') }
  const files = new Map([
    ...(await archiveFiles({ codename: 'trixie', packages: main, keys: [keys.main], ...(mainRelease === undefined ? {} : { release: mainRelease }) })),
    ...(await archiveFiles({
      codename: 'trixie-security',
      packages: security,
      keys: [keys.security],
      release: { 'Valid-Until': 'Thu, 03 Dec 2026 08:00:00 UTC', ...securityRelease },
    })),
  ])
  const mirror = await mirrorOf((path) => answer?.(path) ?? files.get(path))
  const mirrors = { main: [mirror.address], security: [mirror.address] }
  const parts: readonly ArchiveSuite[] = [
    { codename: 'trixie', mirrors: 'main', keys: [keys.main.pinned], maxAgeDays: 180 },
    { codename: 'trixie-security', mirrors: 'security', keys: [keys.security.pinned], maxAgeDays: 14 },
  ]
  return { files, parts, mirrors, mirror, keys }
}
