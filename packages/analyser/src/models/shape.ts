import type { KindName } from '../kinds.ts'

/** Where untrusted input comes from, or what is secret. */
export type Source = 'request' | 'browser' | 'command-line' | 'environment' | 'file' | 'message' | 'queue' | 'response' | 'content' | 'database' | 'archive' | 'secret' | 'stack'

/** What a schema says of what it has checked, by the names of the fields that lead there; and the same for each part of a request. */
export type Checks = readonly (readonly [path: readonly string[], shape: Shape])[]
export type Segments = ReadonlyMap<string, Checks>

/**
 * What is known of a value from outside the code that is read: a module, a global, a request, an element. Models are such
 * shapes, as data; `string` names one of `types`.
 */
export interface Shape {
  /** Fields and methods; `*` for all that are not named, `[]` for what is read by a name that is not constant. */
  readonly members?: Readonly<Record<string, Shape | string>>
  /** Reading it gives untrusted input. */
  readonly source?: Source
  /** What cannot be done with it: a number, an identifier, text where it could have been an object. */
  readonly harmless?: readonly KindName[] | 'all'
  /** `harmless` holds for the field that is declared so, wherever it is read. */
  readonly isDeclared?: boolean
  /** As a schema: what a value is that it has checked. */
  readonly checked?: Shape | string
  /** As a middleware: what it has checked of a request when it lets it pass. */
  readonly validates?: Segments
  /** What calling it does; `new` alike unless `construct` says otherwise. */
  readonly call?: CallModel
  readonly construct?: CallModel
  /** Assigning to it lets the value do this. */
  readonly assigned?: KindName
  /** A function that is assigned to it is called so: `onmessage`. */
  readonly handler?: readonly (Shape | string | undefined)[]
  /** For patterns: a name that rules look for, `crypto.createHash`. */
  readonly api?: string
}

export interface CallModel {
  readonly returns?: Shape | string
  /** What it returns instead where it has at most so many arguments: `val()` reads, `val(text)` writes. */
  readonly getter?: {
    readonly most: number
    readonly returns: Shape | string
    /** Only where its first argument is one of these constants; `data-*` for all that begin so. */
    readonly only?: readonly string[]
  }
  readonly sinks?: readonly SinkModel[]
  /** Arguments (or `this`, as -1) that the result is made from. */
  readonly derives?: readonly number[]
  /** The same, the value itself with its fields; `harmless` holds for the value as a whole. */
  readonly copies?: readonly number[]
  /** Every argument's fields go into this one: `Object.assign`. */
  readonly merges?: number
  /** Arguments that become elements of `this`: `push`; of `Map.set` the second. */
  readonly collects?: readonly number[]
  /** The result is an instance of the class that is this argument. */
  readonly instantiates?: number
  /** The result is an element of `this`. */
  readonly element?: boolean
  /** Kinds that the result (made from, or a copy) cannot do any more: an escaping function. `all` for a number or a digest. */
  readonly harmless?: readonly KindName[] | 'all'
  /** The result, a path, holds no `..` behind its beginning: `path.resolve`. */
  readonly normalises?: true
  /** The result is what `%2e%2e` stands for. */
  readonly decodes?: true
  readonly callbacks?: readonly CallbackModel[]
  /** How the first parameter of its functions holds the parts of a request, of which other arguments may say that they are validated. */
  readonly validated?: string
  /** `this` (or, where it is a position, that argument) is a schema, and the result is what it has checked; `field`: only that field of the result. */
  readonly checks?: { readonly schema: number; readonly field?: string }
  /** Its first argument, where the answer is true, is as the JSON schema says that is this value of the program. */
  readonly judges?: number
  /** True about argument `arg` means that it is harmless. */
  readonly guards?: { readonly arg: number; readonly harmless: readonly KindName[] | 'all'; readonly when?: 'truthy' | 'falsy' | 'returned' }
}

export interface SinkModel {
  /** Position; `rest` from this position on; -1 is `this`. */
  readonly arg: number
  readonly rest?: boolean
  /** Only this field of it: `url` of an options object; `*` any one, `**` any below it, but none that is the value of an operator such as `$eq`. */
  readonly field?: string
  readonly kind: KindName
  /** Only where the call's options say so, or do not: `{ shell: true }`. */
  readonly unless?: string
  readonly when?: string
  /** The field alone, not an untrusted value as a whole: options that stand where others take data. */
  readonly isExact?: boolean
  /** Only where the text is known to begin as markup does: what is sent otherwise has another type. */
  readonly isMarkup?: boolean
}

export interface CallbackModel {
  /** Position of the function; -1 is the last one; `any` each. */
  readonly arg: number | 'any'
  /** It is in this field of the argument; `*` in any, `field.*` in any below it. */
  readonly field?: string
  /** What its `this` is. */
  readonly self?: Shape | string
  /** What its parameters are. */
  readonly params?: readonly (Shape | string | undefined)[]
  /** What those are that `params` does not list. */
  readonly others?: Shape | string
  /** Its first parameter is this, or an argument by position. */
  readonly receives?: 'this' | 'elements' | number
  /** Per parameter: the argument whose elements, or whose fields' names, it is given one after the other. */
  readonly each?: readonly ({ readonly elements?: number; readonly names?: number } | undefined)[]
  /** The argument that its `this` is. */
  readonly selfIs?: number
  /** What it returns is the result, or an element of it. */
  readonly gives?: 'result' | 'elements'
}

/** One file a library: modules that can be imported, names that are there, types that the others refer to. */
export interface LibraryModel {
  readonly modules?: Readonly<Record<string, Shape | string>>
  readonly globals?: Readonly<Record<string, Shape | string>>
  readonly types?: Readonly<Record<string, Shape>>
  /** Types that a declaration may name: `Request`, `express.Response`; `@Query` a decorator of a parameter. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Functions that a framework calls because of the file that they are exported from. */
  readonly entries?: readonly EntryModel[]
}

/** `export async function GET(request)` in `app/…/route.ts`. */
export interface EntryModel {
  readonly path: RegExp
  /** Names of exports. */
  readonly exports: RegExp
  readonly params: readonly (Shape | string | undefined)[]
  /** Only where the first parameter is called so. */
  readonly named?: RegExp
  /** Only in files that begin with this directive. */
  readonly directive?: string
}
