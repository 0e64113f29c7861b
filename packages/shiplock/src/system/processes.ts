import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { performance } from 'node:perf_hooks'

export interface ProcessRequest {
  /** An absolute path, or a name that is looked for on PATH of `env`. */
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Kept of each stream, the end rather than the beginning. Bytes; default 16 MiB. */
  readonly maxOutputBytes?: number
  readonly onStdout?: (chunk: string) => void
}

export interface ProcessResult {
  /** Absent where the program could not be started (`error` says why) or was ended by a signal. */
  readonly exitCode?: number
  readonly signal?: NodeJS.Signals
  readonly stdout: string
  readonly stderr: string
  readonly isTimedOut: boolean
  readonly isAborted: boolean
  readonly error?: NodeJS.ErrnoException
  readonly durationMs: number
}

/**
 * Runs a program to its end. It is the leader of its own process group, so that a time-out or an abort ends whatever
 * it started as well; SIGTERM first, SIGKILL two seconds later. Never rejects.
 */
export function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  const started = performance.now()
  return new Promise((resolve) => {
    const [program, ...args] = request.argv
    const child = spawn(program, args, { cwd: request.cwd, env: request.env, detached: true, stdio: [request.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
    const stdout = new Tail(request.maxOutputBytes)
    const stderr = new Tail(request.maxOutputBytes)
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout.add(chunk)
      request.onStdout?.(chunk)
    })
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => stderr.add(chunk))
    // A program may exit without reading its input; that is its right (EPIPE).
    child.stdin?.on('error', () => {}).end(request.stdin)

    let isTimedOut = false
    let error: NodeJS.ErrnoException | undefined
    let kill: NodeJS.Timeout | undefined
    const end = () => {
      endGroup(child.pid, 'SIGTERM')
      kill ??= setTimeout(() => endGroup(child.pid, 'SIGKILL'), 2000)
    }
    const timer = request.timeoutMs === undefined ? undefined : setTimeout(() => ((isTimedOut = true), end()), request.timeoutMs)
    if (request.signal?.aborted) end()
    request.signal?.addEventListener('abort', end)

    child.on('error', (cause) => (error = cause))
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer)
      clearTimeout(kill)
      request.signal?.removeEventListener('abort', end)
      // Grandchildren that outlive the leader would hold ports and files of a run that is over.
      endGroup(child.pid, 'SIGKILL')
      resolve({
        ...(exitCode !== null && exitCode >= 0 && { exitCode }),
        ...(signal && { signal }),
        stdout: stdout.text(),
        stderr: stderr.text(),
        isTimedOut,
        isAborted: request.signal?.aborted ?? false,
        ...(error && { error }),
        durationMs: performance.now() - started,
      })
    })
  })
}

/** How many things to do at once. Two on one core too: a stage often waits for its program. */
export const coreCount = (): number => Math.max(2, availableParallelism())

/** Absolute path of a program on a PATH, or undefined. */
export function findProgram(name: string, path: string): string | undefined {
  if (name.includes('/')) return name
  for (const directory of path.split(delimiter)) {
    const candidate = join(directory, name)
    try {
      accessSync(candidate, constants.X_OK)
      if (statSync(candidate).isFile()) return candidate
    } catch {
      // Not here: the next one.
    }
  }
  return undefined
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error
  }
}

/** Keeps the end of a stream that may be endless. */
class Tail {
  readonly #limit: number
  #chunks: string[] = []
  #length = 0
  #isCut = false

  constructor(limit = 16 * 1024 * 1024) {
    this.#limit = limit
  }

  add(chunk: string): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    while (this.#length > this.#limit && this.#chunks.length > 1) {
      this.#length -= this.#chunks.shift()?.length ?? 0
      this.#isCut = true
    }
  }

  text(): string {
    const text = this.#chunks.join('')
    return this.#isCut || text.length > this.#limit ? `[… the beginning was cut]\n${text.slice(-this.#limit)}` : text
  }
}
