import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DockerEngine } from '../instances/docker-engine.ts'

/** Docker's engine wants root, and here a bridge: in CI it has both. */
export const hasDocker = process.getuid?.() === 0 && spawnSync('dockerd', ['--version'], { stdio: 'ignore' }).status === 0

async function answers(socketPath: string): Promise<boolean> {
  return new DockerEngine(socketPath).ask('GET', '/_ping').then(
    () => true,
    () => false,
  )
}

/** A Docker Engine of this test's own, whose socket DOCKER_HOST names until it is disposed of. */
export async function startDockerEngine(): Promise<AsyncDisposable> {
  const directory = mkdtempSync(join(tmpdir(), 'emulator-dockerd-'))
  const socket = `unix://${directory}/socket`
  const place = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec'), '--pidfile', join(directory, 'pid')]
  const child = spawn('dockerd', ['-H', socket, ...place, '--log-level=error'], { stdio: 'ignore' })
  const before = process.env['DOCKER_HOST']
  const stop = async () => {
    if (before === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = before
    const ended = once(child, 'exit')
    if (child.exitCode === null && child.kill()) await ended
    rmSync(directory, { recursive: true, force: true })
  }
  for (let attempt = 0; !(await answers(`${directory}/socket`)); attempt += 1) {
    if (child.exitCode !== null || attempt === 300) {
      await stop()
      throw new Error('dockerd did not start')
    }
    await delay(100)
  }
  process.env['DOCKER_HOST'] = socket
  return { [Symbol.asyncDispose]: stop }
}
