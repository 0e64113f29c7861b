import type { ChildProcess } from 'node:child_process'
import type { ExitStatus } from './runtime.ts'

/** How a child ended; one that could not be started ended with the shell's code for that, 127. */
export function processExit(child: ChildProcess): Promise<ExitStatus> {
  const { promise, resolve } = Promise.withResolvers<ExitStatus>()
  child.once('error', () => resolve({ code: 127, signal: undefined }))
  child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }))
  return promise
}
