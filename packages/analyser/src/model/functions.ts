import type { ArrowFunctionExpression, Class, Expression, Function, Node, ParamPattern, PropertyKey } from './ast.ts'
import { bare, variableOf } from './ast.ts'
import { weaker, type Builder, type FunctionScope } from './builder.ts'
import { assume } from './conditions.ts'
import { block } from './declarations.ts'
import { declareType, decorate, decorateField, decorateHearer, decorateMethod, instanceField } from './declared-types.ts'
import { Environment } from './environment.ts'
import { expression, keyName, symbolName } from './expressions.ts'
import { edgeKinds, type FunctionModel, type GuardSummary } from './file-model.ts'
import { bindPattern } from './patterns.ts'
import type { Variable } from './scopes.ts'
import { statement } from './statements.ts'

export interface FunctionOptions {
  readonly name?: string
  /** What `this` is in a method: its class's instances, its class, or the object literal that it stands in. */
  readonly self?: number
  /** The class whose constructor it is: its node and its instances. */
  readonly constructs?: { readonly node: number; readonly instance: number }
}

/** Makes the value of a function, and reads its body. */
export function functionValue(b: Builder, ast: Function | ArrowFunctionExpression, options: FunctionOptions = {}): FunctionModel {
  const { model, read } = declareFunction(b, ast, options)
  read(b.fn.env, ast.start)
  return model
}

/** Makes the value of a function; its body is read where that is known of which what holds around it, or nothing (then later). */
export function declareFunction(b: Builder, ast: Function | ArrowFunctionExpression, options: FunctionOptions = {}): { readonly model: FunctionModel; readonly read: (createdIn: Environment | undefined, createdAt: number) => void } {
  const isArrow = ast.type === 'ArrowFunctionExpression'
  const node = options.constructs?.node ?? b.node(ast)
  const self = isArrow ? -1 : (options.self ?? options.constructs?.instance ?? b.node(ast))
  const instance = isArrow ? -1 : (options.constructs?.instance ?? (options.self === undefined ? self : b.node(ast)))
  const params = ast.params.map((param) => b.node(param))
  const model: FunctionScope['model'] = {
    node,
    name: options.name ?? ast.id?.name ?? '',
    params,
    paramNames: ast.params.map(nameOfParam),
    rest: ast.params.findIndex(({ type }) => type === 'RestElement'),
    args: -1,
    self,
    isBound: options.self !== undefined || options.constructs !== undefined,
    returns: b.node(ast),
    instance,
    outer: b.fn.index,
    guards: { truthy: [], falsy: [], returned: [] },
    asserts: [],
    runs: ast.generator ? 'generator' : ast.async ? 'async' : 'at once',
    start: ast.start,
    end: ast.end,
  }
  const index = b.functions.push(model) - 1
  b.modelOf.set(node, model)
  for (const [at, name] of model.paramNames.entries()) if (name) b.names.push([params[at]!, name])
  if (!ast.body) return { model, read: () => {} }
  const outer = b.fn
  const read = (createdIn: Environment | undefined, createdAt: number) => {
    const around = b.fn
    b.fn = { index, ast, model, outer, createdIn, createdAt, env: new Environment(undefined), params: ast.params.map((param) => (param.type === 'Identifier' ? variableOf(param) : param.type === 'AssignmentPattern' && param.left.type === 'Identifier' ? variableOf(param.left) : undefined)), exits: { truthy: false, falsy: false, returned: false } }
    readBody(b, ast, b.fn)
    b.fn = around
  }
  return { model, read }
}

function nameOfParam(param: ParamPattern): string {
  const target: Node = param.type === 'TSParameterProperty' ? param.parameter : param
  if (target.type === 'Identifier') return target.name
  if (target.type === 'AssignmentPattern') return target.left.type === 'Identifier' ? target.left.name : ''
  return target.type === 'RestElement' && target.argument.type === 'Identifier' ? target.argument.name : ''
}

function readBody(b: Builder, ast: Function | ArrowFunctionExpression, scope: FunctionScope): void {
  const { model } = scope
  if (ast.type === 'FunctionExpression' && ast.id) {
    const own = variableOf(ast.id)
    if (own) b.write(own, model.node, ast.id)
  }
  for (const [index, param] of ast.params.entries()) {
    const declared: Node = param.type === 'TSParameterProperty' ? param.parameter : param
    decorate(b, model.params[index]!, param.decorators, 'typeAnnotation' in declared ? declared.typeAnnotation : undefined)
    if (declared.type === 'AssignmentPattern' && declared.left.type === 'Identifier') declareType(b, model.params[index]!, declared.left.typeAnnotation, declared.left)
    if (param.type === 'TSParameterProperty') {
      bindPattern(b, param.parameter, model.params[index]!)
      if (model.self >= 0) b.store(model.self, model.paramNames[index]!, model.params[index]!, param)
    } else bindPattern(b, param.type === 'RestElement' ? param.argument : param, model.params[index]!)
  }
  if (ast.body!.type === 'BlockStatement') {
    const [first] = ast.body.body
    // An action of Next: whoever knows its address calls it with what they like.
    if (first?.type === 'ExpressionStatement' && 'directive' in first && first.directive === 'use server') for (const param of model.params) b.annotations.push([param, '@Body'])
    block(b, ast.body.body)
    if (!b.env.isDead) leave(b, undefined)
  } else {
    const value = expression(b, ast.body as Expression)
    b.copy(value, model.returns)
    leave(b, ast.body as Expression)
  }
}

/** The value of `arguments`: what was handed over, by position. */
export function argumentsOf(b: Builder): number {
  let fn = b.fn
  while (fn.ast.type === 'ArrowFunctionExpression' && fn.outer) fn = fn.outer
  const { model } = fn
  if (model.args < 0) {
    model.args = b.node({ start: model.start, end: model.start })
    for (const [index, param] of model.params.entries()) b.edge(param, model.args, edgeKinds.store, b.field(String(index)))
  }
  return model.args
}

/** The function is left here: what conditions it put on its parameters until now is what its result tells a caller. */
export function leave(b: Builder, result: Expression | undefined): void {
  const { model, exits } = b.fn
  if (model.params.length === 0 || b.fn.outer === undefined) return
  const note = (kind: keyof typeof exits) => {
    const harmless = model.params.map((param, index) => harmlessNow(b, param, b.fn.params[index]))
    const known = model.guards[kind] as GuardSummary[]
    if (!exits[kind]) known.splice(0, known.length, ...harmless)
    else for (const [index, other] of harmless.entries()) known[index] = weaker(known[index]!, other)
    exits[kind] = true
  }
  const asserted = model.params.flatMap((_, index) => (isTrue(b, b.fn.params[index]) ? [index] : []))
  model.asserts = exits.returned ? model.asserts.filter((index) => asserted.includes(index)) : asserted
  note('returned')
  // What an async function gives back is waited for by whoever waits for it.
  const wasAwaited = b.isAwaited
  b.isAwaited = model.runs === 'async'
  const value = result && bare(result)
  if (!value || (value.type === 'Literal' && !('regex' in value) && !value.value) || (value.type === 'UnaryExpression' && value.operator === 'void')) note('falsy')
  else if (value.type === 'Literal' || value.type === 'ObjectExpression' || value.type === 'ArrayExpression' || value.type === 'TemplateLiteral') note('truthy')
  else if (decides.has(value.type)) {
    b.branch(() => {
      assume(b, value, true)
      note('truthy')
    })
    b.branch(() => {
      assume(b, value, false)
      note('falsy')
    })
  } else {
    note('truthy')
    note('falsy')
  }
  b.isAwaited = wasAwaited
}

function isTrue(b: Builder, variable: Variable | undefined): boolean {
  const node = variable && b.env.get(variable)
  return node !== undefined && b.env.place(`true:${node}`) !== undefined
}

/** Expressions whose result says something of what is in them. */
export const decides: ReadonlySet<string> = new Set(['CallExpression', 'BinaryExpression', 'LogicalExpression', 'UnaryExpression', 'Identifier', 'MemberExpression', 'AwaitExpression'])

function harmlessNow(b: Builder, param: number, variable: Variable | undefined): GuardSummary {
  const node = variable && b.env.get(variable)
  const filtered = node === undefined ? undefined : b.filtered.get(node)
  return filtered?.origin === param ? { harmless: filtered.harmless, guards: filtered.guards } : { harmless: 0, guards: [] }
}

/** The value of a class: its constructor; methods are fields of what all instances share. */
export function classValue(b: Builder, ast: Class, name: string): number {
  const node = b.node(ast)
  const instance = b.node(ast)
  const parent = ast.superClass ? expression(b, ast.superClass) : -1
  const own = ast.id && variableOf(ast.id)
  if (own) b.write(own, node, ast)
  const outerParent = b.parentClass
  b.parentClass = parent
  const constructor = ast.body.body.find((member) => member.type === 'MethodDefinition' && member.kind === 'constructor')
  let model: FunctionModel
  if (constructor?.type === 'MethodDefinition' && constructor.value.body) {
    model = functionValue(b, constructor.value, { name, constructs: { node, instance } })
  } else {
    const returns = b.node(ast)
    model = { node, name, params: [], paramNames: [], rest: -1, args: -1, self: instance, isBound: true, returns, instance, outer: b.fn.index, guards: { truthy: [], falsy: [], returned: [] }, asserts: [], runs: 'at once', start: ast.start, end: ast.end }
    b.functions.push(model as FunctionScope['model'])
    b.modelOf.set(node, model)
  }
  if (parent >= 0) {
    // What the parent's constructor and methods keep in `this` is what these read.
    const prototype = b.node(ast.superClass!)
    b.edge(parent, prototype, edgeKinds.load, b.field(instanceField))
    b.copy(prototype, instance)
    b.copy(instance, prototype)
    b.copy(parent, node)
  }
  b.edge(instance, node, edgeKinds.store, b.field(instanceField))
  for (const member of ast.body.body) {
    switch (member.type) {
      case 'MethodDefinition': {
        if (member === constructor || !member.value.body) break
        const target = member.static ? node : instance
        const field = fieldName(member)
        const method = functionValue(b, member.value, { name: field, self: target })
        decorateMethod(b, method.returns, member.decorators)
        decorateHearer(b, method.params, member.value.params, member.decorators)
        if (member.kind === 'get') b.edge(method.returns, target, edgeKinds.store, b.field(field))
        else if (member.kind === 'set' && method.params.length > 0) b.edge(target, method.params[0]!, edgeKinds.load, b.field(field))
        else b.edge(method.node, target, edgeKinds.store, b.field(field))
        break
      }
      case 'PropertyDefinition':
      case 'AccessorProperty': {
        const target = member.static ? node : instance
        if (!member.value) {
          // Assigned elsewhere, or handed in by a container: its type says what it is.
          const declared = b.node(member)
          declareType(b, declared, member.typeAnnotation, member)
          decorateField(b, declared, member.decorators)
          if (!member.computed) b.edge(declared, target, edgeKinds.store, b.field(keyName(member.key)))
          break
        }
        // An arrow function in a field has the instance for its `this`.
        const value = withSelf(b, target, () => expression(b, member.value!))
        b.store(target, fieldName(member), value, member)
        b.env.places.delete(`${target}.${fieldName(member)}`)
        break
      }
      case 'StaticBlock':
        withSelf(b, node, () => member.body.forEach((child) => statement(b, child)))
        break
    }
  }
  b.parentClass = outerParent
  return node
}

const fieldName = ({ computed, key }: { readonly computed: boolean; readonly key: PropertyKey }): string => (computed ? symbolName(key) || '*' : keyName(key))

function withSelf<T>(b: Builder, self: number, body: () => T): T {
  const { model } = b.fn
  const before = model.self
  model.self = self
  const result = body()
  model.self = before
  return result
}
