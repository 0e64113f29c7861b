import type { StageFailure } from '@shiplock/findings'
import { visible, visibleLines } from '../report/escape.ts'
import { explainSystemError } from '../stages/system-failure.ts'
import { say } from './streams.ts'

/** A command's end by expected trouble; commands throw it to their one catch. */
export class CommandFailure extends Error {
  readonly exitCode: number
  readonly failure: Pick<StageFailure, 'message' | 'hint' | 'detail'>

  constructor(exitCode: number, failure: Pick<StageFailure, 'message' | 'hint' | 'detail'>) {
    super(failure.message)
    this.exitCode = exitCode
    this.failure = failure
  }
}

/** Writes to a path that the user named: that it cannot be written there is the user's to mend. */
export async function writingTo<T>(path: string, write: (path: string) => Promise<T>): Promise<T> {
  try {
    return await write(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!/^(?:EACCES|EPERM|EROFS|ENOTDIR|EISDIR|ENOENT|EEXIST|ENAMETOOLONG)$/.test(code)) throw error
    throw new CommandFailure(2, { message: `${JSON.stringify(path)} cannot be written (${code})`, hint: 'name another place' })
  }
}

/** Says on standard error what went wrong; returns the exit code. What is no expected trouble is a bug, and said to be one. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommandFailure) {
    const { message, hint, detail } = error.failure
    const lines = [...visibleLines(`shiplock: ${message}`), ...(detail === undefined ? [] : visibleLines(detail)), ...(hint === undefined ? [] : [`  ${visible(hint)}`])]
    say(lines.join('\n'))
    return error.exitCode
  }
  const failure = explainSystemError(error)
  if (failure) return reportFailure(new CommandFailure(3, failure))
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  say(`shiplock: internal error, a bug in Shiplock. Please report it with what follows.\n${visibleLines(text).join('\n')}`)
  return 70
}
