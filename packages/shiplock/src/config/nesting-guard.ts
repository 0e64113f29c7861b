import type { Span } from './literal.ts'

/**
 * oxc-parser descends recursively in native code: some 2,000 nested default parameters or 4,000 parentheses overflow
 * its stack, and a segmentation fault ends the process past every `catch`. So what is handed to it has bounded nesting.
 * Brackets are counted. Every other way to nest (`!!!…`, `a: b: …`, `A<A<…`, `else if …`) costs a token or more a level,
 * so a bound on the tokens bounds it: the smallest crash that was seen took 8,000 of them.
 */
const maxBracketDepth = 200
const maxTokens = 2_500

/** A text that is too long or too deeply nested for the parser, and where it becomes so; undefined for any other. */
export function findExcess(text: string): { span: Span; message: string; hint: string } | undefined {
  const open: string[] = []
  let count = 0
  for (const { sign, span, isCertain } of tokensOf(text)) {
    if (++count > maxTokens) {
      const message = `the file has more than ${maxTokens} words and signs`
      return { span, message, hint: 'remove what is not config: it is a short literal' }
    }
    if (sign === '(' || sign === '[' || sign === '{') open.push(sign)
    // A bracket that closes another kind is a syntax error; when it does not count, the depth stays an upper bound.
    else if (isCertain && open.at(-1) === openingOf[sign]) open.pop()
    if (open.length > maxBracketDepth) {
      const message = `brackets are nested more than ${maxBracketDepth} deep`
      return { span, message, hint: 'write it flat: the config itself has no more than five levels' }
    }
  }
  return undefined
}

const openingOf: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

const exact = new RegExp(
  [
    String.raw`\s+|//[^\n\r\u2028\u2029]*|/\*[^]*?\*/`,
    String.raw`('[^'\\\n\r]*(?:\\(?:\r\n|[^])[^'\\\n\r]*)*'`,
    String.raw`"[^"\\\n\r]*(?:\\(?:\r\n|[^])[^"\\\n\r]*)*"`,
    '`[^`\\\\$]*(?:(?:\\\\[^]|\\$(?!\\{))[^`\\\\$]*)*`',
    String.raw`[\w$]+`,
    '[^/\'"`])',
  ].join('|'),
  'y',
)
const uncertain = /\s+|([\w$]+|[^])/y

/**
 * Words, strings and signs. A `/` that begins no comment, a `${` and a string without an end make it depend on the
 * grammar what is text and what is code. None is legal in a config, and the parser says that better; from there on text
 * counts as code (`isCertain` is false), so that the count is never too low.
 */
function* tokensOf(text: string): Generator<{ sign: string; span: Span; isCertain: boolean }> {
  let isCertain = true
  let offset = /^#!.*/.exec(text)?.[0].length ?? 0
  while (offset < text.length) {
    const pattern = isCertain ? exact : uncertain
    pattern.lastIndex = offset
    const match = pattern.exec(text)
    if (!match) {
      isCertain = false
      continue
    }
    const span = { start: offset, end: pattern.lastIndex }
    offset = span.end
    if (match[1] !== undefined) yield { sign: match[1], span, isCertain }
  }
}
