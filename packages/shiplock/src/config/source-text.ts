import type { Diagnostic, Range } from './diagnostic.ts'
import type { Span } from './literal.ts'

/** A file that is being read: turns the parser's offsets into lines and columns. */
export interface SourceText {
  readonly path: string
  readonly text: string
  readonly range: (span: Span) => Range
  readonly diagnostic: (span: Span, message: string, hint?: string) => Diagnostic
}

export function sourceText(path: string, text: string): SourceText {
  const lineStarts = [0, ...Array.from(text.matchAll(/\r\n|[\n\r\u2028\u2029]/g), (match) => match.index + match[0].length)]
  const position = (offset: number) => {
    let low = 0
    let high = lineStarts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 }
  }
  const range = ({ start, end }: Span): Range => {
    const from = position(start)
    const to = position(end)
    return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column }
  }
  const diagnostic = (span: Span, message: string, hint?: string) => {
    return { path, message, range: range(span), ...(hint !== undefined && { hint }) }
  }
  return { path, text, range, diagnostic }
}
