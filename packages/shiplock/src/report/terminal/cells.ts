import { createRequire } from 'node:module'

/**
 * Loaded for the first text that is not ASCII, or has to be wrapped: with the tables of Unicode that they compile, they
 * take longer than a run that has nothing to do.
 */
const load = createRequire(import.meta.url)
const stringWidth = (text: string): number => (load('string-width') as typeof import('string-width')).default(text)
const sliceAnsi = (text: string, end: number): string => (load('slice-ansi') as typeof import('slice-ansi')).default(text, 0, end)
const wrapAnsi = (text: string, columns: number): string => (load('wrap-ansi') as typeof import('wrap-ansi')).default(text, columns, { hard: true })

const isAscii = (text: string) => /^[ -~]*$/.test(text)

/** Columns that plain text takes on a terminal: wide characters take two. */
export const widthOf = (text: string) => (isAscii(text) ? text.length : stringWidth(text))

/** Plain text in at most `columns`, cut with an ellipsis. */
export function truncate(text: string, columns: number): string {
  if (columns <= 0) return ''
  // Measuring is slow on a line of a megabyte, and no character takes less than a column in text that is made visible,
  // combining marks and joined emoji apart: eight code units a column leave room for those.
  const near = text.length > columns * 8 ? text.slice(0, columns * 8) : text
  if (near === text && widthOf(text) <= columns) return text
  return `${isAscii(near) ? near.slice(0, columns - 1) : sliceAnsi(near, columns - 1)}…`
}

/** Plain text in exactly `columns`. */
export function fit(text: string, columns: number): string {
  const cut = truncate(text, columns)
  return cut + ' '.repeat(Math.max(0, columns - widthOf(cut)))
}

/** Plain text as lines of at most `columns`; a word longer than that is broken. Infinity leaves it whole. */
export function wrap(text: string, columns: number): string[] {
  if (columns === Infinity || (text.length <= columns && isAscii(text) && text.trim() === text)) return [text]
  return wrapAnsi(text, Math.max(1, columns)).split('\n')
}

/** A label, and its text wrapped beside it. */
export function hanging(label: string, text: string, columns: number): string[] {
  return wrap(text, columns - label.length).map((line, index) => (index === 0 ? label : ' '.repeat(label.length)) + line)
}
