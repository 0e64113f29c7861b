import type { Expression, ObjectProperty, SpreadElement } from 'oxc-parser'
import { quoted } from './diagnostic.ts'
import { nearestName } from './nearest-name.ts'
import { refusalOf } from './refusal.ts'
import type { Entry, Literal, Scalar, Span } from './literal.ts'

/** What an expression may refer to, and where to say what is wrong with it. */
export interface Scope {
  /** Constants declared so far. Undefined: one whose own value was refused, which has been said. */
  readonly constants: ReadonlyMap<string, Literal | undefined>
  readonly text: string
  readonly refuse: (span: Span, message: string, hint?: string) => void
  /** Values that may still be made. Constants used twice count twice, or ten lines of them would fill the memory. */
  budget: number
}

export const maxValues = 10_000

/**
 * Reads an expression that is pure data. Nothing is evaluated: what is neither a literal nor a constant made of literals
 * is refused, and undefined returned. Goes on after a refusal, so that all of them are known at once.
 */
export function readLiteral(node: Expression, scope: Scope): Literal | undefined {
  const span = { start: node.start, end: node.end }
  const scalar = (value: Scalar): Literal | undefined => spend(scope, 1, { kind: 'scalar', value, span })
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
      return readLiteral(node.expression, scope)
    case 'Literal':
      if (node.raw === 'null') return scalar(null)
      if (typeof node.value === 'object' || typeof node.value === 'bigint' || node.value === Infinity) break
      return scalar(node.value)
    case 'TemplateLiteral': {
      const cooked = node.quasis[0]?.value.cooked
      if (node.expressions.length > 0 || typeof cooked !== 'string') break
      return scalar(cooked)
    }
    case 'UnaryExpression': {
      const { argument } = node
      if (node.operator !== '-' || argument.type !== 'Literal' || typeof argument.value !== 'number' || argument.value === Infinity) break
      return scalar(-argument.value)
    }
    case 'Identifier':
      return node.name === 'undefined' ? scalar(undefined) : readConstant(node.name, span, scope)
    case 'ArrayExpression':
      return readList(node.elements, span, scope)
    case 'ObjectExpression':
      return readObject(node.properties, span, scope)
    default:
  }
  const { message, hint } = refusalOf(node, scope.text)
  scope.refuse(span, message, hint)
  return undefined
}

function readConstant(name: string, span: Span, scope: Scope): Literal | undefined {
  const constant = scope.constants.get(name)
  if (constant) return spend(scope, countValues(constant), constant)
  if (!scope.constants.has(name)) {
    const near = nearestName(name, [...scope.constants.keys()])
    const hint = near ? `did you mean ${quoted(near)}?` : `write the value itself, or \`const ${name} = …\` above`
    scope.refuse(span, `${quoted(name)} is not a constant declared above`, hint)
  }
  return undefined
}

function readList(elements: readonly (Expression | SpreadElement | null)[], span: Span, scope: Scope): Literal | undefined {
  if (elements.includes(null)) scope.refuse(span, 'the list has an empty place', 'remove the extra comma')
  const items = elements.flatMap((element): readonly (Literal | undefined)[] => {
    if (element?.type === 'SpreadElement') return readSpread(element, 'list', scope)?.items ?? [undefined]
    return [element ? readLiteral(element, scope) : undefined]
  })
  const read = items.filter((item) => item !== undefined)
  return read.length === items.length ? spend(scope, 1, { kind: 'list', items: read, span }) : undefined
}

function readObject(properties: readonly (ObjectProperty | SpreadElement)[], span: Span, scope: Scope): Literal | undefined {
  const entries = new Map<string, Entry>()
  const written = new Set<string>()
  let isComplete = true
  for (const property of properties) {
    if (property.type === 'SpreadElement') {
      const spread = readSpread(property, 'object', scope)
      for (const [key, entry] of spread?.entries ?? []) entries.set(key, entry)
      isComplete &&= spread !== undefined
      continue
    }
    const key = readKey(property, written, scope)
    const value = property.kind === 'init' && !property.method ? readLiteral(property.value, scope) : undefined
    if (key !== undefined && value) entries.set(key, { key: { start: property.key.start, end: property.key.end }, value })
    else isComplete = false
  }
  return isComplete ? spend(scope, 1, { kind: 'object', entries, span }) : undefined
}

/** The key as a string, noted in `written`; undefined when it was refused. */
function readKey({ key, kind, method, computed, start, end }: ObjectProperty, written: Set<string>, scope: Scope): string | undefined {
  const span = { start: key.start, end: key.end }
  if (kind !== 'init' || method) {
    const what = method ? 'method' : `${kind}ter`
    scope.refuse({ start, end }, `a ${what} cannot be used here: the config is read, never run`, 'write the value itself')
    return undefined
  }
  const isPlain = key.type === 'Identifier' || (key.type === 'Literal' && ['string', 'number'].includes(typeof key.value))
  if (computed || !isPlain) {
    scope.refuse(span, 'a computed key cannot be used here: the config is read, never run', 'write the key itself')
    return undefined
  }
  const name = key.type === 'Identifier' ? key.name : String(key.value)
  if (name === '__proto__') {
    scope.refuse(span, 'the key `__proto__` would change the prototype of the object', 'remove it')
    return undefined
  }
  if (written.has(name)) {
    scope.refuse(span, `the key ${quoted(name)} is there twice`, 'keep one of them: the last would silently win')
    return undefined
  }
  written.add(name)
  return name
}

type LiteralOf<Kind> = Extract<Literal, { kind: Kind }>

function readSpread<Kind extends 'list' | 'object'>(node: SpreadElement, kind: Kind, scope: Scope): LiteralOf<Kind> | undefined {
  const spread = readLiteral(node.argument, scope)
  if (spread?.kind === kind) return spread as LiteralOf<Kind>
  const wanted = kind === 'list' ? 'a list' : 'an object'
  if (spread) scope.refuse({ start: node.start, end: node.end }, `only ${wanted} can be spread here`, 'write the entries themselves')
  return undefined
}

function spend(scope: Scope, values: number, literal: Literal): Literal | undefined {
  const hadSome = scope.budget >= 0
  scope.budget -= values
  if (scope.budget >= 0) return literal
  if (hadSome) scope.refuse(literal.span, `the config has more than ${maxValues} values`, 'use the constants fewer times')
  return undefined
}

function countValues(literal: Literal): number {
  if (literal.kind === 'scalar') return 1
  const parts = literal.kind === 'list' ? literal.items : Array.from(literal.entries.values(), (entry) => entry.value)
  return parts.reduce((sum, part) => sum + countValues(part), 1)
}
