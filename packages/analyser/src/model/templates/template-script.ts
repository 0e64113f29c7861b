/** What a value that is put into a page can do there: be markup (`json`: with all that it holds, as text), or an address. */
export type OutputKind = 'html' | 'json' | 'link'

/**
 * JavaScript that does with what a template is given what the template does with it, piece by piece with the place where each stands
 * there. What a template does not escape is handed to `$$html` (or `$$json`), an address in a link to `$$link`.
 */
export class TemplateScript {
  private readonly parts: string[] = []
  private length = 0
  /** Three numbers a piece: its offset here, its offset in the template, its length. */
  private readonly pieces: number[] = []
  /** What the template writes where a value is put into the page, `<%-`: by the offset of the call here. */
  readonly names = new Map<number, string>()
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  write(code: string): void {
    this.parts.push(code)
    this.length += code.length
  }

  /** What stands in the template itself. */
  copy(start: number, end: number): void {
    if (end <= start) return
    this.pieces.push(this.length, start, end - start)
    this.write(this.text.slice(start, end))
  }

  /** A value is put into the page; `code` writes it. */
  output(kind: OutputKind, name: string, code: () => void): void {
    this.write('\n;')
    this.names.set(this.length, name)
    this.write(`$$${kind}(`)
    code()
    this.write('\n);')
  }

  /** The same of JavaScript that stands in the template. */
  outputOf(kind: OutputKind, name: string, start: number, end: number): void {
    const json = kind === 'html' ? /^\s*JSON\.stringify\s*\(/.exec(this.text.slice(start, Math.min(end, start + longestTail)))?.[0].length : undefined
    const close = json === undefined ? end : closing(this.text, start + json, ')', end)
    if (json !== undefined && this.text.slice(close + 1, end).trim() === '') this.output('json', name, () => this.copy(start + json, close))
    else this.output(kind, name, () => this.copy(start, end))
  }

  get code(): string {
    return this.parts.join('')
  }

  /** Where what begins there in the code begins in the template: what is not from there, with the next piece. */
  startOf(offset: number): number {
    const { pieces } = this
    const piece = this.pieceAt(offset)
    if (piece >= 0 && offset < pieces[piece]! + pieces[piece + 2]!) return pieces[piece + 1]! + offset - pieces[piece]!
    return piece + 3 < pieces.length ? pieces[piece + 4]! : this.endOf(offset)
  }

  /** Where what ends there in the code ends in the template: what is not from there, with the last piece. */
  endOf(offset: number): number {
    const { pieces } = this
    const piece = this.pieceAt(offset - 1)
    return piece < 0 ? 0 : pieces[piece + 1]! + Math.min(offset - pieces[piece]!, pieces[piece + 2]!)
  }

  /** The same, but for what began at another offset and goes on over several pieces: the end of the first of them. */
  firstEndOf(start: number, end: number): number {
    const { pieces } = this
    const before = this.pieceAt(start)
    const piece = before >= 0 && start < pieces[before]! + pieces[before + 2]! ? before : before + 3
    return piece < pieces.length && pieces[piece]! + pieces[piece + 2]! < end ? pieces[piece + 1]! + pieces[piece + 2]! : this.endOf(end)
  }

  /** The last piece that begins at an offset or before it; -3 where none does. */
  private pieceAt(offset: number): number {
    let low = 0
    let high = this.pieces.length / 3
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.pieces[middle * 3]! <= offset) low = middle + 1
      else high = middle
    }
    return (low - 1) * 3
  }
}

/** Where in a page the text ends that was read so far: what a template escapes is harmless as text and between quotes, not everywhere. */
export class PagePlace {
  private tail = ''
  private isScript: boolean

  constructor(isScript = false) {
    this.isScript = isScript
  }

  read(text: string): void {
    for (const [found] of text.matchAll(/<script\b|<\/script\b/gi)) this.isScript = found[1] !== '/'
    this.tail = (this.tail + text.slice(-longestTail)).slice(-longestTail)
  }

  /** What an escaped value could still do here, and how the place is called. */
  escaped(): readonly [kind: OutputKind, name: string] | undefined {
    const { tail } = this
    if (this.isScript && !tail.includes('<script')) return unquoted.test(tail) ? ['html', 'a script'] : undefined
    const opening = tail.lastIndexOf('<')
    const inside = opening > tail.lastIndexOf('>') ? tail.slice(opening) : ''
    if (inside === '' && this.isScript) return unquoted.test(tail.slice(tail.lastIndexOf('>') + 1)) ? ['html', 'a script'] : undefined
    const handler = /\s(on[a-z]+)\s*=\s*(?:"[^"]*|'[^']*)$/i.exec(inside)
    if (handler) return ['html', handler[1]!]
    const attribute = /\s([a-z][\w:-]*)\s*=\s*(["']?)$/i.exec(inside)
    if (!attribute) return undefined
    if (attribute[2] === '') return ['html', `${attribute[1]}=`]
    return linkAttribute.test(attribute[1]!) ? ['link', attribute[1]!] : undefined
  }

  /** A value stands there: what follows does not begin an attribute any more. */
  put(): void {
    this.tail += 'x'
  }
}

const longestTail = 400
/** In a script a value stands for itself, outside of quotes. */
const unquoted = /[=(,[{:+?]\s*$/
export const linkAttribute = /^(?:href|xlink:href|action|formaction)$/i

/** Where what is opened at `from` (behind the bracket) is closed; the text's end where it is not. */
export function closing(text: string, from: number, close: string, limit = text.length): number {
  let depth = 0
  let quote = ''
  for (let at = from; at < limit; at += 1) {
    const character = text[at]!
    if (quote !== '') {
      if (character === '\\') at += 1
      else if (character === quote) quote = ''
    } else if (character === '"' || character === "'" || character === '`') quote = character
    else if (depth === 0 && character === close) return at
    else if (character === '(' || character === '[' || character === '{') depth += 1
    else if (character === ')' || character === ']' || character === '}') depth -= 1
  }
  return limit
}
