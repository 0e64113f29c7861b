import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findManifest, openLayout, readImageConfig, readImageFiles, readManifest } from '@shiplock/image'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { catalogue } from './catalogue.ts'
import { isWanted } from './image-file.ts'
import type { Catalogue } from './sbom-component.ts'

/** Whether what these tests need is here. In CI it must be: there they run and fail without it. */
function isMissing(...programs: readonly string[]): boolean {
  if (process.env['CI'] !== undefined) return false
  const missing = [...(process.getuid?.() === 0 ? [] : ['root']), ...programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)]
  if (missing.length > 0) process.stderr.write(`\nNOT PROVED: there is no ${missing.join(', no ')}, so images of others are not read\n`)
  return missing.length > 0
}

let folder = ''
const at = (...names: readonly string[]) => join(folder, ...names)
const run = (program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, ...environment }, maxBuffer: 1 << 26 })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`, { cause: error })
  return stdout.trim()
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), content)
}

/** Packages that Debian's own tools build, install and, one of them, remove. */
const packages = [
  { name: 'libdemo1', control: 'Package: libdemo1\nVersion: 1:2.0-1+b1\nSource: demo (1:2.0-1)\nArchitecture: all\nProvides: libdemo-any\n' },
  { name: 'demo', control: 'Package: demo\nVersion: 1:2.0-1\nArchitecture: all\nDepends: libdemo-any, libdemo1 (>= 1:2.0)\n' },
  { name: 'gone', control: 'Package: gone\nVersion: 3\nArchitecture: all\n' },
] as const

/** A root with a database that dpkg wrote, and a Node app. */
function makeRoot(): void {
  mkdirSync(at('root/var/lib/dpkg/info'), { recursive: true })
  put('root/var/lib/dpkg/status', '')
  put('root/etc/os-release', 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n')
  for (const { name, control } of packages) {
    put(`${name}/DEBIAN/control`, `${control}Maintainer: Nobody <nobody@example.test>\nDescription: a demonstration\n`)
    put(`${name}/usr/share/${name}/file`, name)
    put(`${name}/usr/share/doc/${name}/copyright`, 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: Expat\n')
    if (name === 'gone') put(`${name}/DEBIAN/conffiles`, '/etc/gone.conf\n')
    if (name === 'gone') put(`${name}/etc/gone.conf`, 'x\n')
    run('dpkg-deb', ['--build', '--root-owner-group', at(name), at(`${name}.deb`)])
  }
  run('dpkg', ['--root', at('root'), '--install', ...packages.map(({ name }) => at(`${name}.deb`))])
  run('dpkg', ['--root', at('root'), '--remove', 'gone'])
  put('app/node_modules/a/package.json', JSON.stringify({ name: 'a', version: '1.0.0', license: 'MIT', dependencies: { b: '*' } }))
  put('app/node_modules/b/package.json', JSON.stringify({ name: 'b', version: '1.0.0' }))
}

const missing = isMissing('dpkg', 'dpkg-deb', 'dpkg-query')

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shiplock-other-images-'))
  if (!missing) makeRoot()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The catalogue of an image in a layout that others wrote, by its name there. */
async function read(directory: string, reference: string): Promise<Catalogue> {
  const layout = await openLayout(directory)
  const found = await findManifest(layout, reference)
  if (found === undefined) throw new Error(`${directory} has no ${reference}`)
  const { layers, descriptor } = await readManifest(layout, found.digest)
  const { diffIds, created } = await readImageConfig(layout, found.digest)
  const image = { name: reference, digest: descriptor.digest, architecture: 'amd64' as const, ...(created !== undefined && { created }), layers: layers.map(({ digest }, n) => ({ digest, diffId: diffIds[n] ?? '' })) }
  return catalogue(readImageFiles(layout, { digest: found.digest }, isWanted), { image })
}

/** What dpkg itself says is installed there. */
const installed = () => execFileSync('dpkg-query', ['--admindir', at('root/var/lib/dpkg'), '-W', '-f', '${db:Status-Status} ${Package}@${Version} from ${source:Package}@${source:Version}\n'], { encoding: 'utf8' }).split('\n').flatMap((line) => (line.startsWith('installed ') ? [line.slice('installed '.length)] : [])).toSorted()

function expectWhatIsThere({ components, dependencies, image, unread }: Catalogue): void {
  const system = components.filter(({ purl }) => purl?.startsWith('pkg:deb/'))
  expect(system.map(({ name, version, source }) => `${name}@${version} from ${source?.name}@${source?.version}`).toSorted()).toEqual(installed())
  expect(system).toHaveLength(2)
  const [demo, lib] = ['demo', 'libdemo1'].map((name) => system.find((it) => it.name === name))
  expect(demo?.purl).toBe('pkg:deb/debian/demo@1:2.0-1?arch=all&distro=debian-13')
  expect(lib?.purl).toBe('pkg:deb/debian/libdemo1@1:2.0-1%2Bb1?arch=all&distro=debian-13&upstream=demo%401:2.0-1')
  expect([demo?.licences, dependencies.get(demo?.ref ?? '')]).toEqual([['MIT'], [lib?.ref]])
  // Of the app `a` is left.
  expect(components.flatMap(({ purl, locations }) => (purl?.startsWith('pkg:npm/') ? [[purl, locations.map(({ layer }) => image.layers.findIndex(({ diffId }) => diffId === layer?.diffId))]] : []))).toEqual([['pkg:npm/a@1.0.0', [1]]])
  expect([demo?.locations.map(({ layer }) => layer?.diffId), unread]).toEqual([[image.layers[0]?.diffId], []])
}

describe.skipIf(missing || isMissing('buildah', 'skopeo'))('an image that buildah made', () => {
  test('holds what dpkg says, by the layers that it is from, without what a later one took away', async () => {
    const storage = ['--root', at('storage'), '--runroot', at('run'), '--storage-driver', 'vfs']
    const buildah = (...args: readonly string[]) => run('buildah', [...storage, ...args])
    const first = buildah('from', 'scratch')
    buildah('copy', first, at('root'), '/')
    buildah('commit', first, 'base')
    const second = buildah('from', '--pull-never', 'base')
    buildah('copy', second, at('app'), '/app')
    buildah('commit', second, 'app')
    const third = buildah('from', '--pull-never', 'app')
    rmSync(join(buildah('mount', third), 'app/node_modules/b'), { recursive: true })
    buildah('commit', third, 'less')
    buildah('push', 'less', `oci:${at('layout')}:less`)
    buildah('rm', '--all')
    expectWhatIsThere(await read(at('layout'), 'less'))
  })
})

describe.skipIf(missing || isMissing('dockerd', '/usr/bin/docker', 'skopeo'))('an image that Docker made', () => {
  test('holds what dpkg says, by the layers that it is from', async () => {
    const engine = await startEngine()
    run('tar', ['-C', at('root'), '-cf', at('root.tar'), '.'])
    rmSync(at('app/node_modules/b'), { recursive: true })
    put('Dockerfile', 'FROM scratch\nADD root.tar /\nCOPY app /app\n')
    engine('build', '--quiet', '--tag', 'app', '--file', at('Dockerfile'), folder)
    engine('save', '--output', at('app.tar'), 'app')
    run('skopeo', ['copy', '--quiet', `docker-archive:${at('app.tar')}`, `oci:${at('docker')}:app`])
    expectWhatIsThere(await read(at('docker'), 'app'))
  })
})

/** A Docker Engine of the test's own, without a network: nothing is pulled and nothing runs. */
async function startEngine(): Promise<(...args: readonly string[]) => string> {
  const environment = { DOCKER_HOST: `unix://${at('docker.sock')}`, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: folder }
  const log = openSync(at('docker.log'), 'w')
  const daemon = spawn('dockerd', ['--host', environment.DOCKER_HOST, '--data-root', at('docker-data'), '--exec-root', at('docker-exec'), '--pidfile', at('docker.pid'), '--storage-driver', 'overlay2', '--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'], { stdio: ['ignore', log, log] })
  onTestFinished(async () => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return
    daemon.kill('SIGTERM')
    await once(daemon, 'exit')
  })
  for (let tries = 0; spawnSync('/usr/bin/docker', ['info'], { env: { ...process.env, ...environment } }).status !== 0; tries += 1) {
    if (daemon.exitCode !== null || tries === 300) throw new Error(`dockerd did not come up\n${readFileSync(at('docker.log'), 'utf8').slice(-4000)}`)
    await sleep(100)
  }
  return (...args) => run('/usr/bin/docker', args, environment)
}
