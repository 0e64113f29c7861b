import { SyntaxProblem } from './syntax.ts'

const identifier = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy
const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const integer = /\d+/y

/** Deeper than any written by hand, and far from the end of the stack of either parser. */
const maxDepth = 200

/** Where a reader is in the text, and whether a line's end means something there (HCL specification, "Newlines"). */
export class Cursor {
  readonly text: string
  position = 0
  #linesMatter = true
  #depth = 0

  constructor(text: string) {
    this.text = text
    // A byte order mark is no content.
    if (text.startsWith('\uFEFF')) this.position = 1
  }

  fail(message: string, at = this.position): never {
    throw new SyntaxProblem(message, at)
  }

  failAtLimit(message: string): never {
    throw new SyntaxProblem(message, this.position, true)
  }

  /** Reads something nested; inside brackets a line's end is a blank, in bodies and objects it ends an item. */
  nested<T>(linesMatter: boolean, read: () => T): T {
    const before = this.#linesMatter
    if (++this.#depth > maxDepth) this.failAtLimit(`nested more than ${maxDepth} levels deep`)
    this.#linesMatter = linesMatter
    const value = read()
    this.#linesMatter = before
    this.#depth--
    return value
  }

  get linesMatter(): boolean {
    return this.#linesMatter
  }

  isAt(token: string): boolean {
    return this.text.startsWith(token, this.position)
  }

  /** Blanks and comments, and lines' ends where they do not matter. */
  skip(): void {
    for (;;) {
      const character = this.text[this.position]
      if (character === ' ' || character === '\t' || character === '\r') this.position++
      else if (character === '\n' && !this.#linesMatter) this.position++
      else if (character === '#' || this.isAt('//')) this.#skipTo('\n', 0)
      else if (this.isAt('/*')) this.#skipComment()
      else return
    }
  }

  skipLines(): void {
    for (this.skip(); this.text[this.position] === '\n'; this.skip()) this.position++
  }

  take(token: string): boolean {
    this.skip()
    if (!this.isAt(token)) return false
    this.position += token.length
    return true
  }

  expect(token: string): void {
    if (!this.take(token)) this.fail(`expected \`${token}\``)
  }

  takeIdentifier(): string | undefined {
    this.skip()
    return this.#match(identifier)
  }

  takeNumber(): number | undefined {
    this.skip()
    const digits = this.#match(number)
    return digits === undefined ? undefined : Number(digits)
  }

  /** The index in `list.0`; the number before the next point, not a fraction. */
  takeDigits(): number | undefined {
    const digits = this.#match(integer)
    return digits === undefined ? undefined : Number(digits)
  }

  /** A point that leads to an attribute: not the `...` after an argument. */
  isNextDot(): boolean {
    this.skip()
    return this.isAt('.') && !this.isAt('...')
  }

  /** What an identifier would be here, without taking it. */
  peekIdentifier(): string | undefined {
    const before = this.position
    const name = this.takeIdentifier()
    this.position = before
    return name
  }

  peek(pattern: RegExp): string | undefined {
    this.skip()
    pattern.lastIndex = this.position
    return pattern.exec(this.text)?.[0]
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.position += found.length
    return found
  }

  #skipComment(): void {
    const start = this.position
    if (!this.#skipTo('*/', 2)) this.fail('a comment is not closed', start)
  }

  #skipTo(token: string, beyond: number): boolean {
    const found = this.text.indexOf(token, this.position)
    this.position = found === -1 ? this.text.length : found + beyond
    return found !== -1
  }
}
