import type { StageFailure } from '@shiplock/findings'
import { isNoSpace } from '../system/files.ts'

/** Trouble of the machine, wherever it was met; undefined for what is a bug. */
export function explainSystemError(error: unknown): StageFailure | undefined {
  return isNoSpace(error) || (error instanceof Error && isNoSpace(error.cause)) ? noSpace : undefined
}

const noSpace: StageFailure = { reason: 'no-space', message: 'the disk is full', hint: 'make room and run again; what was whole is still there' }
