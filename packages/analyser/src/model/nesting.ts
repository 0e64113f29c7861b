/**
 * How deeply a text is nested, at most, counted in one pass without a parser: the parser recurses in native code, where too deep a
 * text would end the process and not the file alone. A bracket counts as many steps as it costs the parser, every other token of
 * a statement one, since operators, `else if` and the like nest without brackets. What a text truly holds is never more than
 * is counted, unless it is written to mislead this pass about where a regular expression ends; such a text ends the process,
 * which passes no gate. The count stops at `enough`.
 */
export function nestingOf(text: string, { hasElements = true, enough = Infinity } = {}): number {
  const open: Level[] = []
  let level: Level = { closes: end, tokens: 0, before: 0, isHead: false, isCondition: false, elements: 0 }
  let below = 0
  let most = 0
  let at = text.startsWith('#!') ? endOfLine(text, 0) : 0
  /** What the last token was: it says whether a slash divides, and whether a line that follows begins a statement. */
  let last = 'start' as Last
  let isNewLine = false

  const count = (what: Last, steps = 1) => {
    level.tokens += steps
    last = what
    isNewLine = false
    if (below + level.tokens > most) most = below + level.tokens
  }
  const push = (closes: number) => {
    const { isHead } = level
    level.isHead = false
    count('open')
    below += level.tokens + bracketSteps
    open.push(level)
    level = { closes, tokens: 0, before: 0, isHead: false, isCondition: isHead, elements: 0 }
    if (below > most) most = below
  }
  const pop = (): Level => {
    const inner = level
    level = open.pop()!
    below -= level.tokens + bracketSteps
    return inner
  }
  /** A statement ends, or an entry of a list: what follows is not nested in it. */
  const restart = () => {
    if (level.elements > 0) return
    level.before = level.tokens
    level.tokens = 0
  }
  /** An element ends. */
  const close = () => {
    level.elements -= 1
    level.tokens -= bracketSteps
    last = 'close'
    isNewLine = false
  }

  while (at < text.length && most <= enough) {
    const code = text.charCodeAt(at)
    switch (code) {
      case 0x0a:
      case 0x0d:
      case 0x2028:
      case 0x2029:
        isNewLine = true
        at += 1
        continue
      case 0x20:
      case 0x09:
        at += 1
        continue
      case 0x22:
      case 0x27: {
        begin()
        // A quote that nothing ends on its line stands in the text of an element.
        const past = endOfText(text, at, code)
        at = past < 0 ? at + 1 : past
        count('operand')
        continue
      }
      case 0x60:
        count('operand')
        at = template(at + 1)
        continue
      case 0x2f: {
        const next = text.charCodeAt(at + 1)
        if (next === 0x2f) at = endOfLine(text, at)
        else if (next === 0x2a) {
          const stop = text.indexOf('*/', at + 2)
          const past = stop < 0 ? text.length : stop + 2
          if (/[\n\r]/.test(text.slice(at, past))) isNewLine = true
          at = past
        } else if (level.elements > 0 && next === 0x3e) {
          close()
          at += 2
        } else {
          const past = last === 'operand' || last === 'word' || last === 'close' ? -1 : endOfRegex(text, at)
          count(past < 0 ? 'operator' : 'operand')
          at = past < 0 ? at + 1 : past
        }
        continue
      }
      case 0x28:
      case 0x5b:
      case 0x7b:
        push(code === 0x28 ? 0x29 : code === 0x5b ? 0x5d : 0x7d)
        at += 1
        continue
      case 0x29:
      case 0x5d:
      case 0x7d: {
        // One that closes nothing is wrong syntax, or stands in the text of an element.
        if (level.closes === code) {
          const { isCondition } = pop()
          last = code === 0x7d ? 'block' : isCondition ? 'head' : 'close'
        } else if (code === 0x7d && level.closes === templateEnd) {
          pop()
          at = template(at + 1)
          last = 'operand'
          isNewLine = false
          continue
        } else last = 'close'
        isNewLine = false
        at += 1
        continue
      }
      case 0x3c: {
        const next = text.charCodeAt(at + 1)
        if (level.elements > 0 && next === 0x2f) {
          close()
          at += 2
          continue
        }
        if (hasElements && (isWordPart(next) || next === 0x3e) && (level.elements > 0 || !(last === 'operand' || last === 'word' || last === 'close'))) {
          level.elements += 1
          level.tokens += bracketSteps
        }
        count('operator', angleSteps)
        at += 1
        continue
      }
      case 0x3b:
      case 0x2c:
        restart()
        last = 'start'
        isNewLine = false
        at += 1
        continue
      default: {
        if (code === 0x40) begin()
        if (isWordPart(code)) {
          const from = at
          const isMember = text.charCodeAt(at - 1) === 0x2e
          let hash = 0
          for (let part = code; isWordPart(part); part = text.charCodeAt(at)) {
            hash = (Math.imul(hash, 31) + part) | 0
            at += 1
          }
          // The statement before it is not at its end: `if (a) b; else if …`.
          if (hash === elseHash && !isMember) level.tokens += last === 'start' ? level.before : 0
          else begin(from)
          if (!isMember && heads.has(hash)) {
            level.isHead = true
            count('operator', wordSteps)
          } else if (!isMember && operators.has(hash)) count('operator', wordSteps)
          else count('word')
          continue
        }
        // `++` and `--` may stand behind a value; what follows on a new line is another statement all the same.
        if ((code === 0x2b || code === 0x2d) && text.charCodeAt(at + 1) === code) {
          count(last === 'word' || last === 'operand' || last === 'close' ? 'operand' : 'operator')
          at += 2
          continue
        }
        count('operator')
        at += 1
      }
    }
  }
  return most

  /** A word or a value stands here: where one stood before it on another line, a statement ended there. */
  function begin(from = at): void {
    if (last === 'block' ? !/^(?:catch|finally|while|of|in|as|satisfies|instanceof)\b/.test(text.slice(from, from + 11)) : isNewLine && (last === 'operand' || last === 'word' || last === 'close')) restart()
  }

  /** Text of a template, to its end or to `${`. */
  function template(from: number): number {
    for (let to = from; to < text.length; to += 1) {
      const code = text.charCodeAt(to)
      if (code === 0x5c) to += 1
      else if (code === 0x60) return to + 1
      else if (code === 0x24 && text.charCodeAt(to + 1) === 0x7b) {
        push(templateEnd)
        return to + 2
      }
    }
    return text.length
  }
}

interface Level {
  /** The character that ends it. */
  readonly closes: number
  /** Tokens of the statement, or the element, that is being read. */
  tokens: number
  /** Of the one before it: an `else` may still belong to that. */
  before: number
  /** The next parenthesis holds the condition of a statement. */
  isHead: boolean
  /** Whether this is such a parenthesis: what follows it is nested in the statement. */
  readonly isCondition: boolean
  /** Elements that are open. */
  elements: number
}

type Last = 'start' | 'operand' | 'word' | 'operator' | 'open' | 'close' | 'head' | 'block'

/** Outside of every bracket, and within a template: what ends these is no bracket. */
const end = -1
const templateEnd = -2

/** Steps that a bracket, or an element, counts for: so many times as much of the stack it takes as a token does. */
const bracketSteps = 10
/** `new`, `await`, `else if`, `keyof` nest without brackets, and so do the arguments of types. */
const wordSteps = 3
const angleSteps = 4

/** Words are known by a number, so that none is cut out of the text. A name that shares it costs more steps than it should. */
const hashOf = (word: string) => [...word].reduce((hash, character) => (Math.imul(hash, 31) + character.charCodeAt(0)) | 0, 0)
const hashesOf = (...words: readonly string[]) => new Set(words.map(hashOf))
const elseHash = hashOf('else')

/** The parenthesis behind these holds a condition. */
const heads = hashesOf('if', 'while', 'for', 'with', 'switch', 'catch')
/** Behind these a value begins. */
const operators = hashesOf('else', 'do', 'try', 'finally', 'return', 'throw', 'case', 'default', 'typeof', 'void', 'delete', 'await', 'yield', 'new', 'in', 'of', 'instanceof', 'keyof', 'infer', 'readonly', 'unique', 'extends', 'as', 'satisfies', 'async')

/** What names and numbers are made of. */
const isWordPart = (code: number) => (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x24 || code === 0x23 || code === 0x5c || code > 0x7f

function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) if (isLineEnd(text.charCodeAt(at))) return at
  return text.length
}

const isLineEnd = (code: number) => code === 0x0a || code === 0x0d || code === 0x2028 || code === 0x2029

/** Past the quote that ends a text; -1 where none does on its line. */
function endOfText(text: string, from: number, quote: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) return at + 1
    if (code === 0x5c) at += text.charCodeAt(at + 1) === 0x0d && text.charCodeAt(at + 2) === 0x0a ? 2 : 1
    else if (code === 0x0a || code === 0x0d) return -1
  }
  return -1
}

/** Past the slash that ends a regular expression; -1 where none does on its line. */
function endOfRegex(text: string, from: number): number {
  let isInClass = false
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (isLineEnd(code)) return -1
    if (code === 0x5c) at += 1
    else if (code === 0x5b) isInClass = true
    else if (code === 0x5d) isInClass = false
    else if (code === 0x2f && !isInClass) return at + 1
  }
  return -1
}
