import { all, kinds } from '../kinds.ts'
import type { Expression, Node, PropertyKey } from './ast.ts'
import { bare, termsOf, variableOf, type Logical } from './ast.ts'
import type { Builder, Span } from './builder.ts'
import { call, callee, create, importNode, site } from './calls.ts'
import { assume } from './conditions.ts'
import { edgeKinds } from './file-model.ts'
import { argumentsOf, classValue, functionValue } from './functions.ts'
import { concatenation, part, type Part } from './joined-text.ts'
import { jsx } from './jsx.ts'
import { bindPattern, globalNode, globalObjects, storeMember } from './patterns.ts'
import { noteRegex } from './regexes.ts'
import type { Variable } from './scopes.ts'

/** Reads an expression and hands back the node of its value. */
export function expression(b: Builder, ast: Expression, name = ''): number {
  const node = bare(ast)
  switch (node.type) {
    case 'Literal':
      if ('regex' in node) {
        const value = b.node(node)
        noteRegex(b, value, node.regex.pattern, node.regex.flags, node)
        return value
      }
      return typeof node.value === 'bigint' ? b.node(node) : b.constant(node, node.value as string | number | boolean | null)
    case 'Identifier':
      return identifier(b, node)
    case 'ThisExpression':
      return selfOf(b, node)
    case 'MemberExpression':
      return member(b, node)
    case 'CallExpression':
      return call(b, node)
    case 'NewExpression':
      return create(b, node)
    case 'AssignmentExpression':
      return assignment(b, node)
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return functionValue(b, node, { name }).node
    case 'ClassExpression':
      return classValue(b, node, node.id?.name ?? name)
    case 'ObjectExpression':
      return object(b, node)
    case 'ArrayExpression': {
      const value = b.node(node)
      for (const [index, element] of node.elements.entries()) {
        if (!element) continue
        if (element.type === 'SpreadElement') b.copy(expression(b, element.argument), value)
        else b.edge(expression(b, element), value, edgeKinds.store, b.field(node.elements.length > 8 ? '*' : String(index)))
      }
      const texts = node.elements.flatMap((element) => (element?.type === 'Literal' && typeof element.value === 'string' ? element.value : []))
      if (texts.length > 0 && texts.length === node.elements.length) b.listOf.set(value, texts)
      return value
    }
    case 'TemplateLiteral': {
      if (node.expressions.length === 0) return b.constant(node, node.quasis[0]?.value.cooked ?? '')
      const parts: Part[] = []
      for (const [index, quasi] of node.quasis.entries()) {
        if (quasi.value.cooked) parts.push({ constant: quasi.value.cooked, node: -1 })
        const inner = node.expressions[index]
        if (inner) parts.push(part(b, inner, expression(b, inner)))
      }
      return concatenation(b, parts, node)
    }
    case 'BinaryExpression':
      return binary(b, node)
    case 'LogicalExpression': {
      const value = logical(b, termsOf(node), 0, node)
      // `/…/.exec(text) ?? []`: what was found, or nothing.
      const right = bare(node.right)
      const left = bare(node.left)
      const found = right.type === 'ArrayExpression' && right.elements.length === 0 && left.type === 'CallExpression' ? b.foundBy.get(b.calls[b.siteOf(left)]?.result ?? -1) : undefined
      if (found) b.foundBy.set(value, found)
      return value
    }
    case 'ConditionalExpression': {
      expression(b, node.test)
      let yes = -1
      let no = -1
      const then = b.branch(() => {
        assume(b, node.test, true)
        yes = expression(b, node.consequent)
      })
      const otherwise = b.branch(() => {
        assume(b, node.test, false)
        no = expression(b, node.alternate)
      })
      b.merge([then, otherwise], node)
      return either(b, yes, no, node)
    }
    case 'UnaryExpression': {
      const operand = expression(b, node.argument)
      if (node.operator === 'typeof' || node.operator === 'void' || node.operator === 'delete' || node.operator === '!') return b.node(node)
      const value = b.constants.get(operand)
      if (node.operator === '-' && typeof value === 'number') return b.constant(node, -value)
      const result = b.node(node)
      b.edge(operand, result, edgeKinds.derive, all & ~kinds.allocation)
      return result
    }
    case 'UpdateExpression': {
      const result = b.node(node)
      bindPattern(b, node.argument, result)
      return result
    }
    case 'SequenceExpression': {
      let last = -1
      for (const inner of node.expressions) last = expression(b, inner)
      return last
    }
    case 'AwaitExpression':
      return expression(b, node.argument)
    case 'YieldExpression': {
      const value = node.argument ? expression(b, node.argument) : b.node(node)
      b.copy(value, b.fn.model.returns)
      return b.node(node)
    }
    case 'TaggedTemplateExpression': {
      const target = callee(b, node.tag)
      const strings = b.node(node.quasi)
      const args = [strings, ...node.quasi.expressions.map((inner) => expression(b, inner))]
      return site(b, { ...target, args, spread: -1, kind: 'template' }, node)
    }
    case 'ImportExpression': {
      const specifier = expression(b, node.source)
      const value = b.constants.get(specifier)
      if (typeof value === 'string') return importNode(b, value, node)
      const target = b.node(node)
      return site(b, { callee: globalNode(b, 'import', node), receiver: -1, name: 'import', args: [specifier], spread: -1, kind: 'call' }, node, target)
    }
    case 'JSXElement':
    case 'JSXFragment':
      return jsx(b, node)
    default:
      return b.node(node)
  }
}

/** `a && b && c`, from one of its terms on: what follows one is read where that one has decided nothing yet. */
function logical(b: Builder, terms: readonly Expression[], from: number, node: Logical): number {
  const term = terms[from]!
  const left = expression(b, term)
  if (from === terms.length - 1) return left
  let right = -1
  const taken = b.branch(() => {
    if (node.operator !== '??') assume(b, term, node.operator === '&&')
    right = logical(b, terms, from + 1, node)
  })
  const skipped = b.branch(() => {
    if (node.operator !== '??') assume(b, term, node.operator !== '&&')
  })
  b.merge([taken, skipped], node)
  return node.operator === '&&' ? right : either(b, left, right, node)
}

/** One of two values. */
function either(b: Builder, one: number, other: number, at: Span): number {
  const result = b.join([one, other], at)
  const regexes = [one, other].flatMap((node) => b.regexOf.get(node) ?? b.eitherRegex.get(node) ?? [])
  if (regexes.length > 1 && regexes.length <= 4) b.eitherRegex.set(result, regexes)
  const texts = [one, other].flatMap((node) => b.constants.get(node) ?? b.eitherOf.get(node) ?? [])
  if (texts.length > 1 && texts.length <= 4 && texts.every((text) => typeof text === 'string')) b.eitherOf.set(result, texts)
  return result
}

function identifier(b: Builder, node: Extract<Expression, { type: 'Identifier' }>): number {
  const variable = variableOf(node)
  if (variable) return b.read(variable, node)
  switch (node.name) {
    case 'undefined':
      return b.constant(node, null)
    case 'arguments':
      return b.fn.outer ? argumentsOf(b) : b.node(node)
    case 'module':
      return b.module
    case 'exports':
      return b.exports
    default:
      if (b.isTemplate && b.component >= 0) return b.load(b.component, node.name, node)
      return globalNode(b, node.name, node)
  }
}

export function selfOf(b: Builder, at: Span): number {
  for (let fn = b.fn; ; fn = fn.outer) {
    if (fn.model.self >= 0) return fn.model.self
    if (!fn.outer) return b.node(at)
  }
}

type Member = Extract<Expression, { type: 'MemberExpression' }>

/**
 * `this[kState]`, `[ONENTRY](entry) {…}`: a name of the module that is given one value and written like a symbol or a constant. Wherever
 * it is imported it has that name too, so that it stands for one field.
 */
export function symbolName(key: Node): string {
  const variable = key.type === 'Identifier' ? variableOf(key) : undefined
  return variable && variable.definitions <= 1 && variable.owner.type === 'Program' && /^(?:_?k[A-Z]\w*|[A-Z][A-Z0-9_]+|\w*[sS]ymbol\w*)$/.test(variable.name) ? `@${variable.name}` : ''
}

/** The object, and the field's name: `*` where it is computed, with the node of its key. */
export function memberBase(b: Builder, node: Member): { base: number; name: string; key: number } {
  const base = node.object.type === 'Super' ? superNode(b, node.object) : expression(b, node.object)
  if (!node.computed) return { base, name: node.property.type === 'PrivateIdentifier' ? `#${node.property.name}` : node.property.name, key: -1 }
  const key = expression(b, node.property)
  const value = b.constants.get(key)
  if (typeof value === 'string' || typeof value === 'number') return { base, name: String(value), key: -1 }
  const symbol = symbolName(node.property as Expression)
  if (symbol) return { base, name: symbol, key: -1 }
  return { base, name: '*', key }
}

const superNode = (b: Builder, at: Span): number => {
  const node = b.node(at)
  if (b.parentClass >= 0) b.edge(b.parentClass, node, edgeKinds.load, b.field('\0instance'))
  return node
}

export function member(b: Builder, node: Member): number {
  const object = bare(node.object)
  if (object.type === 'Identifier' && !node.computed && globalObjects.has(object.name) && !variableOf(object)) {
    const value = b.load(globalNode(b, object.name, object), node.property.name, node)
    b.copy(globalNode(b, node.property.name, node), value)
    return value
  }
  if (object.type === 'Identifier' && object.name === 'module' && !variableOf(object) && !node.computed && node.property.name === 'exports') return b.load(b.module, 'exports', node)
  const { base, name, key } = memberBase(b, node)
  const regex = name === 'source' ? b.regexOf.get(base) : undefined
  if (regex) return b.constant(node, regex.pattern)
  const value = b.load(base, name, node)
  if (key >= 0) {
    for (const field of b.eitherOf.get(key) ?? []) b.edge(base, value, edgeKinds.load, b.field(field))
    if (b.env.place(`own:${base}.${key}`) === undefined && !b.withoutPrototype.has(base)) b.edge(key, value, edgeKinds.key)
    b.keyed.push({ base, key, value, isWrite: false, start: node.start, end: node.end })
  }
  return value
}

export function keyName(key: PropertyKey): string {
  switch (key.type) {
    case 'Identifier':
      return key.name
    case 'PrivateIdentifier':
      return `#${key.name}`
    case 'Literal':
      return 'value' in key && (typeof key.value === 'string' || typeof key.value === 'number') ? String(key.value) : '*'
    default:
      return '*'
  }
}

function object(b: Builder, node: Extract<Expression, { type: 'ObjectExpression' }>): number {
  const value = b.node(node)
  b.literals.push(value)
  for (const property of node.properties) {
    if (property.type === 'SpreadElement') {
      b.edge(expression(b, property.argument), value, edgeKinds.spread)
      continue
    }
    const key = property.computed ? expression(b, property.key as Expression) : -1
    const known = key >= 0 ? b.constants.get(key) : undefined
    const name = key < 0 ? keyName(property.key) : typeof known === 'string' ? known : symbolName(property.key) || '*'
    const inner = bare(property.value)
    if (inner.type === 'FunctionExpression') {
      const model = functionValue(b, inner, { name, self: b.optionsSelf >= 0 ? b.optionsSelf : value })
      if (property.kind === 'get') b.edge(model.returns, value, edgeKinds.store, b.field(name))
      else b.edge(model.node, value, edgeKinds.store, b.field(name))
      if (name === 'value') b.env.places.set(`${value}.value`, model.node)
      if (name === 'get') b.getterOf.set(value, model.returns)
    } else b.store(value, name, expression(b, property.value, name), property)
  }
  return value
}

function binary(b: Builder, node: Extract<Expression, { type: 'BinaryExpression' }>): number {
  if (node.operator === '+') {
    // A sum of many terms leans to the left: its terms are gathered without recursion.
    const terms: Expression[] = []
    let left: Expression = node
    while (left.type === 'BinaryExpression' && left.operator === '+') {
      terms.push(left.right)
      left = bare(left.left as Expression)
    }
    terms.push(left)
    return concatenation(b, terms.toReversed().map((term) => part(b, term, expression(b, term))), node)
  }
  const left = node.left.type === 'PrivateIdentifier' ? -1 : expression(b, node.left)
  const right = expression(b, node.right)
  switch (node.operator) {
    case '===':
    case '!==':
    case '==':
    case '!=':
      if (left >= 0) b.comparisons.push([left, right, node.start, node.end])
      return b.node(node)
    case '*':
    case '-':
    case '/':
    case '**':
    case '<<': {
      const result = b.node(node)
      for (const operand of [left, right]) b.edge(operand, result, edgeKinds.derive, all & ~kinds.allocation)
      return result
    }
    case '|':
    case '&':
    case '^':
    case '%':
    case '>>':
    case '>>>': {
      // A number: harmless, but whoever asks where it comes from is told.
      const result = b.node(node)
      for (const operand of [left, right]) if (operand >= 0) b.edge(operand, result, edgeKinds.derive, all)
      return result
    }
    default:
      return b.node(node)
  }
}

function assignment(b: Builder, node: Extract<Expression, { type: 'AssignmentExpression' }>): number {
  const target = node.left.type === 'ObjectPattern' || node.left.type === 'ArrayPattern' ? node.left : bare(node.left as Expression)
  const name = target.type === 'Identifier' ? target.name : target.type === 'MemberExpression' && !target.computed ? target.property.name : ''
  if (node.operator === '=') {
    const value = expression(b, node.right, name)
    const variable = target.type === 'Identifier' ? variableOf(target) : undefined
    if (variable && variable.definitions <= 2) noteFunction(b, variable, value)
    assignTo(b, target, value)
    return value
  }
  if (node.operator === '+=') {
    const result = concatenation(b, [part(b, target as Expression, expression(b, target as Expression)), part(b, node.right, expression(b, node.right))], node)
    assignTo(b, target, result)
    return result
  }
  const before = expression(b, target as Expression)
  const isLogical = node.operator === '||=' || node.operator === '&&=' || node.operator === '??='
  const value = expression(b, node.right)
  const result = isLogical ? b.join([before, value], node) : b.node(node)
  assignTo(b, target, result)
  return result
}

function assignTo(b: Builder, target: Node, value: number): void {
  if (target.type === 'MemberExpression') {
    const object = bare(target.object)
    if (object.type === 'Identifier' && object.name === 'module' && !variableOf(object) && !target.computed && target.property.name === 'exports') b.store(b.module, 'exports', value, target)
    else storeMember(b, target, value)
  } else bindPattern(b, target, value)
}

export function noteFunction(b: Builder, variable: Variable, value: number): void {
  const model = b.modelOf.get(value)
  if (model) b.functionOf.set(variable, model)
}
