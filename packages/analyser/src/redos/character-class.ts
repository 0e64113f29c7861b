import type { AST } from '@eslint-community/regexpp'
import { closeOverCase } from './case-folding.ts'
import type { CharacterSet } from './character-set.ts'
import { CharacterSets } from './character-set.ts'
import { Unsupported } from './unsupported.ts'

/** The flags that a part of an expression is read with; modifiers as in `(?i:…)` change them. */
export interface Mode {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  /** `u` or `v`: code points, not code units. */
  readonly unicode: boolean
  readonly unicodeSets: boolean
}

/** What one position of an expression takes: a character of the set, or (only with `v`) one of the strings. */
export interface Atom {
  readonly set: CharacterSet
  /** None of them a single character. */
  readonly strings: readonly string[]
}

type ClassNode = AST.Character | AST.CharacterClass | AST.CharacterSet | AST.ExpressionCharacterClass
type Operand = AST.CharacterClassElement | AST.ClassSetOperand | AST.ClassIntersection | AST.ClassSubtraction

export const digits: CharacterSet = [0x30, 0x39]
export const lineEnds: CharacterSet = [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029]
const spaces: CharacterSet = [0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff]
const words: CharacterSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]

/** What `\w` and `\b` take for a letter: two more with both `i` and `u`. */
export function wordCharacters(mode: Mode): CharacterSet {
  return mode.ignoreCase && mode.unicode ? closeOverCase(words, true) : words
}

/** Throws `Unsupported` for what only a list of strings of the Unicode consortium tells, as `\p{RGI_Emoji}`. */
export function readAtom(node: ClassNode, mode: Mode): Atom {
  const atom = read(node, mode)
  // A negated class has been closed before it was negated.
  return mode.ignoreCase && !isNegated(node) ? { set: closeOverCase(atom.set, mode.unicode), strings: atom.strings } : atom
}

function isNegated(node: ClassNode): boolean {
  return (node.type === 'CharacterClass' || node.type === 'ExpressionCharacterClass') && node.negate
}

function read(node: Operand | ClassNode, mode: Mode): Atom {
  switch (node.type) {
    case 'Character':
      return plain([node.value, node.value])
    case 'CharacterClassRange':
      return plain([node.min.value, node.max.value])
    case 'CharacterSet':
      return plain(readSet(node, mode))
    case 'CharacterClass': {
      const parts = node.elements.map((element: Operand) => read(element, mode))
      const all: Atom = { set: CharacterSets.union([CharacterSets.empty, ...parts.map((part) => part.set)]), strings: [...new Set(parts.flatMap((part) => part.strings))] }
      return node.negate ? negate(all, mode) : all
    }
    case 'ExpressionCharacterClass': {
      const all = read(node.expression, mode)
      return node.negate ? negate(all, mode) : all
    }
    case 'ClassIntersection': {
      const [left, right] = sides(node, mode)
      return { set: CharacterSets.intersect(left.set, right.set), strings: left.strings.filter((text) => right.strings.includes(text)) }
    }
    case 'ClassSubtraction': {
      const [left, right] = sides(node, mode)
      return { set: CharacterSets.subtract(left.set, right.set), strings: left.strings.filter((text) => !right.strings.includes(text)) }
    }
    case 'ClassStringDisjunction': {
      const texts = node.alternatives.map((alternative) => alternative.elements.map((element) => element.value))
      const singles = texts.filter((text) => text.length === 1).map(([value]) => [value as number, value as number] as const)
      return { set: CharacterSets.of(singles), strings: [...new Set(texts.filter((text) => text.length !== 1).map((text) => String.fromCodePoint(...text)))] }
    }
  }
}

/** With `v` and `i` both sides hold every case of their characters before they are compared. */
function sides(node: AST.ClassIntersection | AST.ClassSubtraction, mode: Mode): [Atom, Atom] {
  return [node.left, node.right].map((side) => {
    const atom = read(side, mode)
    return mode.ignoreCase ? { set: closeOverCase(atom.set, true), strings: atom.strings } : atom
  }) as [Atom, Atom]
}

function plain(set: CharacterSet): Atom {
  return { set, strings: [] }
}

function negate(atom: Atom, mode: Mode): Atom {
  return plain(CharacterSets.complement(mode.ignoreCase ? closeOverCase(atom.set, mode.unicode) : atom.set))
}

function readSet(node: AST.CharacterSet, mode: Mode): CharacterSet {
  if (node.kind === 'any') return mode.dotAll ? CharacterSets.everything : CharacterSets.complement(lineEnds)
  if (node.kind === 'property') {
    if (node.strings) throw new Unsupported(`${node.raw} stands for a list of strings`)
    const set = propertySet(node.value === null ? node.key : `${node.key}=${node.value}`)
    if (!node.negate) return set
    // The two modes differ in whether `\P{Lu}` takes any letter where case is ignored.
    return CharacterSets.complement(mode.ignoreCase && mode.unicodeSets ? closeOverCase(set, true) : set)
  }
  const set = node.kind === 'digit' ? digits : node.kind === 'space' ? spaces : wordCharacters(mode)
  return node.negate ? CharacterSets.complement(set) : set
}

const properties = new Map<string, CharacterSet>()
/** Enough for the expressions of a large program, and no way to fill the memory. */
const propertiesKept = 100
let characters: string | undefined

/** Which characters have a property is asked of the engine, which has the tables. Takes about 20 ms, once for a property. */
function propertySet(name: string): CharacterSet {
  const kept = properties.get(name)
  if (kept) return kept
  if (!characters) {
    const parts: string[] = []
    for (let from = 0; from <= 0x10ffff; from += 0x400) if (from < 0xd800 || from > 0xdfff) parts.push(String.fromCodePoint(...Array.from({ length: 0x400 }, (_, i) => from + i)))
    characters = parts.join('')
  }
  const ranges: [number, number][] = []
  for (const { 0: run } of characters.matchAll(new RegExp(`\\p{${name}}+`, 'gu'))) {
    const first = run.codePointAt(0) as number
    const lastUnit = run.charCodeAt(run.length - 1)
    const last = lastUnit >= 0xdc00 && lastUnit <= 0xdfff ? (run.codePointAt(run.length - 2) as number) : lastUnit
    // A run across the surrogates, which the text leaves out: whether they belong is asked below.
    if (first < 0xd800 && last > 0xdfff) ranges.push([first, 0xd7ff], [0xe000, last])
    else ranges.push([first, last])
  }
  if (new RegExp(`\\p{${name}}`, 'u').test('\ud800')) ranges.push([0xd800, 0xdfff])
  const set = CharacterSets.of(ranges)
  if (properties.size >= propertiesKept) properties.clear()
  properties.set(name, set)
  return set
}
