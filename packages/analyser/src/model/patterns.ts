import type { Expression, Node } from './ast.ts'
import { bare, variableOf } from './ast.ts'
import type { Builder } from './builder.ts'
import { declareType } from './declared-types.ts'
import { expression, keyName, memberBase, symbolName } from './expressions.ts'
import { edgeKinds } from './file-model.ts'

/** Takes a value apart into the names, fields and elements that a pattern binds, in declarations and assignments alike. */
export function bindPattern(b: Builder, pattern: Node, value: number): void {
  switch (pattern.type) {
    case 'Identifier': {
      const variable = variableOf(pattern)
      if (variable) {
        b.write(variable, value, pattern)
        b.names.push([value, pattern.name])
        if ('typeAnnotation' in pattern) declareType(b, value, pattern.typeAnnotation, pattern)
      } else b.copy(value, globalNode(b, pattern.name, pattern))
      return
    }
    case 'ObjectPattern': {
      declareType(b, value, pattern.typeAnnotation, pattern)
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') bindPattern(b, property.argument, value)
        else {
          const name = property.computed ? symbolName(property.key) || '*' : keyName(property.key)
          if (property.computed) expression(b, property.key as Expression)
          bindPattern(b, property.value, b.load(value, name, property))
        }
      }
      return
    }
    case 'ArrayPattern':
      for (const [index, element] of pattern.elements.entries()) {
        if (!element) continue
        if (element.type === 'RestElement') bindPattern(b, element.argument, value)
        else bindPattern(b, element, b.load(value, String(index), element))
      }
      return
    case 'AssignmentPattern': {
      const fallback = expression(b, pattern.right)
      const node = b.node(pattern.left)
      b.copy(value, node)
      b.copy(fallback, node)
      bindPattern(b, pattern.left, node)
      return
    }
    case 'RestElement':
      bindPattern(b, pattern.argument, value)
      return
    default: {
      const target = bare(pattern as Expression)
      if (target.type === 'MemberExpression') storeMember(b, target, value)
      else if (target.type === 'Identifier') bindPattern(b, target, value)
    }
  }
}

type Member = Extract<Expression, { type: 'MemberExpression' }>

export function storeMember(b: Builder, target: Member, value: number): void {
  const { base, name, key } = memberBase(b, target)
  b.store(base, name, value, target)
  if (key >= 0) b.keyed.push({ base, key, value, isWrite: true, start: target.start, end: target.end })
  const object = bare(target.object)
  if (name !== '*' && object.type === 'Identifier' && globalObjects.has(object.name) && !variableOf(object)) b.copy(value, globalNode(b, name, target))
  if (name === 'prototype') linkPrototype(b, object, value)
  if (object.type === 'MemberExpression' && !object.computed && object.property.name === 'prototype') {
    const constructor = bare(object.object)
    const variable = constructor.type === 'Identifier' ? variableOf(constructor) : undefined
    const known = variable && b.functionOf.get(variable)
    if (known && known.instance >= 0) {
      b.edge(value, known.instance, edgeKinds.store, b.field(name))
      // Its `this` is an instance, also where nobody in the program makes one and calls it.
      const method = b.modelOf.get(value)
      if (method && method.self >= 0 && !method.isBound) b.copy(known.instance, method.self)
    }
  }
}

/** `Constructor.prototype = { … }`: its fields are what instances have, and its methods' `this` is an instance. */
function linkPrototype(b: Builder, object: Expression, value: number): void {
  const variable = object.type === 'Identifier' ? variableOf(object) : undefined
  const known = variable && b.functionOf.get(variable)
  if (!known || known.instance < 0) return
  b.copy(value, known.instance)
  b.copy(known.instance, value)
}

export const globalObjects = new Set(['window', 'self', 'globalThis', 'root', 'global', 'top'])

/** The node of a name that this file does not declare. */
export function globalNode(b: Builder, name: string, at: { readonly start: number; readonly end: number }): number {
  let node = b.globals.get(name)
  if (node === undefined) {
    node = b.node(at)
    b.globals.set(name, node)
  }
  return node
}
