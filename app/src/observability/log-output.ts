import { writeSync } from 'node:fs'

/** Where log lines go, in the order in which they come. */
export interface LogOutput {
  write(line: string): void
  /** Writes what is still held; for the end of the process, where nothing else would. */
  flush(): void
}

/** As much as is gathered before it is written without waiting for the turn to end. */
const batchCharacters = 64 * 1024
/** As much as is held while the reader takes nothing; more is left out, and how much is said. */
const mostCharacters = 8 * 1024 * 1024
/** How soon a reader that was full is tried again: at first, and at most. A pipe holds 64 kB, so that the first decides how fast it can be. */
const [firstRetryMs, lastRetryMs] = [1, 64]
/** How long the end of the process waits for a reader that takes nothing. */
const lastPatienceMs = 1_000

const isFull = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN'

/**
 * Gathers the lines of one turn of the event loop and writes them with one system call; line by line it would be one for every
 * request. Only a kill in that same turn can lose any. A reader that is gone or takes nothing never stops the service, provided
 * that the descriptor is one that does not block: of standard output, when it is a pipe, this is `process.stdout.fd` and not 1,
 * since Node makes it so when `process.stdout` is first used.
 */
export function createLogOutput(fileDescriptor: number): LogOutput {
  let held = ''
  let rest: Buffer | undefined
  let lost = 0
  let isScheduled = false
  let retryMs = firstRetryMs

  /** What is to be written next; at last, when all else is, how much was left out. */
  const takeHeld = (): string => {
    const text = held
    held = ''
    if (text !== '' || lost === 0) return text
    const message = `${lost} log lines were left out because the reader of the log did not keep up`
    lost = 0
    return `${JSON.stringify({ severity: 'WARNING', message, time: new Date().toISOString() })}\n`
  }

  /** Whether all was written; what was not stays in `rest`. */
  const writeOut = (): boolean => {
    try {
      for (;;) {
        if (rest === undefined) {
          const text = takeHeld()
          if (text === '') return true
          rest = Buffer.from(text)
        }
        const written = writeSync(fileDescriptor, rest)
        retryMs = firstRetryMs
        rest = written < rest.length ? rest.subarray(written) : undefined
      }
    } catch (error) {
      if (isFull(error)) return false
      // Nobody reads any more (EPIPE), or there is no standard output: nobody is left to tell.
      rest = undefined
      held = ''
      lost = 0
      return true
    }
  }

  const run = (): void => {
    isScheduled = false
    if (!writeOut()) {
      isScheduled = true
      // Not a reason to stay: at the end `flush` tries once more.
      setTimeout(run, retryMs).unref()
      retryMs = Math.min(2 * retryMs, lastRetryMs)
    }
  }

  return {
    write(line) {
      if (held.length > mostCharacters) {
        lost += 1
        return
      }
      held += line
      if (!isScheduled) {
        isScheduled = true
        setImmediate(run)
      } else if (held.length > batchCharacters && rest === undefined) writeOut()
    },
    flush() {
      const end = performance.now() + lastPatienceMs
      const nap = new Int32Array(new SharedArrayBuffer(4))
      while (!writeOut() && performance.now() < end) Atomics.wait(nap, 0, 0, 10)
    },
  }
}
