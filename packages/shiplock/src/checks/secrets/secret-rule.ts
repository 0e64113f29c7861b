import type { Rule } from '@shiplock/findings'

/** A rule that knows its secrets by their shape. */
export interface SecretRule extends Rule {
  /** What it is, for the message. */
  readonly what: string
  /** In lower case; a text without any of them is not searched. */
  readonly keywords: readonly string[]
  /** With the flag `g`; the group `secret` (or `webhook`) is what is masked, to its end. No repetition is unbounded. */
  readonly pattern: RegExp
  /** How many first characters are a public marker of the kind and may be shown; at most 4. */
  readonly shown?: number
  /** The service makes it at random: one that is not random is an example. */
  readonly isRandom?: boolean
  /** The secret is a password between `:` and `@`, before the group `host`. */
  readonly isUrl?: boolean
  readonly isJwt?: boolean
  /** The secret is the body of a PEM block. */
  readonly isKey?: boolean
  /** Files it looks at; default all. */
  readonly isIn?: (path: string) => boolean
}
