import sliceAnsi from 'slice-ansi'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

/** Columns that plain text takes on a terminal: wide characters take two. */
export const widthOf = (text: string) => stringWidth(text)

/** Plain text in at most `columns`, cut with an ellipsis. */
export function truncate(text: string, columns: number): string {
  if (columns <= 0) return ''
  // Measuring is slow on a line of a megabyte, and no character takes less than a column in text that is made visible,
  // combining marks and joined emoji apart: eight code units a column leave room for those.
  const near = text.length > columns * 8 ? text.slice(0, columns * 8) : text
  if (near === text && widthOf(text) <= columns) return text
  return `${sliceAnsi(near, 0, columns - 1)}…`
}

/** Plain text in exactly `columns`. */
export function fit(text: string, columns: number): string {
  const cut = truncate(text, columns)
  return cut + ' '.repeat(Math.max(0, columns - widthOf(cut)))
}

/** Plain text as lines of at most `columns`; a word longer than that is broken. Infinity leaves it whole. */
export function wrap(text: string, columns: number): string[] {
  return columns === Infinity ? [text] : wrapAnsi(text, Math.max(1, columns), { hard: true }).split('\n')
}

/** A label, and its text wrapped beside it. */
export function hanging(label: string, text: string, columns: number): string[] {
  return wrap(text, columns - label.length).map((line, index) => (index === 0 ? label : ' '.repeat(label.length)) + line)
}
