import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readTextFile } from './files.ts'
import { startTimeOf } from './process-time.ts'

/** What a daemon writes, atomically, when it is ready. */
export interface DaemonState {
  readonly pid: number
  /** Of the process, from `/proc`, so that a recycled pid is not taken for it. */
  readonly startTime: string
}

export interface DaemonRequest {
  /** A TypeScript or JavaScript file, run by the Node that runs us. */
  readonly program: string
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[]
  readonly args: readonly string[]
  /** PATH of its environment. */
  readonly path: string
  readonly stateFile: string
  /** Everything that it prints; begun anew at each start. */
  readonly logFile: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

export type DaemonStart<State> = { readonly kind: 'ready'; readonly state: State } | { readonly kind: 'exited' | 'not-ready'; readonly log: string }

/**
 * Starts a process that outlives this one and waits until it is ready. In a session of its own: Ctrl-C on a later
 * command is not for it. Its environment is not ours: what it starts must not see our secrets.
 */
export async function startDaemon<State extends DaemonState>(request: DaemonRequest): Promise<DaemonStart<State>> {
  mkdirSync(dirname(request.stateFile), { recursive: true, mode: 0o700 })
  rmSync(request.stateFile, { force: true })
  const log = openSync(request.logFile, 'w', 0o600)
  const { NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, [...(request.nodeOptions ?? []), request.program, ...request.args], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: request.path, HOME: '/nonexistent', LANG: 'C.UTF-8', ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) },
  })
  closeSync(log)
  child.unref()
  let hasExited = false
  child.on('exit', () => (hasExited = true))
  child.on('error', () => (hasExited = true))
  for (const deadline = performance.now() + request.timeoutMs; performance.now() < deadline && !request.signal.aborted; await sleep(10)) {
    const state = runningDaemon<State>(request.stateFile)
    if (state) return { kind: 'ready', state }
    if (hasExited) return { kind: 'exited', log: readFileSync(request.logFile, 'utf8') }
  }
  child.kill('SIGTERM')
  return { kind: 'not-ready', log: readFileSync(request.logFile, 'utf8') }
}

/** The state of a daemon whose process is alive; undefined where there is none. */
export function runningDaemon<State extends DaemonState>(stateFile: string): State | undefined {
  const text = readTextFile(stateFile)
  if (text === undefined) return undefined
  const state = parseState<State>(text)
  return state && isRunning(state) ? state : undefined
}

function parseState<State>(text: string): State | undefined {
  try {
    return JSON.parse(text)
  } catch {
    // Damaged: it names no process.
    return undefined
  }
}

/** Asks it to end and waits until it is gone; false where it does not go. */
export async function stopDaemon(state: DaemonState, timeoutMs: number): Promise<boolean> {
  if (isRunning(state)) process.kill(state.pid, 'SIGTERM')
  for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; await sleep(20)) if (!isRunning(state)) return true
  return false
}

const isRunning = ({ pid, startTime }: DaemonState) => Number.isInteger(pid) && pid > 1 && startTimeOf(pid) === String(startTime)
