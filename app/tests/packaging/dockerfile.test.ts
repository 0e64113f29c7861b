import { afterAll, beforeAll, expect, test } from 'vitest'
import { missingForDocker, repository, startDockerEngine, type DockerEngine } from './docker-engine.ts'

const missing = missingForDocker()
if (missing !== undefined && process.env['CI'] === undefined) console.warn(`SKIPPED: the Dockerfile is not built: there is no ${missing}`)

/** The flags that app/Dockerfile tells its readers to use. */
const hardening = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']

const skipped = missing !== undefined && process.env['CI'] === undefined

let engine: DockerEngine
let container: string
// The machine's network is used, so that the container needs a port that nobody has.
const port = 20_000 + (process.pid % 10_000)
const address = `http://127.0.0.1:${port}`
beforeAll(async () => {
  if (skipped) return
  engine = await startDockerEngine()
  engine.makeNodeImage('node-stand-in')
  engine.docker('build', '--network', 'host', '--file', `${repository}/app/Dockerfile`, '--build-arg', 'NODE_IMAGE=node-stand-in', '--tag', 'todo', repository)
  container = engine.docker('run', '--detach', ...hardening, '--network', 'host', '--env', 'HOST=127.0.0.1', '--env', `PORT=${port}`, 'todo')
}, 600_000)
afterAll(() => engine?.stop())

test.skipIf(skipped)('the image of the Dockerfile serves the page, read-only, without rights and without capabilities', async () => {
  await expect.poll(() => fetch(`${address}/ready`).then(({ status }) => status, String), { timeout: 20_000 }).toBe(200)
  const page = await fetch(address)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('To-do list')
})

test.skipIf(skipped)('it runs as a user without rights and names no base, no package manager, no shell', () => {
  const { Config: config } = JSON.parse(engine.docker('inspect', 'todo'))[0]
  expect(config).toMatchObject({ User: '65532:65532', Entrypoint: ['/usr/local/bin/node', '/app/server.mjs'] })
  const programs = ['sh', 'bash', 'apt', 'apt-get', 'dpkg', 'npm', 'npx', 'yarn']
  const script = `const { existsSync } = require('node:fs'); console.log(JSON.stringify(${JSON.stringify(programs)}.filter((name) => ['/bin', '/usr/bin', '/usr/local/bin', '/sbin', '/usr/sbin'].some((folder) => existsSync(folder + '/' + name)))))`
  expect(JSON.parse(engine.docker('run', '--rm', '--network', 'none', '--entrypoint', '/usr/local/bin/node', 'todo', '-e', script))).toEqual([])
  expect(engine.docker('run', '--rm', '--network', 'none', '--entrypoint', '/usr/local/bin/node', 'todo', '-p', 'process.getuid() + ":" + process.getgid()')).toBe('65532:65532')
})

test.skipIf(skipped)('docker finds it healthy, and docker stop ends it in order', async () => {
  await expect.poll(() => engine.docker('inspect', '--format', '{{.State.Health.Status}}', container), { timeout: 60_000, interval: 500 }).toBe('healthy')
  engine.docker('stop', '--time', '20', container)
  expect(engine.docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('0')
  expect(engine.docker('logs', container)).toContain('App stopped')
})
