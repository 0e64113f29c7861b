import { Agent } from 'node:http'
import { mkdirSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Container } from '../resource/service.ts'
import type { StartFailure } from '../platform/record.ts'
import type { BoundedLog } from '../state/bounded-log.ts'
import { composeProcess } from './container-process.ts'
import { freePorts } from './free-ports.ts'
import type { RunnableImage } from './image-source.ts'
import { LastLines } from './last-lines.ts'
import { listeners, listensEverywhere } from './proc.ts'
import type { ProcessRecords } from './process-records.ts'
import { describeExit, type ExitStatus, type RunningProcess, type Runtime } from './runtime.ts'
import { awaitStartup } from './startup-probe.ts'

/** How long an instance has between SIGTERM and SIGKILL (container contract, "Instance shutdown"). */
const shutdownGraceMs = 10_000
/** One that never started has nothing to finish. As process 1 it does not even notice SIGTERM before it has asked for it. */
const failedGraceMs = 500

export interface InstanceOptions {
  readonly runtime: Runtime
  readonly image: RunnableImage
  readonly container: Container
  readonly service: string
  readonly revision: string
  readonly log: BoundedLog
  /** Made for the instance, removed after it. */
  readonly scratchDir: string
  readonly records: ProcessRecords
  /** Gives up starting. */
  readonly signal: AbortSignal
}

/** A running instance: it has passed its start-up probe. */
export interface Instance {
  /** On 127.0.0.1. */
  readonly port: number
  /** Keeps connections to it alive. */
  readonly agent: Agent
  /** Plain sentences about what it does that it should not. */
  readonly warnings: readonly string[]
  readonly exited: Promise<ExitStatus>
  /** SIGTERM, then SIGKILL; fulfils when it has ended. */
  stop(): Promise<void>
}

export type InstanceStart = { readonly ok: true; readonly instance: Instance } | { readonly ok: false; readonly failure: StartFailure }

/** Starts one instance and waits for its start-up probe. One that does not make it has ended when this fulfils. */
export async function startInstance(options: InstanceOptions): Promise<InstanceStart> {
  const { runtime, image, container, service, revision, scratchDir, records, signal } = options
  const [port = 0, adminPort = 0] = await freePorts(2)
  const process = composeProcess(image.config.run, container, { service, revision, port, adminPort })
  if (process === undefined) return failed('The image has no entry point and the template no command.')
  mkdirSync(scratchDir, { recursive: true, mode: 0o755 })
  const lines = new LastLines()
  const running = await runtime.start({ root: image.root, process, scratchDir })
  records.add(running.pid)
  const exited = follow(running, options, lines)
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 256, scheduling: 'lifo' })
  const stop = async (graceMs: number) => {
    await end(running, exited, graceMs)
    agent.destroy()
  }
  const hasExited = new AbortController()
  void exited.then(() => hasExited.abort())
  const outcome = await awaitStartup(container.startupProbe ?? {}, port, AbortSignal.any([hasExited.signal, signal]))
  if (outcome.ok && !hasExited.signal.aborted) {
    return {
      ok: true,
      instance: { port, agent, exited, warnings: warningsAbout(port, adminPort), stop: async () => stop(shutdownGraceMs) },
    }
  }
  const ending = hasExited.signal.aborted ? describeExit(await exited) : outcome.ok ? '' : outcome.message
  await stop(failedGraceMs)
  return failed(
    'The user-provided container failed to start and listen on the port defined provided by the ' +
      `PORT=${port} environment variable within the allocated timeout. ${ending}` +
      (lines.text === '' ? ' It printed nothing.' : `\nIts last log lines:\n${lines.text}`),
  )
}

const failed = (message: string): InstanceStart => ({ ok: false, failure: { reason: 'container-failed', message } })

function follow(running: RunningProcess, { log, records, scratchDir }: InstanceOptions, lines: LastLines): Promise<ExitStatus> {
  for (const name of ['stdout', 'stderr'] as const) {
    running[name].on('data', (chunk: Buffer) => {
      log.write(chunk)
      lines.add(name, chunk)
    })
  }
  const drained = Promise.all([running.stdout, running.stderr].map(async (stream) => ended(stream)))
  return running.exited.then(async (status) => {
    records.remove(running.pid)
    // What was printed last may still be in the pipe. A child that outlives the program keeps it open: no longer wait.
    await Promise.race([drained, delay(200)])
    rmSync(scratchDir, { recursive: true, force: true })
    return status
  })
}

function ended(stream: NodeJS.ReadableStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  stream.once('close', resolve)
  return promise
}

async function end(running: RunningProcess, exited: Promise<ExitStatus>, graceMs: number): Promise<void> {
  running.signal('SIGTERM')
  const timer = setTimeout(() => running.signal('SIGKILL'), graceMs)
  await exited
  clearTimeout(timer)
}

function warningsAbout(port: number, adminPort: number): readonly string[] {
  const open = listeners().filter((listener) => (listener.port === port || listener.port === adminPort) && listensEverywhere(listener))
  return [...new Set(open.map((listener) => listener.port))].map(
    (exposed) =>
      `It listens on port ${exposed} of all interfaces although HOST=127.0.0.1: while it runs here it can be reached from other machines.`,
  )
}
