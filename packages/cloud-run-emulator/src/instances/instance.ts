import { randomUUID } from 'node:crypto'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import type { ContainerLog } from '../logs/container-log.ts'
import type { RevisionSettings } from '../resource/service.ts'
import type { StartFailure } from '../platform/record.ts'
import { serviceEnvironment } from './container-process.ts'
import { freePorts } from './free-ports.ts'
import { followHealth } from './health.ts'
import { KeptConnections } from './kept-connections.ts'
import type { Launcher } from './launcher.ts'
import { listeners, listensEverywhere } from './proc.ts'
import { describeExit, type ExitStatus } from './runtime.ts'
import { awaitStartup } from './startup-probe.ts'

/** How long an instance has between SIGTERM and SIGKILL (container contract, "Instance shutdown"). */
const shutdownGraceMs = 10_000
/** One that never started has nothing to finish. As process 1 it does not even notice SIGTERM before it has asked for it. */
const failedGraceMs = 500

export interface InstanceOptions {
  readonly launcher: Launcher
  readonly settings: RevisionSettings
  readonly service: string
  readonly revision: string
  readonly log: ContainerLog
  /** Gives up starting. */
  readonly signal: AbortSignal
}

/** A running instance: it has passed its start-up probe. */
export interface Instance {
  readonly id: string
  /** On 127.0.0.1. */
  readonly port: number
  readonly connections: KeptConnections
  /** A connection of HTTP/2 without TLS to it, made where there is none. */
  http2(): ClientHttp2Session
  /** Plain sentences about what it does that it should not: found out when asked. */
  readonly warnings: readonly string[]
  readonly exited: Promise<ExitStatus>
  /** Its readiness probe has not failed. */
  readonly isReady: boolean
  /** SIGTERM, then SIGKILL; fulfils when it has ended. */
  stop(): Promise<void>
}

export type InstanceStart = { readonly ok: true; readonly instance: Instance } | { readonly ok: false; readonly failure: StartFailure }

/** Starts one instance and waits for its start-up probe. One that does not make it has ended when this fulfils. */
export async function startInstance(options: InstanceOptions): Promise<InstanceStart> {
  const { launcher, settings, service, revision, log, signal } = options
  const [container = {}] = settings.containers ?? []
  const [port = 0, adminPort = 0] = await freePorts(2)
  const containerPort = container.ports?.[0]?.containerPort ?? 8080
  const isShared = launcher.network === 'machine'
  const env = serviceEnvironment({
    service,
    revision,
    port: isShared ? port : containerPort,
    adminPort: isShared ? adminPort : containerPort === 9464 ? 9465 : 9464,
    host: isShared ? '127.0.0.1' : '0.0.0.0',
  })
  const launch = await launcher.launch({ container, volumes: settings.volumes ?? [], env, port: { host: port, container: containerPort }, log })
  if (!launch.ok) return launch
  const { exited, stop, kill } = launch.container
  const connections = new KeptConnections(port)
  const hasExited = new AbortController()
  void exited.then(() => {
    hasExited.abort()
    connections.destroy()
  })
  const listener = launch.container.address ?? { host: '127.0.0.1', port, isProxied: !isShared }
  const outcome = await awaitStartup(container.startupProbe ?? {}, port, AbortSignal.any([hasExited.signal, signal]), listener)
  if (!outcome.ok || hasExited.signal.aborted) {
    const ending = hasExited.signal.aborted ? describeExit(await exited) : outcome.ok ? '' : outcome.message
    await stop(failedGraceMs)
    const message =
      'The user-provided container failed to start and listen on the port defined provided by the ' +
      `PORT=${isShared ? port : containerPort} environment variable within the allocated timeout. ${ending}` +
      (log.last.text === '' ? ' It printed nothing.' : `\nIts last log lines:\n${log.last.text}`)
    return { ok: false, failure: { reason: 'container-failed', message } }
  }
  let isReady = true
  let session: ClientHttp2Session | undefined
  void exited.then(() => session?.destroy())
  const { livenessProbe, readinessProbe } = container
  if (livenessProbe !== undefined) {
    void followHealth(livenessProbe, port, hasExited.signal, (isHealthy, problem) => {
      if (isHealthy) return
      // "If a liveness probe fails, the container is shut down with SIGKILL" (Cloud Run, "Health checks").
      log.system(`LIVENESS HTTP probe failed ${livenessProbe.failureThreshold ?? 3} times consecutively for the container. ${problem} It is ended.`, 'ERROR')
      kill()
    })
  }
  if (readinessProbe !== undefined) {
    void followHealth(readinessProbe, port, hasExited.signal, (isHealthy, problem) => {
      isReady = isHealthy
      log.system(isHealthy ? 'READINESS probe succeeds again; the instance gets requests.' : `READINESS probe failed; the instance gets no new requests. ${problem}`, isHealthy ? 'INFO' : 'WARNING')
    })
  }
  return {
    ok: true,
    instance: {
      id: randomUUID(),
      port,
      connections,
      exited,
      get warnings() {
        return isShared ? warningsAbout(port, adminPort) : []
      },
      http2() {
        if (session === undefined || session.closed || session.destroyed) {
          session = connectHttp2(`http://127.0.0.1:${port}`)
          // What was in flight on it is told by its streams.
          session.on('error', () => {})
        }
        return session
      },
      get isReady() {
        return isReady
      },
      async stop() {
        await stop(shutdownGraceMs)
      },
    },
  }
}

function warningsAbout(port: number, adminPort: number): readonly string[] {
  const open = listeners().filter((listener) => (listener.port === port || listener.port === adminPort) && listensEverywhere(listener))
  return [...new Set(open.map((listener) => listener.port))].map(
    (exposed) =>
      `It listens on port ${exposed} of all interfaces although HOST=127.0.0.1: while it runs here it can be reached from other machines.`,
  )
}
