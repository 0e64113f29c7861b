import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Location } from '@shiplock/findings'
import type { ToolResult } from './tool.ts'

/** Where a result is in the tree; undefined where it names no file, or one that is not of the tree. */
export function locate({ path, isRooted = false, startLine, startColumn, endLine, endColumn }: ToolResult, root: string, isFile: (path: string) => boolean): Location | undefined {
  const inTree = path === undefined ? undefined : [...candidates(path, root), ...(isRooted ? candidates(path.replace(/^\/+/, ''), root) : [])].find(isFile)
  if (inTree === undefined) return undefined
  if (!isPosition(startLine)) return { path: inTree }
  const last = isPosition(endLine) && endLine >= startLine ? endLine : undefined
  const from = isPosition(startColumn) ? startColumn : undefined
  const isAfter = from !== undefined && isPosition(endColumn) && (endColumn > from || (last ?? startLine) > startLine)
  return { path: inTree, startLine, ...(from !== undefined && { startColumn: from }), ...(last !== undefined && { endLine: last }), ...(isAfter && { endLine: last ?? startLine, endColumn }) }
}

/** What the text may mean: as it is, and where SARIF percent-encodes, decoded. `..` never leads out: what is left is no file. */
function candidates(text: string, root: string): string[] {
  const paths = [text, ...(text.startsWith('file:') ? fromUrl(text) : []), ...decoded(text)]
  return paths.map((path) => posix.normalize(path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path)).filter((path) => !posix.isAbsolute(path))
}

function fromUrl(url: string): string[] {
  try {
    return [fileURLToPath(url)]
  } catch {
    // No path is meant by it: it leads nowhere.
    return []
  }
}

function decoded(text: string): string[] {
  try {
    return text.includes('%') ? [decodeURIComponent(text)] : []
  } catch {
    // A percent sign that encodes nothing.
    return []
  }
}

const isPosition = (value: number | undefined): value is number => value !== undefined && Number.isSafeInteger(value) && value >= 1 && value < 2 ** 31
