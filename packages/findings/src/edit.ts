/**
 * A mechanical mend: the text that takes the place of a region, as a SARIF 2.1.0 replacement (§3.57). Lines and columns count
 * from 1, columns in UTF-16 code units, the end is exclusive; where it equals the start, something is inserted.
 */
export interface Edit {
  /** Relative to the root of the tree. */
  readonly path: string
  readonly startLine: number
  readonly startColumn: number
  readonly endLine: number
  readonly endColumn: number
  /** With `\n`; a file with other line ends keeps its own. */
  readonly text: string
}

export interface Edited {
  readonly text: string
  readonly applied: readonly Edit[]
  /** Those that lie outside of the text or over another one. */
  readonly left: readonly Edit[]
}

/** Applies edits to the one text that they are about. Of two that overlap the first is applied; what is inserted at one place is in order. */
export function applyEdits(text: string, edits: readonly Edit[]): Edited {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]
  const offsetOf = (line: number, column: number) => {
    const start = starts[line - 1]
    // Behind the last character of a line is a place too, behind its end is none.
    const end = starts[line] === undefined ? text.length : starts[line] - 1
    return start !== undefined && column >= 1 && start + column - 1 <= end ? start + column - 1 : undefined
  }
  const lineEnd = /\r\n/.test(text) ? '\r\n' : '\n'
  const applied: { readonly edit: Edit; readonly start: number; readonly end: number }[] = []
  const left: Edit[] = []
  const seen = new Set<string>()
  for (const edit of edits) {
    const key = JSON.stringify([edit.startLine, edit.startColumn, edit.endLine, edit.endColumn, edit.text])
    if (seen.has(key)) continue
    seen.add(key)
    const start = offsetOf(edit.startLine, edit.startColumn)
    const end = offsetOf(edit.endLine, edit.endColumn)
    const isFree = start !== undefined && end !== undefined && start <= end && !applied.some((other) => start < other.end && other.start < end)
    if (isFree) applied.push({ edit, start, end })
    else left.push(edit)
  }
  let result = ''
  let at = 0
  // A stable sort: equal places keep their order.
  for (const { edit, start, end } of applied.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, start) + edit.text.replaceAll('\n', lineEnd)
    at = end
  }
  return { text: result + text.slice(at), applied: applied.map(({ edit }) => edit), left }
}
