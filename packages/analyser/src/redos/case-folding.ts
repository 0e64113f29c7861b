import type { CharacterSet } from './character-set.ts'
import { CharacterSets, maxCodePoint } from './character-set.ts'

/** What `ignoreCase` compares by: https://tc39.es/ecma262/#sec-runtime-semantics-canonicalize-ch, which differs with `u` and `v`. */
export function canonicalize(character: number, unicode: boolean): number {
  return unicode ? fold(character) : upperCase(character)
}

function upperCase(unit: number): number {
  if (unit < 128) return unit >= 97 && unit <= 122 ? unit - 32 : unit
  const upper = String.fromCharCode(unit).toUpperCase()
  if (upper.length !== 1) return unit
  const canonical = upper.charCodeAt(0)
  return canonical < 128 ? unit : canonical
}

/** The three that fold with another letter though neither has another case of one letter. */
const twins = new Map([[0x1fd3, 0x390], [0x1fe3, 0x3b0], [0xfb05, 0xfb06]])

/** Unicode's simple case folding, by way of the upper case, which brings together what has several lower cases (σ and ς). */
function fold(character: number): number {
  if (character < 128) return character >= 65 && character <= 90 ? character + 32 : character
  // Dotless ı has an upper case that it does not fold with.
  if (character === 0x131) return character
  const twin = twins.get(character)
  if (twin !== undefined) return twin
  const upper = single(String.fromCodePoint(character).toUpperCase()) ?? character
  return single(String.fromCodePoint(upper).toLowerCase()) ?? upper
}

function single(text: string): number | undefined {
  const character = text.codePointAt(0)
  return character !== undefined && String.fromCodePoint(character).length === text.length ? character : undefined
}

interface Classes {
  /** Every character that is not alone in its class, in ascending order. */
  readonly characters: readonly number[]
  readonly of: ReadonlyMap<number, readonly number[]>
}
const known = new Map<boolean, Classes>()

/** Made once, at the first expression that ignores case of more than ASCII. */
function classes(unicode: boolean): Classes {
  let found = known.get(unicode)
  if (!found) {
    const byCanonical = new Map<number, number[]>()
    for (const { 0: cased } of charactersUpTo(unicode ? 0x1ffff : 0xffff).matchAll(/\p{Changes_When_Casemapped}/gu)) {
      const character = cased.codePointAt(0) as number
      const canonical = canonicalize(character, unicode)
      if (canonical === character) continue
      const members = byCanonical.get(canonical)
      if (members) members.push(character)
      else byCanonical.set(canonical, [canonical, character])
    }
    const of = new Map([...byCanonical.values()].flatMap((members) => members.map((member) => [member, members] as const)))
    found = { characters: [...of.keys()].toSorted((a, b) => a - b), of }
    known.set(unicode, found)
  }
  return found
}

/** All but the halves of pairs. Above these planes nothing has a case. */
function charactersUpTo(last: number): string {
  const parts: string[] = []
  for (let from = 0; from <= last; from += 0x400) if (from < 0xd800 || from > 0xdfff) parts.push(String.fromCodePoint(...Array.from({ length: 0x400 }, (_, index) => from + index)))
  return parts.join('')
}

const ascii: CharacterSet = [0, 127]

/** Nothing of 16 bits beyond ASCII that has a case stands outside of these: spaces and signs need no list of letters. */
export const casedBlocks: CharacterSet = [0xb5, 0x58f, 0x10a0, 0x10ff, 0x13a0, 0x13ff, 0x1c80, 0x1cbf, 0x1d00, 0x1fff, 0x2100, 0x218f, 0x24b6, 0x24ff, 0x2c00, 0x2d2f, 0xa640, 0xa7ff, 0xab30, 0xabbf, 0xfb00, 0xfb17, 0xff21, 0xff5a]

const isAllOrNone = (letters: CharacterSet) => letters.length === 0 || letters.join() === casedBlocks.join()

/** With every character also those that ignoring case takes for the same. */
export function closeOverCase(set: CharacterSet, unicode: boolean): CharacterSet {
  if (set.length === 2 && set[0] === 0 && set[1] === maxCodePoint) return set
  const more: [number, number][] = []
  const add = (members: readonly number[] | undefined) => {
    for (const member of members ?? []) more.push([member, member])
  }
  const inAscii = CharacterSets.intersect(set, ascii)
  const wide = CharacterSets.subtract(set, ascii)
  // Outside `u` no character of ASCII has a partner beyond it.
  if (!unicode || wide.length > 0) {
    for (let i = 0; i < inAscii.length; i += 2)
      for (let unit = inAscii[i] as number; unit <= (inAscii[i + 1] as number); unit++) {
        const lower = unit | 32
        if (lower >= 97 && lower <= 122) more.push([unit ^ 32, unit ^ 32])
      }
    // Where it holds none of the letters, or all of them, no other one comes in.
    if (wide.length === 0 || (!unicode && isAllOrNone(CharacterSets.intersect(wide, casedBlocks)))) return CharacterSets.union([set, CharacterSets.of(more)])
  }
  const { characters, of } = classes(unicode)
  let at = 0
  for (let i = 0; i < set.length; i += 2) {
    while (at < characters.length && (characters[at] as number) < (set[i] as number)) at++
    for (; at < characters.length && (characters[at] as number) <= (set[i + 1] as number); at++) add(of.get(characters[at] as number))
  }
  return CharacterSets.union([set, CharacterSets.of(more)])
}
