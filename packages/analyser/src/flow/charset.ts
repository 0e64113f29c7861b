import { RegExpParser, type AST } from '@eslint-community/regexpp'
import { kinds, kindsOf, untrusted, type Kinds } from '../kinds.ts'

/**
 * Which characters a text can hold, as far as it matters: the ASCII ones one by one, all others as one (index 128).
 */
type Characters = Uint8Array

const size = 129
const none = (): Characters => new Uint8Array(size)
const any = (): Characters => new Uint8Array(size).fill(1)

const parser = new RegExpParser({ ecmaVersion: 2025 })
const remembered = new Map<string, Kinds>()

/** What a text cannot do of which it is known whether this expression matches it. */
export function harmlessAfterMatch(pattern: string, flags: string, matches: boolean): Kinds {
  return remember(`${matches ? '+' : '-'}/${pattern}/${flags}`, () => {
    const ast = parse(pattern, flags)
    if (!ast) return 0
    if (!matches) {
      const found = singleCharacters(ast, flags)
      return (found ? harmlessWith(found.map((held) => 1 - held)) : 0) | harmlessWithoutWord(ast)
    }
    const begins = flags.includes('m') ? 0 : harmlessBeginning(pattern)
    if (flags.includes('m') || !isAnchored(ast)) return begins
    const held = none()
    const short = longest(ast.alternatives) <= shortText ? kindsOf('regexInput', 'allocation') : 0
    return collect(ast.alternatives, held, flags) ? begins | short | harmlessWith(held) | kindsOf('nosql', 'record', 'argument') : begins
  })
}

/** What the text of a group cannot do that this expression has found; `group`: its number or its name. */
export function harmlessOfGroup(pattern: string, flags: string, group: string): Kinds {
  return remember(`(${group})/${pattern}/${flags}`, () => {
    const ast = parse(pattern, flags)
    const found = ast && capturing(ast.alternatives).find(({ name }, index) => name === group || String(index + 1) === group)
    if (!found) return 0
    const held = none()
    const short = longest(found.alternatives) <= shortText ? kindsOf('regexInput', 'allocation') : 0
    return collect(found.alternatives, held, flags) ? short | harmlessWith(held) | kindsOf('nosql', 'record') : 0
  })
}

/** Groups that capture, in the order of their brackets. */
function capturing(alternatives: readonly AST.Alternative[]): AST.CapturingGroup[] {
  return alternatives.flatMap(({ elements }) =>
    elements.flatMap((element): AST.CapturingGroup[] => {
      const inner = element.type === 'Quantifier' ? element.element : element
      if (inner.type === 'CapturingGroup') return [inner, ...capturing(inner.alternatives)]
      return inner.type === 'Group' || (inner.type === 'Assertion' && (inner.kind === 'lookahead' || inner.kind === 'lookbehind')) ? capturing(inner.alternatives) : []
    }),
  )
}

/** What a text cannot do after `text.replace(expression, replacement)`; `replacement` is absent where it is not constant. */
export function harmlessAfterReplace(pattern: string, flags: string, replacement: string | undefined): Kinds {
  return remember(`~/${pattern}/${flags}/${replacement ?? '\0'}`, () => {
    if (pattern.startsWith('^') && /(?:\/|\])(?:\+|\{2|\\?\/)/.test(pattern) && /^[\^\\/()[\]+*{},\d?:.$|]+$/.test(pattern) && (replacement === '/' || replacement === '')) return kinds.redirect
    if (!flags.includes('g')) return 0
    const ast = parse(pattern, flags)
    const found = ast && singleCharacters(ast, flags)
    if (!ast) return 0
    const word = replacement === undefined || replacement === '' ? harmlessWithoutWord(ast) & ~kinds.html : 0
    if (!found) return word
    const held = found.map((removed) => 1 - removed)
    let harmless = 0
    if (replacement !== undefined && replacement !== '' && !/\$[&`'\d]/.test(replacement)) {
      // 'it''s' and '\'': the quote is still there, but ends nothing.
      if (found[0x27] && /^(?:''|\\'|'\\'')$/.test(replacement)) harmless |= kindsOf('sql') | (replacement.includes("'\\''") ? kinds.command : 0)
      for (const character of replacement) held[Math.min(character.charCodeAt(0), 128)] = 1
    } else if (replacement !== undefined && /\\/.test(replacement)) {
      if (found[0x27]) harmless |= kinds.sql
      if (found[0x24] && found[0x60]) harmless |= kinds.command
    }
    // Escaping each special character of an expression by a backslash.
    if (found[0x2a] && found[0x2b] && found[0x28] && replacement?.startsWith('\\')) harmless |= kinds.regexSource
    return harmless | word | harmlessWith(held)
  })
}

const remember = (key: string, compute: () => Kinds): Kinds => {
  let known = remembered.get(key)
  if (known === undefined) {
    if (remembered.size > 20_000) remembered.clear()
    known = compute()
    remembered.set(key, known)
  }
  return known
}

function parse(pattern: string, flags: string): AST.Pattern | undefined {
  try {
    return parser.parsePattern(pattern, undefined, undefined, { unicode: flags.includes('u'), unicodeSets: flags.includes('v') })
  } catch {
    return undefined // No expression: the program throws there.
  }
}

const has = (held: Characters, text: string) => [...text].some((character) => held[character.charCodeAt(0)] === 1)

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** What text of these characters alone cannot do. */
function harmlessWith(held: Characters): Kinds {
  let harmless = 0
  // `$NAME` and `*` give away, they run nothing; behind a blank may stand an option.
  if (!has(held, ';&|<>`"\'()\n') && !(has(held, '$') && has(held, '{')) && !(has(held, ' ') && has(held, '-'))) harmless |= kinds.command
  if (!has(held, '-')) harmless |= kinds.argument
  // Without letters and calls it is arithmetic.
  if (!has(held, '()[].;`=+"\'') || !has(held, `([\`$_\\${letters}`)) harmless |= kindsOf('code', 'deserialise')
  if (!has(held, '\'"\\` ;')) harmless |= kindsOf('sql', 'query')
  if (!has(held, '.') || !has(held, '/\\')) harmless |= kindsOf('path', 'module')
  if (!has(held, '<')) harmless |= kindsOf('html', 'xml')
  if (!has(held, ':')) harmless |= kinds.link
  if (!has(held, '/\\:@')) harmless |= kindsOf('redirect', 'url')
  if (!has(held, '\n\r')) harmless |= kindsOf('log', 'header')
  if (!has(held, '{$%<#')) harmless |= kinds.template
  if (!has(held, '_')) harmless |= kinds.key
  if (!has(held, '.*+?([{|\\')) harmless |= kinds.regexSource
  if (!has(held, letters)) harmless |= kindsOf('method', 'key', 'nosql')
  return harmless & untrusted
}

/** `^…$` in every alternative. */
function isAnchored(pattern: AST.Pattern): boolean {
  return pattern.alternatives.every(({ elements }) => {
    const [first] = elements
    const last = elements.at(-1)
    if (elements.length === 1 && first?.type === 'Group') return first.alternatives.every((inner) => isEdge(inner.elements[0], 'start') && isEdge(inner.elements.at(-1), 'end'))
    return isEdge(first, 'start') && isEdge(last, 'end')
  })
}

/** A text of at most so many characters slows down no expression that is not exponential. */
const shortText = 1000

/** How long a match can be. */
function longest(alternatives: readonly AST.Alternative[]): number {
  return Math.max(0, ...alternatives.map(({ elements }) => elements.reduce((sum, element) => sum + longestOf(element), 0)))
}

function longestOf(element: AST.Element): number {
  switch (element.type) {
    case 'Assertion':
      return 0
    case 'Quantifier':
      return element.max === 0 ? 0 : element.max * longestOf(element.element) || 0
    case 'Group':
    case 'CapturingGroup':
      return longest(element.alternatives)
    case 'Backreference':
      return Infinity
    default:
      return 1
  }
}

const isEdge = (element: AST.Element | undefined, kind: 'start' | 'end') => element?.type === 'Assertion' && element.kind === kind

/** What a text cannot do that begins so: with a scheme, with one slash, with a host. */
function harmlessBeginning(pattern: string): Kinds {
  if (!pattern.startsWith('^')) return 0
  if (/^\^\(?(?:\?:)?\\?\/(?:\(\?!|\[\^|\[?\\?\w)/.test(pattern)) return kindsOf('redirect', 'link')
  return (isHostAnchored(pattern) ? kindsOf('url', 'redirect') : 0) | (/^\^(?:\(\?:|\()*(?:https?|mailto|ftp|tel|\[?#)/i.test(pattern) && !/script|data/i.test(pattern) ? kinds.link : 0)
}

/** `^https://example\.com/`: what follows the host does not change it. */
const isHostAnchored = (pattern: string) => /^\^\(?(?:\?:)?https\??:\\?\/\\?\/[\w\\.-]+(?:\\\.|\.)[\w-]+(?:\\?\/|\$|\(\?:\\?\/\|\$\))/.test(pattern)

/** Adds every character that can be in a match; false where that cannot be told. */
function collect(alternatives: readonly AST.Alternative[], held: Characters, flags: string): boolean {
  return alternatives.every(({ elements }) => elements.every((element) => collectElement(element, held, flags)))
}

function collectElement(element: AST.Element, held: Characters, flags: string): boolean {
  switch (element.type) {
    case 'Assertion':
      return true
    case 'Quantifier':
      return collectElement(element.element, held, flags)
    case 'Group':
    case 'CapturingGroup':
      return collect(element.alternatives, held, flags)
    case 'Backreference':
      return true
    default: {
      const set = charactersOf(element, flags)
      if (!set) return false
      for (let code = 0; code < size; code += 1) if (set[code]) held[code] = 1
      return true
    }
  }
}

/**
 * The characters that are found one by one wherever they stand, `/[<>]/`, `/<|>/`, `/\W+/`; undefined where the expression finds none so.
 * What else it finds beside them, as `/&(?!\w+;)|</` does, takes nothing away from that.
 */
function singleCharacters(pattern: Pick<AST.Pattern, 'alternatives'>, flags: string): Characters | undefined {
  const held = none()
  let isAny = false
  for (const { elements } of pattern.alternatives) {
    let [element] = elements
    if (elements.length !== 1) continue
    while (element?.type === 'Quantifier' && element.min <= 1) ({ element } = element)
    const set = !element || element.type === 'Quantifier' ? undefined : element.type === 'CapturingGroup' || element.type === 'Group' ? singleCharacters(element, flags) : charactersOf(element, flags)
    if (!set) continue
    isAny = true
    for (let code = 0; code < size; code += 1) if (set[code]) held[code] = 1
  }
  return isAny ? held : undefined
}

function charactersOf(element: AST.Element | AST.CharacterClassElement, flags: string): Characters | undefined {
  const held = none()
  const add = (from: number, to: number) => {
    for (let code = from; code <= Math.min(to, 127); code += 1) {
      held[code] = 1
      if (flags.includes('i')) {
        const character = String.fromCharCode(code)
        held[character.toLowerCase().charCodeAt(0)] = 1
        held[character.toUpperCase().charCodeAt(0)] = 1
      }
    }
    if (to > 127) held[128] = 1
  }
  switch (element.type) {
    case 'Character':
      add(element.value, element.value)
      return held
    case 'CharacterClassRange':
      add(element.min.value, element.max.value)
      return held
    case 'CharacterSet': {
      if (element.kind === 'any') {
        const every = any()
        if (!flags.includes('s')) every[10] = every[13] = 0
        return every
      }
      if (element.kind === 'property') return any()
      const set = none()
      const test = element.kind === 'digit' ? /\d/ : element.kind === 'word' ? /\w/ : /\s/
      for (let code = 0; code < 128; code += 1) if (test.test(String.fromCharCode(code)) !== element.negate) set[code] = 1
      if (element.negate || element.kind === 'space') set[128] = 1
      return set
    }
    case 'CharacterClass': {
      for (const inner of element.elements) {
        const set = charactersOf(inner as AST.CharacterClassElement, flags)
        if (!set) return undefined
        for (let code = 0; code < size; code += 1) if (set[code]) held[code] = 1
      }
      if (!element.negate) return held
      const inverse = held.map((one) => 1 - one)
      inverse[128] = 1
      return inverse
    }
    default:
      return undefined
  }
}

/** A search for `..`, `__proto__` or `<script`: what a text without it cannot do. */
function harmlessWithoutWord(pattern: AST.Pattern): Kinds {
  const { raw } = pattern
  let harmless = 0
  if (/\\\.\\\.|\(\\\.\\\.|\\\.\{2/.test(raw)) harmless |= kindsOf('path', 'module')
  if (/__proto__|prototype/.test(raw)) harmless |= kinds.key
  if (/^\^?\(?\\?\/\\?\/|:\\?\/\\?\//.test(raw)) harmless |= kindsOf('redirect', 'url')
  return harmless
}
