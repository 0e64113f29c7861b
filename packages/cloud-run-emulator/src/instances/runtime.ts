import type { Readable } from 'node:stream'
import type { ContainerProcess } from './container-process.ts'
import type { RunnableImage } from './image-source.ts'

/** A way of running a program of an image. */
export interface Runtime {
  readonly name: RuntimeName
  /** What it cannot enforce, one plain sentence each. */
  readonly limitations: readonly string[]
  /** `machine`: instances share the machine's ports, so each is told where to listen. `own`: each has an address of its own. */
  readonly network: 'machine' | 'own'
  /** The runtime itself ends what takes more memory than its limit. Where it does not, the emulator watches. */
  readonly limitsMemory: boolean
  /** Starts the process; one that cannot be started ends at once and says why on its standard error. */
  start(request: RunRequest): Promise<RunningProcess>
}

export type RuntimeName = 'bubblewrap' | 'loader' | 'docker'

/** What the container finds in its file system besides the image. Paths are absolute and the image's. */
export type Mount =
  | { readonly kind: 'files'; readonly path: string; readonly files: readonly MountedFile[] }
  | { readonly kind: 'memory'; readonly path: string; readonly sizeBytes: number }

export interface MountedFile {
  /** Below the mount. */
  readonly name: string
  readonly mode: number
  readonly content: Uint8Array
}

export interface RunRequest {
  readonly image: RunnableImage
  readonly process: ContainerProcess
  readonly mounts: readonly Mount[]
  readonly limits: Limits
  /** Of a service: the port of 127.0.0.1 that leads to it, and the one that it listens on. */
  readonly port?: { readonly host: number; readonly container: number }
  /** A directory of this instance alone, which is removed after it. */
  readonly scratchDir: string
}

export interface Limits {
  readonly memoryBytes: number
  /** 0.5 is half of one. */
  readonly cpus: number
}

export interface RunningProcess {
  /** What this emulator started, where that is a process of its own. */
  readonly pid?: number
  /** Where it listens itself, as seen from this machine: behind a proxy, a connection to the published port says nothing of it. */
  readonly address?: Address
  readonly stdout: Readable
  readonly stderr: Readable
  /** Fulfils when the process and everything that it started in its namespace has ended. */
  readonly exited: Promise<ExitStatus>
  /** SIGTERM to the program itself; SIGKILL to all of it. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface ExitStatus {
  readonly code: number | undefined
  readonly signal: string | undefined
  /** Ended by the runtime, for the memory that it took. */
  readonly ranOutOfMemory?: boolean
}

/** A template asks for what this runtime cannot do. */
export class RuntimeLimit extends Error {
  override readonly name = 'RuntimeLimit'
}

export function describeExit({ code, signal, ranOutOfMemory = false }: ExitStatus): string {
  if (ranOutOfMemory) return 'Container was ended for exceeding its memory limit.'
  return signal === undefined ? `Container called exit(${code ?? 0}).` : `Container terminated on signal ${signal}.`
}

/** What no runtime here enforces. */
export const commonLimitations = ['Ingress settings, VPC access and Binary Authorization are accepted but not enforced.'] as const

/** What those do not enforce that run instances as processes of this machine. */
export const processLimitations = [
  ...commonLimitations,
  'CPU limits are accepted but not enforced; the memory limit is watched four times a second, so a quick instance can exceed it for a moment.',
  "Instances share this machine's network: they reach its loopback services, and one that binds all interfaces is reached from outside.",
] as const
