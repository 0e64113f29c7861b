// `shiplock image build` beside `docker build` of app/Dockerfile, in one run, on a clone of this repository: from nothing, with one
// line of the service changed, with nothing changed; and what is in the images. The Docker Engine is one of its own, its base is made
// of Debian, this Node and npm, since no registry of images can be asked (making it is not counted). Prints JSON. Needs root,
// docker.io, mmdebstrap, skopeo, and the network once.
//   node bench/image-build.ts [--rounds 3] [--without-docker]
import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { missingForDocker, startDockerEngine, type DockerEngine } from '../app/tests/packaging/docker-engine.ts'
import { median, writeResult } from './result.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, 'without-docker': { type: 'boolean', default: false } } })
const rounds = Number(values.rounds)
const here = join(import.meta.dirname, '..')
const root = mkdtempSync(join(tmpdir(), 'shiplock-bench-'))
/** A clone of this repository: the service as it is written, which has to be bundled first. */
const tree = join(root, 'tree')
/** A repository with what the bundler made of it: what is measured is the image alone. */
const service = join(root, 'service')
const store = join(root, 'cache')
/** The one that the clone pins: another would first start this one. */
const node = join(tree, `node_modules/node-${process.platform}-${process.arch}/bin/node`)

interface Timed {
  readonly ms: number
  /** User and system, of all its processes. */
  readonly cpuMs: number
  readonly output: string
}

function run(command: string, args: readonly string[], cwd = root): Timed {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', command, ...args], { cwd, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, CI: undefined, XDG_CACHE_HOME: store } })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
  const ms = performance.now() - started
  const [user = 0, system = 0] = (stderr.trimEnd().split('\n').at(-1) ?? '').split(' ').map(Number)
  return { ms, cpuMs: (user + system) * 1000, output: stdout }
}

interface Built {
  readonly digest: string
  readonly sizeBytes: number
}

function shiplock(directory: string, name?: string): Built {
  const { ms, cpuMs, output } = run(node, [join(tree, 'launch.mjs'), 'shiplock', 'image', 'build', '--quiet', '--format', 'json', '--cwd', directory])
  if (name !== undefined) note(name, { ms, cpuMs })
  const { digest, sizeBytes }: Built = JSON.parse(output)
  return { digest, sizeBytes }
}

/** As on a machine that has Debian's packages and npm's, and has never built this. */
function forget(directory: string): void {
  rmSync(join(directory, '.shiplock'), { recursive: true, force: true })
  for (const name of readdirSync(join(store, 'shiplock'))) if (name !== 'debs') rmSync(join(store, 'shiplock', name), { recursive: true })
}

function cloneHere(): void {
  run('git', ['clone', '--quiet', '--local', here, tree])
  run('cp', ['-al', join(here, 'node_modules'), join(tree, 'node_modules')])
  for (const place of ['app', 'packages/shiplock']) spawnSync('cp', ['-al', join(here, place, 'node_modules'), join(tree, place)])
  rmSync(join(tree, 'node_modules/.cache/shiplock'), { recursive: true, force: true })
  run(node, [join(tree, 'packages/shiplock/scripts/write-bundle.ts')])
}

function makeService(): void {
  run('npm', ['run', 'build'], join(tree, 'app'))
  mkdirSync(service)
  cpSync(join(tree, 'app/dist'), join(service, 'dist'), { recursive: true })
  cpSync(join(tree, 'shiplock.image.lock'), join(service, 'shiplock.image.lock'))
  writeFileSync(join(service, 'package.json'), JSON.stringify({ name: 'todo', version: '1.0.0', type: 'module' }))
  configure('gzip')
  run('git', ['init', '--quiet'], service)
  run('git', ['add', '.'], service)
  run('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', 'commit', '--quiet', '-m', 'The service'], service)
}

const configure = (compression: string) => writeFileSync(join(service, 'shiplock.config.ts'), `import { defineConfig } from 'shiplock'

export default defineConfig({ service: { name: 'todo' }, image: { builder: 'assemble', build: null, dependencies: 'none', files: ['dist/**'], entrypoint: ['node', 'dist/server.mjs'], compression: '${compression}' } })
`)

/** A line of its own that the next image has and no earlier one. */
let line = 0
const edit = (file: string) => appendFileSync(file, `// ${++line}\n`)

const times: Record<string, { readonly ms: number; readonly cpuMs?: number }[]> = {}
const note = (name: string, time: { readonly ms: number; readonly cpuMs?: number }) => (times[name] ??= []).push(time)

function measureOurs(): Built {
  for (const [directory, edited, suffix] of [[service, 'dist/server.mjs', ''], [tree, 'app/src/server.ts', ', bundling too']] as const) {
    forget(directory)
    const cold = shiplock(directory, `cold${suffix}`)
    edit(join(directory, edited))
    const changed = shiplock(directory, `app changed${suffix}`)
    if (directory === service && changed.digest === cold.digest) throw new Error('the service was changed, its image was not')
    shiplock(directory, `nothing changed${suffix}`)
  }
  return shiplock(service)
}

function measureDocker(engine: DockerEngine): void {
  const build = (...more: string[]) => {
    const began = performance.now()
    engine.docker('build', '--network', 'host', '--file', join(tree, 'app/Dockerfile'), '--build-arg', 'NODE_IMAGE=node-stand-in', '--tag', 'todo', ...more, tree)
    return { ms: performance.now() - began }
  }
  note('docker build, cold', build('--no-cache'))
  edit(join(tree, 'app/src/server.ts'))
  note('docker build, app changed', build())
  note('docker build, nothing changed', build())
}

interface Contents {
  readonly debianPackages: number
  readonly setuidFiles: number
  readonly files: number
}

/** What a flat archive of an image's files holds. */
function contentsOf(archives: readonly string[]): Contents {
  const lines = archives.flatMap((archive) => run('tar', ['--list', '--verbose', '--file', archive]).output.split('\n'))
  const paths = lines.map((entry) => entry.split(/\s+/)[5] ?? '')
  const statusDirectory = paths.filter((path) => /^(?:\.\/)?var\/lib\/dpkg\/status\.d\/[^/]+$/.test(path) && !path.endsWith('.md5sums')).length
  const status = paths.find((path) => /^(?:\.\/)?var\/lib\/dpkg\/status$/.test(path))
  const listed = status === undefined ? 0 : run('tar', ['--extract', '--to-stdout', '--file', archives[0]!, status]).output.match(/^Package: /gm)?.length ?? 0
  return { debianPackages: listed + statusDirectory, setuidFiles: lines.filter((entry) => /^-..[sS]|^-.....[sS]/.test(entry)).length, files: lines.filter((entry) => entry.startsWith('-')).length }
}

interface ImageFacts extends Contents {
  readonly gzipMb: number
  readonly zstdMb: number
}

function ours(gzip: Built): ImageFacts {
  const blobs = join(service, '.shiplock/layout/blobs/sha256')
  const manifest: { readonly layers: readonly { readonly digest: string }[] } = JSON.parse(readFileSync(join(blobs, gzip.digest.slice(7)), 'utf8'))
  const contents = contentsOf(manifest.layers.map(({ digest }) => join(blobs, digest.slice(7))))
  configure('zstd')
  forget(service)
  const zstd = shiplock(service, 'cold, zstd')
  return { ...contents, gzipMb: gzip.sizeBytes / 1e6, zstdMb: zstd.sizeBytes / 1e6 }
}

function dockers({ docker }: DockerEngine, name: string): ImageFacts {
  const flat = join(root, 'flat.tar')
  docker('export', '--output', flat, docker('create', name))
  const contents = contentsOf([flat])
  const saved = join(root, 'saved.tar')
  docker('save', '--output', saved, name)
  const [gzipMb, zstdMb] = ['gzip', 'zstd'].map((format) => {
    const to = join(root, `as-${format}`)
    run('skopeo', ['--insecure-policy', 'copy', '--quiet', '--dest-compress', '--dest-compress-format', format, `docker-archive:${saved}`, `oci:${to}:image`])
    const sizes = readdirSync(join(to, 'blobs/sha256'), { withFileTypes: true }).map((entry) => readFileSync(join(entry.parentPath, entry.name)).length)
    rmSync(to, { recursive: true })
    return sizes.reduce((sum, size) => sum + size, 0) / 1e6
  })
  for (const file of [flat, saved]) rmSync(file)
  return { ...contents, gzipMb: gzipMb!, zstdMb: zstdMb! }
}

/** The Dockerfile that most people write: the same bundle on the base image. */
const usualDockerfile = 'FROM node-stand-in\nWORKDIR /app\nCOPY --from=todo /app ./\nUSER 1000\nENTRYPOINT ["/usr/local/bin/node", "/app/server.mjs"]\n'

function usual(engine: DockerEngine): ImageFacts {
  const context = join(root, 'usual')
  mkdirSync(context)
  writeFileSync(join(context, 'Dockerfile'), usualDockerfile)
  engine.docker('build', '--tag', 'usual', context)
  return dockers(engine, 'usual')
}

const secondsOf = (which: (time: (typeof times)[string][number]) => number | undefined): Record<string, number> =>
  Object.fromEntries(Object.entries(times).flatMap(([name, all]) => {
    const least = Math.min(...all.map((time) => which(time) ?? Number.NaN))
    return Number.isNaN(least) ? [] : [[`${name}, s`, Number((least / 1000).toPrecision(3))]]
  }))

const missing = values['without-docker'] ? 'the wish for it (--without-docker)' : missingForDocker()
let engine: DockerEngine | undefined
try {
  cloneHere()
  makeService()
  if (missing === undefined) {
    engine = await startDockerEngine()
    engine.makeNodeImage('node-stand-in')
  }
  // Fetches Debian's packages, and fills the compile cache of the command line: neither is what is measured.
  shiplock(service)
  let gzip: Built | undefined
  for (let round = 0; round < rounds; round += 1) {
    gzip = measureOurs()
    if (engine) measureDocker(engine)
  }
  const images = { ours: ours(gzip!), ...(engine && { 'app/Dockerfile': dockers(engine, 'todo'), 'the same on the base image': usual(engine) }) }
  writeResult('image-build', {
    rounds,
    ...(missing !== undefined && { notBeside: `docker build: there is no ${missing}` }),
    goals: { 'cold, s': 6, 'app changed, s': 0.4, 'nothing changed, s': 0.2, 'gzip, MB': 58, 'zstd, MB': 47, 'Debian packages': 9, 'setuid files': 0 },
    images,
    figures: Object.fromEntries(Object.entries(times).map(([name, all]) => [`${name}, s`, median(all.map(({ ms }) => ms)) / 1000])),
    // On a machine that does other work too, what counts is this.
    cpu: secondsOf(({ cpuMs }) => cpuMs),
    best: secondsOf(({ ms }) => ms),
  })
} finally {
  await engine?.stop()
  rmSync(root, { recursive: true, force: true })
}
