import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { openLayout } from '@shiplock/image'
import { isJsonObject } from '../resource/proto-json.ts'
import { DockerEngine, DockerError } from './docker-engine.ts'
import { dockerArchive } from './docker-image.ts'
import { commonLimitations, type Address, type ExitStatus, type Mount, type RunningProcess, type RunRequest, type Runtime } from './runtime.ts'

const label = 'dev.shiplock.cloud-run-emulator'

/**
 * Runs images in Docker: limits of memory and CPU are enforced, and each instance has a network of its own. `undefined` where
 * no engine answers. What an emulator that was killed has left on `stateDir` is removed.
 */
export async function dockerRuntime(socketPath: string | undefined, stateDir: string): Promise<Runtime | undefined> {
  if (socketPath === undefined) return undefined
  const engine = new DockerEngine(socketPath)
  const owner = createHash('sha256').update(stateDir).digest('hex').slice(0, 32)
  try {
    const filters = encodeURIComponent(JSON.stringify({ label: [`${label}=${owner}`] }))
    const left = await engine.ask('GET', `/containers/json?all=true&filters=${filters}`)
    const ids = Array.isArray(left) ? left.flatMap((each: unknown) => (isJsonObject(each) ? [String(each['Id'])] : [])) : []
    await Promise.all(ids.map(async (id) => engine.ask('DELETE', `/containers/${id}?force=true`)))
  } catch {
    // Nothing there, or not for this user.
    return undefined
  }
  return {
    name: 'docker',
    limitations: commonLimitations,
    network: 'own',
    limitsMemory: true,
    start: async (request) => start(engine, owner, request),
  }
}

async function start(engine: DockerEngine, owner: string, request: RunRequest): Promise<RunningProcess> {
  const { image, process: container, mounts, limits, port, scratchDir } = request
  const name = `shiplock-cloud-run-emulator:${image.digest.slice('sha256:'.length)}`
  await load(engine, image, name)
  const exposed = port === undefined ? undefined : `${port.container}/tcp`
  const created = await engine.ask('POST', '/containers/create', {
    Image: name,
    Entrypoint: container.argv,
    Cmd: [],
    Env: Object.entries(container.env).map(([key, value]) => `${key}=${value}`),
    WorkingDir: container.workingDir,
    Labels: { [label]: owner },
    ...(exposed === undefined ? {} : { ExposedPorts: { [exposed]: {} } }),
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 4096,
      Memory: limits.memoryBytes,
      MemorySwap: limits.memoryBytes,
      NanoCpus: Math.round(limits.cpus * 1e9),
      Tmpfs: { '/tmp': `rw,mode=1777,size=${limits.memoryBytes}`, ...Object.fromEntries(memoryMounts(mounts)) },
      Binds: bindFiles(mounts, scratchDir),
      ...(exposed === undefined || port === undefined ? {} : { PortBindings: { [exposed]: [{ HostIp: '127.0.0.1', HostPort: String(port.host) }] } }),
    },
  })
  const id = isJsonObject(created) ? String(created['Id']) : ''
  try {
    await engine.ask('POST', `/containers/${id}/start`)
  } catch (error) {
    await engine.ask('DELETE', `/containers/${id}?force=true`)
    // A program that is not in the image: the container's failure, which it says as a process would.
    if (error instanceof DockerError && error.status === 400) return ended(error.message)
    throw error
  }
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const logs = await engine.open('GET', `/containers/${id}/logs?follow=true&stdout=true&stderr=true`)
  const printed = separate(logs, stdout, stderr)
  const exited = exitOf(engine, id).then(async (status) => {
    await printed
    await engine.ask('DELETE', `/containers/${id}?force=true`)
    return status
  })
  const address = port === undefined ? undefined : await addressOf(engine, id, port.container)
  return {
    ...(address === undefined ? {} : { address }),
    stdout,
    stderr,
    exited,
    signal(signal) {
      // It may have ended by itself just now, which is as good.
      engine.ask('POST', `/containers/${id}/kill?signal=${signal}`).catch((error: unknown) => {
        if (!(error instanceof DockerError)) stderr.write(`The Docker Engine could not be asked to end it: ${String(error)}\n`)
      })
    },
  }
}

async function load(engine: DockerEngine, { layoutDir, digest }: RunRequest['image'], name: string): Promise<void> {
  try {
    await engine.ask('GET', `/images/${encodeURIComponent(name)}/json`)
  } catch (error) {
    if (!(error instanceof DockerError) || error.status !== 404) throw error
    await engine.ask('POST', '/images/load?quiet=true', await dockerArchive(await openLayout(layoutDir), digest, name))
  }
}

async function exitOf(engine: DockerEngine, id: string): Promise<ExitStatus> {
  const waited = await engine.ask('POST', `/containers/${id}/wait`)
  const inspected = await engine.ask('GET', `/containers/${id}/json`)
  const state = isJsonObject(inspected) && isJsonObject(inspected['State']) ? inspected['State'] : {}
  const code = isJsonObject(waited) ? Number(waited['StatusCode']) : 0
  return { code, signal: undefined, ...(state['OOMKilled'] === true ? { ranOutOfMemory: true } : {}) }
}

/** On Linux the bridge leads to the container itself; elsewhere the engine is in a virtual machine, and it does not. */
async function addressOf(engine: DockerEngine, id: string, port: number): Promise<Address | undefined> {
  if (process.platform !== 'linux') return undefined
  const inspected = await engine.ask('GET', `/containers/${id}/json`)
  const settings = isJsonObject(inspected) && isJsonObject(inspected['NetworkSettings']) ? inspected['NetworkSettings'] : {}
  const host = settings['IPAddress']
  return typeof host === 'string' && host !== '' ? { host, port } : undefined
}

/** Takes the two streams apart, which come in frames: one byte that says which, three of nothing, four of length. */
async function separate(logs: Readable, stdout: PassThrough, stderr: PassThrough): Promise<void> {
  let rest = Buffer.alloc(0)
  for await (const chunk of logs as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(4)) {
      const length = rest.readUInt32BE(4)
      ;(rest[0] === 2 ? stderr : stdout).write(rest.subarray(8, 8 + length))
      rest = rest.subarray(8 + length)
    }
  }
  stdout.end()
  stderr.end()
}

function memoryMounts(mounts: readonly Mount[]): readonly (readonly [string, string])[] {
  return mounts.flatMap((mount) => (mount.kind === 'memory' ? [[mount.path, `rw,mode=1777,size=${mount.sizeBytes}`] as const] : []))
}

/** Files are given through a directory that only this user and the engine can enter, and that goes with the instance. */
function bindFiles(mounts: readonly Mount[], scratchDir: string): readonly string[] {
  const closed = join(scratchDir, 'files')
  return mounts.flatMap((mount, index) => {
    if (mount.kind !== 'files') return []
    mkdirSync(closed, { recursive: true, mode: 0o700 })
    const directory = join(closed, String(index))
    mkdirSync(directory)
    chmodSync(directory, 0o755)
    for (const { name, content, mode } of mount.files) {
      writeFileSync(join(directory, name), content, { mode: 0o600 })
      chmodSync(join(directory, name), mode)
    }
    return [`${directory}:${mount.path}:ro`]
  })
}

function ended(message: string): RunningProcess {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  stdout.end()
  stderr.end(`${message}\n`)
  return { stdout, stderr, exited: Promise.resolve({ code: 127, signal: undefined }), signal: () => {} }
}
