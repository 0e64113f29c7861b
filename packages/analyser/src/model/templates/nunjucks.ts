import { PagePlace, type TemplateScript } from './template-script.ts'

/** Nunjucks, Swig, Twig and Liquid: of their expressions what they read, and whether it is escaped. */
export function readNunjucks(text: string, script: TemplateScript, isEscaped: boolean): void {
  const place = new PagePlace()
  const escapes = [isEscaped]
  let open = 0
  let at = 0
  const tag = /\{\{-?|\{%-?|\{#/g
  for (let match = tag.exec(text); match; match = tag.exec(text)) {
    const start = match.index
    place.read(text.slice(at, start))
    const close = match[0].startsWith('{{') ? '}}' : match[0] === '{#' ? '#}' : '%}'
    const end = text.indexOf(close, start + 2)
    if (end < 0) break
    at = end + 2
    tag.lastIndex = at
    if (close === '#}') continue
    const from = start + match[0].length
    const to = text[end - 1] === '-' && end - 1 >= from ? end - 1 : end
    if (close === '}}') {
      output(from, to)
      place.put()
      continue
    }
    const [, word = '', rest = ''] = /^\s*(\w*)\s*([^]*)$/.exec(text.slice(from, to))!
    const restAt = to - rest.length
    switch (word) {
      case 'raw':
      case 'verbatim': {
        const closing = new RegExp(`\\{%-?\\s*end${word}\\b`, 'g')
        closing.lastIndex = at
        at = closing.exec(text)?.index ?? text.length
        tag.lastIndex = at
        break
      }
      case 'autoescape':
        escapes.push(!/^(?:false|off)/.test(rest.trim()))
        break
      case 'endautoescape':
        if (escapes.length > 1) escapes.pop()
        break
      case 'for': {
        const parts = /^([\w$]+)(?:\s*,\s*([\w$]+))?\s+in\s+/.exec(rest)
        if (!parts) break
        script.write(`\nfor (const ${safeName(parts[2] ?? parts[1]!)} of `)
        reads(restAt + parts[0].length, firstPipe(restAt + parts[0].length, to))
        script.write(') {\n')
        if (parts[2] !== undefined) script.write(`let ${safeName(parts[1]!)} = 0;\n`)
        open += 1
        break
      }
      case 'if':
      case 'unless':
      case 'case':
        script.write('\n{\n')
        open += 1
        break
      case 'elif':
      case 'elseif':
      case 'elsif':
      case 'else':
      case 'when':
        if (open > 0) script.write('\n} {\n')
        break
      case 'macro': {
        const parts = /^([\w$]+)\s*\(([^)]*)\)/.exec(rest)
        if (!parts) break
        script.write(`\nfunction ${safeName(parts[1]!)}(${parts[2]!.split(',').flatMap((name) => name.match(/^\s*([\w$]+)/)?.[1] ?? []).map(safeName).join(', ')}) {\n`)
        open += 1
        break
      }
      case 'set':
      case 'assign': {
        const parts = /^([\w$]+)\s*=\s*/.exec(rest)
        if (!parts) break
        script.write(`\nvar ${safeName(parts[1]!)} = `)
        reads(restAt + parts[0].length, firstPipe(restAt + parts[0].length, to))
        script.write(';\n')
        break
      }
      case 'include':
      case 'extends':
      case 'import':
      case 'from':
      case 'render': {
        const name = /^\s*(['"])(.*?)\1/.exec(rest)?.[2]
        if (name !== undefined) script.write(`\n;include(${JSON.stringify(name)});`)
        break
      }
      case 'endfor':
      case 'endif':
      case 'endunless':
      case 'endcase':
      case 'endmacro':
        if (open > 0) {
          script.write('\n}\n')
          open -= 1
        }
    }
  }
  script.write('\n}\n'.repeat(open))

  function output(from: number, to: number): void {
    const end = firstPipe(from, to)
    const filters = text.slice(end, to)
    const named = (names: string) => new RegExp(`\\|\\s*(?:${names})\\b`).test(filters)
    const call = /^\s*([A-Za-z_$][\w$]*)\s*\(([^]*)\)\s*$/.exec(text.slice(from, end))
    if (call) {
      // A macro: what it puts into the page stands in it.
      script.write(`\n;${safeName(call[1]!)}(`)
      let at = from + text.slice(from, end).indexOf('(') + 1
      for (const argument of splitAtCommas(call[2]!)) {
        reads(at, at + argument.length)
        script.write(', ')
        at += argument.length + 1
      }
      script.write(');')
      return
    }
    if (named('e|escape|forceescape|escape_once|striptags|strip_html|urlencode|url_encode|int|float|round|length|size|date|number')) return
    const isRaw = named('safe|raw') || !escapes.at(-1)!
    const danger = isRaw ? ([named('dump|json|tojson|json_encode|to_json') ? 'json' : 'html', named('safe') ? '| safe' : named('raw') ? '| raw' : '{{'] as const) : place.escaped()
    if (danger) script.output(...danger, () => reads(from, end))
  }

  /** The end of the value before its filters. */
  function firstPipe(from: number, to: number): number {
    let quote = ''
    for (let index = from; index < to; index += 1) {
      const character = text[index]!
      if (quote !== '') quote = character === quote ? '' : quote
      else if (character === '"' || character === "'") quote = character
      else if (character === '|') return index
    }
    return to
  }

  /** Everything that an expression reads, as one text; a single path as it is. */
  function reads(from: number, to: number): void {
    let count = 0
    const word = /"[^"]*"|'[^']*'|([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*|\[(?:\d+|"[^"\]]*"|'[^'\]]*')\])*)(\s*\()?/g
    const expression = text.slice(from, to)
    for (const { index, 1: path, 2: isCalled } of expression.matchAll(word)) {
      if (path === undefined || isCalled !== undefined || words.has(/^\w*/.exec(path)![0])) continue
      if (count > 0) script.write(' + ')
      const root = /^[\w$]+/.exec(path)![0]
      // A name of the language itself would be no name in the code.
      if (root === safeName(root)) script.copy(from + index, from + index + path.length)
      else script.write(`locals.${path}`)
      count += 1
    }
    if (count === 0) script.write('0')
  }
}

const words = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else', 'true', 'false', 'none', 'null', 'undefined', 'nil', 'empty', 'blank', 'contains', 'loop', 'forloop', 'defined', 'super', 'caller'])
const reserved = new Set('break case catch class const continue debugger default delete do enum export extends finally for function import instanceof new return static switch this throw try typeof var void while with yield let await async locals include'.split(' '))
const safeName = (name: string) => (reserved.has(name) ? `${name}_` : name)

function splitAtCommas(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let quote = ''
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!
    if (quote !== '') quote = character === quote ? '' : quote
    else if (character === '"' || character === "'") quote = character
    else if ('([{'.includes(character)) depth += 1
    else if (')]}'.includes(character)) depth -= 1
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, text.slice(from)]
}
