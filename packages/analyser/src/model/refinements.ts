import { all, kinds, kindsOf, leadsElsewhere, type Kinds } from '../kinds.ts'
import type { Expression, Node } from './ast.ts'
import { bare, variableOf } from './ast.ts'
import type { Builder } from './builder.ts'
import { expression } from './expressions.ts'

/** A call, as the parser gives it. */
export type Call = Extract<Expression, { type: 'CallExpression' }>

/** The name of the method or function that is called. */
export const methodOf = ({ callee }: Call): string => {
  const target = bare(callee)
  return target.type === 'MemberExpression' && !target.computed ? target.property.name : target.type === 'Identifier' ? target.name : ''
}

/** The name of a variable, or of the field of a member expression. */
export const nameOf = (node: Expression): string => (node.type === 'Identifier' ? node.name : node.type === 'MemberExpression' && !node.computed ? node.property.name : '')

/** `null` or `undefined`, as it is written. */
export function isNothing(node: Node): boolean {
  return (node.type === 'Literal' && node.value === null) || (node.type === 'Identifier' && node.name === 'undefined')
}

/** What an expression is known to be, where it is known. */
export function constantOf(b: Builder, node: Expression): string | number | boolean | null | undefined {
  if (node.type === 'Literal' && !('regex' in node) && typeof node.value !== 'bigint') return node.value as string | number | boolean | null
  if (node.type === 'UnaryExpression' && node.operator === '-' && node.argument.type === 'Literal' && typeof node.argument.value === 'number') return -node.argument.value
  if (node.type === 'Identifier') {
    if (node.name === 'undefined') return null
    const variable = variableOf(node)
    const value = variable && (b.env.get(variable) ?? b.read(variable, node))
    return value === undefined ? undefined : b.constants.get(value)
  }
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined
  return undefined
}

/** The node of a variable or a field of one as it is now, without reading anything anew where it has none. */
export function silently(b: Builder, node: Expression): number | undefined {
  const target = bare(node)
  if (target.type === 'Identifier') {
    const variable = variableOf(target)
    return variable && b.read(variable, target)
  }
  if (target.type === 'Literal' && 'regex' in target) return expression(b, target)
  // It was read just now: `new RegExp('^a$')` of `new RegExp('^a$').test(x)`.
  if (target.type === 'NewExpression') return b.calls[b.siteOf(target)]?.result
  if (target.type === 'ThisExpression') return b.fn.model.self >= 0 ? b.fn.model.self : undefined
  if (target.type === 'MemberExpression' && !target.computed) {
    const base = silently(b, target.object)
    return base === undefined ? undefined : b.load(base, target.property.name, target)
  }
  return undefined
}

/** From here on the value of an expression, and what it was made from, cannot do what `harmless` names. */
export function refineExpression(b: Builder, node: Expression, harmless: Kinds): void {
  if (harmless === 0) return
  const target = bare(node)
  // String(x), x.toLowerCase(): what is known of the one is known of the other. Not of parseInt(x), which reads the beginning alone.
  if (target.type === 'CallExpression') {
    const callee = bare(target.callee)
    if (callee.type === 'MemberExpression' && /^(?:to(?:Lower|Upper)Case|trim|toString)$/.test(methodOf(target))) refineExpression(b, callee.object, harmless)
    else if (/^(?:resolve|join|normalize|relative)$/.test(methodOf(target))) {
      if ((harmless & leadsElsewhere) !== 0) for (const argument of target.arguments) if (argument.type !== 'SpreadElement') refineExpression(b, argument, kinds.path)
    } else if (callee.type === 'Identifier' && ['String', 'Number', 'decodeURIComponent'].includes(callee.name) && target.arguments[0] && target.arguments[0].type !== 'SpreadElement') refineExpression(b, target.arguments[0], harmless)
    return
  }
  if (target.type === 'AssignmentExpression') return refineExpression(b, target.left as Expression, harmless)
  if (target.type === 'MemberExpression' && !target.computed) refineWhole(b, target.object, target.property.name, harmless)
  const value = silently(b, target)
  if (value === undefined) return
  const tidied = b.tidiedFrom.get(b.filtered.get(value)?.origin ?? value)
  if (tidied && silently(b, tidied.from) === tidied.value) refineExpression(b, tidied.from, harmless & kindsOf('link', 'redirect', 'url'))
  b.refine(value, harmless, target, (refined) => rebind(b, target, refined))
  if ((harmless & leadsElsewhere) !== 0) refineParts(b, value, harmless === all ? all : kinds.path, target)
  eachExtension(b, value, (node, kept) => refineValue(b, node, harmless & kept, target))
}

/** `packed = file + '.gz'` was made before `file` is checked: what that says holds for both. */
export function eachExtension(b: Builder, value: number, visit: (node: number, kept: Kinds) => unknown): void {
  for (const { node, kept } of b.extensions.get(b.filtered.get(value)?.origin ?? value) ?? []) visit(node, kept)
}

/** The same wherever a variable or a field is that value. */
function refineValue(b: Builder, value: number, harmless: Kinds, at: Node): void {
  if (harmless === 0) return
  b.replace(value, (current) => {
    let node: number | undefined
    b.refine(current, harmless, at, (refined) => (node = refined))
    return node
  })
}

/** `full = path.resolve(root, name)`: where `full` was checked, the program may go on with `name`. */
function refineParts(b: Builder, value: number, harmless: Kinds, at: Node, depth = 0): void {
  for (const part of b.pathParts.get(b.filtered.get(value)?.origin ?? value) ?? []) {
    refineValue(b, part, harmless, at)
    if (depth < 3) refineParts(b, part, harmless, at, depth + 1)
  }
}

/** What a checked part says of the whole: an address by its host, a message by its origin. */
function refineWhole(b: Builder, object: Expression, part: string, harmless: Kinds): void {
  const held = part === 'host' || part === 'hostname' || part === 'origin' ? kindsOf('url', 'redirect', 'link') : part === 'protocol' ? kinds.link : 0
  if (held !== 0 && (harmless & held) !== 0) refineAddress(b, bare(object), held)
  if ((part === 'origin' || part === 'source') && (harmless & kinds.redirect) !== 0) refineField(b, object, 'data')
}

function refineAddress(b: Builder, whole: Expression, held: Kinds): void {
  if (whole.type === 'NewExpression' || whole.type === 'CallExpression') {
    const [first] = whole.arguments
    if (first && first.type !== 'SpreadElement' && /^(?:URL|parse)$/.test(nameOf(bare(whole.callee)))) refineExpression(b, bare(first), held)
    return
  }
  const value = silently(b, whole)
  const from = value === undefined ? undefined : b.parsedFrom.get(b.filtered.get(value)?.origin ?? value)
  refineExpression(b, whole, held)
  if (from) refineExpression(b, from, held)
}

function refineField(b: Builder, object: Expression, field: string): void {
  const base = silently(b, object)
  if (base === undefined) return
  b.refine(b.load(base, field, object), all, object, (refined) => b.env.places.set(`${base}.${field}`, refined))
}

/** A variable or a field has another value from here on. */
export function rebind(b: Builder, target: Expression, node: number): void {
  if (target.type === 'Identifier') {
    const variable = variableOf(target)
    if (variable) b.env.variables.set(variable, node)
  } else if (target.type === 'MemberExpression' && !target.computed) {
    const base = silently(b, target.object)
    if (base !== undefined) b.env.places.set(`${base}.${target.property.name}`, node)
  }
}
