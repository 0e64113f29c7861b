import type { Kinds } from '../kinds.ts'

/**
 * What one file says about values, without its syntax: nodes are values at places in the text, edges say where a value
 * goes. Made from one file alone, so that it can be remembered by the file's content; plain data, so that a worker
 * can hand it over.
 */
export interface FileModel {
  readonly path: string
  /** Start and end of each node in the text, UTF-16 code units. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Four numbers an edge: from, to, `EdgeKind`, and what that kind needs (`edgeKinds`). */
  readonly edges: readonly number[]
  /** Names of fields; `fields[0]` is any field. */
  readonly fields: readonly string[]
  readonly calls: readonly CallSite[]
  readonly functions: readonly FunctionModel[]
  readonly stores: readonly Store[]
  readonly guards: readonly Guard[]
  readonly imports: readonly Import[]
  /** The `module` object; its field `exports` is what others import. */
  readonly module: number
  /** Whether the file is a script whose top-level names all scripts share. */
  readonly isScript: boolean
  /** Names that the file does not declare, and for a script those that it declares. */
  readonly globals: readonly (readonly [name: string, node: number])[]
  readonly constants: readonly (readonly [node: number, value: Constant])[]
  /** The constant text that joined text begins with. */
  readonly prefixes: readonly (readonly [node: number, text: string])[]
  readonly regexes: readonly RegexLiteral[]
  /** Dynamic reads and writes `base[key]`. */
  readonly keyed: readonly KeyedAccess[]
  /** Comparisons of two values by `===` and the like. */
  readonly comparisons: readonly (readonly [left: number, right: number, start: number, end: number])[]
  /** Values whose declared type says what they are, `Request` or `express.Response`. */
  readonly annotations: readonly (readonly [node: number, type: string])[]
  /** Names of variables and parameters, for messages and for what a name gives away. */
  readonly names: readonly (readonly [node: number, name: string])[]
  /** Stacks of errors that are read where a condition asks whether the program is being developed. */
  readonly developmentOnly: readonly number[]
  /** Object literals. */
  readonly literals: readonly number[]
  /** `use server` and the like, where the file begins with one. */
  readonly directive?: string
  readonly lines: number
  readonly problems: readonly FileProblem[]
  /** Bounds that were reached in it. */
  readonly bounds: readonly FileBound[]
}

export type Constant = string | number | boolean | null

export interface FileProblem {
  readonly kind: 'syntax' | 'too-deep' | 'too-large' | 'minified'
  readonly message: string
  /** Offset in the text. */
  readonly at: number
}

/** What was not followed to its end in one file: conditions of too many terms, expressions of a template that are too long. */
export type FileBound = 'conditions' | 'templates' | 'patterns'

export const edgeKinds = {
  /** The same value. */
  copy: 0,
  /** `to` is field `data` of `from`. */
  load: 1,
  /** `from` becomes field `data` of `to`. */
  store: 2,
  /** `to` is made from `from`; `data` are the kinds that this makes harmless. */
  derive: 3,
  /** The same value behind a condition that makes the kinds of `data` harmless. */
  filter: 4,
  /** The same value behind a condition that a function decides: `data` is an index of `guards`. */
  guard: 5,
  /** `from` is the name by which `to` was read. */
  key: 6,
  /** The fields of `from` become fields of `to`: `{ ...from }`. `to` itself is another object. */
  spread: 7,
} as const
export type EdgeKind = (typeof edgeKinds)[keyof typeof edgeKinds]

export interface CallSite {
  /** Its value. */
  readonly result: number
  readonly callee: number
  /** `this`; -1 where there is none. */
  readonly receiver: number
  readonly args: readonly number[]
  /** Index of the first argument that is spread; -1 where none is. */
  readonly spread: number
  /** `apply`: the second of `args` holds the arguments. `super`: the constructor of the parent class. */
  readonly kind: 'call' | 'new' | 'apply' | 'super' | 'template'
  /** Name of the method or function as it is written; empty where it has none. */
  readonly name: string
  /** Index of the function that it stands in. */
  readonly within: number
  /** Where that name starts: of a chain of calls the one that is meant. */
  readonly at: number
  readonly start: number
  readonly end: number
}

export interface FunctionModel {
  /** The function as a value. */
  readonly node: number
  readonly name: string
  readonly params: readonly number[]
  readonly paramNames: readonly string[]
  /** Index of the rest parameter; -1 where there is none. */
  readonly rest: number
  /** `arguments`; -1 where it is not used. */
  readonly args: number
  /** `this`; -1 for arrow functions. */
  readonly self: number
  /** Whether `self` is bound by its class or object literal, not by the call. */
  readonly isBound: boolean
  readonly returns: number
  /** What `new` gives: the object that all instances share; -1 for arrow functions. */
  readonly instance: number
  /** Index of the enclosing function; -1 for the module itself. */
  readonly outer: number
  /** Per parameter what is harmless about it after the function returned something true, something false, or at all. */
  readonly guards: Readonly<Record<Guard['holds'], readonly GuardSummary[]>>
  /** Parameters, by position, that were true whenever it came back. */
  readonly asserts: readonly number[]
  /** When its body runs: at once, but of `async` functions the answer is a promise; of a generator not by the call. */
  readonly runs: 'at once' | 'async' | 'generator'
  readonly start: number
  readonly end: number
}

/** What is harmless about a value: kinds, and what further functions have decided about it (indices of `guards`). */
export interface GuardSummary {
  readonly harmless: Kinds
  readonly guards: readonly number[]
}

export interface Store {
  readonly base: number
  readonly field: string
  readonly value: number
  readonly start: number
  readonly end: number
  readonly isJsx: boolean
}

/** As a guard's argument: the elements of `this`, about which a callback decides, as in `some` and `filter`. */
export const elementsOf = -2

/** A condition of which it is known only in the whole program what it says: since a function decides it, or a value that is not in sight. */
export interface Guard {
  /** The call that decides; -1 where none does. */
  readonly call: number
  /** Position, or `elementsOf`. */
  readonly arg: number
  readonly holds: 'truthy' | 'falsy' | 'returned'
  /** Its answer was waited for: of a function that is `async` the promise alone says nothing. */
  readonly isAwaited?: true
  /**
   * By what `harmless` holds where the function is not the program's, or what it must do where it is: `name`, a package's function of
   * such a name says so (`isUUID`); `assertion`, it came back only if its argument was true; `named assertion`, both (`assert`).
   */
  readonly by?: 'name' | 'assertion' | 'named assertion'
  /** `harmless` holds unless this value, a list or a beginning that was compared with, is untrusted itself. */
  readonly unless?: number
  readonly harmless?: Kinds
}

export interface Import {
  readonly specifier: string
  /** What the module exports, as one object. */
  readonly node: number
  readonly start: number
  /** Only its types are used: a class among them says what a value is, but nothing is loaded. */
  readonly isType?: boolean
}

/** An expression whose text is known: a literal, or one made of constant text. */
export interface RegexLiteral {
  readonly node: number
  readonly pattern: string
  readonly flags: string
  readonly start: number
  readonly end: number
  /** Where some text makes a match take far longer than the text is long. */
  readonly slow?: SlowRegex
  /** It was too large, or says what is not understood: nobody knows how long a match takes. */
  readonly isUnjudged?: true
}

export interface SlowRegex {
  readonly kind: 'polynomial' | 'exponential'
  /** Of a polynomial: 2 means that twice the text takes four times as long. */
  readonly degree: number
  /** `prefix`, many times `pump`, `suffix`: a text that shows it. */
  readonly attack: { readonly prefix: string; readonly pump: string; readonly suffix: string }
  /** The ambiguous part of the pattern. */
  readonly part: string
  readonly reason: string
}

export interface KeyedAccess {
  readonly base: number
  readonly key: number
  /** What is read or written. */
  readonly value: number
  readonly isWrite: boolean
  readonly start: number
  readonly end: number
}
