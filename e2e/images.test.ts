import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { missingForDocker, repository as root, startDockerEngine, type DockerEngine } from '../app/tests/packaging/docker-engine.ts'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

const missing = missingForDocker() ?? ['skopeo', 'umoci'].find((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
const isSkipped = missing !== undefined && process.env['CI'] === undefined
if (isSkipped) process.stderr.write(`SKIPPED: images are not run by a Docker Engine: there is no ${missing}\n`)

/** What a cautious host allows a container. */
const hardening = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'host']

let repository: ScratchRepository
let engine: DockerEngine
const port = 30_000 + (process.pid % 10_000)

/** The to-do service as its own build makes it, in a repository of its own. */
function builtApp(): Record<string, string> {
  execFileSync(process.execPath, [join(root, 'node_modules/rolldown/bin/cli.mjs'), '--config', 'rolldown.config.ts'], { cwd: join(root, 'app'), stdio: 'pipe' })
  const dist = join(root, 'app/dist')
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(files.map((entry) => [`service/${join(entry.parentPath, entry.name).slice(dist.length + 1)}`, readFileSync(join(entry.parentPath, entry.name), 'utf8')]))
}

beforeAll(async () => {
  if (isSkipped) return
  repository = await ScratchRepository.create({
    ...builtApp(),
    'service/debug.log': 'a line\n',
    'service/package.json': JSON.stringify({ name: 'todo', type: 'module' }),
    'service/.dockerignore': '*.log\n',
    'shiplock.config.ts': "export default { service: { name: 'todo', directory: 'service' }, image: { build: null, files: ['**'], entrypoint: ['node', 'server.mjs'] } }\n",
    'docker/Dockerfile': 'FROM scratch\nCOPY added.txt /app/added.txt\nUSER 65532:65532\n',
    'docker/added.txt': 'by Docker\n',
  })
  engine = await startDockerEngine()
}, 300_000)
afterAll(async () => {
  await engine?.stop()
  await repository?.dispose()
})

async function served(image: string): Promise<string> {
  const container = engine.docker('run', '--detach', ...hardening, '--env', 'HOST=127.0.0.1', '--env', `PORT=${port}`, image)
  try {
    await expect.poll(() => fetch(`http://127.0.0.1:${port}/ready`).then(({ status }) => status, String), { timeout: 30_000 }).toBe(200)
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text()
    const { State: state } = JSON.parse(engine.docker('inspect', container))[0]
    expect(readFileSync(`/proc/${state.Pid}/status`, 'utf8')).toMatch(/^Uid:\t65532\t65532[^]*^CapEff:\t0+$[^]*^NoNewPrivs:\t1$/m)
    return page
  } finally {
    engine.docker('rm', '--force', container)
  }
}

const layout = () => join(repository.root, '.shiplock/layout')

test.skipIf(isSkipped)('the image that is put together without Docker runs in a Docker Engine, with nothing that a cautious host takes away', async () => {
  const built = await repository.shiplock(['image', 'build'])
  expect(built.exitCode, built.stderr).toBe(0)
  const archive = join(repository.root, '.shiplock/saved.tar')
  execFileSync('skopeo', ['copy', '--insecure-policy', '--quiet', `oci:${layout()}:todo:build`, `docker-archive:${archive}:assembled:latest`])
  engine.docker('load', '--input', archive)
  expect(await served('assembled')).toContain('To-do list')
}, 300_000)

test.skipIf(isSkipped)('umoci unpacks it: no set-user-ID program, no shell, no file that anybody but root may write, and what .dockerignore keeps out is not there', () => {
  const bundle = join(repository.root, '.shiplock/bundle')
  execFileSync('umoci', ['unpack', '--image', `${layout()}:todo:build`, bundle], { stdio: 'pipe' })
  const rootfs = join(bundle, 'rootfs')
  const found = (...conditions: string[]) => execFileSync('find', [rootfs, ...conditions], { encoding: 'utf8' }).split('\n').filter((path) => path !== '').map((path) => path.slice(rootfs.length))
  expect(found('-perm', '/6000')).toEqual([])
  expect(found('-name', 'sh', '-o', '-name', 'bash', '-o', '-name', 'npm', '-o', '-name', 'apt')).toEqual([])
  expect(found('!', '-type', 'l', '-perm', '/022', '!', '-path', '*/tmp')).toEqual([])
  expect(existsSync(join(rootfs, 'app/server.mjs'))).toBe(true)
  expect(existsSync(join(rootfs, 'app/debug.log'))).toBe(false)
})

test.skipIf(isSkipped)('a Dockerfile is built by the Docker Engine, and its image goes the same way', async () => {
  const host = engine.docker('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}')
  const build = ['image', 'build', '--dockerfile', 'docker/Dockerfile']
  repository.write('shiplock.config.ts', "export default { service: { name: 'todo', directory: 'service' }, image: { context: 'docker' } }\n")
  const built = await repository.shiplock(build, { DOCKER_HOST: host })
  expect(built.exitCode, built.stderr).toBe(0)
  const bundle = join(repository.root, '.shiplock/from-dockerfile')
  execFileSync('umoci', ['unpack', '--image', `${layout()}:todo:build`, bundle], { stdio: 'pipe' })
  expect(readFileSync(join(bundle, 'rootfs/app/added.txt'), 'utf8')).toBe('by Docker\n')
  expect((await repository.shiplock([...build.slice(0, 3), '../Dockerfile'], { DOCKER_HOST: host })).exitCode).toBe(2)
}, 300_000)
