import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { RunRecord } from '@shiplock/findings'
import { openStateDirectory } from '../system/state-directory.ts'

/** The command line as a user's shell starts it, less the launcher. */
export const cli = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

const repositoryRoot = fileURLToPath(new URL('../../../../', import.meta.url))

/** A small service without dependencies, with everything that the pipeline looks at: sources, types, tests, a build. */
const smallService: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'small', private: true, type: 'module', engines: { node: '>=24' }, scripts: { build: 'mkdir -p dist && cp src/server.mjs dist/server.mjs', test: 'node --test' } }),
  'tsconfig.json': JSON.stringify({ compilerOptions: { strict: true, noEmit: true, module: 'nodenext', target: 'es2024', types: [], skipLibCheck: true }, include: ['src'] }),
  '.gitignore': 'node_modules/\ndist/\n.env\n.env.*\n',
  'SECURITY.md': 'Write to security@example.test.\n',
  'src/add.ts': 'export const add = (a: number, b: number): number => a + b\n',
  'src/server.mjs': `import { createServer } from 'node:http'
const page = 'version 1'
const server = createServer((request, response) => response.setHeader('content-type', 'text/plain').end(page))
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log(JSON.stringify({ severity: 'INFO', message: 'listening' })))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`,
  'test/add.test.mjs': `import { strict as assert } from 'node:assert'
import { test } from 'node:test'
test('adds', () => assert.equal(1 + 1, 2))
`,
}

const layerFolders = ['layout/blobs', 'layers']
let packedLayers: string | undefined

export interface CommandEnd {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<CommandEnd>
}

/** A repository in a temporary directory, with what it takes to run Shiplock on it as a user would. */
export class ScratchRepository {
  readonly root: string
  /** Free when it was asked for; the local target of this repository uses it. */
  readonly port: number

  static async create(files: Readonly<Record<string, string>> = {}, options: { withTools?: boolean } = {}): Promise<ScratchRepository> {
    const repository = new ScratchRepository(mkdtempSync(join(tmpdir(), 'shiplock-story-')), await freePort())
    for (const [path, content] of Object.entries({ ...smallService, ...files })) repository.write(path, content)
    if (options.withTools !== false) repository.installTools()
    if (!openStateDirectory(repository.root).ok) throw new Error('a new directory has a state already')
    if (packedLayers) for (const name of layerFolders) linkTree(join(packedLayers, name), join(repository.root, '.shiplock', name))
    repository.git('init', '--quiet', '--initial-branch=main')
    repository.commit('first')
    return repository
  }

  private constructor(root: string, port: number) {
    this.root = root
    this.port = port
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), content)
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  edit(path: string, change: (content: string) => string): void {
    this.write(path, change(this.read(path)))
  }

  commit(message: string): void {
    this.git('add', '--all')
    this.git('-c', 'user.name=Story', '-c', 'user.email=story@example.test', 'commit', '--quiet', '--allow-empty', '-m', message)
  }

  git(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: this.root, encoding: 'utf8' })
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
    return stdout
  }

  /** Starts `shiplock ARGS` in this repository, or a folder of it; colours and liveness as in a pipe. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}, directory = '.'): RunningCommand {
    const child = spawn(process.execPath, [cli, ...args], { cwd: join(this.root, directory), env: { PATH: process.env['PATH'] ?? '', HOME: this.root, NO_COLOR: '1', NODE_COMPILE_CACHE: join(tmpdir(), 'shiplock-story-compile-cache'), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = Promise.all([text(child.stdout!), text(child.stderr!), new Promise<number | null>((resolve) => child.on('close', resolve))]).then(([stdout, stderr, exitCode]) => ({ exitCode, stdout, stderr }))
    return { child, ended }
  }

  shiplock(args: readonly string[], env?: Readonly<Record<string, string>>, directory?: string): Promise<CommandEnd> {
    return this.start(args, env, directory).ended
  }

  /** `shiplock run` on this repository's port. */
  run(args: readonly string[] = [], env?: Readonly<Record<string, string>>): Promise<CommandEnd> {
    return this.shiplock(['run', '--port', String(this.port), ...args], env)
  }

  get record(): RunRecord {
    return JSON.parse(this.read('.shiplock/report/run.json'))
  }

  /** What the service answers on its front; undefined where nobody does. */
  async page(): Promise<string | undefined> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/`, { redirect: 'manual' })
      return answer.ok ? await answer.text() : `status ${answer.status}`
    } catch {
      return undefined
    }
  }

  /** Ends the local target, which outlives its commands, and removes everything. */
  async dispose(): Promise<void> {
    await this.shiplock(['down'])
    this.keepLayers()
    rmSync(this.root, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }

  /** Packing Node takes seconds, and it is the same for every repository of a test file: the first one's layers serve all. */
  private keepLayers(): void {
    if (packedLayers || !existsSync(join(this.root, '.shiplock/layers'))) return
    const kept = mkdtempSync(join(tmpdir(), 'shiplock-story-layers-'))
    for (const name of layerFolders) linkTree(join(this.root, '.shiplock', name), join(kept, name))
    packedLayers = kept
    process.once('exit', () => rmSync(kept, { recursive: true, force: true }))
  }

  /** TypeScript as the repository's own, hard-linked from this checkout. */
  private installTools(): void {
    const platform = `typescript-${process.platform}-${process.arch}`
    for (const name of ['typescript', `@typescript/${platform}`]) linkTree(join(repositoryRoot, 'node_modules', name), join(this.root, 'node_modules', name))
    const bin = join(this.root, 'node_modules/.bin/tsc')
    mkdirSync(dirname(bin), { recursive: true })
    writeFileSync(bin, '#!/usr/bin/env node\nimport("../typescript/bin/tsc")\n')
    chmodSync(bin, 0o755)
  }
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) linkTree(join(from, entry.name), join(to, entry.name))
    else linkOrCopy(join(from, entry.name), join(to, entry.name))
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    // Another file system: a copy is as good, only slower.
    cpSync(from, to)
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
