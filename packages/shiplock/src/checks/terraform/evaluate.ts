import type { Expression, ForExpression, Scalar } from './hcl/syntax.ts'
import { callFunction } from './functions.ts'
import type { SourceFile } from './source-file.ts'
import type { Value, ValueContent } from './value.ts'

export interface Scope {
  readonly file: SourceFile
  readonly isAssumed: boolean
  /** `each`, `count`, iterators of dynamic blocks and `for`. */
  readonly names: ReadonlyMap<string, Value>
  readonly variable: (name: string) => Value | undefined
  readonly local: (name: string) => Value | undefined
  /** What may still be computed for this tree: a module can ask for more than any machine can do. */
  readonly effort: Effort
}

export interface Effort {
  left: number
}

/** Larger ones are not known: no rule looks at so many, and they can grow without end. */
const maxItems = 1000
const maxLength = 20_000

/** Never throws and never guesses: what cannot be known from the files is `unknown`. */
export function evaluate(expression: Expression, scope: Scope): Value {
  const make = (content: ValueContent, isAssumed = scope.isAssumed): Value => ({ ...content, isAssumed, at: { file: scope.file, span: expression } })
  if (--scope.effort.left < 0) return make({ kind: 'unknown' })
  switch (expression.kind) {
    case 'literal':
      return make({ kind: 'scalar', value: expression.value })
    case 'template':
      return evaluateTemplate(expression.parts, scope, make)
    case 'list':
      return make({ kind: 'list', items: expression.items.map((item) => evaluate(item, scope)) })
    case 'object':
      return evaluateObject(expression, scope, make)
    case 'name':
      return scope.names.get(expression.name) ?? make({ kind: 'unknown', reference: expression.name })
    case 'member':
      return evaluateMember(expression, scope, make)
    case 'index':
      return select(evaluate(expression.of, scope), evaluate(expression.key, scope), make)
    case 'call': {
      const args = expression.isExpanded ? undefined : expression.args.map((arg) => evaluate(arg, scope))
      const result = args && callFunction(expression.name, args)
      if (result && 'at' in result) return result
      return result ? make(result, isAnyAssumed(args ?? [], scope)) : make({ kind: 'unknown' })
    }
    case 'conditional':
      return evaluateConditional(expression, scope, make)
    case 'for':
      return evaluateFor(expression, scope, make)
    case 'unary':
    case 'binary':
      return evaluateOperator(expression, scope, make)
    case 'splat': {
      const value = evaluate(expression.of, scope)
      return value.kind === 'list' ? value : make({ kind: 'unknown' })
    }
  }
}

type Make = (content: ValueContent, isAssumed?: boolean) => Value

const isAnyAssumed = (values: readonly Value[], scope: Scope) => scope.isAssumed || values.some(({ isAssumed }) => isAssumed)

function evaluateTemplate(parts: Extract<Expression, { kind: 'template' }>['parts'], scope: Scope, make: Make): Value {
  if (parts.includes(undefined)) return make({ kind: 'unknown' })
  const values = parts.map((part) => (typeof part === 'object' ? evaluate(part, scope) : part))
  const [only] = values
  if (values.length === 1 && typeof only === 'object') return only
  const pieces = values.flatMap((value) => (typeof value === 'object' ? textOf(value) : [value]))
  if (pieces.reduce((length, piece) => length + (piece?.length ?? 1), 0) > maxLength) return make({ kind: 'unknown' })
  const isAssumed = isAnyAssumed(values.filter((value) => typeof value === 'object'), scope)
  return pieces.includes(undefined) ? make({ kind: 'text', parts: pieces }, isAssumed) : make({ kind: 'scalar', value: pieces.join('') }, isAssumed)
}

function textOf(value: Value): readonly (string | undefined)[] {
  if (value.kind === 'text') return value.parts
  return [value.kind === 'scalar' && value.value !== null ? String(value.value) : undefined]
}

function evaluateObject({ entries }: Extract<Expression, { kind: 'object' }>, scope: Scope, make: Make): Value {
  const known = new Map<string, Value>()
  for (const { key, value } of entries) {
    const name = evaluate(key, scope)
    if (name.kind !== 'scalar' || name.value === null) return make({ kind: 'unknown' })
    known.set(String(name.value), evaluate(value, scope))
  }
  return make({ kind: 'object', entries: known })
}

function evaluateMember({ of, name }: Extract<Expression, { kind: 'member' }>, scope: Scope, make: Make): Value {
  const reference = { kind: 'unknown' as const }
  if (of.kind === 'name' && (of.name === 'var' || of.name === 'local')) {
    const value = of.name === 'var' ? scope.variable(name) : scope.local(name)
    return value ?? make({ ...reference, reference: `${of.name}.${name}` })
  }
  const value = evaluate(of, scope)
  // Behind `[*]` it is asked of each.
  if (value.kind === 'list' && isSplat(of)) return make({ kind: 'list', items: value.items.map((item) => (item.kind === 'object' && item.entries.get(name)) || make(reference)) })
  if (value.kind === 'object') return value.entries.get(name) ?? make(reference)
  return make(value.kind === 'unknown' && value.reference !== undefined ? { ...reference, reference: `${value.reference}.${name}` } : reference)
}

const isSplat = (expression: Expression): boolean => expression.kind === 'splat' || (expression.kind === 'member' && isSplat(expression.of))

function select(value: Value, key: Value, make: Make): Value {
  const index = key.kind === 'scalar' ? key.value : undefined
  if (value.kind === 'list' && typeof index === 'number') return value.items[index] ?? make({ kind: 'unknown' })
  if (value.kind === 'object' && typeof index === 'string') return value.entries.get(index) ?? make({ kind: 'unknown' })
  return make(value.kind === 'unknown' && value.reference !== undefined ? { kind: 'unknown', reference: value.reference } : { kind: 'unknown' })
}

function evaluateConditional({ test, yes, no }: Extract<Expression, { kind: 'conditional' }>, scope: Scope, make: Make): Value {
  const condition = evaluate(test, scope)
  if (condition.kind !== 'scalar' || typeof condition.value !== 'boolean') {
    const [left, right] = [evaluate(yes, scope), evaluate(no, scope)]
    return left.kind === 'scalar' && right.kind === 'scalar' && left.value === right.value ? left : make({ kind: 'unknown' })
  }
  const value = evaluate(condition.value ? yes : no, scope)
  return condition.isAssumed ? { ...value, isAssumed: true } : value
}

function evaluateFor(loop: ForExpression, scope: Scope, make: Make): Value {
  const collection = evaluate(loop.in, scope)
  const pairs = pairsOf(collection)
  if (!pairs || pairs.length > maxItems || loop.isGrouped) return make({ kind: 'unknown' })
  const entries = new Map<string, Value>()
  const items: Value[] = []
  for (const [key, value] of pairs) {
    const [first = '', second] = loop.names
    const names = new Map(scope.names)
    if (second === undefined) names.set(first, value)
    else names.set(first, { ...value, kind: 'scalar', value: key }).set(second, value)
    const inner = { ...scope, names }
    const condition = loop.condition && evaluate(loop.condition, inner)
    if (condition && (condition.kind !== 'scalar' || typeof condition.value !== 'boolean')) return make({ kind: 'unknown' })
    if (condition?.kind === 'scalar' && condition.value === false) continue
    const result = evaluate(loop.value, inner)
    const name = loop.key && evaluate(loop.key, inner)
    if (name && (name.kind !== 'scalar' || name.value === null)) return make({ kind: 'unknown' })
    if (name?.kind === 'scalar') entries.set(String(name.value), result)
    else items.push(result)
  }
  return make(loop.key ? { kind: 'object', entries } : { kind: 'list', items }, collection.isAssumed || scope.isAssumed)
}

/** Keys and values of a collection that is known; a set's key is its value. */
export function pairsOf(value: Value): (readonly [key: Scalar, value: Value])[] | undefined {
  if (value.kind === 'list') return value.items.map((item, index) => [index, item] as const)
  return value.kind === 'object' ? [...value.entries] : undefined
}

function evaluateOperator(expression: Extract<Expression, { kind: 'unary' | 'binary' }>, scope: Scope, make: Make): Value {
  const operands = (expression.kind === 'unary' ? [expression.of] : [expression.left, expression.right]).map((operand) => evaluate(operand, scope))
  const values = operands.map((operand) => (operand.kind === 'scalar' ? operand.value : undefined))
  const value = compute(expression.operator, values)
  return value === undefined ? make({ kind: 'unknown' }) : make({ kind: 'scalar', value }, isAnyAssumed(operands, scope))
}

function compute(operator: string, [left, right]: readonly (Scalar | undefined)[]): Scalar | undefined {
  if (operator === '!') return typeof left === 'boolean' ? !left : undefined
  // One side decides, whatever the other is.
  if (operator === '&&') return left === false || right === false ? false : left === true && right === true ? true : undefined
  if (operator === '||') return left === true || right === true ? true : left === false && right === false ? false : undefined
  if (operator === '-' && typeof left === 'number' && right === undefined) return -left
  if (left === undefined || right === undefined) return undefined
  if (operator === '==') return left === right
  if (operator === '!=') return left !== right
  return typeof left === 'number' && typeof right === 'number' ? computeNumber(operator, left, right) : undefined
}

function computeNumber(operator: string, left: number, right: number): Scalar | undefined {
  switch (operator) {
    case '+': return left + right
    case '-': return left - right
    case '*': return left * right
    case '/': return right === 0 ? undefined : left / right
    case '%': return right === 0 ? undefined : left % right
    case '<': return left < right
    case '>': return left > right
    case '<=': return left <= right
    case '>=': return left >= right
    default: return undefined
  }
}
