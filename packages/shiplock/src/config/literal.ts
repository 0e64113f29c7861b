/** Offsets into the source in UTF-16 code units, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A value as it is written in the source, with the place of every part of it. */
export type Literal = ScalarLiteral | ListLiteral | ObjectLiteral

export interface ScalarLiteral {
  readonly kind: 'scalar'
  readonly value: Scalar
  readonly span: Span
}

export type Scalar = string | number | boolean | null | undefined

export interface ListLiteral {
  readonly kind: 'list'
  readonly items: readonly Literal[]
  readonly span: Span
}

export interface ObjectLiteral {
  readonly kind: 'object'
  /** Never has `__proto__`. */
  readonly entries: ReadonlyMap<string, Entry>
  readonly span: Span
}

export interface Entry {
  readonly key: Span
  readonly value: Literal
}

export type Value = Scalar | readonly Value[] | { readonly [key: string]: Value }

/** The plain value, every part of it new: a constant that is used twice is there twice. */
export function valueOf(literal: Literal): Value {
  if (literal.kind === 'scalar') return literal.value
  if (literal.kind === 'list') return literal.items.map(valueOf)
  return Object.fromEntries(Array.from(literal.entries, ([key, entry]) => [key, valueOf(entry.value)]))
}

/**
 * Where the value at a path is written, or its key with `of: 'key'`. Where the path leads to nothing that is written, the
 * nearest that is and that holds it.
 */
export function spanAt(literal: Literal, path: readonly PropertyKey[], of: 'key' | 'value'): Span {
  let current = literal
  let span = literal.span
  for (const [index, step] of path.entries()) {
    const entry = current.kind === 'object' ? current.entries.get(String(step)) : undefined
    const next = entry?.value ?? (current.kind === 'list' ? current.items[Number(step)] : undefined)
    if (!next) break
    span = entry && of === 'key' && index === path.length - 1 ? entry.key : next.span
    current = next
  }
  return span
}
