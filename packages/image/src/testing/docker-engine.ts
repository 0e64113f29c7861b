import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { isProofMissing } from './rig.ts'

export interface DockerEngine {
  /** Runs Docker's own client against this engine; anything but success is an error with what it said. */
  readonly docker: (parameters: readonly string[], options?: { readonly input?: Uint8Array }) => string
}

/** Docker's engine wants root; in CI it has it. */
export function isDockerMissing(): boolean {
  if (process.env['CI'] === undefined && process.getuid?.() !== 0) {
    process.stderr.write('\nNOT PROVED: Docker Engine needs root, so the tests that need it are skipped\n')
    return true
  }
  return isProofMissing('dockerd') || isProofMissing('/usr/bin/docker')
}

/** An engine for the tests of one file: socket, data and processes of its own, and no network. */
export function useDockerEngine(): DockerEngine {
  let socket = ''
  let stop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'shiplock-dockerd-'))
    socket = `unix://${directory}/socket`
    const place = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec'), '--pidfile', join(directory, 'pid')]
    const child = spawn('dockerd', ['-H', socket, ...place, '--bridge=none', '--iptables=false', '--log-level=error'], { stdio: 'ignore' })
    stop = async () => {
      const ended = once(child, 'exit')
      if (child.exitCode === null && child.kill()) await ended
      await rm(directory, { recursive: true, force: true })
    }
    for (let attempt = 0; spawnSync('/usr/bin/docker', ['-H', socket, 'info']).status !== 0; attempt++) {
      if (child.exitCode !== null || attempt === 300) throw new Error('dockerd did not start')
      await delay(100)
    }
  }, 120_000)
  afterAll(async () => stop?.())
  return {
    docker(parameters, { input } = {}) {
      const { status, stdout, stderr } = spawnSync('/usr/bin/docker', ['-H', socket, ...parameters], { maxBuffer: 64 * 1024 * 1024, ...(input === undefined ? {} : { input }) })
      if (status !== 0) throw new Error(`docker ${parameters.join(' ')} ended with ${status}: ${stderr.toString()}`)
      return stdout.toString()
    },
  }
}
