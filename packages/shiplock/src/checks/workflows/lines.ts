import type { Location } from '@shiplock/findings'
import type { Range } from './tree.ts'

/** Offsets of a text as lines and columns that count from 1, and back. */
export interface Lines {
  /** A range over many lines is named by its first one. */
  readonly locate: (path: string, range: Range) => Location
  /** The whole of it, from its first line to its last. */
  readonly region: (range: Range) => { readonly startLine: number; readonly startColumn: number; readonly endLine: number; readonly endColumn: number }
  readonly offset: (position: { readonly line: number; readonly column: number }) => number
}

export function readLines(text: string): Lines {
  const starts = [0]
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) starts.push(index + 1)
  const startOf = (line: number) => starts[line - 1] ?? text.length
  const lineOf = (offset: number) => {
    let low = 1
    let high = starts.length
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (startOf(middle) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
  return {
    offset: ({ line, column }) => Math.min(startOf(line) + column - 1, text.length),
    region: ({ start, end }) => ({ startLine: lineOf(start), startColumn: start - startOf(lineOf(start)) + 1, endLine: lineOf(end), endColumn: end - startOf(lineOf(end)) + 1 }),
    locate: (path, { start, end }) => {
      const line = lineOf(start)
      const startColumn = start - startOf(line) + 1
      const isOneLine = lineOf(Math.max(start, end)) === line
      const lineEnd = starts[line] === undefined ? text.length : starts[line] - 1
      const last = isOneLine ? Math.max(start, end) : lineEnd - (text[lineEnd - 1] === '\r' ? 1 : 0)
      return { path, startLine: line, startColumn, endLine: line, endColumn: Math.max(startColumn, last - startOf(line) + 1) }
    },
  }
}
