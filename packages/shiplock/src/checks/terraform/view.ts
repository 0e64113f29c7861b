import { evaluate, pairsOf, type Scope } from './evaluate.ts'
import type { Attribute, Block } from './hcl/syntax.ts'
import { isWithin, type Place } from './source-file.ts'
import { isNull, itemsOf, scalar, type Value } from './value.ts'

/** What an attribute is set to, or that it is not, or that nobody can tell. */
export type Field = FieldPlace &
  (
    | { readonly state: 'set'; readonly raw: Value; readonly value: ReturnType<typeof scalar> }
    /** Surely not there, so the provider's default applies. `place` is the block that lacks it. */
    | { readonly state: 'absent'; readonly raw?: undefined; readonly value?: undefined }
    /** Whether it is there depends on what is not known. */
    | { readonly state: 'unknown'; readonly raw?: undefined; readonly value?: undefined }
  )

export interface FieldPlace {
  readonly place: Place
  /** Where the value comes from, if that is elsewhere: a variable's default, a caller's argument. */
  readonly origin?: Place
  readonly isAssumed: boolean
}

/** A block's content as it will be: dynamic blocks expanded, expressions evaluated. */
export class View {
  readonly block: Pick<Block, 'type' | 'labels' | 'header' | 'body'>
  readonly scope: Scope
  /** It comes from a dynamic block that may make none of it. */
  readonly isUncertain: boolean
  readonly isAssumed: boolean
  readonly #values = new Map<string, Value | undefined>()

  constructor(block: Pick<Block, 'type' | 'labels' | 'header' | 'body'>, scope: Scope, { isUncertain = false, isAssumed = false } = {}) {
    this.block = block
    this.scope = scope
    this.isUncertain = isUncertain
    this.isAssumed = isAssumed
  }

  get place(): Place {
    return { file: this.scope.file, span: this.block.header }
  }

  value(name: string): Value | undefined {
    if (this.#values.has(name)) return this.#values.get(name)
    const attribute = this.#attribute(name)
    const value = attribute && evaluate(attribute.value, this.#scopeOf(attribute))
    this.#values.set(name, value)
    return value
  }

  /** The blocks of a type, those of dynamic blocks among them. */
  blocks(type: string): View[] {
    return this.block.body.blocks.flatMap((block) => {
      if (block.type === type) return [new View(block, this.#scopeOf(block), this)]
      return block.type === 'dynamic' && block.labels[0] === type ? this.#expand(block, type) : []
    })
  }

  /** Looks at an attribute by its path, such as `settings.ip_configuration.ssl_mode`. */
  find(path: string): Field {
    const [head = '', ...rest] = path.split('.')
    if (rest.length === 0) return this.#field(head)
    const found = this.blocks(head)
    const [only] = found
    const certainty = { place: this.place, isAssumed: this.isAssumed }
    if (only) return only.isUncertain || found.length > 1 ? { state: 'unknown', ...certainty } : only.find(rest.join('.'))
    return { state: this.#attribute(head) ? 'unknown' : 'absent', ...certainty, isAssumed: this.isAssumed || this.#isEmptyByDefault(head) }
  }

  /** The elements of a list, each where it is written; none where the list is not known. */
  items(path: string): Field[] {
    const field = this.find(path)
    return (itemsOf(field.raw) ?? []).map((raw) => placed(raw, field, this.isAssumed))
  }

  #scopeOf({ source }: Attribute | Block): Scope {
    return source ? { ...this.scope, file: source } : this.scope
  }

  #attribute(name: string) {
    return this.block.body.attributes.find((attribute) => attribute.name === name)
  }

  #field(name: string): Field {
    const attribute = this.#attribute(name)
    const raw = this.value(name)
    const here = { place: this.place, isAssumed: this.isAssumed || raw?.isAssumed === true || this.#isEmptyByDefault(name) }
    if (!attribute || !raw || isNull(raw)) return this.blocks(name).length > 0 || this.isUncertain ? { state: 'unknown', ...here } : { state: 'absent', ...here }
    const place = { file: attribute.source ?? this.scope.file, span: { start: attribute.start, end: attribute.end } }
    return placed(raw, { place, isAssumed: this.isAssumed }, this.isAssumed, place)
  }

  /** A dynamic block makes none of these, but only as long as nobody sets a variable. */
  #isEmptyByDefault(type: string): boolean {
    return this.block.body.blocks.some((block) => {
      if (block.type !== 'dynamic' || block.labels[0] !== type) return false
      const each = block.body.attributes.find((attribute) => attribute.name === 'for_each')
      return each !== undefined && evaluate(each.value, this.#scopeOf(block)).isAssumed
    })
  }

  #expand(block: Block, type: string): View[] {
    const around = this.#scopeOf(block)
    const content = block.body.blocks.find((inner) => inner.type === 'content')
    if (!content) return []
    const iterator = block.body.attributes.find(({ name }) => name === 'iterator')?.value
    const name = iterator?.kind === 'name' ? iterator.name : type
    const head = { ...content, header: block.header }
    const each = block.body.attributes.find((attribute) => attribute.name === 'for_each')
    const collection = each && evaluate(each.value, around)
    return instancesOf(collection, around, name).map((scope) => new View(head, scope, { isUncertain: this.isUncertain || !isKnown(collection), isAssumed: this.isAssumed || collection?.isAssumed === true }))
  }
}

const isKnown = (collection: Value | undefined) => collection?.kind === 'list' || collection?.kind === 'object'

const maxInstances = 50

/** A scope for each element; one in which the element is not known where they are not, or are too many. */
export function instancesOf(collection: Value | undefined, scope: Scope, name: string): Scope[] {
  const pairs = collection && pairsOf(collection)
  if (!pairs || pairs.length > maxInstances) return [{ ...scope, names: withoutName(scope, name) }]
  return pairs.map(([key, value]) => {
    const entries = new Map<string, Value>([['key', { kind: 'scalar', value: key, at: value.at, isAssumed: value.isAssumed }], ['value', value]])
    return { ...scope, names: new Map(scope.names).set(name, { kind: 'object', entries, at: value.at, isAssumed: value.isAssumed }) }
  })
}

/** The same for `count`: each knows its index where the number is known and not beyond what is looked at. */
export function countedInstances(count: Value, scope: Scope): Scope[] {
  const number = count.kind === 'scalar' ? Number(count.value) : Number.NaN
  if (!Number.isInteger(number) || number < 0 || number > maxInstances) return [scope]
  return Array.from({ length: number }, (_, index) => {
    const at = { at: count.at, isAssumed: count.isAssumed }
    return { ...scope, names: new Map(scope.names).set('count', { kind: 'object', entries: new Map<string, Value>([['index', { kind: 'scalar', value: index, ...at }]]), ...at }) }
  })
}

function withoutName({ names }: Scope, name: string): ReadonlyMap<string, Value> {
  const others = new Map(names)
  others.delete(name)
  return others
}

/** What a known object has under a name: the elements where that is a list, else the one value. */
export function elementsOf(field: Field, name: string): Field[] {
  const raw = field.raw?.kind === 'object' ? field.raw.entries.get(name) : undefined
  return raw ? (itemsOf(raw.kind === 'list' ? raw : undefined) ?? [raw]).map((item) => placed(item, field, false)) : []
}

/** Terraform takes `"true"` where the provider wants a boolean, and old configurations write it so. */
const asBoolean = <T>(value: T): T | boolean => (value === 'true' ? true : value === 'false' ? false : value)

/** Shown at the value itself where it is written in the attribute, else at the attribute with the value's own place beside it. */
function placed(raw: Value, around: FieldPlace, isAssumed: boolean, whole?: Place): Field {
  const isHere = isWithin(raw.at, around.place)
  return {
    state: 'set',
    raw,
    value: asBoolean(scalar(raw)),
    place: whole ?? (isHere ? raw.at : around.place),
    isAssumed: isAssumed || around.isAssumed || raw.isAssumed,
    ...(!isHere && { origin: raw.at }),
  }
}
