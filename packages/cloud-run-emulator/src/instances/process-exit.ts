import type { ChildProcess } from 'node:child_process'
import { systemCode } from '../error.ts'
import type { ExitStatus } from './runtime.ts'

/** How a child ended; one that could not be started ended with the shell's code for that, 127. */
export function processExit(child: ChildProcess): Promise<ExitStatus> {
  const { promise, resolve } = Promise.withResolvers<ExitStatus>()
  child.once('error', () => resolve({ code: 127, signal: undefined }))
  child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }))
  return promise
}

/** False where there is no such process (group) any more: it ended before anybody here was told, which is what a signal is for. */
export function sendSignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal)
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error
    return false
  }
}
