/**
 * An instruction as one line, the way a Dockerfile's parser hands it on: continued lines joined, comment lines and empty lines
 * between them left out. Knows where in the document each of its characters is.
 */
export interface LogicalText {
  readonly text: string
  /** Offset in the document of the character at `index` of `text`. */
  readonly offsetAt: (index: number) => number
}

interface Piece {
  readonly index: number
  readonly offset: number
}

export function joinLines(document: string, start: number, end: number, escape: string): LogicalText {
  const pieces: Piece[] = []
  let text = ''
  let at = start
  let isFirst = true
  while (at < end) {
    const lineBreak = document.indexOf('\n', at)
    const stop = lineBreak === -1 || lineBreak >= end ? end : lineBreak
    const line = document.slice(at, stop)
    // A comment or nothing between continued lines is not part of the instruction.
    if (isFirst || !/^[ \t\r]*(?:#|$)/.test(line)) {
      const trimmed = line.trimEnd()
      const kept = trimmed.endsWith(escape) ? trimmed.slice(0, -1) : line.replace(/\r$/, '')
      pieces.push({ index: text.length, offset: at })
      text += kept
      if (!trimmed.endsWith(escape)) break
    }
    isFirst = false
    at = stop + 1
  }
  return { text, offsetAt: (index) => offsetIn(pieces, index, start) }
}

/** A part of a document as it is. */
export function verbatim(document: string, start: number, end: number): LogicalText {
  return { text: document.slice(start, end), offsetAt: (index) => start + index }
}

/** The rest of it from `index` on. */
export function sliceFrom({ text, offsetAt }: LogicalText, index: number): LogicalText {
  return { text: text.slice(index), offsetAt: (some) => offsetAt(some + index) }
}

function offsetIn(pieces: readonly Piece[], index: number, start: number): number {
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((pieces[middle]?.index ?? 0) <= index) low = middle
    else high = middle - 1
  }
  const piece = pieces[low]
  return piece ? piece.offset + index - piece.index : start + index
}
