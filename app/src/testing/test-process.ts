import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** A line of the service's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly severity: string; readonly message: string }

/** The service as a process of its own. */
export interface TestProcess {
  readonly child: ChildProcess
  readonly lines: readonly LogLine[]
  /** Waits for a line whose message starts so; rejects with the log when the process ends before. */
  line(start: string): Promise<LogLine>
  /** The exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>
}

/** Runs `file` with Node on loopback and free ports, and nothing else of this environment; it is gone when the test ends. */
export function startProcess(file: string, env: Readonly<Record<string, string>> = {}): TestProcess {
  const child = spawn(process.execPath, [file], {
    cwd: '/',
    env: { HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: LogLine[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(JSON.parse(line) as LogLine))
  // 'close' and not 'exit': its last lines are read by then.
  const exit = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)

  const line = async (start: string): Promise<LogLine> => {
    for (;;) {
      const found = lines.find(({ message }) => message.startsWith(start))
      if (found) return found
      const hasEnded = await Promise.race([once(reader, 'line').then(() => false), exit.then(() => true)])
      const isThere = lines.some(({ message }) => message.startsWith(start))
      if (hasEnded && !isThere) throw new Error(`no line "${start}" in ${JSON.stringify(lines, null, 1)}`)
    }
  }
  return { child, lines, line, exit }
}
