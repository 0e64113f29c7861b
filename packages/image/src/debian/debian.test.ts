import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { assemble, type AssembledImage, type ImagePlan } from '../assemble.ts'
import type { LayerEntry } from '../oci/layer-entry.ts'
import { createLayout } from '../oci/layout.ts'
import { unpack } from '../oci/unpack.ts'
import { nodeLayer } from '../runtime/node-layer.ts'
import { nodePath } from '../runtime/node-runtime.ts'
import { isProofMissing, nodeBinary, temporaryDirectory } from '../testing/rig.ts'
import { aptMirrors } from './apt-mirrors.ts'
import { baseLayer } from './base-layer.ts'
import { unpackDeb } from './deb.ts'
import { lockBytes, parseLock, type DebianLock } from './lock.ts'
import { resolveDebian } from './resolve.ts'
import { fetchDebs } from './store.ts'
import { debianSuites, defaultPackages, isDebianArchitecture, type DebianArchitecture, type DebianSuite } from './suites.ts'

/** The real archive, from where this machine's apt has it. Without it these tests fail, by the name of what is missing. */
const architectures = ['amd64', 'arm64'] as const
const suites = ['trixie', 'bookworm'] as const

interface Base {
  readonly lock: DebianLock
  readonly store: string
}

const bases = new Map<DebianSuite, Base>()
let shared = ''

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'shiplock-debian-'))
  // Packing Node takes seconds: the images with it have one layout, which knows the layer again.
  shared = join(directory, 'images')
  const mirrors = await aptMirrors()
  for (const suite of suites) {
    const lock = await resolveDebian({ suite, architectures, packages: defaultPackages(suite), mirrors, now: new Date() })
    const store = join(directory, suite)
    for (const architecture of architectures) await fetchDebs(lock, architecture, { store, mirrors })
    bases.set(suite, { lock, store })
  }
  return async () => rm(directory, { recursive: true, force: true })
}, 300_000)

const each = suites.flatMap((suite) => architectures.map((architecture) => [suite, architecture] as const))

async function imageOf(architecture: DebianArchitecture, layers: ImagePlan['layers'], directory: string): Promise<AssembledImage & { readonly unpacked: () => Promise<string> }> {
  const layout = await createLayout(join(directory, 'oci'))
  const image = await assemble({
    layout, cacheDir: join(directory, 'cache'), platform: { os: 'linux', architecture }, layers, created: 0, reference: 'base',
    config: { entrypoint: [nodePath], user: '65532:65532', workingDir: '/' },
  })
  return { ...image, unpacked: async () => (await unpack(layout, { digest: image.manifest.digest, storeDir: join(directory, 'unpacked') })).root }
}

const pathsOf = (entries: readonly LayerEntry[]): readonly string[] => entries.map(({ path }) => path)

describe.each(each)('the base layer of %s for %s', (suite, architecture) => {
  test('has nine packages, no setuid file, no program, and what scanners look for', async () => {
    const { lock, store } = bases.get(suite)!
    const entries = await baseLayer(lock, architecture, { store })
    const paths = pathsOf(entries)
    expect(paths.filter((path) => /^var\/lib\/dpkg\/status\.d\/[^/]+$/.test(path) && !path.endsWith('.md5sums')).map((path) => path.slice('var/lib/dpkg/status.d/'.length)).toSorted()).toEqual(defaultPackages(suite).toSorted())
    expect(entries.filter((entry) => entry.kind !== 'symlink' && (entry.mode & 0o6000) !== 0)).toEqual([])
    expect(entries.filter((entry) => entry.kind !== 'symlink' && (entry.mode & 0o022) !== 0).map(({ path }) => path)).toEqual(['tmp'])
    expect(paths.filter((path) => /^(?:usr\/)?s?bin\/./.test(path))).toEqual([])
    const programs = entries.filter((entry) => entry.kind === 'file' && (entry.mode & 0o111) !== 0).map(({ path }) => path)
    expect(programs.every((path) => /^usr\/lib\/.*\/(?:ld-linux-[\w-]+|libc)\.so\.\d$/.test(path)), programs.join(' ')).toBe(true)
    expect(paths).toEqual(expect.arrayContaining(['etc/os-release', 'etc/ssl/certs/ca-certificates.crt', 'usr/share/zoneinfo/Europe/Berlin', 'etc/services', 'usr/share/doc/libc6/copyright']))
  })

  test('is the same each time, from a lock that was written and read, and small', async () => {
    const { lock, store } = bases.get(suite)!
    const first = await imageOf(architecture, [{ name: 'base', entries: await baseLayer(lock, architecture, { store, trust: 'digest' }) }], await temporaryDirectory())
    const second = await imageOf(architecture, [{ name: 'base', entries: (await baseLayer(parseLock(lockBytes(lock)), architecture, { store })).toReversed() }], await temporaryDirectory())
    expect(second.manifest).toEqual(first.manifest)
    expect(first.sizeBytes).toBeLessThan(4_000_000)
  })

  test('has a licence for every package', async () => {
    const { lock, store } = bases.get(suite)!
    const entries = await baseLayer(lock, architecture, { store })
    const linkOf = (path: string): string => {
      const entry = entries.find((candidate) => candidate.path === path)
      return entry?.kind === 'symlink' ? `usr/share/doc/${entry.target}` : path
    }
    for (const name of defaultPackages(suite)) expect(pathsOf(entries), name).toContain(`${linkOf(`usr/share/doc/${name}`)}/copyright`)
  })
})

test.each(suites)('the lock of %s names the keys that are pinned, and packages of its own parts', (suite) => {
  const { lock } = bases.get(suite)!
  for (const { codename, signedBy } of lock.releases) {
    const pinned = debianSuites[suite].find((part) => part.codename === codename)!.keys.map(({ fingerprint }) => fingerprint)
    expect(pinned).toEqual(expect.arrayContaining([...signedBy]))
    expect(signedBy.length).toBeGreaterThan(0)
  }
})

test.skipIf(isProofMissing('dpkg-deb'))('a package is unpacked to what dpkg-deb unpacks', async () => {
  const { lock, store } = bases.get('trixie')!
  for (const { name, sha256 } of lock.packages.amd64!) {
    const file = join(store, `${sha256}.deb`)
    const listed = spawnSync('dpkg-deb', ['--fsys-tarfile', file], { maxBuffer: 1024 ** 3 })
    const theirs = spawnSync('tar', ['--list', '--file', '-'], { input: listed.stdout, maxBuffer: 1024 ** 3 }).stdout.toString().trim().split('\n')
    const ours = (await unpackDeb(await readFile(file), name)).entries.map(({ path }) => path)
    const named = theirs.map((path) => path.replace(/^\.\//, '').replace(/\/$/, '')).filter((path) => path !== '')
    expect(ours.toSorted(), name).toEqual(named.map((path) => path.replace(/^(?:bin|sbin|lib|lib64)\//, 'usr/$&')).toSorted())
  }
})

test.skipIf(isProofMissing('bwrap')).each(suites)('Node runs on %s and nothing else: as a user without rights, with names, certificates, time zones', { timeout: 300_000 }, async (suite) => {
  const { lock, store } = bases.get(suite)!
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  if (!isDebianArchitecture(architecture)) throw new Error(`there is no image for ${process.arch}`)
  const file = nodeBinary()
  const integrity = `sha512-${createHash('sha512').update(await readFile(file)).digest('base64')}`
  const node = await nodeLayer({ file, integrity }, { os: 'linux', architecture })
  const image = await imageOf(architecture, [
    { name: 'debian', entries: await baseLayer(lock, architecture, { store }) },
    { name: 'node', entries: node.entries },
  ], shared)
  // The app and its packages are 2 MB of the 58 MB that all of an image may have.
  expect(image.sizeBytes).toBeLessThan(56_000_000)
  const root = await image.unpacked()
  const confinement = ['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--unshare-all', '--uid', '65532', '--gid', '65532', '--clearenv']
  const program = `console.log(JSON.stringify([process.version, os.userInfo().username, tls.rootCertificates.length > 100,
    fs.readFileSync('/etc/os-release', 'utf8').match(/VERSION_CODENAME=(.*)/)[1],
    fs.readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8').match(/BEGIN CERTIFICATE/g).length > 100,
    fs.readFileSync('/proc/self/maps', 'utf8').includes('libatomic'), fs.readdirSync('/usr/bin').concat(fs.readdirSync('/usr/sbin'))]))`
  const { stdout, stderr } = spawnSync('bwrap', ['--ro-bind', root, '/', ...confinement, nodePath, '--eval', program])
  expect(stderr.toString()).toBe('')
  const version = spawnSync(file, ['--version']).stdout.toString().trim()
  expect(JSON.parse(stdout.toString())).toEqual([version, 'nonroot', true, suite, true, true, []])
  const shell = spawnSync('bwrap', ['--ro-bind', root, '/', ...confinement, '/bin/sh', '-c', 'true'])
  expect(shell.status).not.toBe(0)
})
