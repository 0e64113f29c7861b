import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { scrapeSource } from '../deploy/canary/prometheus.ts'
import { runningDaemon, startDaemon, stopDaemon, type DaemonState } from '../system/daemon.ts'
import { readTextFile } from '../system/files.ts'
import { fetchOnce, isResponse } from '../system/http.ts'
import { pathOutside } from '../system/user-program.ts'
import { lastLines } from '../system/workspace.ts'
import type { PipelineContext } from './context.ts'
import type { ReleaseTarget, TargetConnection } from './release-stages.ts'
import { localLogs } from './service-logs.ts'

/** What the running emulator says of itself in its state directory. */
export interface LocalTargetState extends DaemonState {
  readonly adminUrl: string
  readonly frontUrl: string
  readonly tokenFile: string
  readonly runtime: string
  /** What the runtime cannot enforce, in sentences. */
  readonly limitations: readonly string[]
}

export const localProject = 'local'
export const localLocation = 'loopback'
/** A name alone: the local target has no identities that could do anything. */
const localPreviewAccount = 'preview@local.iam.gserviceaccount.com'

/** The local target: Cloud Run on loopback, started where it is not running. */
export function localTarget(context: Pick<PipelineContext, 'state' | 'config'>, { port }: { port?: number }): ReleaseTarget {
  const { state, config } = context
  return {
    name: 'local',
    title: 'Local target',
    canary: config.targets.local.canary,
    imageName: config.service.name,
    isShared: false,
    previews: { ...config.targets.local.preview, serviceAccount: localPreviewAccount, isPublic: true },
    project: localProject,
    location: localLocation,
    connect: (signal) => startLocalTarget({ stateDirectory: state.local, layoutDirectory: state.layout, ...(port === undefined ? {} : { port }), defaultPort: config.targets.local.port, signal }),
  }
}

/** The local target where it is running already: what only looks, or must be quick, starts none. */
export function runningLocalTarget(context: Pick<PipelineContext, 'state' | 'config'>): ReleaseTarget {
  return {
    ...localTarget(context, {}),
    connect: async () => {
      const running = runningTarget(context.state.local)
      return running ? ok(connectionTo(running, context.state.local)) : fail({ reason: 'target-unreachable', message: 'the local target is not running', hint: 'start it: shiplock up, or shiplock run' })
    },
  }
}

export interface StartRequest {
  readonly stateDirectory: string
  readonly layoutDirectory: string
  /** Asked for on the command line: a target on another port is started anew on this one. */
  readonly port?: number
  /** From the config: a target that runs already keeps its port. */
  readonly defaultPort: number
  readonly signal: AbortSignal
}

const startTimeoutMs = 15_000
/** The service has 10 s to drain (the container contract), the target a little more. */
const stopTimeoutMs = 15_000

/** Connects to the local target of this checkout, starting it where it is not running. It outlives this process. */
export async function startLocalTarget(request: StartRequest): Promise<Result<TargetConnection, StageFailure>> {
  const { stateDirectory, layoutDirectory, port, defaultPort, signal } = request
  const running = runningTarget(stateDirectory)
  if (running && (port === undefined || new URL(running.frontUrl).port === String(port))) {
    const connection = connectionTo(running, stateDirectory)
    if (await answers(connection)) return ok(connection)
  }
  const stopped = await stopLocalTarget(stateDirectory)
  if (!stopped.ok) return stopped
  const options = { stateDir: stateDirectory, layoutDir: layoutDirectory, frontPort: port ?? defaultPort, adminPort: 0, project: localProject, location: localLocation, runtime: 'auto' }
  const start = await startDaemon<LocalTargetState>({
    // It outlives the command and waits most of the time: young objects get a little room, and are collected more often.
    nodeOptions: ['--max-semi-space-size=2'],
    program: fileURLToPath(import.meta.resolve('@shiplock/cloud-run-emulator/main')),
    args: [JSON.stringify(options)],
    // The state of a checkout is two folders below its root.
    path: pathOutside(dirname(dirname(stateDirectory)), process.env['PATH'] ?? '/usr/bin:/bin'),
    stateFile: stateFile(stateDirectory),
    logFile: join(stateDirectory, 'emulator.log'),
    signal,
    timeoutMs: startTimeoutMs,
  })
  switch (start.kind) {
    case 'ready':
      // Said once, when it is started: not at every run that finds it there.
      return ok({ ...connectionTo(start.state, stateDirectory), notes: start.state.limitations })
    case 'exited':
      return fail(startFailure(start.log))
    case 'not-ready':
      signal.throwIfAborted()
      return fail({ reason: 'target-unreachable', message: `the local target did not start within ${startTimeoutMs / 1000} s`, detail: lastLines(start.log) })
  }
}

const stateFile = (stateDirectory: string) => join(stateDirectory, 'emulator.json')

/** The state of the local target, where it is alive. */
export const runningTarget = (stateDirectory: string): LocalTargetState | undefined => runningDaemon<LocalTargetState>(stateFile(stateDirectory))

/** Ends the local target and waits until it is gone; `false` where none was running. */
export async function stopLocalTarget(stateDirectory: string): Promise<Result<boolean, StageFailure>> {
  const running = runningTarget(stateDirectory)
  if (!running) return ok(false)
  if (await stopDaemon(running, stopTimeoutMs)) return ok(true)
  return fail({ reason: 'target-unreachable', message: `the local target (process ${running.pid}) does not end`, hint: `end it: kill -9 ${running.pid}` })
}

/** The emulator ends with one JSON line, `{ error }`, that says why it could not start. */
function startFailure(log: string): StageFailure {
  const said = parseError(log.trimEnd().split('\n').at(-1) ?? '')
  if (said?.code === 'port-taken') return { reason: 'port-taken', message: said.message, hint: 'end that process, or use another port: shiplock run --port 9090' }
  if (said) return { reason: 'target-unreachable', message: `the local target could not start: ${said.message}` }
  return { reason: 'target-unreachable', message: 'the local target ended while it started', detail: lastLines(log) }
}

function parseError(line: string): { code: string; message: string } | undefined {
  try {
    const { error }: { error: { code: string; message: string } } = JSON.parse(line)
    return { code: String(error.code), message: String(error.message) }
  } catch {
    // Not its own word, but what Node said of it.
    return undefined
  }
}

function connectionTo(state: LocalTargetState, stateDirectory: string): TargetConnection {
  const token = async (): Promise<Result<string>> => {
    const text = readTextFile(state.tokenFile)?.trim()
    return text === undefined ? fail({ reason: 'target-unreachable', message: 'the token of the local target is gone', hint: 'shiplock down, then shiplock run' }) : ok(text)
  }
  return { adminUrl: state.adminUrl, frontUrl: state.frontUrl, token, metrics: () => scrapeSource('the local target', { url: new URL('/metrics', state.adminUrl).href, token }), logs: localLogs(stateDirectory), notes: [] }
}

async function answers({ adminUrl, token }: TargetConnection): Promise<boolean> {
  const bearer = await token()
  if (!bearer.ok) return false
  const url = new URL(`/v2/projects/${localProject}/locations/${localLocation}/services`, adminUrl).href
  const answer = await fetchOnce({ method: 'GET', url, headers: { authorization: `Bearer ${bearer.value}` }, timeoutMs: 3000 })
  return isResponse(answer) && answer.status === 200
}
