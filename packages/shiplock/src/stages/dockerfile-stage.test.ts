import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLayout, readImageConfig, readImageFiles, type Digest } from '@shiplock/image'
import { expect, onTestFinished, test } from 'vitest'
import { createMask } from '../system/masking.ts'
import { takeSnapshot } from '../system/snapshot.ts'
import type { BuiltImage } from './built-image.ts'
import { dockerfileStage, type DockerfileStageInput } from './dockerfile-stage.ts'

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const isCi = process.env['CI'] !== undefined
const isRoot = process.getuid?.() === 0

/** In CI a missing program fails the test; elsewhere it is said that it was not run. */
function needs(...programs: readonly string[]): boolean {
  const missing = [...(isRoot ? [] : ['root']), ...programs.filter((program) => !has(program))]
  if (missing.length > 0 && !isCi) process.stderr.write(`SKIPPED: Dockerfiles are not built: there is no ${missing.join(', ')}\n`)
  return missing.length === 0 || isCi
}

const files: Readonly<Record<string, string>> = {
  'svc/Dockerfile': 'FROM scratch\nCOPY . /app/\nUSER 65532:65532\nWORKDIR /app\nENTRYPOINT ["/app/greeting"]\n',
  'svc/.dockerignore': '*.log\nDockerfile\n.dockerignore\n',
  'svc/greeting': 'hello\n',
  'svc/debug.log': 'a line\n',
  'other/file': 'not of the context\n',
}

interface RunOptions {
  readonly isUntrusted?: boolean
  readonly environment?: NodeJS.ProcessEnv
}

function rig(more: Readonly<Record<string, string>> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'dockerfile-stage-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const root = join(home, 'tree')
  for (const [path, content] of Object.entries({ ...files, ...more })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  mkdirSync(join(home, 'scratch'))
  const storage = join(home, 'storage.conf')
  writeFileSync(storage, `[storage]\ndriver = "vfs"\ngraphroot = "${home}/graph"\nrunroot = "${home}/run"\n`)
  const stage = async (input: Partial<DockerfileStageInput> = {}, { isUntrusted = false, environment = {} }: RunOptions = {}) => {
    const snapshot = takeSnapshot(root)
    if (!snapshot.ok) throw new Error(snapshot.failure.message)
    return dockerfileStage({
      workspace: { snapshot: snapshot.value, confinement: { kind: 'unconfined', why: 'a test' }, scratchParent: join(home, 'scratch'), programs: [], isUntrusted, environment: { PATH: process.env['PATH'], HOME: home, DOCKER_HOST: `unix://${home}/no-socket`, CONTAINERS_STORAGE_CONF: storage, ...environment } },
      mask: createMask({}),
      layoutDirectory: join(home, 'layout'),
      name: 'svc',
      dockerfile: 'svc/Dockerfile',
      context: 'svc',
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      created: 1_700_000_000,
      ...input,
    })
  }
  const run = async (input?: Partial<DockerfileStageInput>, options?: RunOptions) => {
    const never = () => {
      throw new Error('it has no needs')
    }
    return (await stage(input, options)).run({ signal: new AbortController().signal, output: never, result: never, progress: () => {} })
  }
  return { home, root, stage, run }
}

async function contents(home: string, { digest }: BuiltImage): Promise<Record<string, string>> {
  const layout = await openLayout(join(home, 'layout'))
  const found: Record<string, string> = {}
  for await (const file of readImageFiles(layout, { digest: digest as Digest }, () => true)) found[file.path] = Buffer.from(await file.content()).toString()
  return found
}

async function expectImage(home: string, result: Awaited<ReturnType<ReturnType<typeof rig>['run']>>): Promise<void> {
  if (!result.ok) throw new Error(`${result.failure.message}\n${result.failure.detail ?? ''}`)
  const image = result.value.value as BuiltImage
  expect(await contents(home, image)).toEqual({ 'app/greeting': 'hello\n' })
  expect((await readImageConfig(await openLayout(join(home, 'layout')), image.digest as Digest)).run).toMatchObject({ entrypoint: ['/app/greeting'], user: '65532:65532', workingDir: '/app' })
  expect(result.value.artifacts?.every((path) => existsSync(path))).toBe(true)
  // Neither the copy of the tree nor the archive stays.
  expect(readdirSync(join(home, 'scratch'))).toEqual([])
}

test.runIf(needs('buildah'))('Buildah builds the Dockerfile from what .dockerignore leaves of the tree, and the image is in the layout', async () => {
  const { home, run } = rig()
  const result = await run()
  expect(result.ok && result.value.summary).toMatch(/built by buildah from svc\/Dockerfile; another build may differ/)
  await expectImage(home, result)
})

test.runIf(needs('buildah'))('a Dockerfile that does not build fails with what the builder says', async () => {
  const { home, run } = rig({ 'svc/Dockerfile': 'FROM scratch\nCOPY no-such-file /\n' })
  const result = await run()
  expect(result).toMatchObject({ ok: false, failure: { reason: 'build-failed', message: 'buildah could not build the Dockerfile', detail: expect.stringContaining('no-such-file') } })
  expect(readdirSync(join(home, 'scratch'))).toEqual([])
})

test('where nothing builds Dockerfiles the failure says what is missing, and nothing is remembered of it', async () => {
  const { home, root, stage, run } = rig({ 'bin/buildah': '#!/bin/sh\necho buildah version 9.9.9\n' })
  const missing = { ok: false, failure: { reason: 'tool-missing', message: expect.stringMatching(/^nothing here builds a Dockerfile: .*buildah is not installed$/), hint: expect.stringContaining("image.builder: 'assemble'") } }
  expect(await run({}, { environment: { PATH: home } })).toMatchObject(missing)
  expect((await stage({}, { environment: { PATH: home } })).inputs).toBeUndefined()
  // One that the tree brings is none.
  chmodSync(join(root, 'bin/buildah'), 0o755)
  expect(await run({}, { environment: { PATH: join(root, 'bin') } })).toMatchObject(missing)
})

test.runIf(needs('buildah'))('a Dockerfile or a context that is a link could show the builder any file of this machine, and is refused', async () => {
  const { root, run } = rig()
  symlinkSync('/etc/passwd', join(root, 'Linked'))
  expect(await run({ dockerfile: 'Linked' })).toMatchObject({ ok: false, failure: { reason: 'build-failed', message: 'there is no file Linked in the tree' } })
  symlinkSync('/etc', join(root, 'elsewhere'))
  expect(await run({ context: 'elsewhere' })).toMatchObject({ ok: false, failure: { reason: 'build-failed', message: 'the context elsewhere is not a folder of the tree, or leads out of it' } })
})

test('without trust nothing is built', async () => {
  expect(await rig().run({}, { isUntrusted: true })).toMatchObject({ ok: false, failure: { reason: 'unconfined' } })
})

test.runIf(needs('buildah'))('only what the builder is given is in the fingerprint', async () => {
  const { root, stage } = rig()
  const first = (await stage()).inputs
  writeFileSync(join(root, 'other/file'), 'changed')
  expect((await stage()).inputs).toBe(first)
  const others = [(await stage({ created: 1 })).inputs, (await stage({ name: 'other' })).inputs, (await stage({ context: '.' })).inputs]
  writeFileSync(join(root, 'svc/greeting'), 'changed')
  expect(new Set([first, ...others, (await stage()).inputs]).size).toBe(5)
})

test.runIf(needs('dockerd', '/usr/bin/docker'))('a Docker Engine builds it with BuildKit, and keeps no name of it', async () => {
  const { home, run } = rig()
  const engine = mkdtempSync(join(tmpdir(), 'dockerfile-engine-'))
  const socket = `unix://${engine}/socket`
  const log = openSync(join(engine, 'log'), 'w')
  const daemon = spawn('dockerd', ['--host', socket, '--data-root', `${engine}/data`, '--exec-root', `${engine}/exec`, '--pidfile', `${engine}/pid`, '--storage-driver', 'vfs', '--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'], { stdio: ['ignore', log, log] })
  onTestFinished(async () => {
    if (daemon.exitCode === null) {
      daemon.kill('SIGTERM')
      await once(daemon, 'exit')
    }
    rmSync(engine, { recursive: true, force: true })
  })
  const docker = (...args: string[]) => spawnSync('/usr/bin/docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: socket } })
  for (let tries = 0; docker('info').status !== 0; tries++) {
    if (daemon.exitCode !== null || tries === 300) throw new Error(readFileSync(join(engine, 'log'), 'utf8').slice(-4000))
    await sleep(100)
  }
  const result = await run({}, { environment: { DOCKER_HOST: socket } })
  expect(result.ok && result.value.summary).toMatch(/built by docker from svc\/Dockerfile/)
  await expectImage(home, result)
  expect(docker('image', 'ls', '--quiet', 'shiplock-build').stdout).toBe('')
})
