import type { Finding } from '@shiplock/findings'
import { expandTabs, visible } from './escape.ts'

/** The source lines of a finding, made safe to show. */
export interface CodeFrame {
  readonly lines: readonly FrameLine[]
  /** Lines of the snippet beyond those shown. */
  readonly hidden: number
}

export interface FrameLine {
  /** Absent where the snippet does not say which line it is. */
  readonly number?: number
  readonly text: string
  /** The marked part of `text`, in UTF-16 code units, `end` exclusive and greater than `start`. */
  readonly mark?: { readonly start: number; readonly end: number }
}

const maxLines = 12
/** A minified file is one line; what is shown of it is the part around the mark. Code units. */
const maxLineLength = 400

/**
 * Undefined where the finding has no snippet. A snippet is its region or the start of it. Of one that is longer it
 * is not known which lines they are, so they go without numbers and marks rather than with wrong ones.
 */
export function codeFrame({ snippet, location }: Finding): CodeFrame | undefined {
  if (snippet === undefined || snippet.trim() === '') return undefined
  const lines = snippet.replace(/\r?\n$/, '').split(/\r?\n/)
  const first = location?.startLine
  const last = location?.endLine ?? first
  const isRegion = first !== undefined && last !== undefined && lines.length <= last - first + 1
  return {
    lines: lines.slice(0, maxLines).map((line, index) => {
      // One that is cut on the left has no columns any more; without a mark it cannot be a wrong one.
      if (!isRegion) return frameLine(line, undefined)
      if (line.startsWith('…')) return { number: first + index, ...frameLine(line, undefined) }
      const startColumn = index === 0 ? location?.startColumn : line.search(/\S|$/) + 1
      const endColumn = first + index === last ? location?.endColumn : line.length + 1
      return { number: first + index, ...frameLine(line, startColumn === undefined ? undefined : { startColumn, endColumn }) }
    }),
    hidden: Math.max(0, lines.length - maxLines),
  }
}

function frameLine(line: string, columns: { startColumn: number; endColumn: number | undefined } | undefined): FrameLine {
  const start = columns ? clamp(columns.startColumn - 1, 0, line.length) : 0
  const end = columns ? clamp((columns.endColumn ?? columns.startColumn + 1) - 1, start, line.length) : 0
  const from = line.length <= maxLineLength ? 0 : clamp(start - maxLineLength / 4, 0, line.length - maxLineLength)
  const to = Math.min(line.length, from + maxLineLength)
  const before = (from > 0 ? '…' : '') + shown(line.slice(from, start))
  const marked = shown(line.slice(start, Math.min(end, to)))
  const after = shown(line.slice(Math.min(end, to), to)) + (to < line.length ? '…' : '')
  const text = before + marked + after
  // A region may be empty or lie behind the end of the line: a missing brace. Its mark is one character wide all the same.
  return columns ? { text, mark: { start: before.length, end: before.length + Math.max(1, marked.length) } } : { text }
}

const shown = (source: string) => visible(expandTabs(source))
const clamp = (value: number, low: number, high: number) => Math.floor(Math.min(Math.max(value, low), high))
