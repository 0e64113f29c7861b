import type { Cursor } from './cursor.ts'
import { readExpression } from './expression.ts'
import type { Expression } from './syntax.ts'

type Parts = (string | Expression | undefined)[]

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

/** `"…"`, with the cursor before the quotation mark. */
export function readQuoted(cursor: Cursor): Expression {
  const start = cursor.position++
  const parts: Parts = []
  for (;;) {
    const character = cursor.text[cursor.position]
    if (character === undefined || character === '\n') cursor.fail('a string is not closed', start)
    if (character === '"') break
    if (character === '\\') addText(parts, readEscape(cursor))
    else readPiece(cursor, parts)
  }
  cursor.position++
  return template(parts, start, cursor.position)
}

/** Template text of a whole string, as JSON syntax holds it; `span` is where the string is. */
export function readTemplate(cursor: Cursor): Parts {
  const parts: Parts = []
  while (cursor.position < cursor.text.length) readPiece(cursor, parts)
  return parts
}

const opening = /<<(-?)([\p{ID_Start}_][\p{ID_Continue}-]*)[ \t]*\r?\n/uy

/** `<<EOT` up to the line that is only `EOT`. */
export function readHeredoc(cursor: Cursor): Expression {
  const start = cursor.position
  opening.lastIndex = start
  const [head = '', dash, marker = ''] = opening.exec(cursor.text) ?? cursor.fail('a heredoc must have a name and end its line')
  cursor.position += head.length
  const parts: Parts = []
  for (let isLineStart = true; ; isLineStart = cursor.text[cursor.position - 1] === '\n') {
    const end = isLineStart ? endOfMarker(cursor, marker) : undefined
    if (end !== undefined) {
      cursor.position = end
      return template(dash ? unindent(parts) : parts, start, end)
    }
    if (cursor.position >= cursor.text.length) cursor.fail(`the heredoc ${marker} is not closed`, start)
    readPiece(cursor, parts)
  }
}

/** Where the marker ends, if the line holds nothing else. The line's end is left: it ends the attribute. */
function endOfMarker({ text, position }: Cursor, marker: string): number | undefined {
  let start = position
  while (text[start] === ' ' || text[start] === '\t') start++
  const end = start + marker.length
  return text.startsWith(marker, start) && /^[ \t\r]*(?:\n|$)/.test(text.slice(end, end + 100)) ? end : undefined
}

/** One run of plain text up to the end of its line, one escape, one interpolation or one directive. */
function readPiece(cursor: Cursor, parts: Parts): void {
  if (cursor.isAt('$${') || cursor.isAt('%%{')) {
    addText(parts, cursor.text.slice(cursor.position + 1, cursor.position + 3))
    cursor.position += 3
  } else if (cursor.isAt('${')) {
    cursor.position += 2
    parts.push(readInterpolation(cursor))
  } else if (cursor.isAt('%{')) {
    cursor.position += 2
    readDirective(cursor)
    parts.push(undefined)
  } else addText(parts, readPlain(cursor))
}

const plainStop = /["\\$%\n]/g

function readPlain(cursor: Cursor): string {
  const start = cursor.position
  plainStop.lastIndex = start
  const stop = plainStop.exec(cursor.text)?.index ?? cursor.text.length
  // A sign that starts nothing is text; so is the end of a line.
  cursor.position = stop === start || cursor.text[stop] === '\n' ? stop + 1 : stop
  return cursor.text.slice(start, cursor.position)
}

function readInterpolation(cursor: Cursor): Expression {
  return cursor.nested(false, () => {
    cursor.take('~')
    const value = readExpression(cursor)
    cursor.take('~')
    cursor.expect('}')
    return value
  })
}

function readDirective(cursor: Cursor): void {
  cursor.nested(false, () => {
    cursor.take('~')
    const keyword = cursor.takeIdentifier()
    if (keyword === 'if') readExpression(cursor)
    else if (keyword === 'for') {
      cursor.takeIdentifier()
      if (cursor.take(',')) cursor.takeIdentifier()
      if (cursor.takeIdentifier() !== 'in') cursor.fail('expected `in`')
      readExpression(cursor)
    } else if (!['else', 'endif', 'endfor'].includes(keyword ?? '')) cursor.fail('a directive must start with if, else, endif, for or endfor')
    cursor.take('~')
    cursor.expect('}')
  })
}

function readEscape(cursor: Cursor): string {
  const start = cursor.position
  const letter = cursor.text[start + 1] ?? ''
  const simple = escapes[letter]
  cursor.position += 2
  if (simple !== undefined) return simple
  const length = letter === 'u' ? 4 : letter === 'U' ? 8 : cursor.fail(`\\${letter} is no escape sequence`, start)
  const digits = cursor.text.slice(cursor.position, cursor.position + length)
  const codePoint = /^[\da-f]+$/i.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : Number.NaN
  if (!(codePoint <= 0x10_ff_ff)) cursor.fail(`\\${letter} needs ${length} hexadecimal digits of a character`, start)
  cursor.position += length
  return String.fromCodePoint(codePoint)
}

function addText(parts: Parts, text: string): void {
  const last = parts.at(-1)
  if (typeof last === 'string') parts[parts.length - 1] = last + text
  else parts.push(text)
}

export function template(parts: Parts, start: number, end: number): Expression {
  const [only = '', ...more] = parts
  return more.length === 0 && typeof only === 'string' ? { kind: 'literal', value: only, start, end } : { kind: 'template', parts, start, end }
}

/** `<<-` takes away the blanks that all lines start with; lines of nothing but blanks neither count nor change. */
function unindent(parts: Parts): Parts {
  const others = parts.filter((part) => typeof part !== 'string')
  const lines = parts.map((part) => (typeof part === 'string' ? part : '\0')).join('').split(/(?<=\n)/)
  const written = lines.filter((line) => line.trim() !== '' || !line.endsWith('\n'))
  const common = Math.min(...written.map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0))
  const texts = lines.map((line) => (line.trim() === '' && line.endsWith('\n') ? line : line.slice(common))).join('').split('\0')
  // A file that holds that character itself is left as it is.
  if (texts.length !== others.length + 1) return parts
  return texts.flatMap((text, index): Parts => [...(text === '' ? [] : [text]), ...(index < others.length ? [others[index]] : [])])
}
