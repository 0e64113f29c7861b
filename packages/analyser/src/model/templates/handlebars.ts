import { PagePlace, type TemplateScript } from './template-script.ts'

/** Handlebars and Mustache: paths that are looked up in what is at hand, and helpers. */
export function readHandlebars(text: string, script: TemplateScript, isMustache: boolean): void {
  new HandlebarsReader(text, script, isMustache).read()
}

interface Token {
  readonly start: number
  readonly end: number
  readonly text: string
}

class HandlebarsReader {
  private readonly text: string
  private readonly script: TemplateScript
  private readonly isMustache: boolean
  /** What names are looked up in, the innermost last; and names that a block declares. */
  private readonly contexts = ['locals']
  private readonly declared: string[][] = [[]]
  private readonly open: { readonly isCondition: boolean; readonly opens: boolean }[] = []
  private made = 0

  constructor(text: string, script: TemplateScript, isMustache: boolean) {
    this.text = text
    this.script = script
    this.isMustache = isMustache
  }

  read(): void {
    const { text, script } = this
    const place = new PagePlace()
    let at = 0
    for (let start = text.indexOf('{{'); start >= 0; start = text.indexOf('{{', at)) {
      place.read(text.slice(at, start))
      const comment = /\{\{~?!--/y
      comment.lastIndex = start
      const close = comment.test(text) ? '--}}' : text[start + 2] === '{' ? '}}}' : '}}'
      const end = text.indexOf(close, start + 2)
      if (end < 0) break
      at = end + close.length
      if (close === '--}}' || text[start - 1] === '\\') continue
      const from = start + (close === '}}}' ? 3 : 2)
      const tokens = tokensOf(text, from, end)
      const [first] = tokens
      if (!first || first.text === '!') continue
      if (close === '}}}' || first.text === '&') {
        const inner = first.text === '&' ? tokens.slice(1) : tokens
        // What helpers of such names are for is known, wherever they come from.
        const isJson = inner.length === 2 && /^(?:json|stringify|toJSON|jsonify)$/i.test(inner[0]!.text)
        if (inner.length > 0) script.output(isJson ? 'json' : 'html', close === '}}}' ? '{{{' : '{{&', () => this.call(isJson ? inner.slice(1) : inner))
        place.put()
      } else if (first.text === '#' || first.text === '^') this.opening(tokens.slice(1), first.text === '^')
      else if (first.text === '/') this.closing()
      else if (first.text === 'else') this.otherwise(tokens.slice(1))
      else if (first.text === '>') this.partial(tokens.slice(1))
      else {
        const danger = place.escaped()
        if (danger) script.output(...danger, () => this.call(tokens))
        else {
          script.write('\n;(')
          this.call(tokens)
          script.write(');')
        }
        place.put()
      }
    }
    while (this.open.length > 0) this.closing()
  }

  private opening(given: readonly Token[], isInverse: boolean): void {
    const { script } = this
    // `{{#> layout}}` is a partial with a block, `{{#*inline "name"}}` one that stands here.
    const tokens = given.filter(({ text }) => text !== '*')
    const [name, ...rest] = tokens
    if (!name) return
    if (isInverse && rest.length === 0) return this.enter('{\n')
    if (name.text === '>') {
      this.partial(rest)
      return this.enter('{\n')
    }
    const bar = rest.findIndex(({ text }) => text === 'as')
    const args = bar < 0 ? rest : rest.slice(0, bar)
    const names = bar < 0 ? [] : rest.slice(bar + 1).flatMap(({ text }) => text.match(/[A-Za-z_$][\w$]*/g) ?? [])
    if (name.text === 'if' || name.text === 'unless') {
      script.write(name.text === 'if' ? '\nif (' : '\nif (!')
      this.value(args, 0)
      this.enter(') {\n', { isCondition: true })
    } else if (name.text === 'each' || name.text === 'with' || args.length === 0) {
      const context = `$$${(this.made += 1)}`
      script.write(name.text === 'each' ? `\nfor (const ${context} of ` : `\n{ let ${context} = `)
      this.value(args.length === 0 && name.text !== 'each' ? [name] : args, 0)
      // A section of Mustache is a list, or what is at hand within.
      this.enter(name.text === 'each' ? ') {\n' : name.text === 'with' ? ';\n' : `; for (const inner of ${context}) ${context} = inner;\n`, { context, names })
      if (names[0] !== undefined) script.write(`const ${names[0]} = ${context};\n`)
    } else {
      script.write('\n{ ;')
      this.call(tokens.slice(0, args.length + 1))
      this.enter(';\n', { names })
      for (const declared of names) script.write(`let ${declared} = 0;\n`)
    }
  }

  private enter(code: string, { isCondition = false, context, names = [] }: { readonly isCondition?: boolean; readonly context?: string; readonly names?: readonly string[] } = {}): void {
    this.script.write(code)
    this.open.push({ isCondition, opens: context !== undefined })
    this.declared.push([...names])
    if (context !== undefined) this.contexts.push(context)
  }

  private closing(): void {
    const block = this.open.pop()
    if (!block) return
    this.declared.pop()
    if (block.opens) this.contexts.pop()
    this.script.write('}\n')
  }

  private otherwise(rest: readonly Token[]): void {
    const block = this.open.at(-1)
    if (!block) return
    this.closing()
    if (block.isCondition && rest[0]?.text === 'if') {
      this.script.write('else if (')
      this.value(rest, 1)
      this.enter(') {\n', { isCondition: true })
    } else this.enter(block.isCondition ? 'else {\n' : '{\n')
  }

  private partial(tokens: readonly Token[]): void {
    const [name, ...args] = tokens
    if (!name || name.text === '(') return
    this.script.write(`\n;include(${JSON.stringify(name.text.replace(/^(['"])(.*)\1$/, '$2'))}`)
    const own = args.findIndex(({ text }) => text.endsWith('='))
    if (own !== 0 && args.length > 0) {
      this.script.write(', ')
      this.value(args, 0)
    } else this.script.write(`, ${this.contexts.at(-1)}`)
    if (own >= 0) this.hash(args, own)
    this.script.write(');')
  }

  /** `name=value …` as an object. */
  private hash(tokens: readonly Token[], from: number): number {
    this.script.write(', {')
    let at = from
    while (tokens[at]?.text.endsWith('=')) {
      this.script.write(`${JSON.stringify(tokens[at]!.text.slice(0, -1))}: `)
      at = this.value(tokens, at + 1)
      this.script.write(', ')
    }
    this.script.write('}')
    return at
  }

  /** A helper with what it is given, or one value. */
  private call(tokens: readonly Token[]): void {
    if (tokens.length === 1 || tokens[0]!.text === '(') this.value(tokens, 0)
    else this.helper(tokens, 0, tokens.length)
  }

  private helper(tokens: readonly Token[], from: number, to: number): void {
    const { start, end, text } = tokens[from]!
    if (isName(text)) this.script.copy(start, end)
    else this.path(tokens[from]!)
    this.script.write('(')
    for (let at = from + 1, isFirst = true; at < to; isFirst = false) {
      if (tokens[at]!.text.endsWith('=')) {
        if (isFirst) this.script.write('undefined')
        at = this.hash(tokens, at)
        if (!tokens[at]?.text.endsWith('=')) break
        continue
      }
      if (!isFirst) this.script.write(', ')
      at = this.value(tokens, at)
    }
    this.script.write(')')
  }

  /** Writes the value that begins at a token; the index of the next one. */
  private value(tokens: readonly Token[], at: number): number {
    const token = tokens[at]
    if (!token) {
      this.script.write('undefined')
      return at + 1
    }
    if (token.text === '(') {
      let depth = 1
      let end = at + 1
      for (; end < tokens.length && depth > 0; end += 1) depth += tokens[end]!.text === '(' ? 1 : tokens[end]!.text === ')' ? -1 : 0
      if (end - 1 > at + 1) this.helper(tokens, at + 1, depth === 0 ? end - 1 : end)
      else this.script.write('undefined')
      return end
    }
    if (/^(?:\d+(?:\.\d+)?|true|false|null|undefined|'[^'\n\\]*'|"[^"\n\\]*")$/.test(token.text)) this.script.copy(token.start, token.end)
    else this.path(token)
    return at + 1
  }

  /** `../user.name`, `this.[first name]`, `@root.title`. */
  private path({ start, end, text }: Token): void {
    const { script } = this
    let rest = text
    let level = this.contexts.length - 1
    if (rest.startsWith('@root')) [level, rest] = [0, rest.slice(5)]
    else if (rest.startsWith('@')) return script.write('undefined')
    while (rest.startsWith('../')) [level, rest] = [Math.max(0, level - 1), rest.slice(3)]
    rest = rest.replace(/^(?:this\b|\.)[./]?/, '').replace(/^\//, '')
    const context = this.contexts[level]!
    const names = rest.match(/\[[^\]]*\]|[^./[\]]+/g) ?? []
    if (names.length === 0) {
      script.write(context)
      return this.placed(start, end)
    }
    const below = (root: string) => {
      if (root !== '') script.write(root)
      for (const [index, name] of names.entries())
        if (index === 0 && root === '') script.write(name)
        else if (isName(name) && names.length === 1) {
          script.write('.')
          script.copy(end - name.length, end)
        } else script.write(`[${/^\d+$/.test(name) ? name : JSON.stringify(name.replace(/^\[(.*)\]$/, '$1'))}]`)
    }
    if (isName(names[0]!) && this.declared.some((list) => list.includes(names[0]!))) below('')
    else if (this.isMustache && level > 0) {
      script.write('(')
      for (const outer of this.contexts.slice(0, level + 1).toReversed()) {
        below(outer)
        script.write(' || ')
      }
      script.write('undefined)')
    } else below(context)
    if (names.length > 1) this.placed(start, end)
  }

  /** What was written last stands here. */
  private placed(start: number, end: number): void {
    if (this.text.slice(start, end).includes('*/')) return
    this.script.write('/*')
    this.script.copy(start, end)
    this.script.write('*/')
  }
}

const isName = (text: string) => /^[A-Za-z_$][\w$]*$/.test(text) && !reserved.has(text)
const reserved = new Set('break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static await async of locals'.split(' '))

/** The words of a tag: paths, texts, brackets, `name=`. */
function tokensOf(text: string, from: number, end: number): Token[] {
  const found: Token[] = []
  const word = /~|\s+|"[^"]*"|'[^']*'|[A-Za-z_$][\w$-]*=|\|[^|]*\||[#^/!&>*()]|(?:\[[^\]]*\]|[^\s()"'|~=])+|[^]/y
  for (word.lastIndex = from; word.lastIndex < end; ) {
    const start = word.lastIndex
    const one = word.exec(text)![0].slice(0, end - start)
    word.lastIndex = start + one.length
    if (one.trim() !== '' && one !== '~') found.push({ start, end: start + one.length, text: one })
  }
  return found
}
