/**
 * Whether the text of an expression alone shows that no input is slow, as of most that are written. It repeats single
 * characters only, and no two repetitions can read the same text: they have no character in common, or between them stands
 * one that they do not share. A repetition at the very end cannot fail. Where anything else is written nothing is said.
 */
export function isPlainlyLinear(pattern: string, flags: string): boolean {
  if (!/[*+{]/.test(pattern)) return true
  if (/v|iu|ui/.test(flags) || (flags.includes('u') && /[\ud800-\udfff]/.test(pattern))) return false
  const reader = new Reader(pattern, flags)
  return reader.read() && reader.alternatives.every((alternative) => isLinear(alternative))
}

/** A character that the expression reads there, or several of them. */
interface Item {
  /** Those of ASCII, a bit for each, and whether any beyond. */
  readonly set: CharacterBits
  readonly isRepeated: boolean
  /** It is read on every way through the expression. */
  isRequired: boolean
}

/** What is repeated less often is written out. */
const manyTimes = 20

type CharacterBits = readonly [number, number, number, number, beyond: number]

interface Alternative {
  readonly items: readonly Item[]
  /** It is tried in one place only. */
  readonly isAnchored: boolean
  /** After the last item nothing is asked for any more. */
  readonly endsFreely: boolean
}

function isLinear({ items, isAnchored, endsFreely }: Alternative): boolean {
  for (const [second, { set, isRepeated }] of items.entries()) {
    if (!isRepeated || (endsFreely && second === items.length - 1)) continue
    if (!isAnchored && !items.some((item, at) => at < second && item.isRequired && isDisjoint(item.set, set))) return false
    for (let first = 0; first < second; first++) {
      const before = items[first] as Item
      const shared = before.isRepeated ? intersection(before.set, set) : nothing
      if (!isEmpty(shared) && !items.some((item, at) => at > first && at < second && item.isRequired && isDisjoint(item.set, shared))) return false
    }
  }
  return true
}

const nothing: CharacterBits = [0, 0, 0, 0, 0]
const everything: CharacterBits = [-1, -1, -1, -1, 1]
const intersection = (a: CharacterBits, b: CharacterBits): CharacterBits => [a[0] & b[0], a[1] & b[1], a[2] & b[2], a[3] & b[3], a[4] & b[4]]
const union = (a: CharacterBits, b: CharacterBits): CharacterBits => [a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3], a[4] | b[4]]
/** Beyond ASCII it is not told which: some are always left. */
const complement = (a: CharacterBits): CharacterBits => [~a[0], ~a[1], ~a[2], ~a[3], 1]
const isEmpty = (a: CharacterBits) => (a[0] | a[1] | a[2] | a[3] | a[4]) === 0
const isDisjoint = (a: CharacterBits, b: CharacterBits) => isEmpty(intersection(a, b))

function range(first: number, last: number): CharacterBits {
  const bits: [number, number, number, number, number] = [0, 0, 0, 0, last > 127 ? 1 : 0]
  for (let character = first; character <= last && character < 128; character++) bits[character >> 5] = (bits[character >> 5] as number) | (1 << (character & 31))
  return bits
}

const digits = range(0x30, 0x39)
const upper = range(0x41, 0x5a)
const lower = range(0x61, 0x7a)
const words = [digits, upper, lower, range(0x5f, 0x5f)].reduce(union)
const spaces = [range(0x09, 0x0d), range(0x20, 0x20), range(0xa0, 0xa0)].reduce(union)
const lineEnds = union(range(0x0a, 0x0a), range(0x0d, 0x0d))
const escapedSets: Readonly<Record<string, CharacterBits>> = { d: digits, w: words, s: spaces, D: complement(digits), W: complement(words), S: complement(spaces) }
const escapedCharacters: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b, f: 0x0c }

/** With the other case of each letter. */
function bothCases(set: CharacterBits): CharacterBits {
  const both = (set[2] | set[3]) & 0x7fffffe
  return [set[0], set[1], set[2] | both, set[3] | both, set[4]]
}

/** Reads an expression as far as it is plain. */
class Reader {
  readonly alternatives: Alternative[] = []
  readonly #pattern: string
  readonly #ignoresCase: boolean
  readonly #isMultiline: boolean
  readonly #any: CharacterBits
  #at = 0
  #items: Item[] = []

  constructor(pattern: string, flags: string) {
    this.#pattern = pattern
    this.#ignoresCase = flags.includes('i')
    this.#isMultiline = flags.includes('m')
    this.#any = flags.includes('s') ? everything : complement(lineEnds)
  }

  /** Whether all of it is. */
  read(): boolean {
    const pattern = this.#pattern
    const groups: { readonly from: number; hasChoice: boolean; readonly isAssertion: boolean }[] = []
    let isAnchored = false
    let endsFreely = true
    const end = () => {
      this.alternatives.push({ items: this.#items, isAnchored, endsFreely })
      this.#items = []
      isAnchored = false
      endsFreely = true
    }
    while (this.#at < pattern.length) {
      const character = pattern[this.#at++]
      switch (character) {
        case '^':
          if (this.#items.length === 0 && groups.length === 0 && !this.#isMultiline) isAnchored = true
          else endsFreely = false
          continue
        case '$':
          endsFreely = false
          continue
        case '|': {
          const group = groups.at(-1)
          if (group) group.hasChoice = true
          else end()
          continue
        }
        case '(': {
          const [head = '', kind] = /^\?(?:([:=!])|<\w+>)/.exec(pattern.slice(this.#at, this.#at + 40)) ?? []
          if (head === '' && pattern[this.#at] === '?') return false
          this.#at += head.length
          groups.push({ from: this.#items.length, hasChoice: false, isAssertion: kind === '=' || kind === '!' })
          continue
        }
        case ')': {
          const group = groups.pop()
          const times = this.#times()
          if (!group || !times || times.most > 1) return false
          if (group.isAssertion) endsFreely = false
          if (group.isAssertion || group.hasChoice || times.least === 0) for (const item of this.#items.slice(group.from)) item.isRequired = false
          continue
        }
        case '*':
        case '+':
        case '?':
        case '{':
          return false
        case '\\':
          if (pattern[this.#at] === 'b' || pattern[this.#at] === 'B') {
            this.#at++
            endsFreely = false
            continue
          }
      }
      const set = character === '.' ? this.#any : character === '[' ? this.#class() : character === '\\' ? asSet(this.#escape()) : asSet((character as string).charCodeAt(0))
      const times = this.#times()
      if (!set || !times) return false
      this.#items.push({ set: this.#ignoresCase ? bothCases(set) : set, isRepeated: times.most >= manyTimes, isRequired: times.least > 0 })
      endsFreely = true
    }
    if (groups.length > 0) return false
    end()
    return true
  }

  /** What stands behind an item; undefined where that is nothing plain. */
  #times(): { least: number; most: number } | undefined {
    const [text = '', sign, least, comma, most] = /^(?:([*+?])|\{(\d{1,5})(,?)(\d{0,5})\})\??/.exec(this.#pattern.slice(this.#at, this.#at + 16)) ?? []
    if (text === '') return this.#pattern[this.#at] === '{' ? undefined : { least: 1, most: 1 }
    this.#at += text.length
    if (sign) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
    return { least: Number(least), most: comma === '' ? Number(least) : most === '' ? Infinity : Number(most) }
  }

  #class(): CharacterBits | undefined {
    const isNegated = this.#pattern[this.#at] === '^'
    if (isNegated) this.#at++
    let set = nothing
    for (;;) {
      const first = this.#member()
      if (first === ']') break
      if (first === undefined) return undefined
      if (this.#pattern[this.#at] !== '-' || this.#pattern[this.#at + 1] === ']') {
        set = union(set, asSet(first) as CharacterBits)
        continue
      }
      this.#at++
      const last = this.#member()
      if (typeof first !== 'number' || typeof last !== 'number') return undefined
      set = union(set, range(first, last))
    }
    if (!isNegated) return set
    return complement(this.#ignoresCase ? bothCases(set) : set)
  }

  /** A character, a set, or the end of the class; undefined where it is nothing plain. */
  #member(): number | CharacterBits | ']' | undefined {
    const character = this.#pattern[this.#at++]
    if (character === ']' || character === undefined) return character
    if (character !== '\\') return character.charCodeAt(0)
    if (this.#pattern[this.#at] !== 'b') return this.#escape()
    this.#at++
    return 0x08
  }

  #escape(): number | CharacterBits | undefined {
    const character = this.#pattern[this.#at++] ?? ''
    const set = escapedSets[character]
    if (set) return set
    const single = escapedCharacters[character]
    if (single !== undefined) return single
    const length = character === 'x' ? 2 : character === 'u' ? 4 : 0
    if (length > 0) {
      const code = this.#pattern.slice(this.#at, this.#at + length)
      this.#at += length
      return /^[\da-f]+$/i.test(code) && code.length === length ? Number.parseInt(code, 16) : undefined
    }
    if (character === '0') return /\d/.test(this.#pattern[this.#at] ?? '') ? undefined : 0
    // Back references, properties and what only old expressions mean.
    return /^[^\w\s]$/.test(character) ? character.charCodeAt(0) : undefined
  }
}

const asSet = (member: number | CharacterBits | undefined): CharacterBits | undefined => (typeof member === 'number' ? range(member, member) : member)
