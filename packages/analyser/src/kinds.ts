/**
 * What untrusted text could do where it arrives, one bit each: all kinds are followed in one pass over the program, and
 * a sanitiser or a guard on the way takes away the bits that it makes harmless.
 */
export const kinds = {
  /** Text that a shell reads. */
  command: 1 << 0,
  /** An argument that a program could take for an option. */
  argument: 1 << 1,
  /** JavaScript that is run. */
  code: 1 << 2,
  sql: 1 << 3,
  nosql: 1 << 4,
  /**
   * Where a file is. Two bits: that it may lead elsewhere, which a check of its beginning excludes, and that it may still hold
   * `..`, which `path.resolve` and its like exclude: to check how `root + '/../x'` begins says nothing.
   */
  path: (1 << 5) | (1 << 25),
  html: 1 << 6,
  /** The address of a request that this program makes. */
  url: 1 << 7,
  /** The address that a browser is sent to. */
  redirect: 1 << 8,
  /** Text that a slow regular expression reads. Two bits: that it is long, and (with `log`) that it may hold the line breaks that some of these need. */
  regexInput: (1 << 9) | (1 << 28),
  /** Text that becomes a regular expression. */
  regexSource: 1 << 10,
  /** The name of a property. */
  key: 1 << 11,
  /** Text whose line breaks begin another entry. */
  log: (1 << 12) | (1 << 28),
  header: 1 << 13,
  template: 1 << 14,
  xml: 1 << 15,
  deserialise: 1 << 16,
  /** How much is allocated, repeated or waited for. */
  allocation: 1 << 17,
  /** An object whose fields are taken over as they are. */
  record: 1 << 18,
  /** The name of a method that is called. */
  method: 1 << 19,
  /** The name of a module that is loaded. */
  module: 1 << 20,
  /** Text of an XPath or LDAP query. */
  query: 1 << 21,
  /** Not text: an object that may be `Object.prototype`, since an untrusted name led to it. */
  prototype: 1 << 22,
  /** Not untrusted but secret: passwords, tokens, keys. */
  secret: 1 << 23,
  /** Not untrusted but telling: the stack of an error. */
  stack: 1 << 24,
  /** The name of the program that is started, without a shell. */
  program: 1 << 26,
  /** The address of a link or a frame: `javascript:` runs as a script. */
  link: 1 << 27,
} as const

export type KindName = keyof typeof kinds

/** A set of kinds. */
export type Kinds = number

export const kindsOf = (...names: readonly KindName[]): Kinds => names.reduce((mask, name) => mask | kinds[name], 0)

/** What a model says to be harmless; `all` is everything that text from outside could do. */
export const maskOf = (names: readonly KindName[] | 'all'): Kinds => (names === 'all' ? untrusted : kindsOf(...names))

/** Everything that text from outside could do. */
export const untrusted: Kinds = ~(kinds.prototype | kinds.secret | kinds.stack) & ((1 << 29) - 1)

export const all: Kinds = (1 << 29) - 1

/** Of `regexInput` and of `log`: that the text may hold line breaks. */
export const mayBreakLines: Kinds = 1 << 28

/** The two halves of `path`. */
export const leadsElsewhere: Kinds = 1 << 5
export const mayClimb: Kinds = 1 << 25

/** Of a step: what was excluded of `..` and of line breaks before is possible again, since it takes away an encoding. */
export const decodes: Kinds = 1 << 30

/** The same where a model need not say anything. */
export const harmlessOf = (names: readonly KindName[] | 'all' | undefined): Kinds => (names === undefined ? 0 : maskOf(names))
