import type { StageFailure } from '@shiplock/findings'
import { ImageError } from '@shiplock/image'
import { explainSystemError } from './system-failure.ts'

/** What the image library throws as a value; undefined for what is a bug. */
export function imageFailure(error: unknown): StageFailure | undefined {
  const full = explainSystemError(error)
  if (full) return full
  if (!(error instanceof ImageError)) return undefined
  const { message, hint } = error
  const said = { message, ...(hint !== undefined && { hint }) }
  switch (error.code) {
    case 'library-missing':
      return { reason: 'tool-missing', ...said }
    case 'file-unreadable':
      return { reason: 'unreadable-file', ...said }
    case 'file-changed':
      return { reason: 'tree-changed', ...said }
    default:
      return { reason: 'image-invalid', hint: 'remove .shiplock/layout and run again; if it comes back, please report it', ...said }
  }
}
