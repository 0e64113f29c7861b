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
    case 'archive-unreachable':
    case 'package-gone':
    case 'package-not-stored':
    case 'package-unknown':
      return { reason: 'archive-unavailable', ...said }
    case 'archive-unsigned':
    case 'archive-outdated':
    case 'archive-replayed':
    case 'archive-invalid':
    case 'package-invalid':
    case 'lock-invalid':
      return { reason: 'archive-refused', ...said }
    case 'reference-invalid':
    case 'reference-unknown':
    case 'platform-mismatch':
    case 'image-archive-invalid':
      return { reason: 'image-invalid', ...said }
    case 'registry-unauthorized':
    case 'registry-forbidden':
    case 'registry-not-found':
    case 'registry-throttled':
    case 'registry-failed':
    case 'registry-refused':
    case 'registry-invalid':
    case 'registry-unreachable':
    case 'registry-slow':
    case 'registry-insecure':
    case 'credentials-unavailable':
      return { reason: 'registry-failed', ...said }
    default:
      return { reason: 'image-invalid', hint: 'remove .shiplock/layout and run again; if it comes back, please report it', ...said }
  }
}
