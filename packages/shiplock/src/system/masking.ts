/**
 * Masks secrets in everything that leaves a stage: for events, cache, logs, reports alike. The values are those of the
 * environment variables whose names say that they are secret, what the run itself adds, passwords in URLs, and whatever
 * can be told to be a secret by its looks, whoever's it is and whichever check quotes it.
 */
export interface Mask {
  readonly add: (secret: string) => void
  readonly text: (text: string) => string
  /** A copy in which every string is masked. Only for values that survive JSON. */
  readonly value: <T>(value: T) => T
  /**
   * A whole source, for those who quote a part of it by lines and columns: what is masked is covered in place, and `text` or
   * `uncover` shortens it. A part alone may not be told to be of a secret: a line of a key, half a token.
   */
  readonly cover: (source: string) => string
}

export interface Span {
  readonly start: number
  readonly end: number
}

const secretName = /(?:token|secret|passw(?:or)?d|passphrase|credential|(?:api|private|signing|encryption|access|account|master|deploy|ssh|gpg|cookie|session)_?key|auth|(?:^|_)(?:pat|pwd|dsn)$)/i
/** Where a secret is, and not what it is: NPM_TOKEN_FILE, SSH_AUTH_SOCK, PWD. */
const placeName = /(?:file|path|sock|dir|home|pwd)$/i
const urlPassword = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,255}):([^\s/@]{1,255})@/gi

/** Shorter values would mask ordinary words. */
const shortest = 8

/** In no text: a code point that Unicode keeps from ever being a character. */
const covered = '\uFDD0'
const coveredRuns = /\uFDD0+/g

/** What was covered, as it is shown. Its length is not. */
export const uncover = (text: string): string => text.replace(coveredRuns, '***')

/** `findSecrets` tells secrets by their looks. */
export function createMask(environment: Readonly<Record<string, string | undefined>>, findSecrets: (text: string) => readonly Span[] = () => []): Mask {
  const secrets = new Set<string>()
  let longestFirst: readonly string[] = []
  const add = (secret: string) => {
    for (const part of secret.split(/\r?\n/).map((line) => line.trim())) {
      if (part.length < shortest) continue
      // As it is, and as it is written in addresses, in JSON and in headers.
      for (const form of [part, encodeURIComponent(part.toWellFormed()), JSON.stringify(part).slice(1, -1), Buffer.from(part).toString('base64')]) secrets.add(form)
    }
    // The longer ones first: one may begin with another.
    longestFirst = [...secrets].toSorted((a, b) => b.length - a.length)
  }
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue
    if (secretName.test(name) && !(value.startsWith('/') && placeName.test(name))) add(value)
    for (const [, , password = ''] of value.matchAll(urlPassword)) add(password)
  }
  const cover = (input: string) => {
    let output = coverSpans(input, findSecrets(input))
    output = output.replace(urlPassword, (_, before: string, password: string) => `${before}:${covered.repeat(password.length)}@`)
    for (const secret of longestFirst) output = output.replaceAll(secret, covered.repeat(secret.length))
    return output
  }
  const text = (input: string) => uncover(cover(input))
  const value = <T>(input: T): T => {
    if (typeof input === 'string') return text(input) as T
    if (Array.isArray(input)) return input.map(value) as T
    if (input !== null && typeof input === 'object') return Object.fromEntries(Object.entries(input).map(([key, item]) => [key, value(item)])) as T
    return input
  }
  return { add, text, value, cover }
}

/** Line ends stay, so that lines keep their numbers. */
function coverSpans(text: string, spans: readonly Span[]): string {
  let output = ''
  let from = 0
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (end <= from) continue
    output += text.slice(from, start) + text.slice(Math.max(from, start), end).replace(/[^\r\n]/g, covered)
    from = end
  }
  return output + text.slice(from)
}
