import { isScript, syntaxOf, type Syntax } from './syntax.ts'

export interface Comment {
  /** Without its marks. */
  readonly text: string
  /** Lines count from 1. */
  readonly startLine: number
  readonly endLine: number
  /** Nothing but blanks (and JSX's braces) is beside it. */
  readonly standsAlone: boolean
}

/** The comments of a file, in its order; none where its syntax is not known. What looks like one inside a string is none. */
export async function findComments(path: string, text: string): Promise<readonly Comment[]> {
  const spans = isScript(path) || isNodeCommand(path, text) ? await scriptComments(path, text) : undefined
  const syntax = syntaxOf(path)
  return placed(text, spans ?? (syntax ? scan(text, syntax) : []))
}

/** Without an extension, and by its first line run by Node. */
const isNodeCommand = (path: string, text: string) => !/\.[^/]*$/.test(path) && /^#!.*\b(?:node|nodejs|bun|deno)\b/.test(text.slice(0, 200))

interface Span {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** By the parser; undefined where it cannot read the file. */
async function scriptComments(path: string, text: string): Promise<Span[] | undefined> {
  const { parseSync } = await import('oxc-parser')
  const { comments, errors } = parseSync(isScript(path) ? path : `${path}.js`, text)
  return errors.length > 0 && comments.length === 0 ? undefined : comments.map(({ start, end, value }) => ({ start, end, text: value }))
}

function scan(text: string, syntax: Syntax): Span[] {
  const spans: Span[] = []
  let at = 0
  while (at < text.length) {
    const long = syntax.longQuotes.find((quote) => text.startsWith(quote, at))
    const block = syntax.block.find(([open]) => text.startsWith(open, at))
    const line = syntax.line.find((mark) => text.startsWith(mark, at) && mayBegin(text, at, syntax))
    const short = syntax.quotes.find((quote) => text.startsWith(quote, at))
    if (block) {
      const close = text.indexOf(block[1], at + block[0].length)
      const inner = close < 0 ? text.length : close
      spans.push({ start: at, end: close < 0 ? text.length : close + block[1].length, text: text.slice(at + block[0].length, inner) })
      at = spans.at(-1)?.end ?? text.length
    } else if (line !== undefined) {
      const end = lineEnd(text, at)
      spans.push({ start: at, end, text: text.slice(at + line.length, end) })
      at = end
    } else if (long !== undefined) at = endOfString(text, at + long.length, long, text.length)
    else if (short !== undefined) at = endOfString(text, at + 1, short, lineEnd(text, at))
    else if (syntax.hasHeredocs && text.startsWith('<<', at)) at = endOfHeredoc(text, at)
    else at += 1
  }
  return spans
}

function mayBegin(text: string, at: number, { lineBegins }: Syntax): boolean {
  if (lineBegins === undefined || at === 0) return true
  if (lineBegins === 'behind-blank') return /\s/.test(text.charAt(at - 1))
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === ''
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** Where the string that began is over: behind its quote, or at `limit`. */
function endOfString(text: string, from: number, quote: string, limit: number): number {
  for (let at = from; at < limit; at += 1) {
    if (text.charAt(at) === '\\') at += 1
    else if (text.startsWith(quote, at)) return at + quote.length
  }
  return limit
}

function endOfHeredoc(text: string, at: number): number {
  const tag = /^<<[-~]?\s*["']?([A-Za-z_]\w*)["']?/.exec(text.slice(at, at + 100))?.[1]
  if (tag === undefined) return at + 2
  for (let end = lineEnd(text, at); end < text.length; ) {
    const next = lineEnd(text, end + 1)
    if (text.slice(end, next).trim() === tag) return next
    end = next
  }
  return text.length
}

function placed(text: string, spans: readonly Span[]): Comment[] {
  const comments: Comment[] = []
  let line = 1
  let seen = 0
  const advance = (to: number) => {
    for (let next = text.indexOf('\n', seen); next >= 0 && next < to; next = text.indexOf('\n', next + 1)) {
      line += 1
      seen = next + 1
    }
    return line
  }
  for (const { start, end, text: content } of spans) {
    const startLine = advance(start)
    const before = text.slice(seen, start)
    const endLine = advance(end)
    const behind = text.slice(end, lineEnd(text, end))
    comments.push({ text: content, startLine, endLine, standsAlone: /^[\s{]*$/.test(before) && /^[\s}]*$/.test(behind) })
  }
  return comments
}
