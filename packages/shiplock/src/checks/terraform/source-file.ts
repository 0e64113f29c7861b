import type { Location } from '@shiplock/findings'
import type { Body, Span } from './hcl/syntax.ts'

/** A file of a module, as it was read. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly body: Body
}

/** Where something is written. */
export interface Place {
  readonly file: SourceFile
  readonly span: Span
}

const lineStarts = new WeakMap<Pick<SourceFile, 'text'>, readonly number[]>()

function startsOf(file: Pick<SourceFile, 'text'>): readonly number[] {
  const known = lineStarts.get(file)
  if (known) return known
  const starts = [0]
  for (let at = file.text.indexOf('\n'); at !== -1; at = file.text.indexOf('\n', at + 1)) starts.push(at + 1)
  lineStarts.set(file, starts)
  return starts
}

export function positionAt(file: Pick<SourceFile, 'text'>, offset: number): { readonly line: number; readonly column: number } {
  const starts = startsOf(file)
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}

export function locate({ file, span }: Place): Location {
  const start = positionAt(file, span.start)
  const end = positionAt(file, span.end)
  return { path: file.path, startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column }
}

export const isWithin = (inner: Place, outer: Place): boolean => inner.file === outer.file && inner.span.start >= outer.span.start && inner.span.end <= outer.span.end
