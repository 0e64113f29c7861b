import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A Docker Engine of the test's own: it knows no image, and what it made goes with it. */
export interface DockerEngine {
  /** Runs the client; resolves with what it printed, throws with what it complained about. */
  docker(...args: readonly string[]): string
  /** Makes the image `name`: Debian with this very Node and the machine's npm, since no registry of images can be asked. */
  makeNodeImage(name: string): void
  stop(): Promise<void>
}

// Debian's: another client may come first on PATH and know nothing of BuildKit.
const client = '/usr/bin/docker'

/** None: a bridge comes with rules in the firewall of the whole machine, which stay when the engine is gone. Builds and containers use the machine's. */
const ownNetwork = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false']

/** What is missing to start one here; undefined when nothing is. */
export function missingForDocker(): string | undefined {
  if (process.getuid?.() !== 0) return 'root, for a Docker Engine of its own'
  return ['dockerd', 'mmdebstrap', client].find((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
}

/** Starts the engine; its log is told when it does not come up. */
export async function startDockerEngine(): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'docker-engine-'))
  const host = `unix://${join(folder, 'socket')}`
  const logPath = join(folder, 'log')
  const log = openSync(logPath, 'w')
  const at = (name: string): string => join(folder, name)
  const daemon = spawn('dockerd', ['--host', host, '--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid'), '--storage-driver', 'overlay2', ...ownNetwork], { stdio: ['ignore', log, log] })
  const environment = { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain', DOCKER_CONFIG: folder }
  const docker = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(client, args, { env: environment, encoding: 'utf8', maxBuffer: 1 << 26 })
    if (status !== 0) throw new Error(`docker ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr.slice(-8_000)}`)
    return stdout.trim()
  }

  const stop = async (): Promise<void> => {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      daemon.kill('SIGTERM')
      await once(daemon, 'exit')
    }
    // What a container was shown is let go of a moment after the engine has ended.
    for (const mount of mountsBelow(folder)) spawnSync('umount', ['--lazy', mount])
    rmSync(folder, { recursive: true, force: true })
  }

  for (let tries = 0; spawnSync(client, ['info'], { env: environment }).status !== 0; tries++) {
    if (daemon.exitCode !== null || tries === 300) {
      const said = readFileSync(logPath, 'utf8').slice(-4_000)
      await stop()
      throw new Error(`dockerd did not come up\n${said}`)
    }
    await sleep(100)
  }

  return {
    docker,
    makeNodeImage(name) {
      const rootfs = at('rootfs.tar')
      // Where npm needs a certificate or a registry of the machine's own to reach the registry, so does npm in the image.
      const certificates = process.env['NODE_EXTRA_CA_CERTS']
      const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()
      const local = at('local')
      mkdirSync(join(local, 'bin'), { recursive: true })
      mkdirSync(join(local, 'lib/node_modules'), { recursive: true })
      copyFileSync(process.execPath, join(local, 'bin/node'))
      execFileSync('cp', ['-R', join(realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim()), '../..'), join(local, 'lib/node_modules/npm')])
      if (certificates !== undefined && existsSync(certificates)) copyFileSync(certificates, join(local, 'certificates.pem'))
      const hooks = [
        `rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin`,
        `tar -C '${local}' -cf - . | tar -C "$1"/usr/local --no-same-owner -xf -`,
        `ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1"/usr/local/bin/npm`,
      ]
      const excluded = ['man', 'locale', 'doc'].map((directory) => `--dpkgopt=path-exclude=/usr/share/${directory}/*`)
      const made = spawnSync('mmdebstrap', ['--variant=minbase', '--format=tar', '--include=libstdc++6,libatomic1', ...excluded, ...hooks.map((hook) => `--customize-hook=${hook}`), 'bookworm', rootfs], { encoding: 'utf8' })
      if (made.status !== 0) throw new Error(`mmdebstrap ended with ${made.status}\n${made.stderr.slice(-4_000)}`)
      const settings = [`PATH=/usr/local/bin:/usr/bin:/bin`, `npm_config_registry=${registry}`, ...(existsSync(join(local, 'certificates.pem')) ? ['NODE_EXTRA_CA_CERTS=/usr/local/certificates.pem'] : [])]
      docker('import', ...settings.flatMap((setting) => ['--change', `ENV ${setting}`]), rootfs, name)
      rmSync(rootfs)
    },
    stop,
  }
}

const mountsBelow = (folder: string): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .toReversed()

/** The root of the repository, which is what the Dockerfile is built from. */
export const repository = dirname(dirname(dirname(import.meta.dirname)))
