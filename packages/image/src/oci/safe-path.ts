import { ImageError, quote } from '../error.ts'

const longestName = 255
const longestPath = 4096

/**
 * A path inside an image as this library keeps it: relative, `/` between names, no empty, `.` or `..` name. The empty
 * string is the root. Whatever could lead elsewhere, on Linux or where `\` separates names, throws `unsafe-path`.
 */
export function safePath(path: string): string {
  const problem = problemOf(path)
  if (problem !== undefined) throw new ImageError('unsafe-path', `The path ${quote(path)} ${problem}`)
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  return names.join('/')
}

function problemOf(path: string): string | undefined {
  if (path.includes('\0')) return 'contains a NUL character'
  if (!path.isWellFormed()) return 'is not well-formed Unicode'
  if (/^[\\/]/.test(path) || /^[A-Za-z]:[\\/]/.test(path)) return 'is absolute'
  if (path.split(/[\\/]/).includes('..')) return 'climbs with ".."'
  if (Buffer.byteLength(path) > longestPath) return `is longer than ${longestPath} bytes`
  if (path.split('/').some((name) => Buffer.byteLength(name) > longestName)) return `has a name longer than ${longestName} bytes`
  return undefined
}

/** The directory that a safe path is in; the root is in itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
