import { itemsOf, type Value, type ValueContent } from './value.ts'

type Result = Value | ValueContent | undefined

/** Longer lists are not known; they could double with every local. */
const maxItems = 1000
const maxLength = 20_000

/** Terraform's functions that configurations build constants with. Others are not known. */
export function callFunction(name: string, args: readonly Value[]): Result {
  const result = functions.get(name)?.(args)
  return result?.kind === 'scalar' && typeof result.value === 'string' && result.value.length > maxLength ? undefined : result
}

const text = (value: Value | undefined) => (value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined)

const onText = (change: (text: string) => string) => ([value]: readonly Value[]): Result => {
  const known = text(value)
  return known === undefined ? undefined : { kind: 'scalar', value: change(known) }
}

const first = ([value]: readonly Value[]): Result => value

function concat(args: readonly Value[]): Result {
  if (args.some(({ kind }) => kind !== 'list')) return undefined
  const items = args.flatMap((arg) => (arg.kind === 'list' ? arg.items : []))
  return items.length > maxItems ? undefined : { kind: 'list', items }
}

function flatten([value]: readonly Value[]): Result {
  if (value?.kind !== 'list') return undefined
  const items: Value[] = []
  let steps = 0
  const add = (item: Value): void => {
    if (++steps > maxItems) return
    if (item.kind === 'list') item.items.forEach(add)
    else items.push(item)
  }
  add(value)
  // An item that is not known may be a list.
  return steps > maxItems || items.some(({ kind }) => kind === 'unknown') ? undefined : { kind: 'list', items }
}

function merge(args: readonly Value[]): Result {
  const entries = new Map<string, Value>()
  let isOpen = false
  for (const arg of args) {
    if (arg.kind !== 'object') return undefined
    // What an open one has beside may replace what was before it.
    if (arg.isOpen) entries.clear()
    isOpen ||= arg.isOpen === true
    for (const [key, value] of arg.entries) entries.set(key, value)
  }
  return { kind: 'object', entries, ...(isOpen && { isOpen }) }
}

function lookup([map, key, fallback]: readonly Value[]): Result {
  const name = text(key)
  return map?.kind === 'object' && name !== undefined ? (map.entries.get(name) ?? (map.isOpen ? undefined : fallback)) : undefined
}

function distinct([value]: readonly Value[]): Result {
  if (value?.kind !== 'list') return undefined
  const seen = new Set<unknown>()
  return { kind: 'list', items: value.items.filter((item) => item.kind !== 'scalar' || (!seen.has(item.value) && seen.add(item.value))) }
}

/** The first that is there; only where all before it are surely not. */
function coalesce(args: readonly Value[]): Result {
  const found = args.find((arg) => arg.kind !== 'scalar' || (arg.value !== null && arg.value !== ''))
  return found?.kind === 'unknown' ? undefined : found
}

function join([separator, list]: readonly Value[]): Result {
  const sign = text(separator)
  const items = list?.kind === 'list' ? list.items.map(text) : [undefined]
  return sign === undefined || items.includes(undefined) ? undefined : { kind: 'scalar', value: items.join(sign) }
}

function format([pattern, ...args]: readonly Value[]): Result {
  const known = text(pattern)
  if (known === undefined || /%(?![sd%])/.test(known)) return undefined
  const parts = known.split(/%[sd]/)
  const pieces = parts.flatMap((part, index) => {
    const arg = args[index]
    const value = arg?.kind === 'scalar' && arg.value !== null ? String(arg.value) : undefined
    return index === parts.length - 1 ? [part.replaceAll('%%', '%')] : [part.replaceAll('%%', '%'), value]
  })
  return pieces.includes(undefined) ? { kind: 'text', parts: pieces } : { kind: 'scalar', value: pieces.join('') }
}

function keys([value]: readonly Value[]): Result {
  return value?.kind === 'object' && !value.isOpen ? { kind: 'list', items: [...value.entries].map(([key, item]) => ({ kind: 'scalar', value: key, at: item.at, isAssumed: item.isAssumed })) } : undefined
}

function values([value]: readonly Value[]): Result {
  return value?.kind === 'object' && !value.isOpen ? { kind: 'list', items: [...value.entries.values()] } : undefined
}

function length([value]: readonly Value[]): Result {
  if (value?.kind === 'list') return { kind: 'scalar', value: value.items.length }
  if (value?.kind === 'object') return value.isOpen ? undefined : { kind: 'scalar', value: value.entries.size }
  return text(value) === undefined ? undefined : { kind: 'scalar', value: text(value)?.length ?? 0 }
}

function contains([list, wanted]: readonly Value[]): Result {
  if (list?.kind !== 'list' || wanted?.kind !== 'scalar' || list.items.some(({ kind }) => kind !== 'scalar')) return undefined
  return { kind: 'scalar', value: list.items.some((item) => item.kind === 'scalar' && item.value === wanted.value) }
}

/** A set has its values for keys; what they are decides how often it is repeated, so all must be known. */
function toset([value]: readonly Value[]): Result {
  if (value?.kind !== 'list' || value.items.some(({ kind }) => kind !== 'scalar')) return undefined
  return { kind: 'object', entries: new Map(value.items.map((item) => [item.kind === 'scalar' ? String(item.value) : '', item])) }
}

function tobool([value]: readonly Value[]): Result {
  if (value?.kind !== 'scalar') return undefined
  return value.value === 'true' ? { kind: 'scalar', value: true } : value.value === 'false' ? { kind: 'scalar', value: false } : value
}

function split([separator, whole]: readonly Value[]): Result {
  const [sign, known] = [text(separator), text(whole)]
  const parts = sign === undefined || known === undefined || !whole ? undefined : known === '' ? [''] : known.split(sign)
  return parts && whole && parts.length <= maxItems ? { kind: 'list', items: parts.map((value) => ({ kind: 'scalar', value, at: whole.at, isAssumed: whole.isAssumed })) } : undefined
}

/** Between slashes it is a regular expression, which is not run. */
function replace([whole, sought, instead]: readonly Value[]): Result {
  const [known, part, other] = [text(whole), text(sought), text(instead)]
  return known === undefined || part === undefined || other === undefined || part === '' || /^\/.*\/$/s.test(part) ? undefined : { kind: 'scalar', value: known.split(part).join(other) }
}

function element([list, index]: readonly Value[]): Result {
  const at = index?.kind === 'scalar' ? Number(index.value) : Number.NaN
  return list?.kind === 'list' && list.items.length > 0 && Number.isInteger(at) && at >= 0 ? list.items[at % list.items.length] : undefined
}

function compact([list]: readonly Value[]): Result {
  return list?.kind === 'list' ? { kind: 'list', items: list.items.filter((item) => item.kind !== 'scalar' || (item.value !== null && item.value !== '')) } : undefined
}

function zipmap([names, items]: readonly Value[]): Result {
  if (names?.kind !== 'list' || items?.kind !== 'list' || names.items.length !== items.items.length) return undefined
  const known = names.items.map(text)
  return known.includes(undefined) ? undefined : { kind: 'object', entries: new Map(items.items.map((item, index) => [known[index] ?? '', item])) }
}

function setproduct(args: readonly Value[]): Result {
  let rows: readonly Value[][] = [[]]
  for (const arg of args) {
    const items = itemsOf(arg)
    if (!items || rows.length * items.length > maxItems) return undefined
    rows = rows.flatMap((row) => items.map((item) => [...row, item]))
  }
  const [first] = args
  return first && { kind: 'list', items: rows.map((items) => ({ kind: 'list', items, at: first.at, isAssumed: args.some(({ isAssumed }) => isAssumed) })) }
}

/** The first that is not surely wrong. */
const attempt = ([value]: readonly Value[]): Result => (value?.kind === 'unknown' ? undefined : value)

/** What a text holds as JSON; what `jsonencode` has made is still what it was made of. */
function jsondecode([value]: readonly Value[]): Result {
  if (value && value.kind !== 'scalar' && value.kind !== 'unknown') return value.kind === 'text' ? undefined : value
  return fromJson(value)
}

/** A text as the value that it is in JSON; undefined where it is none, or is not known. No deeper than it may have items. */
export function fromJson(value: Value | undefined): Value | undefined {
  const known = text(value)
  if (known === undefined || !value) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(known)
  } catch {
    // It is no JSON, and so nothing is known of it.
    return undefined
  }
  let items = 0
  const convert = (some: unknown): Value => {
    const place = { at: value.at, isAssumed: value.isAssumed }
    if (++items > maxItems) return { kind: 'unknown', ...place }
    if (Array.isArray(some)) return { kind: 'list', items: some.map(convert), ...place }
    if (typeof some === 'object' && some !== null) return { kind: 'object', entries: new Map(Object.entries(some).map(([key, item]) => [key, convert(item)])), ...place }
    return typeof some === 'string' || typeof some === 'number' || typeof some === 'boolean' || some === null ? { kind: 'scalar', value: some, ...place } : { kind: 'unknown', ...place }
  }
  return convert(parsed)
}

const functions = new Map<string, (args: readonly Value[]) => Result>([
  // What it makes is only ever looked at as what it was made of.
  ['jsonencode', first],
  ['tolist', first], ['tomap', first], ['tostring', first], ['tonumber', first], ['sensitive', first], ['nonsensitive', first],
  ['lower', onText((value) => value.toLowerCase())], ['upper', onText((value) => value.toUpperCase())], ['trimspace', onText((value) => value.trim())],
  ['toset', toset], ['tobool', tobool], ['concat', concat], ['flatten', flatten], ['merge', merge], ['lookup', lookup], ['distinct', distinct],
  ['split', split], ['replace', replace], ['element', element], ['compact', compact], ['zipmap', zipmap], ['setproduct', setproduct], ['try', attempt], ['jsondecode', jsondecode],
  ['coalesce', coalesce], ['join', join], ['format', format], ['keys', keys], ['values', values], ['length', length], ['contains', contains],
])
