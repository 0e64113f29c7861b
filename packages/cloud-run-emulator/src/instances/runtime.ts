import type { Readable } from 'node:stream'
import type { ContainerProcess } from './container-process.ts'

/** A way of running a program of an image. */
export interface Runtime {
  readonly name: RuntimeName
  /** What it cannot enforce, one plain sentence each. */
  readonly limitations: readonly string[]
  /** Starts the process; one that cannot be started ends at once and says why on its standard error. */
  start(request: RunRequest): Promise<RunningProcess>
}

export type RuntimeName = 'bubblewrap' | 'loader'

export interface RunRequest {
  readonly root: string
  readonly process: ContainerProcess
  /** A directory of this instance alone, which is removed after it. */
  readonly scratchDir: string
}

export interface RunningProcess {
  /** What this emulator started. */
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  /** Fulfils when the process and everything that it started in its namespace has ended. */
  readonly exited: Promise<ExitStatus>
  /** SIGTERM to the program itself; SIGKILL to all of it. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

export interface ExitStatus {
  readonly code: number | undefined
  readonly signal: string | undefined
}

export function describeExit({ code, signal }: ExitStatus): string {
  return signal === undefined ? `Container called exit(${code ?? 0}).` : `Container terminated on signal ${signal}.`
}

/** What no runtime here enforces. */
export const commonLimitations = [
  'CPU and memory limits, concurrency and scaling are accepted but not enforced: every revision has one instance.',
  "Instances share this machine's network: they reach its loopback services, and one that binds all interfaces is reached from outside.",
  'Liveness and readiness probes, ingress settings and Binary Authorization are accepted but not enforced.',
] as const
