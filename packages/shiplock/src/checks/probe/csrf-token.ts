import type { Field, Submission } from './html-forms.ts'

const tokenName = /csrf|xsrf|token|nonce|authenticity|requestverification/i
/** What no person wrote: long, without blanks, letters and digits mixed. */
const randomValue = /^(?=.*[A-Za-z])(?=.*\d)[\w+/=.:~-]{16,}$/

/** The hidden fields that prove a form to be the service's own: by name, and only where no name says so, by their looks. */
export function tokenFields({ fields }: Submission): readonly Field[] {
  const hidden = fields.filter(({ kind }) => kind === 'hidden')
  const named = hidden.filter(({ name, value }) => tokenName.test(name) && value !== '')
  return named.length > 0 ? named : hidden.filter(({ value }) => randomValue.test(value))
}

/**
 * The token with its middle changed, each character to another of its kind: the same length and form, so that only the
 * comparison can tell. Not the end, where base64 has bits that mean nothing.
 */
export function tamper(token: string): string {
  const from = Math.floor(token.length / 3)
  const to = Math.max(from + 1, Math.ceil((token.length * 2) / 3))
  const tampered = token.slice(0, from) + token.slice(from, to).replace(/[A-Za-z0-9]/g, rotate) + token.slice(to)
  return tampered === token ? `${token}x` : tampered
}

/** Hexadecimal digits stay such. */
const circles = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ']

function rotate(character: string): string {
  const circle = circles.find((characters) => characters.includes(character)) ?? character
  return circle[(circle.indexOf(character) + 1) % circle.length] ?? character
}
