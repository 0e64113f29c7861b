import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { BlobStore } from '../../system/blob-store.ts'
import { findConfinement, type Confinement } from '../../system/confinement.ts'
import { createMask } from '../../system/masking.ts'
import { takeSnapshot } from '../../system/snapshot.ts'
import type { NpmRegistry, PublishedPackage } from '../../testing/npm-registry.ts'
import type { Manager } from './lock.ts'
import { packagesStage } from './packages-stage.ts'
import type { ProductionPackages } from './production-packages.ts'

/** Packages that the services of these tests are made of. */
export const published: readonly PublishedPackage[] = [
  { name: 'greeting', version: '1.0.0', files: { 'index.js': "module.exports = 'hello ' + require('subject')\n", 'cli.js': '#!/usr/bin/env node\n', '.hidden': 'a file like any other\n' }, executable: ['cli.js'], manifest: { bin: { greet: 'cli.js' }, dependencies: { subject: '^1.0.0' }, scripts: { install: 'touch /tmp/ran; touch ran' } } },
  { name: 'subject', version: '1.0.0', files: { 'index.js': "module.exports = 'world'\n" } },
  { name: 'subject', version: '2.0.0', files: { 'index.js': "module.exports = 'universe'\n" } },
  { name: '@acme/scoped', version: '3.0.0', files: { 'index.mjs': "export default 'scoped'\n" }, manifest: { exports: './index.mjs' } },
  { name: 'only-tests', version: '1.0.0' },
  { name: 'for-windows', version: '1.0.0', manifest: { os: ['win32'] } },
]

const tools = mkdtempSync(join(tmpdir(), 'package-managers-'))
process.once('exit', () => rmSync(tools, { recursive: true, force: true }))

const packages: Readonly<Record<Exclude<Manager, 'npm'>, readonly [name: string, bin: string]>> = { pnpm: ['pnpm@12.21.0', 'pnpm'], yarn: ['@yarnpkg/cli-dist@4.18.1', 'yarn'], 'yarn-classic': ['yarn@1.22.22', 'yarn'] }

/** A PATH that begins with the package manager: npm is this machine's, the others come from its registry, once a process. */
export function pathWith(manager: Manager): string {
  const path = process.env['PATH'] ?? ''
  if (manager === 'npm') return path
  const [spec, bin] = packages[manager]
  const directory = join(tools, manager)
  if (!existsSync(directory)) {
    mkdirSync(directory)
    execFileSync('npm', ['install', '--silent', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', directory, spec], { cwd: directory })
    mkdirSync(join(directory, 'bin'))
    symlinkSync(realpathSync(join(directory, 'node_modules/.bin', bin)), join(directory, 'bin', bin))
  }
  return `${join(directory, 'bin')}${delimiter}${path}`
}

const lockArguments: Readonly<Record<Manager, readonly string[]>> = {
  npm: ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'],
  pnpm: ['install', '--lockfile-only'],
  yarn: ['install', '--mode=update-lockfile'],
  'yarn-classic': ['install', '--ignore-scripts', '--non-interactive'],
}

/** A tree with a service, and a machine with a package manager to install it. */
export class PackagesRig {
  readonly root = mkdtempSync(join(tmpdir(), 'packages-stage-'))
  readonly home = mkdtempSync(join(tmpdir(), 'packages-home-'))
  readonly registry: NpmRegistry
  environment: NodeJS.ProcessEnv

  constructor(registry: NpmRegistry, manager: Manager) {
    this.registry = registry
    this.environment = { PATH: pathWith(manager), HOME: this.home, NPM_CONFIG_REGISTRY: registry.url, YARN_NPM_REGISTRY_SERVER: registry.url, YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1' }
    // pnpm reads no variable of npm's.
    writeFileSync(join(this.home, '.npmrc'), `registry=${registry.url}/\n`)
  }

  write(path: string, content: string, { isExecutable = false } = {}): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), content)
    if (isExecutable) chmodSync(join(this.root, path), 0o755)
  }

  writeAll(files: Readonly<Record<string, string | object>>): void {
    for (const [path, content] of Object.entries(files)) this.write(path, typeof content === 'string' ? content : JSON.stringify(content))
  }

  read = (path: string): string => readFileSync(join(this.root, path), 'utf8')

  /** The lock file, as the package manager itself writes it. */
  async lock(manager: Manager, directory = '.'): Promise<void> {
    const env = { ...this.environment, YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' }
    await promisify(execFile)(manager === 'yarn-classic' ? 'yarn' : manager, [...lockArguments[manager]], { cwd: join(this.root, directory), env })
  }

  async stage({ directory = '.', confinement, blobs = join(this.home, 'blobs') }: StageOptions = {}) {
    const snapshot = takeSnapshot(this.root)
    if (!snapshot.ok) throw new Error(snapshot.failure.message)
    return packagesStage({
      workspace: { snapshot: snapshot.value, confinement: confinement ?? (await findConfinement(this.root, this.environment)), scratchParent: join(this.home, 'scratch'), programs: [], isUntrusted: true, environment: this.environment },
      mask: createMask({}),
      blobs: new BlobStore(blobs),
      directory,
      platform: { architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
      cache: join(this.home, 'cache'),
    })
  }

  async run(options: StageOptions = {}) {
    const stage = await this.stage(options)
    const controller = new AbortController()
    const never = () => {
      throw new Error('it has no needs')
    }
    return stage.run({ signal: controller.signal, output: never, result: never, progress: () => {} })
  }

  /** What entered, or the failure, thrown. */
  async packages(options: StageOptions = {}): Promise<ProductionPackages> {
    const result = await this.run(options)
    if (!result.ok) throw new Error(`${result.failure.reason}: ${result.failure.message}\n${result.failure.detail ?? ''}`)
    return result.value.value as ProductionPackages
  }

  /** Writes what entered as it stands in the image. */
  unpack({ files, links }: ProductionPackages, to: string, blobs = join(this.home, 'blobs')): void {
    const store = new BlobStore(blobs)
    for (const file of files) {
      mkdirSync(dirname(join(to, file.path)), { recursive: true })
      writeFileSync(join(to, file.path), readFileSync(store.pathOf(file.digest)))
    }
    for (const { path, target } of links) {
      mkdirSync(dirname(join(to, path)), { recursive: true })
      symlinkSync(target, join(to, path))
    }
  }

  [Symbol.dispose](): void {
    for (const directory of [this.root, this.home]) rmSync(directory, { recursive: true, force: true })
  }
}

export interface StageOptions {
  readonly directory?: string
  readonly confinement?: Confinement
  readonly blobs?: string
}
