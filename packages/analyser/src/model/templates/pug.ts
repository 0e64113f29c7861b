import { closing, linkAttribute, PagePlace, type TemplateScript } from './template-script.ts'

interface Line {
  readonly indent: number
  readonly start: number
  end: number
}

/** Pug (and Jade): its lines by how far they are indented; what is not a tag is JavaScript with words of its own. */
export function readPug(text: string, script: TemplateScript): void {
  new PugReader(text, script).read()
}

class PugReader {
  private readonly text: string
  private readonly script: TemplateScript
  private readonly lines: Line[] = []
  /** Blocks that are open, by the indentation of what opened them. */
  private readonly open: { readonly indent: number; readonly isLoop: boolean }[] = []
  private index = 0

  constructor(text: string, script: TemplateScript) {
    this.text = text
    this.script = script
    for (let start = 0; start < text.length; ) {
      const newLine = text.indexOf('\n', start)
      const end = newLine < 0 ? text.length : newLine
      let from = start
      while (from < end && (text[from] === ' ' || text[from] === '\t')) from += 1
      let to = end
      while (to > from && /\s/.test(text[to - 1]!)) to -= 1
      if (to > from) this.lines.push({ indent: from - start, start: from, end: to })
      start = end + 1
    }
  }

  read(): void {
    for (; this.index < this.lines.length; this.index += 1) {
      const line = this.lines[this.index]!
      const closed = this.close(line.indent)
      this.line(line, line.start, closed)
    }
    this.close(0)
  }

  /** Closes what is not deeper than `indent`; whether the last of it was a loop. */
  private close(indent: number): boolean {
    let isLoop = false
    while (this.open.length > 0 && this.open.at(-1)!.indent >= indent) {
      isLoop = this.open.pop()!.isLoop
      this.script.write('}\n')
    }
    return isLoop
  }

  private block({ indent }: Line, isLoop = false): void {
    this.script.write(' {\n')
    this.open.push({ indent, isLoop })
  }

  private line(line: Line, from: number, afterLoop = false): void {
    const { text, script } = this
    const rest = text.slice(from, line.end)
    if (rest.startsWith('//')) return this.below(line, () => {})
    if (rest.startsWith('-')) return this.code(line, from + 1)
    if (rest.startsWith('|')) return this.words(from + 1, line.end, new PagePlace())
    if (rest.startsWith('<')) return this.words(from, line.end, new PagePlace())
    if (/^!?=/.test(rest)) return this.value(from, line.end, false)
    if (rest.startsWith('+')) return this.mixinCall(line, from + 1)
    const keyword = /^(else if|elseif|if|unless|while|else|each|for|case|when|default|mixin|include|extends|block|append|prepend|doctype|import)(?![\w(.#=!-]|\s*=)|^(if|unless|while|case|else if)(?=\()/.exec(rest)
    if (!keyword) return this.tag(line, from)
    const word = keyword[1] ?? keyword[2]!
    const behind = from + word.length
    switch (word) {
      case 'if':
      case 'while':
      case 'else if':
      case 'elseif':
        script.write(word === 'elseif' ? 'else if (' : `${word} (`)
        script.copy(behind, line.end)
        script.write('\n)')
        return this.block(line)
      case 'unless':
        script.write('if (!(')
        script.copy(behind, line.end)
        script.write('\n))')
        return this.block(line)
      case 'else':
        if (!afterLoop) script.write('else')
        return this.block(line)
      case 'each':
      case 'for': {
        const parts = /^\s*([\w$]+)(?:\s*,\s*([\w$]+))?\s+(?:in|of)\s+/.exec(text.slice(behind, line.end))
        if (!parts) return
        script.write(`for (const ${parts[1]} of (`)
        script.copy(behind + parts[0].length, line.end)
        script.write('\n))')
        this.block(line, true)
        if (parts[2] !== undefined) script.write(`let ${parts[2]} = 0;\n`)
        return
      }
      case 'case':
      case 'when':
      case 'default':
        return this.block(line)
      case 'mixin': {
        const parts = /^\s*([\w-]+)\s*(\(.*)?$/.exec(text.slice(behind, line.end))
        if (!parts) return
        script.write(`function ${mixinName(parts[1]!)}`)
        if (parts[2] === undefined) script.write('()')
        else script.copy(line.end - parts[2].length, line.end)
        return this.block(line)
      }
      case 'include':
      case 'extends':
        return script.write(`;include(${JSON.stringify(text.slice(behind, line.end).replace(/^:\S+/, '').trim())});\n`)
    }
  }

  /** The lines below, which are none of tags. */
  private below(line: Line, visit: (start: number, end: number) => void): void {
    while (this.lines[this.index + 1] && this.lines[this.index + 1]!.indent > line.indent) {
      this.index += 1
      visit(this.lines[this.index]!.start, this.lines[this.index]!.end)
    }
  }

  private code(line: Line, from: number): void {
    const { text, script } = this
    const copy = (start: number, end: number) => {
      script.copy(start, end)
      script.write('\n')
    }
    if (text.slice(from, line.end).trim() === '') return this.below(line, copy)
    copy(from, line.end)
    const next = this.lines[this.index + 1]
    if (next && next.indent > line.indent && !text.slice(from, line.end).endsWith('{')) this.block(line)
  }

  /** `= value`, `!= value`. */
  private value(from: number, end: number, isScript: boolean): void {
    const isRaw = this.text[from] === '!'
    if (isRaw || isScript) this.script.outputOf('html', isRaw ? '!=' : 'a script', from + (isRaw ? 2 : 1), end)
    else this.expression(from + 1, end)
  }

  private expression(from: number, end: number): void {
    this.script.write('\n;(')
    this.script.copy(from, end)
    this.script.write('\n);')
  }

  private mixinCall(line: Line, from: number): void {
    const name = /^[\w-]*/.exec(this.text.slice(from, line.end))![0]
    const open = from + name.length
    this.script.write(`\n;${mixinName(name)}(`)
    if (this.text[open] === '(') this.script.copy(open + 1, this.closed(line, open + 1))
    this.script.write('\n);')
  }

  /** Where a bracket is closed, on the line or on those that follow. */
  private closed(line: Line, from: number): number {
    const limit = this.lines[Math.min(this.index + mostAttributeLines, this.lines.length - 1)]!.end
    const at = closing(this.text, from, ')', limit)
    while (line.end < at && this.lines[this.index + 1] && this.lines[this.index + 1]!.start <= at) {
      this.index += 1
      line.end = this.lines[this.index]!.end
    }
    return at
  }

  private tag(line: Line, from: number): void {
    const { text } = this
    const name = /^(?:[\w:-]+(?<!:))?/.exec(text.slice(from, line.end))![0]
    const isScript = name === 'script'
    let at = from + name.length
    for (;;) {
      const shorthand = /[.#][\w-]+/y
      shorthand.lastIndex = at
      const found = shorthand.exec(text)
      if (found && shorthand.lastIndex <= line.end) at = shorthand.lastIndex
      else if (text[at] === '(') {
        const end = this.closed(line, at + 1)
        this.attributes(at + 1, end)
        at = end + 1
      } else if (text.startsWith('&attributes(', at)) at = this.closed(line, at + 12) + 1
      else break
    }
    if (at > line.end) return
    const rest = text.slice(at, line.end)
    if (/^!?=/.test(rest)) this.value(at, line.end, isScript)
    else if (rest.startsWith(': ')) this.line(line, at + 1 + /^\s*/.exec(text.slice(at + 1, line.end))![0].length)
    else if (rest === '.') {
      const place = new PagePlace(isScript)
      this.below(line, (start, end) => this.words(start, end, place))
    } else this.words(at, line.end, new PagePlace(isScript))
    if (isScript && rest === '') {
      const place = new PagePlace(true)
      this.below(line, (start, end) => this.words(start, end, place))
    }
  }

  private attributes(from: number, end: number): void {
    const { text, script } = this
    for (let at = from; at < end; ) {
      const head = /[\s,]*(['"]?)([^\s=,!'"()]+)\1\s*(!?=)?\s*/y
      head.lastIndex = at
      const found = head.exec(text)
      if (!found || head.lastIndex > end) return
      at = head.lastIndex
      if (found[3] === undefined) continue
      const valueEnd = this.attributeEnd(at, end)
      const name = found[2]!
      if (found[3] === '!=' || /^on[a-z]+$/i.test(name)) script.outputOf('html', name, at, valueEnd)
      else if (linkAttribute.test(name)) script.outputOf('link', name, at, valueEnd)
      at = valueEnd
    }
  }

  /** A value goes on up to a comma, a new line, or a blank behind which the next attribute begins. */
  private attributeEnd(from: number, end: number): number {
    const { text } = this
    let depth = 0
    let quote = ''
    for (let at = from; at < end; at += 1) {
      const character = text[at]!
      if (quote !== '') {
        if (character === '\\') at += 1
        else if (character === quote) quote = ''
      } else if (character === '"' || character === "'" || character === '`') quote = character
      else if ('([{'.includes(character)) depth += 1
      else if (')]}'.includes(character)) depth -= 1
      else if (depth === 0 && (character === ',' || character === '\n')) return at
      else if (depth === 0 && (character === ' ' || character === '\t')) {
        const next = /[ \t]+[\w:@.-]+\s*!?=(?!=)/y
        next.lastIndex = at
        if (next.test(text)) return at
      }
    }
    return end
  }

  /** Text with `#{…}` and `!{…}` in it. */
  private words(from: number, end: number, place: PagePlace): void {
    const { text, script } = this
    let at = from
    for (const { index } of text.slice(from, end).matchAll(/(?<!\\)[#!]\{/g)) {
      const start = from + index
      if (start < at) continue
      place.read(text.slice(at, start))
      const close = closing(text, start + 2, '}', end)
      const danger = text[start] === '!' ? (['html', '!{'] as const) : place.escaped()
      if (danger) script.outputOf(...danger, start + 2, close)
      else this.expression(start + 2, close)
      place.put()
      at = close + 1
    }
    place.read(`${text.slice(at, end)}\n`)
  }
}

/** Lines over which the attributes of one tag may go. */
const mostAttributeLines = 60
const mixinName = (name: string) => `mixin_${name.replaceAll('-', '_')}`
