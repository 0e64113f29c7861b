import { all, kinds, kindsOf, type Kinds } from '../kinds.ts'
import { harmlessAfterReplace } from '../flow/charset.ts'
import type { Expression, Node } from './ast.ts'
import { bare, variableOf } from './ast.ts'
import type { Builder, Span } from './builder.ts'
import { instanceField } from './declared-types.ts'
import { layersOf, unknownPlace } from './environment.ts'
import { expression, keyName, member, memberBase, selfOf } from './expressions.ts'
import { edgeKinds, elementsOf, type CallSite } from './file-model.ts'
import { globalNode, globalObjects } from './patterns.ts'
import { noteConstructed } from './regexes.ts'

interface Target {
  readonly callee: number
  readonly receiver: number
  readonly name: string
  /** Where the name starts; where the call does, if it has none. */
  readonly at?: number
}

export function callee(b: Builder, ast: Expression): Target {
  const node = bare(ast)
  if (node.type === 'MemberExpression') {
    const object = bare(node.object)
    if (node.object.type === 'Super') {
      const { base, name } = memberBase(b, node)
      return { callee: b.load(base, name, node), receiver: selfOf(b, node), name, at: node.property.start }
    }
    if (object.type === 'Identifier' && globalObjects.has(object.name) && !variableOf(object)) return { callee: member(b, node), receiver: -1, name: node.computed ? '' : keyName(node.property), at: node.property.start }
    const { base, name, key } = memberBase(b, node)
    // A method is looked up anew: what is known of the place is its value, not the method of another object.
    const target = b.load(base, name, node)
    if (key >= 0) {
      if (!b.withoutPrototype.has(base)) b.edge(key, target, edgeKinds.key)
      b.keyed.push({ base, key, value: target, isWrite: false, start: node.start, end: node.end })
    }
    return { callee: target, receiver: base, name: name === '*' ? '' : name, at: node.property.start }
  }
  return { callee: expression(b, ast), receiver: -1, name: node.type === 'Identifier' ? node.name : '' }
}

export function call(b: Builder, node: Extract<Expression, { type: 'CallExpression' }>): number {
  if (node.callee.type === 'Super') {
    const args = list(b, node.arguments)
    const parent = b.parentClass >= 0 ? b.parentClass : b.node(node.callee)
    return site(b, { callee: parent, receiver: selfOf(b, node), name: 'super', ...args, kind: 'super' }, node)
  }
  const ast = bare(node.callee)
  const [first] = node.arguments
  if (ast.type === 'Identifier' && !variableOf(ast) && first && first.type !== 'SpreadElement') {
    if (ast.name === 'require' || ast.name === 'requireNative') {
      const specifier = expression(b, first)
      const value = b.constants.get(specifier)
      if (typeof value === 'string') return importNode(b, value, node)
      return site(b, { callee: globalNode(b, 'require', ast), receiver: -1, name: 'require', args: [specifier], spread: -1, kind: 'call' }, node)
    }
    if (ast.name === 'define' || ast.name === 'requirejs') return amd(b, node)
  }
  if (ast.type === 'MemberExpression' && !ast.computed && (ast.property.name === 'call' || ast.property.name === 'apply' || ast.property.name === 'bind')) {
    const target = callee(b, ast.object as Expression)
    const { args, spread } = list(b, node.arguments)
    if (ast.property.name === 'bind') {
      const self = b.modelOf.get(target.callee)?.self ?? -1
      if (self >= 0 && args[0] !== undefined) b.copy(args[0], self)
      if (args.length <= 1) {
        const bound = b.node(node)
        b.copy(target.callee, bound)
        return bound
      }
    } else if (args.length > 0) return site(b, { callee: target.callee, receiver: args[0]!, name: target.name, args: args.slice(1), spread: spread < 0 ? -1 : Math.max(0, spread - 1), kind: ast.property.name === 'apply' ? 'apply' : 'call' }, node)
    return site(b, { ...target, args, spread, kind: 'call' }, node)
  }
  const target = callee(b, node.callee)
  const result = site(b, { ...target, ...list(b, node.arguments), kind: 'call' }, node)
  // Of a global expression `match` gives the whole matches, no groups.
  const asked = target.name === 'exec' ? b.regexOf.get(target.receiver) : target.name === 'match' ? b.regexOf.get(b.calls.at(-1)!.args[0] ?? -1) : undefined
  if (asked && (target.name === 'exec' || !asked.flags.includes('g'))) b.foundBy.set(result, asked)
  if (tidies.has(target.name)) {
    const from = tidiedFrom(node)
    if (from.type === 'Identifier' && variableOf(from)) b.tidiedFrom.set(result, { from, value: b.read(variableOf(from)!, from) })
  }
  if (target.name === 'parse' && first && first.type !== 'SpreadElement') b.parsedFrom.set(result, bare(first))
  if (isRegExp(node.callee)) noteConstructed(b, b.calls.at(-1)!.args, result, node)
  if (target.name === 'create' && b.calls.at(-1)!.args.length === 1 && b.constants.get(b.calls.at(-1)!.args[0]!) === null) b.withoutPrototype.add(result)
  if (target.name === 'defineProperty') defined(b, node)
  if (containers.has(target.name) && first?.type === 'Identifier') b.edge(b.calls.at(-1)!.args[0]!, result, edgeKinds.load, b.field(instanceField))
  if ((wrappers.test(target.name) && node.arguments.length === 1) || (/^with[A-Z]/.test(target.name) && node.arguments.length > 0)) b.copy(b.calls.at(-1)!.args[0]!, result)
  if (target.name === 'replace' || target.name === 'replaceAll') replaced(b, target, result)
  else if (moves.has(target.name) && target.receiver >= 0) moved(b, target, result, node)
  else if (target.name === 'filter' && target.receiver >= 0) {
    b.guards.push({ call: b.calls.length - 1, arg: elementsOf, holds: 'truthy' })
    b.edge(target.receiver, result, edgeKinds.guard, b.guards.length - 1)
  }
  return result
}

const tidies = new Set(['trim', 'toLowerCase', 'toUpperCase', 'replace', 'replaceAll', 'normalize', 'toString', 'String', 'decodeURIComponent', 'decodeURI', 'unescape'])

/** What stands at the start of a chain of such calls. */
function tidiedFrom(call: Expression): Expression {
  let at = bare(call)
  while (at.type === 'CallExpression') {
    const callee: Expression = bare(at.callee)
    const [first] = at.arguments
    if (callee.type === 'MemberExpression' && !callee.computed && callee.object.type !== 'Super' && tidies.has(keyName(callee.property))) at = bare(callee.object)
    else if (callee.type === 'Identifier' && tidies.has(callee.name) && first && first.type !== 'SpreadElement') at = bare(first)
    else break
  }
  return at
}

/** `Object.defineProperty(exports, 'name', { value })`, or `{ get: function () { … } }` as compilers write it. */
function defined(b: Builder, at: Span): void {
  const [object, key, property] = b.calls.at(-1)!.args
  const name = key === undefined ? undefined : b.constants.get(key)
  if (object === undefined || property === undefined || typeof name !== 'string') return
  const value = b.env.place(`${property}.value`)
  if (value !== undefined) b.store(object, name, value, at)
  const getter = b.getterOf.get(property)
  if (getter !== undefined) b.edge(getter, object, edgeKinds.store, b.field(name))
}

/** Behind these an element stands at another position than before. */
const moves = new Set(['shift', 'unshift', 'splice', 'slice', 'reverse', 'sort'])

function moved(b: Builder, { receiver, name }: Target, result: number, at: Span): void {
  if (name === 'slice' && b.constants.get(b.calls.at(-1)!.args[0] ?? -1) === 0) b.extend(receiver, result, kinds.redirect)
  if (name === 'slice' && (b.calls.at(-1)!.args.length === 0 || b.constants.get(b.calls.at(-1)!.args[0]!) === 0)) return
  // Of the first ones it is known where they stand afterwards.
  if (name === 'shift')
    for (let position = 1; position <= 3; position += 1) {
      const next = b.node(at)
      b.edge(receiver, next, edgeKinds.load, b.field(String(position)))
      b.edge(next, receiver, edgeKinds.store, b.field(String(position - 1)))
    }
  const element = b.node(at)
  b.edge(receiver, element, edgeKinds.load, 0)
  b.edge(element, name === 'slice' || name === 'splice' ? result : receiver, edgeKinds.store, 0)
  if (name !== 'slice') forgetElements(b, receiver)
}

/** What stood at a position of an array is not known there any more. */
function forgetElements(b: Builder, array: number): void {
  for (const layer of layersOf(b.env)) for (const place of layer.places.keys()) if (place.startsWith(`${array}.`) && /^\d+$/.test(place.slice(`${array}.`.length))) b.env.places.set(place, unknownPlace)
}
/** `catchAsync(handler)`: what it makes of a handler is called as the handler is. */
const wrappers = /^(?:catch(?:Async|Errors?)\w*|async\w*(?:Handler|Wrap\w*|Middleware|Route|Fn)|wrap(?:Async|Handler|Route|Controller|Middleware)?|(?:handler|route)Wrap\w*|tryCatch\w*|handleAsync\w*|withErrorHandl\w*)$/

/** `container.resolve(Service)`: functions of containers that hand out an instance of the class that they are given. */
const containers = new Set(['resolve', 'get', 'inject', 'getInstance', 'resolveInstance', 'useInjection', 'getCustomRepository'])

/** `text.replace(/</g, '&lt;')`: what it takes away is known here, from the expression. */
function replaced(b: Builder, { receiver, name }: Target, result: number): void {
  const [search, replacement] = b.calls.at(-1)!.args
  if (search === undefined || receiver < 0) return
  const literal = b.regexOf.get(search)
  const literals = literal ? [literal] : (b.eitherRegex.get(search) ?? [])
  const word = b.constants.get(search)
  const by = replacement === undefined ? undefined : b.constants.get(replacement)
  const text = typeof by === 'string' ? by : undefined
  let harmless: Kinds = 0
  if (literals.length > 0) harmless = literals.reduce((kept, { pattern, flags }) => kept & harmlessAfterReplace(pattern, flags, text), all)
  else if (typeof word === 'string' && name === 'replaceAll') harmless = harmlessAfterReplace(word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'g', text)
  // '***' in place of what an expression finds: it is there to hide it.
  if (literal && text !== undefined && /\*|x{3}|\.{3}|redact|hidden|mask|censor/i.test(text)) harmless |= kinds.secret
  b.edge(receiver, result, edgeKinds.derive, harmless | kindsOf('record', 'prototype', 'nosql'))
  // What is put in its place flows as well, also by a function.
  if (replacement !== undefined && text === undefined) b.edge(replacement, result, edgeKinds.derive, 0)
}

function list(b: Builder, argumentsOf: readonly Node[]): { args: number[]; spread: number } {
  let spread = -1
  const args = argumentsOf.map((argument, index) => {
    if (argument.type !== 'SpreadElement') return expression(b, argument as Expression)
    if (spread < 0) spread = index
    return expression(b, argument.argument)
  })
  return { args, spread }
}

export function create(b: Builder, node: Extract<Expression, { type: 'NewExpression' }>): number {
  const target = callee(b, node.callee)
  const { args, spread } = list(b, node.arguments)
  const result = site(b, { ...target, receiver: -1, args, spread, kind: 'new' }, node)
  const [first] = node.arguments
  if (target.name === 'URL' && first && first.type !== 'SpreadElement') b.parsedFrom.set(result, bare(first))
  // `new RegExp('^a$')`: an expression that is written down, if as text.
  if (isRegExp(node.callee)) noteConstructed(b, args, result, node)
  const texts = target.name === 'Set' && args[0] !== undefined ? b.listOf.get(args[0]) : undefined
  if (texts) b.listOf.set(result, texts)
  return result
}

function isRegExp(callee: Expression): boolean {
  const node = bare(callee)
  return node.type === 'Identifier' && node.name === 'RegExp' && !variableOf(node)
}

export function site(b: Builder, target: Target & Pick<CallSite, 'args' | 'spread' | 'kind'>, at: Span, result = b.node(at)): number {
  if (joinsPath.has(target.name) && target.args.length > 0) b.pathParts.set(result, target.args)
  b.addCall({ result, callee: target.callee, receiver: target.receiver, args: target.args, spread: target.spread, kind: target.kind, name: target.name, at: target.at ?? at.start, within: b.fn.index, start: at.start, end: at.end })
  return result
}

/** A check of what these give says something of what they were given. */
const joinsPath = new Set(['join', 'resolve', 'normalize', 'relative'])

export function importNode(b: Builder, specifier: string, at: Span, isType = false): number {
  const node = b.node(at)
  b.imports.push({ specifier, node, start: at.start, ...(isType && { isType }) })
  return node
}

/** `define(['a', 'b'], function (a, b) { return … })`. */
function amd(b: Builder, node: Extract<Expression, { type: 'CallExpression' }>): number {
  const args = node.arguments.filter((argument): argument is Expression => argument.type !== 'SpreadElement').map((argument) => bare(argument))
  const dependencies = args.find((argument) => argument.type === 'ArrayExpression')
  const { args: values, spread } = list(b, node.arguments)
  const factory = values.some((value) => b.modelOf.has(value))
  const result = site(b, { callee: globalNode(b, 'define', node), receiver: -1, name: 'define', args: values, spread, kind: 'call' }, node)
  const target = values.at(-1)
  if (target === undefined) return result
  const names = dependencies?.type === 'ArrayExpression' ? dependencies.elements.map((element) => (element && element.type === 'Literal' && typeof element.value === 'string' ? element.value : '')) : ['require', 'exports', 'module']
  const handed = names.map((name) => (name === 'exports' ? b.exports : name === 'module' ? b.module : name === 'require' ? globalNode(b, 'require', node) : name ? importNode(b, name, node) : b.node(node)))
  // The loader calls the factory; what it returns is the module.
  const made = site(b, { callee: target, receiver: -1, name: 'define', args: handed, spread: -1, kind: 'call' }, node)
  if (factory) b.store(b.module, 'exports', made, node)
  return result
}
