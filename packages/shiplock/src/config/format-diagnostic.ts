import type { ConfigProblem, Diagnostic } from './diagnostic.ts'

/** What deceives a terminal or a reader: controls, format characters (zero width, bidirectional), lone surrogates, line separators. */
const deceptive = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** What is shown of a line: a minified file is one line, of which the part around the mistake is enough. Code units. */
const maxLineLength = 120

/**
 * A diagnostic as a person reads it in a terminal: place, message, the offending line with a caret line, hint. Plain text
 * without colours; whatever came from the file is escaped.
 */
export function formatDiagnostic(diagnostic: Diagnostic, source: string | undefined): string {
  const { path, message, hint, range } = diagnostic
  const place = range ? `${path}:${range.startLine}:${range.startColumn}` : path
  const lines = [`${visible(place)} ${visible(message)}`]
  const sourceLine = range && source?.split(lineBreak)[range.startLine - 1]
  if (range && sourceLine !== undefined) {
    const end = range.endLine === range.startLine ? range.endColumn : sourceLine.length + 1
    const { text, caretAt, caretLength } = frame(sourceLine, range.startColumn - 1, end - 1)
    const gutter = `  ${range.startLine} | `
    lines.push(`${gutter}${text}`.trimEnd(), `${' '.repeat(gutter.length - 2)}| ${' '.repeat(caretAt)}${'^'.repeat(caretLength)}`)
  }
  if (hint !== undefined) lines.push(`  hint: ${visible(hint)}`)
  return lines.join('\n')
}

/** All diagnostics of a problem, separated by empty lines. */
export function formatProblem(problem: ConfigProblem): string {
  return problem.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, problem.sources.get(diagnostic.path))).join('\n\n')
}

/** Line ends as JavaScript counts them (ECMA-262 §12.3), so that the numbers agree with the parser's. */
export const lineBreak = /\r\n|[\n\r\u2028\u2029]/

/** Caret columns are those of the escaped text: an escaped character before the mistake moves the mark with it. */
function frame(line: string, start: number, end: number): { text: string; caretAt: number; caretLength: number } {
  const from = line.length <= maxLineLength ? 0 : Math.max(0, Math.min(start - maxLineLength / 4, line.length - maxLineLength))
  const to = Math.min(line.length, from + maxLineLength)
  const before = (from > 0 ? '…' : '') + visible(line.slice(from, start))
  const marked = visible(line.slice(start, Math.min(end, to)))
  const after = visible(line.slice(Math.min(Math.max(end, start), to), to)) + (to < line.length ? '…' : '')
  // A place at the end of a line, such as a missing brace, is marked one character wide all the same.
  return { text: before + marked + after, caretAt: before.length, caretLength: Math.max(1, marked.length) }
}

function visible(text: string): string {
  return text.replaceAll('\t', '  ').replace(deceptive, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
