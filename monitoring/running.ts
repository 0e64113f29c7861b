import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** Whether a program is there; CI has it, or fails. Says what is not judged where it is not. */
export function hasProgram(program: string, debianPackage: string): boolean {
  if (process.env['CI'] !== undefined || spawnSync(program, ['--version']).status === 0) return true
  process.stderr.write(`SKIPPED: ${program} judges nothing: it is not on PATH (Debian's package ${debianPackage})\n`)
  return false
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port')
  return address.port
}

/** A program of a test's: it is gone when the test is, and what it printed is in every error. */
export interface Running {
  readonly lines: readonly string[]
  hasEnded(): boolean
  end(): Promise<void>
}

export function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ...env } })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => lines.push(line))
  let ended = false
  const exit = once(child, 'close').then(() => (ended = true), (error: unknown) => {
    ended = true
    lines.push(String(error))
  })
  return {
    lines,
    hasEnded: () => ended,
    async end() {
      child.kill('SIGKILL')
      await exit
    },
  }
}

/** Asks until there is an answer; what was asked last, and all that the programs said, where there is none. */
export async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined, programs: readonly Running[]): Promise<T> {
  let last: unknown
  for (const deadline = performance.now() + 90_000; performance.now() < deadline; await sleep(100)) {
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
      last = 'no answer'
    } catch (error) {
      // It has not begun to listen, or it is gone: which of the two is said at the end.
      last = error
    }
  }
  throw new Error(`${what}: ${String(last)}\n${programs.flatMap(({ lines }) => lines.slice(-8)).join('\n')}`)
}
