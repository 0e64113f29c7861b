/** What a component's file says to a program: its scripts, and the expressions of its template that do not go through as text. */
export interface Markup {
  /** As long as the file; all else is blank, so that places stay what they are. Each expression is a statement of its own. */
  readonly source: string
  /** The scripts alone. */
  readonly scripts: string
  readonly expressions: readonly TemplateExpression[]
  /** An expression was too long to be read. */
  readonly isCut: boolean
}

export interface TemplateExpression {
  readonly start: number
  readonly end: number
  /** What it is given to: `v-html`, `href`. */
  readonly field: string
}

const directive = /\s(v-html|:href|v-bind:href|:action|v-bind:action|:srcdoc|v-bind:srcdoc)=(?:"([^"]*)"|'([^']*)')/g
const longestExpression = 2000

/** Reads a file of Vue, Svelte or HTML. Every search goes on where the last one ended: its time is linear in the text. */
export function readMarkup(path: string, text: string): Markup {
  const pieces = scriptsOf(text)
  const isSvelte = /\.svelte$/i.test(path)
  const expressions: TemplateExpression[] = []
  let isCut = false
  const changes: [at: number, character: string][] = []
  let outside = 0
  for (const { start, end } of [...pieces, { start: text.length, end: text.length }]) {
    const template = withoutComments(text.slice(outside, start))
    const found = isSvelte ? svelteExpressions(template, () => (isCut = true)) : /\.vue$/i.test(path) ? vueExpressions(template) : []
    for (const { start: from, end: to, field } of found) {
      expressions.push({ start: outside + from, end: outside + to, field })
      changes.push([outside + from - 2, ';'], [outside + from - 1, '('], [outside + to, ')'], [outside + to + 1, ';'])
    }
    outside = end
  }
  const scripts = blankExcept(text, pieces)
  if (expressions.length === 0) return { source: scripts, scripts, expressions, isCut }
  const characters = blankExcept(text, [...pieces, ...expressions].toSorted((a, b) => a.start - b.start)).split('')
  for (const [at, character] of changes) if (at < characters.length) characters[at] = character
  return { source: characters.join(''), scripts, expressions, isCut }
}

function scriptsOf(text: string): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = []
  const opening = /<script\b|<!--/gi
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    if (match[0] === '<!--') {
      const end = text.indexOf('-->', match.index)
      if (end < 0) break
      opening.lastIndex = end + 3
      continue
    }
    const start = text.indexOf('>', match.index) + 1
    if (start === 0) break
    const closing = /<\/script\s*>/gi
    closing.lastIndex = start
    const end = closing.exec(text)
    if (!end) break
    found.push({ start, end: end.index })
    opening.lastIndex = closing.lastIndex
  }
  return found
}

function withoutComments(text: string): string {
  let result = ''
  let at = 0
  for (let start = text.indexOf('<!--'); start >= 0; start = text.indexOf('<!--', at)) {
    const end = text.indexOf('-->', start)
    if (end < 0) break
    result += text.slice(at, start) + blank(text.slice(start, end + 3))
    at = end + 3
  }
  return result + text.slice(at)
}

function vueExpressions(template: string): TemplateExpression[] {
  return [...template.matchAll(directive)].flatMap(({ 0: { length }, 1: name, 2: double, 3: single, index }) => {
    const code = double ?? single ?? ''
    const end = index + length - 1
    return code.trim() === '' ? [] : [{ start: end - code.length, end, field: name!.replace(/^(?::|v-bind:)/, '') }]
  })
}

/** `{@html …}`. */
function svelteExpressions(template: string, onCut: () => void): TemplateExpression[] {
  const found: TemplateExpression[] = []
  const opening = '{@html '
  for (let at = template.indexOf(opening); at >= 0; at = template.indexOf(opening, at)) {
    const start = at + opening.length
    let depth = 1
    let end = start
    for (; end < template.length && end - start < longestExpression && depth > 0; end += 1) depth += template[end] === '{' ? 1 : template[end] === '}' ? -1 : 0
    if (depth > 0) onCut()
    else if (end - 1 > start) found.push({ start, end: end - 1, field: 'v-html' })
    at = end
  }
  return found
}

function blankExcept(text: string, kept: readonly { readonly start: number; readonly end: number }[]): string {
  let result = ''
  let at = 0
  for (const { start, end } of kept) {
    result += blank(text.slice(at, start)) + text.slice(start, end)
    at = end
  }
  return result + blank(text.slice(at))
}

const blank = (text: string) => text.replace(/[^\n\r]/g, ' ')
