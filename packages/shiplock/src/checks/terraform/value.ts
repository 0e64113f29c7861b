import type { Scalar } from './hcl/syntax.ts'
import type { Place } from './source-file.ts'

/** What is known of an expression before anything is applied. */
export type Value = ValueContent & {
  /** Where it is written: in the attribute itself, or at the variable, local or argument that it comes from. */
  readonly at: Place
  /** It comes from a default that whoever applies the module may replace. */
  readonly isAssumed: boolean
}

export type ValueContent =
  /** `reference` names what it comes from, where that is one thing: `var.image`, `random_password.db.result`. */
  | { readonly kind: 'unknown'; readonly reference?: string }
  | { readonly kind: 'scalar'; readonly value: Scalar }
  /** A string some of whose parts are not known. */
  | { readonly kind: 'text'; readonly parts: readonly (string | undefined)[] }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  /** `isOpen`: what is not in it is not surely missing. */
  | { readonly kind: 'object'; readonly entries: ReadonlyMap<string, Value>; readonly isOpen?: true }

/** A value that is one known string, number or boolean; undefined for all others. */
export const scalar = (value: Value | undefined): Exclude<Scalar, null> | undefined => (value?.kind === 'scalar' && value.value !== null ? value.value : undefined)

/** What a list, a set or a map holds; undefined where that is not known. */
export function itemsOf(value: Value | undefined): readonly Value[] | undefined {
  if (value?.kind === 'list') return value.items
  return value?.kind === 'object' ? [...value.entries.values()] : undefined
}

/** The text with a mark for what is not known, so that the known start and end can be looked at; undefined for what is no text. */
export function pattern(value: Value | undefined): string | undefined {
  if (value?.kind === 'scalar' && typeof value.value === 'string') return value.value
  return value?.kind === 'text' ? value.parts.map((part) => part ?? hole).join('') : undefined
}

/** Stands for what is not known in `pattern`. */
export const hole = '\u{FFFC}'

export const isNull = (value: Value | undefined): boolean => value?.kind === 'scalar' && value.value === null

/** What an unknown value comes from, where that is one thing. */
export const referenceOf = (value: Value | undefined): string | undefined => (value?.kind === 'unknown' ? value.reference : undefined)

/** With all objects in it open. Values may share parts many times over, so each is done once. */
export function opened(value: Value, done = new Map<Value, Value>()): Value {
  const before = done.get(value)
  if (before) return before
  const result: Value =
    value.kind === 'object'
      ? { ...value, isOpen: true, entries: new Map([...value.entries].map(([key, item]) => [key, opened(item, done)])) }
      : value.kind === 'list'
        ? { ...value, items: value.items.map((item) => opened(item, done)) }
        : value
  done.set(value, result)
  return result
}
